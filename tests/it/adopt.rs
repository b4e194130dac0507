//! `dvpack init --from`: a project made from a solution that exists builds the same solution: the same parts, root
//! components, content of customizations.xml and of the `SolutionManifest`. What is not compared, and why, is said at
//! [`comparable`] and [`identity`].
#![allow(clippy::print_stdout, reason = "a table of the corpus is printed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dvpack::manifest::{self, Request};
use dvpack::solution::xml::{Element, Node, canonical, first_difference, write_fragment};
use dvpack::solution::{Contents, SolutionPackage, adopt, assemble, check, read_folder, read_zip, write_zip};
use rayon::prelude::*;

use crate::support::{Test, by_day, corpus, report};

/// Sections with their components in one order: the order of components has no meaning. What servers of different ages
/// write or leave out of a role is left out.
fn comparable(root: &Element) -> Element {
    let mut root = canonical(root);
    flags(&mut root);
    for section in root.elements_mut() {
        for component in section.elements_mut() {
            if component.name == "Role" {
                component.children.retain(
                    |node| matches!(node, Node::Element(e) if e.name == "RolePrivileges" || e.name == "Description"),
                );
                if let Some(rows) = component.find_mut("RolePrivileges") {
                    rows.children.sort_by_cached_key(|node| format!("{node:?}").to_lowercase());
                }
            }
        }
        let by_content = section.name == "Languages";
        section.children.sort_by_cached_key(|node| match node {
            Node::Element(language) if by_content => language.content(),
            node => format!("{node:?}"),
        });
    }
    root.children.retain(|node| !matches!(node, Node::Element(e) if e.children.is_empty()));
    // One zip was made by hand, with its sections in an order of its own.
    root.children.sort_by_cached_key(|node| {
        if let Node::Element(section) = node { section.name.clone() } else { String::new() }
    });
    root.attributes.clear();
    root
}

/// `true` and `false` as the flags 1 and 0, which a build writes in their place.
fn flags(element: &mut Element) {
    if let [Node::Text(text)] = element.children.as_mut_slice() {
        match text.as_str() {
            "true" => "1".clone_into(text),
            "false" => "0".clone_into(text),
            _ => {}
        }
    }
    element.elements_mut().for_each(flags);
}

fn roots(package: &SolutionPackage) -> Vec<String> {
    let mut roots: Vec<String> =
        package.root_components().map(|root| format!("{:?}", canonical(root).attributes)).collect();
    roots.sort();
    roots
}

/// The `SolutionManifest`, without root components, which are compared apart, and
/// - `Managed`: `build` gives managed solutions;
/// - dependencies: `build` adds to them; that none is lost is compared apart;
/// - what is not set: `xsi:nil`, empty elements, texts and addresses are the same as none;
/// - the order of languages, and the form of the version (`1.4` is built as `1.4.0.0`).
fn identity(package: &SolutionPackage) -> Element {
    fn unset(element: &mut Element) {
        element.attributes.retain(|(name, _)| name != "xsi:nil");
        element.elements_mut().for_each(unset);
        element.children.retain(|node| match node {
            Node::Element(child) => {
                !child.children.is_empty() || child.attribute("description").is_some_and(|it| !it.is_empty())
            }
            Node::Text(text) => !text.trim().is_empty(),
            _ => false,
        });
        // Numbers that stand in every address, whether anything is set or not.
        if element.name == "Address"
            && element
                .elements()
                .all(|it| it.name == "AddressNumber" || it.name.ends_with("Code") && it.content() == "1")
        {
            element.children.clear();
        }
    }
    let mut manifest = package.solution_manifest().expect("a manifest").clone();
    manifest.children.retain(|node| {
        !matches!(node, Node::Element(e) if ["Managed", "RootComponents", "MissingDependencies"].contains(&e.name.as_str()))
    });
    if let (Some(version), Some(element)) = (package.version(), manifest.find_mut("Version")) {
        element.set_content(&version.normalized().to_string());
    }
    unset(&mut manifest);
    let sort = |group: &mut Element| {
        for list in ["LocalizedNames", "Descriptions"] {
            if let Some(list) = group.find_mut(list) {
                list.children.sort_by_cached_key(|node| format!("{node:?}"));
            }
        }
    };
    sort(&mut manifest);
    manifest.find_mut("Publisher").into_iter().for_each(sort);
    canonical(&manifest)
}

/// A dependency that the solution declared and the built one does not.
fn lost_dependency(old: &SolutionPackage, new: &SolutionPackage) -> Option<String> {
    let declared = |package: &SolutionPackage| -> Vec<String> {
        let list = package.solution_manifest().and_then(|manifest| manifest.find("MissingDependencies"));
        list.into_iter().flat_map(Element::elements).map(|it| write_fragment(&canonical(it))).collect()
    };
    let kept = declared(new);
    declared(old).into_iter().find(|it| !kept.contains(it)).map(|it| format!("the dependency is lost: {it}"))
}

