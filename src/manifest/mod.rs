//! The manifest language: text → what is written → overlays → what is meant.
//!
//! Uses the bottom layer and `catalog`'s words for rights and levels. Every mistake is reported, in
//! one run, for all environments: serde would stop at the first, so the text is read into a tree of
//! places ([`yaml`](crate::yaml)), and typed readers ([`components`], [`package`]) collect what they refuse.

pub mod components;
mod expression;
pub mod leaf;
mod overlay;
pub mod package;
pub mod prefix;
pub mod reference;
pub mod schema;
pub mod starter;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use crate::clock;
use crate::diagnostic::{Diagnostic, Severity, Source, Span, has_errors, nearest};
use crate::files;
use crate::manifest::expression::scope::Scope;
use crate::manifest::package::Surroundings;
use crate::yaml::empty;
use crate::yaml::node::Node;
use crate::yaml::parse::parse;
use crate::yaml::shape::{Reader, Shape, head};
use crate::yaml::veil::forms;

/// The usual name of a manifest.
pub const FILE_NAME: &str = "dvpack.yaml";

const MAXIMUM_BYTES: u64 = 4 * 1024 * 1024;

/// Every environment is checked, each with the whole manifest.
const MAXIMUM_ENVIRONMENTS: usize = 100;

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The manifest, or the folder with a `dvpack.yaml`.
    pub path: PathBuf,
    /// The environment whose overlay is used.
    pub environment: Option<String>,
    /// Values for `${{ set.* }}`.
    pub set: Vec<(String, String)>,
    /// Today, for warnings about expiry; absent means the clock's (UTC).
    pub today: Option<Date>,
}

impl Request {
    /// A manifest as it is, without overlay.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// A checked manifest.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is meant.
    pub package: package::Package,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
}

/// Reads and checks a manifest, with the overlays of all its environments.
///
/// The error contains every finding, warnings included, by position; at the same position, errors first.
///
/// # Errors
/// Findings for all that is wrong with the manifest.
pub fn load(request: &Request) -> Result<Loaded, Vec<Diagnostic>> {
    let path = find(&request.path);
    let name = path.display().to_string();
    let text = files::read_text(&path, MAXIMUM_BYTES).map_err(|error| {
        let mut finding =
            Diagnostic::error("manifest-unreadable", format!("cannot read the manifest: {}", error.source));
        if error.source.kind() == std::io::ErrorKind::NotFound {
            finding = finding.help("name the manifest or its folder, or write one with `dvpack init`");
        }
        vec![finding.in_file(name.as_str(), None)]
    })?;
    load_text(&Source::new(name, text), path.parent().unwrap_or(Path::new("")), request)
}

/// Like [`load`], for a given text; relative paths start at `folder`.
///
/// # Errors
/// Findings for all that is wrong with the manifest.
pub fn load_text(source: &Arc<Source>, folder: &Path, request: &Request) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let Some(mut tree) = parse(source, Some(&schema::LANGUAGE), &mut findings) else {
        empty::advise(&mut findings, "`dvpack init` writes a manifest to start from");
        return Err(settle(findings));
    };
    expression::evaluate(&mut tree, &Scope::new(folder, &request.set), &mut findings);
    forms::warn(&mut tree, &mut findings);

    let today = request.today.unwrap_or_else(clock::today);
    let mut settled = Settled::default();
    settled.add(findings);
    let mut read = |tree: &Node, environment: Option<&str>| {
        let mut reader = Reader::default();
        let written = package::Manifest::read(tree, &mut reader);
        let mut findings = reader.findings;
        let around = Surroundings { folder, today, environment };
        let package = written.and_then(|written| package::package(&written, &around, &mut findings));
        settled.add(findings);
        package
    };
    let base = read(&tree, None);
    let names: Vec<&str> =
        tree.get("environments").map_or(&[][..], Node::entries).iter().map(|e| e.key.as_str()).collect();
    if names.len() > MAXIMUM_ENVIRONMENTS {
        settled.add(vec![
            Diagnostic::error(
                "too-many-environments",
                format!("{} environments, at most {MAXIMUM_ENVIRONMENTS} are read", names.len()),
            )
            .at(&head(&tree.span))
            .help("keep a manifest for each group of environments"),
        ]);
        return Err(settled.in_order());
    }
    let mut chosen = None;
    for name in &names {
        let package = read(&overlay::lay(&tree, name), Some(name));
        if request.environment.as_deref() == Some(name) {
            chosen = package;
        }
    }
    if let Some(wanted) = request.environment.as_deref()
        && !names.contains(&wanted)
    {
        settled.add(vec![no_such_environment(wanted, &names, &tree.span)]);
    }
    let findings = settled.in_order();
    let package = if request.environment.is_some() { chosen } else { base };
    match package {
        Some(package) if !has_errors(&findings) => Ok(Loaded { package, findings }),
        _ => Err(findings),
    }
}

fn find(path: &Path) -> PathBuf {
    if !files::is_dir(path) {
        return path.to_owned();
    }
    // `.` is the usual case; people know the file as `dvpack.yaml`, not `./dvpack.yaml`.
    let folder = if path == Path::new(".") { Path::new("") } else { path };
    let usual = folder.join(FILE_NAME);
    let short = folder.join("dvpack.yml");
    if !files::exists(&usual) && files::exists(&short) { short } else { usual }
}

fn no_such_environment(wanted: &str, names: &[&str], span: &Span) -> Diagnostic {
    let finding = Diagnostic::error("unknown-environment", format!("the manifest has no environment `{wanted}`"))
        .in_file(span.source.name.as_str(), None);
    match nearest(wanted, names.iter().copied()) {
        Some(near) => finding.help(format!("write `--environment {near}`")),
        None if names.is_empty() => finding.help("add it under `environments`"),
        None => finding.help(format!("it has: {}", names.join(", "))),
    }
}

/// Each finding once: environments repeat those of the base.
#[derive(Default)]
struct Settled {
    once: Vec<Diagnostic>,
    seen: HashSet<(Start, std::borrow::Cow<'static, str>, String)>,
}

/// Line and column, which findings without a source line have too; others come last.
type Start = (usize, usize);

impl Settled {
    fn add(&mut self, findings: Vec<Diagnostic>) {
        for mut finding in findings {
            if self.seen.insert((start(&finding), finding.code.clone(), finding.message.clone())) {
                forms::without_forms(&mut finding);
                self.once.push(finding);
            }
        }
    }

    /// In the order of the text.
    fn in_order(mut self) -> Vec<Diagnostic> {
        self.once.sort_by_cached_key(|finding| (start(finding), finding.severity != Severity::Error));
        self.once
    }
}

fn start(finding: &Diagnostic) -> Start {
    let place = finding.place().unwrap_or_default();
    (place.line.unwrap_or(usize::MAX), place.column.unwrap_or(usize::MAX))
}

fn settle(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut settled = Settled::default();
    settled.add(findings);
    settled.in_order()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Level, Right};
    use crate::manifest::package::settings::{SecretReference, SettingValue};

    const GOOD: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.10 }