fn difference(old: &SolutionPackage, new: &SolutionPackage) -> Option<String> {
    let names = |package: &SolutionPackage| package.files.keys().cloned().collect::<Vec<_>>();
    if names(old) != names(new) {
        let (a, b) = (names(old), names(new));
        let only =
            |x: &[String], y: &[String]| x.iter().filter(|n| !y.contains(n)).take(2).cloned().collect::<Vec<_>>();
        return Some(format!("parts: only before {:?}, only now {:?}", only(&a, &b), only(&b, &a)));
    }
    for (name, bytes) in &old.files {
        let same_xml = || {
            let parse = |bytes| dvpack::solution::xml::parse(bytes, name).ok();
            Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("xml"))
                && matches!((parse(bytes), parse(&new.files[name])), (Some(a), Some(b)) if first_difference(&a, &b).is_none())
        };
        if new.files[name] != *bytes && !same_xml() {
            return Some(format!("the bytes of {name} differ"));
        }
    }
    if roots(old) != roots(new) {
        let (a, b) = (roots(old), roots(new));
        let only =
            |x: &[String], y: &[String]| x.iter().filter(|n| !y.contains(n)).take(2).cloned().collect::<Vec<_>>();
        return Some(format!("root components: only before {:?}, only now {:?}", only(&a, &b), only(&b, &a)));
    }
    first_difference(&comparable(&old.customizations), &comparable(&new.customizations))
        .or_else(|| first_difference(&identity(old), &identity(new)))
        .or_else(|| lost_dependency(old, new))
}

/// What came of a solution: what was made of it, and what differs.
type Outcome = Result<(adopt::Adopted, Option<String>), String>;