";

    fn request() -> Request {
        Request { today: Some(jiff::civil::date(2026, 11, 1)), ..Request::default() }
    }

    fn load_in(folder: &Path, more: &str, request: &Request) -> Result<Loaded, Vec<Diagnostic>> {
        load_text(&Source::new("dvpack.yaml", format!("{GOOD}{more}")), folder, request)
    }

    fn load_good(more: &str, request: &Request) -> Loaded {
        load_in(Path::new("."), more, request).unwrap_or_else(|findings| panic!("{findings:#?}"))
    }

    #[test]
    fn versions_keep_their_text_and_defaults_are_applied() {
        let package = load_good("", &request()).package;
        assert_eq!(package.solution.version.to_string(), "1.10");
        assert_eq!(package.solution.display_name.base(), "ContosoWidgets");
        assert_eq!(package.solution.languages, [1033]);
    }

    #[test]
    fn overlays_change_key_by_key_and_keep_places() {
        let more = "components: { environmentVariables: [{ name: contoso_A, type: string }, { name: contoso_B, type: boolean }] }
settings: { contoso_A: NO, contoso_B: true }
environments:
  uat: { settings: { contoso_A: { secret: { env: A } } } }
";
        let base = load_good(more, &request()).package.settings;
        assert_eq!(base[0].value, SettingValue::Text("NO".into()));
        let chosen = Request { environment: Some("uat".into()), ..request() };
        let package = load_good(more, &chosen).package;
        assert_eq!(package.settings[0].value, SettingValue::Secret(SecretReference::Env("A".into())));
        assert_eq!(package.settings[1].value, SettingValue::Text("yes".into()));
        assert_eq!(format!("{:?}", package.settings[0].span), "dvpack.yaml:7:22");
        assert_eq!(package.environment.map(|it| it.name).as_deref(), Some("uat"));
    }

    #[test]
    fn all_gives_every_right_and_leaves_those_named_beside_it() {
        let more = "roles: [{ name: R, grants: { account: { delete: user, all: Deep, because: it is ours } } }]\n";
        let grant = load_good(more, &request()).package.roles.remove(0).grants.remove(0);
        assert_eq!(grant.rights.len(), 8);
        for (right, level) in grant.rights {
            assert_eq!(level, if right == Right::Delete { Level::Basic } else { Level::Deep });
        }
        assert_eq!(grant.because.as_deref(), Some("it is ours"));
    }

    #[test]
    fn publisher_and_solution_have_texts_by_language() {
        let text = "dvpack: 1
publisher: { name: contoso, displayName: { 1031: Contoso GmbH, 1033: Contoso Ltd }, prefix: contoso, optionValuePrefix: 10000, website: www.contoso.com, addresses: [{ city: Redmond }] }
solution: { name: ContosoWidgets, version: 1.10, languages: [1033, 1031], description: Widgets }
";
        let load = |text: String| load_text(&Source::new("dvpack.yaml", text), Path::new("."), &request());
        let package = load(text.into()).expect("good").package;
        let texts = |pairs: [(u32, &str); 2]| pairs.map(|(language, text)| (language, text.to_owned())).to_vec();
        assert_eq!(package.publisher.display_name.texts, texts([(1033, "Contoso Ltd"), (1031, "Contoso GmbH")]));
        assert_eq!(package.publisher.addresses, [vec![("City", "Redmond".to_owned())]]);
        assert_eq!(package.publisher.website.as_deref(), Some("www.contoso.com"));
        assert_eq!(package.solution.description.expect("one").base(), "Widgets");

        let codes = |changed: (&str, &str)| {
            let findings = load(text.replace(changed.0, changed.1)).expect_err("refused");
            findings.into_iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(codes(("languages: [1033, 1031]", "languages: [1033]")), ["label-language"]);
        assert_eq!(codes((", 1033: Contoso Ltd", "")), ["label-language"]);
        assert_eq!(codes(("[{ city: Redmond }]", "[{}, {}, {}]")), ["too-many-addresses"]);
        assert_eq!(codes(("www.contoso.com", "'ftp://contoso.com'")), ["website"]);
    }

    #[test]
    fn expiry_is_told_thirty_days_before() {
        for (day, expected) in
            [("2026-10-31", 1), ("2026-11-01", 1), ("2026-12-01", 1), ("2026-12-02", 0), ("2030-01-01", 0)]
        {
            let more =
                format!("application: {{ clientId: 6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10, secretExpires: {day} }}\n");
            assert_eq!(load_good(&more, &request()).findings.len(), expected, "{day}");
        }
    }

    #[test]
    fn patterns_give_files_in_order_of_their_names() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["web/lib/b.js", "web/a.js", "web/.hidden.js", "web/node_modules/x/x.js", "web/style.css"] {
            files::write(&folder.path().join(file), b"x").expect("written");
        }
        let more = "components: { webResources: [{ path: 'web/**/*.js', name: 'contoso_/{path}' }, { path: web/style.css, name: 'contoso_{file}' }] }\n";
        let loaded = load_in(folder.path(), more, &request()).expect("good");
        let resources = loaded.package.components.web_resources;
        let names: Vec<_> = resources.iter().map(|it| (it.name.as_str(), it.kind)).collect();
        assert_eq!(names, [("contoso_/a.js", 3), ("contoso_/lib/b.js", 3), ("contoso_style.css", 2)]);
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out_of_the_folder() {
        let (folder, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        files::write(&other.path().join("a.js"), b"x").expect("written");
        std::os::unix::fs::symlink(other.path(), folder.path().join("web")).expect("linked");
        for path in ["web/a.js", "web/*.js"] {
            let more = format!("components: {{ webResources: [{{ path: '{path}', name: 'contoso_/{{path}}' }}] }}\n");
            let findings = load_in(folder.path(), &more, &request()).expect_err("refused");
            assert_eq!(findings.iter().map(|it| it.code.as_ref()).collect::<Vec<_>>(), ["path-outside"], "{path}");
        }
    }

    #[test]
    fn a_mistake_of_the_base_is_told_once_however_many_environments() {
        let more = "application: { clientId: x }\nenvironments: { a: {}, b: {}, c: {} }\n";
        assert_eq!(load_in(Path::new("."), more, &request()).expect_err("refused").len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_text(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let _ = load_text(&Source::new("dvpack.yaml", text), Path::new("/nonexistent"), &request());
        }

        #[test]
        fn never_panics_on_a_damaged_manifest(at in 0_usize..1200, length in 0_usize..20, put in "[ -~\\n\u{e9}]{0,5}") {
            let mut text = starter::Template::Full.fill(&starter::Answers {
                name: "ContosoWidgets".into(), publisher: "contoso".into(),
                prefix: "contoso".into(), client_id: starter::PLACEHOLDER_CLIENT_ID.into(),
            });
            let at = at.min(text.len());
            let end = (at + length).min(text.len());
            text.replace_range(at..end, &put);
            if let Err(findings) = load_text(&Source::new("dvpack.yaml", text), Path::new("/nonexistent"), &request()) {
                proptest::prop_assert!(has_errors(&findings));
                proptest::prop_assert!(findings.iter().all(|finding| !finding.render(false, 80).is_empty()));
            }
        }
    }
}