fn adopted(original: &SolutionPackage) -> Outcome {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |findings: Vec<dvpack::diagnostic::Diagnostic>| {
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let adopted = adopt::adopt(original.clone(), || Ok(original.clone()), folder.path()).map_err(told)?;
    let loaded = manifest::load(&Request::new(folder.path())).map_err(told)?;
    match assemble(&loaded.package) {
        Ok(built) => Ok((adopted, difference(original, &read_zip(&built.zip, "built").map_err(told)?))),
        // What is wrong with the solution itself is not mended by adopting it.
        Err(findings) => {
            // A section alone has other line numbers.
            let said =
                |message: &str| message.split("; the first one is in line").next().unwrap_or_default().to_owned();
            let mut own: Vec<String> = check::check(original).iter().map(|it| said(&it.message)).collect();
            let zip = write_zip(original).unwrap_or_default();
            let read = Contents::read(&zip, "original");
            own.extend(read.iter().flat_map(|it| &it.deviations).map(|it| said(&it.message)));
            let errors = findings.iter().filter(|it| it.severity == dvpack::diagnostic::Severity::Error);
            let of_its_own = errors.clone().all(|it| own.contains(&said(&it.message)));
            if of_its_own { Err(format!("REFUSED {}", told(findings))) } else { Err(told(findings)) }
        }
    }
}

fn real() -> Vec<PathBuf> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let listed =
        |part: &str| fs::read_dir(corpus.join(part)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        listed("exported").filter(|path| path.extension().is_some_and(|e| e == "zip") && by_day(path)).collect();
    paths.extend(listed("unpacked").filter(|path| path.join("src").is_dir()).map(|path| path.join("src")));
    paths.sort();
    paths
}

#[test]
fn every_real_solution_is_built_again_from_the_project_made_of_it() {
    let paths = real();
    let results: Vec<(String, Outcome)> = paths
        .par_iter()
        .map(|path| {
            let name = path.strip_prefix(corpus().expect("a corpus")).expect("below").display().to_string();
            let package =
                if path.is_dir() { read_folder(path) } else { read_zip(&fs::read(path).expect("bytes"), &name) };
            (name, package.map_err(|findings| findings[0].to_string()).and_then(|package| adopted(&package)))
        })
        .collect();
    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut kept, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut said = format!("{:<58}{:<10}declared, and kept in the folder\n", "solution", "built");
    for (name, result) in &results {
        let row = match result {
            Ok((adopted, None)) => {
                let declared: Vec<String> =
                    adopted.declared.iter().map(|(list, count)| format!("{count} {list}")).collect();
                format!("same      {}; {} kept", declared.join(", "), adopted.kept.len())
            }
            Ok((_, Some(difference))) => format!("DIFFERS {difference}"),
            Err(text) if text.starts_with("REFUSED") => text.clone(),
            Err(text) => format!("FAILS  {text}"),
        };
        let short = name.trim_start_matches("exported/").trim_start_matches("unpacked/").trim_end_matches("/src");
        let skipped = short.chars().count().saturating_sub(56);
        said.push_str(&format!("{:<58}{row}\n", short.chars().skip(skipped).collect::<String>()));
        if row.starts_with("REFUSED") {
            refused += 1;
        } else if let Ok((adopted, None)) = result {
            kept += adopted.kept.len();
            adopted.declared.iter().for_each(|(list, count)| *totals.entry(list).or_default() += count);
        } else {
            wrong.push(format!("{name}: {row}"));
        }
    }
    said.push_str(&format!(
        "{} solutions, {} the same, {refused} refused for what is wrong with the solution itself; declared {totals:?}, kept in the folder {kept}\n",
        results.len(),
        results.len() - wrong.len() - refused
    ));
    print!("{said}");
    if !results.is_empty() {
        report("adopted.txt", &said);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_project_is_made_checked_and_built_by_hand() {
    let ran = Test::new().copy("examples/contoso-widgets").args("build .").success();
    let zip = ran.folder.path().join("dist/ContosoWidgets_1_4_0_0_managed.zip");
    let test = Test::new().args("init made --from").arg(zip.display().to_string());
    let made = test.success();
    insta::assert_snapshot!("the_summary", made.stdout);
    insta::assert_snapshot!("the_manifest", String::from_utf8(made.read("made/dvpack.yaml")).expect("UTF-8"));
    let folder = made.folder.path();
    let run = |arguments: &[&str]| crate::support::dvpack(folder).args(arguments).output().expect("run");
    let built = run(&["build", "made"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let again = run(&["init", "made", "--from", &zip.display().to_string()]);
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stderr));
}

/// A package with texts in two languages, an address, a web site without `https://` and a start page.
const SEVERAL_LANGUAGES: &str = "dvpack: 1
publisher:
  name: contoso
  displayName: { 1033: Contoso Ltd, 1031: Contoso GmbH }
  prefix: contoso
  optionValuePrefix: 10000
  description: { 1033: 'Makers of widgets: all of them.', 1031: Hersteller von Geräten }
  email: support@contoso.com
  website: www.contoso.com
  addresses: [{ line1: 1 Main Street, city: Redmond, country: USA, telephone1: '0123 456' }]
solution:
  name: ContosoWidgets
  displayName: { 1033: Contoso Widgets, 1031: Contoso Geräte }
  description: { 1033: 'Widgets, in \"quotes\".', 1031: Geräte }
  version: 1.4.0.0
  languages: [1033, 1031]
  configurationPage: contoso_/start.html
components:
  webResources: [{ path: start.html, name: contoso_/start.html, description: \"It says:\\n- 'yes', and\\n- # 1.0\" }]
";

#[test]
fn further_languages_the_address_and_the_start_page_are_kept() {
    let test = Test::new().file("dvpack.yaml", SEVERAL_LANGUAGES).file("start.html", "<html><body>Start</body></html>");
    let ran = test.args("build .").success();
    let folder = ran.folder.path();
    let first = "dist/ContosoWidgets_1_4_0_0_managed.zip";
    let run = |arguments: &[&str]| {
        let output = crate::support::dvpack(folder).args(arguments).output().expect("run");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["init", "made", "--from", first]);
    insta::assert_snapshot!("several_languages", String::from_utf8(ran.read("made/dvpack.yaml")).expect("UTF-8"));
    run(&["build", "made", "-o", "again"]);
    assert!(ran.read(first) == ran.read("again/ContosoWidgets_1_4_0_0_managed.zip"), "other bytes");
    let package = read_zip(&ran.read(first), first).expect("read");
    let text = write_fragment(package.solution_manifest().expect("a manifest"));
    for part in [
        r#"<LocalizedName description="Contoso GmbH" languagecode="1031" />"#,
        r#"<Description description="Geräte" languagecode="1031" />"#,
        "<ConfigurationPage>contoso_/start.html</ConfigurationPage>",
        "<SupportingWebsiteUrl>www.contoso.com</SupportingWebsiteUrl>",
        "<City>Redmond</City>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn what_a_manifest_does_not_take_is_left_out_and_said() {
    let test = Test::new().file("dvpack.yaml", SEVERAL_LANGUAGES).file("start.html", "<html><body>Start</body></html>");
    let ran = test.args("build .").success();
    let zip = "dist/ContosoWidgets_1_4_0_0_managed.zip";
    let mut package = read_zip(&ran.read(zip), zip).expect("read");
    let publisher = package.manifest.find_mut("SolutionManifest").and_then(|it| it.find_mut("Publisher"));
    publisher.and_then(|it| it.find_mut("EMailAddress")).expect("an address").set_content("ask at the desk");
    let folder = tempfile::tempdir().expect("a folder");
    let adopted = adopt::adopt(package.clone(), || Ok(package.clone()), folder.path()).expect("adopted");
    let said: Vec<String> = adopted.findings.iter().map(|it| format!("{} {}", it.code, it.message)).collect();
    assert_eq!(
        said,
        ["not-kept `publisher.email` is not kept: `ask at the desk` is not an e-mail address"],
        "{:#?}",
        adopted.findings
    );
    let manifest = fs::read_to_string(folder.path().join("dvpack.yaml")).expect("written");
    assert!(!manifest.contains("email") && manifest.contains("website: www.contoso.com"), "{manifest}");
}
