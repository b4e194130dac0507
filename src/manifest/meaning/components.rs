//! Components: files found, patterns resolved, names and types checked.
//!
//! Paths stay below the manifest's folder: a checkout must be enough to build, on any machine.

use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use crate::diagnostic::{Diagnostic, nearest};
use crate::manifest::meaning::settings::stored;
use crate::manifest::meaning::{check_prefix, check_unique};
use crate::manifest::meant::{self, VariableKind};
use crate::manifest::written::components as kinds;
use crate::manifest::written::{At, RelativePath, WEB_RESOURCE_KINDS, head};

const MAXIMUM_FILES: usize = 20_000;

/// All components that could be read.
pub fn components(
    written: Option<&kinds::Components>,
    folder: &Path,
    prefix: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> meant::Components {
    let Some(written) = written else { return meant::Components::default() };
    let mut web_resources: Vec<_> = written
        .web_resources
        .iter()
        .flat_map(|list| &list.items)
        .flat_map(|it| self::web_resources(it, folder, prefix, findings))
        .collect();
    check_unique("web resource", web_resources.iter().map(|it| (it.name.as_str(), &it.span)), findings);
    web_resources.sort_by(|a, b| a.name.cmp(&b.name));
    let environment_variables: Vec<_> = written
        .environment_variables
        .iter()
        .flat_map(|list| &list.items)
        .filter_map(|it| environment_variable(it, prefix, findings))
        .collect();
    check_unique("environment variable", environment_variables.iter().map(|it| (it.name.as_str(), &it.span)), findings);
    let connection_references: Vec<_> = written
        .connection_references
        .iter()
        .flat_map(|list| &list.items)
        .filter_map(|it| {
            let name = it.name.as_ref()?;
            check_prefix(name, &name.value.0, prefix, findings);
            Some(meant::ConnectionReference {
                name: name.value.0.clone(),
                display_name: it.display_name.as_ref().map(|title| title.value.0.clone()),
                description: it.description.as_ref().map(|text| text.value.0.clone()),
                connector: it.connector.as_ref()?.value.0.clone(),
                span: name.span.clone(),
            })
        })
        .collect();
    check_unique("connection reference", connection_references.iter().map(|it| (it.name.as_str(), &it.span)), findings);
    let sources =
        written.source.iter().flat_map(|list| &list.items).filter_map(|path| source(path, folder, findings)).collect();
    meant::Components { web_resources, environment_variables, connection_references, sources }
}

/// The path below the folder, or a finding when it leaves it.
fn inside(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    let mut inside = true;
    for part in Path::new(&path.value.0).components() {
        match part {
            Component::Normal(part) => clean.push(part),
            Component::CurDir => {}
            Component::ParentDir => inside &= clean.pop(),
            Component::RootDir | Component::Prefix(_) => inside = false,
        }
    }
    let full = folder.join(&clean);
    if inside && within(&full, folder) {
        return Some(full);
    }
    findings.push(
        Diagnostic::error("path-outside", format!("`{}` leaves the manifest's folder", path.shown))
            .at(&path.span)
            .help("put the files below the folder of the manifest, so that a checkout is enough to build"),
    );
    None
}

/// Whether an existing path is below the folder once links are followed.
fn within(full: &Path, folder: &Path) -> bool {
    let base = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match (full.canonicalize(), base.canonicalize()) {
        (Ok(full), Ok(base)) => full.starts_with(base),
        _ => true, // It does not exist, which is told elsewhere.
    }
}

fn source(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Option<meant::SourceFolder> {
    let full = inside(path, folder, findings)?;
    let zip = full.is_file() && full.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if !full.is_dir() && !zip {
        let help = if full.exists() {
            "name a folder or an exported .zip file"
        } else {
            "check the path; it starts at the manifest's folder"
        };
        let message = if full.exists() { "is neither a folder nor a .zip file" } else { "does not exist" };
        findings
            .push(Diagnostic::error("source-missing", format!("`{}` {message}", path.shown)).at(&path.span).help(help));
        return None;
    }
    Some(meant::SourceFolder { path: full, span: path.span.clone() })
}

fn web_resources(
    written: &kinds::WebResource,
    folder: &Path,
    prefix: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<meant::WebResource> {
    if let Some(name) = &written.name {
        check_prefix(name, &name.value.0, prefix, findings);
    }
    let (Some(path), Some(name)) = (&written.path, &written.name) else { return Vec::new() };
    let is_pattern = path.value.0.contains(['*', '?', '[', '{']);
    let is_template = name.value.0.contains("{path}") || name.value.0.contains("{file}");
    if is_pattern && !is_template {
        findings.push(
            Diagnostic::error("name-for-many", format!("`{}` is one name for many files", name.shown))
                .at(&name.span)
                .help("put `{path}` or `{file}` in it, such as `contoso_/{path}`"),
        );
        return Vec::new();
    }
    let files = if is_pattern { matches(path, folder, findings) } else { one(path, folder, findings) };
    let resource = |(file, below): (PathBuf, String)| {
        let last = below.rsplit('/').next().unwrap_or(&below).to_owned();
        let text = name.value.0.replace("{path}", &below).replace("{file}", &last);
        let bad = text.bytes().any(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-')))
            || text.contains("//");
        if bad || text.chars().count() > 256 {
            findings.push(
                Diagnostic::error("web-resource-name", format!("`{}` gives the name `{text}`, which Dataverse does not take", file.display()))
                    .at(&name.span)
                    .help("letters, digits, `_`, `.`, `-` and single `/`, at most 256 characters: rename the file or name it alone"),
            );
            return None;
        }
        let extension = file.extension().and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase();
        let by_extension = WEB_RESOURCE_KINDS.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind);
        let Some(kind) = written.kind.as_ref().map(|kind| kind.value.0).or(by_extension) else {
            findings.push(
                Diagnostic::error("web-resource-type", format!("`{last}` does not tell its type by its extension"))
                    .at(&path.span)
                    .help(format!("add `type: …`, one of: {}", WEB_RESOURCE_KINDS.map(|(word, _)| word).join(", "))),
            );
            return None;
        };
        Some(meant::WebResource {
            path: file,
            name: text,
            display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
            description: written.description.as_ref().map(|text| text.value.0.clone()),
            kind,
            language: written.language.as_ref().map(|language| language.value.0),
            span: name.span.clone(),
        })
    };
    files.into_iter().filter_map(resource).collect()
}

fn one(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Vec<(PathBuf, String)> {
    let Some(full) = inside(path, folder, findings) else { return Vec::new() };
    if full.is_file() {
        let last = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return vec![(full, last)];
    }
    let mut finding = Diagnostic::error("file-missing", format!("`{}` is not a file", path.shown)).at(&path.span);
    let siblings: Vec<String> = full
        .parent()
        .and_then(|parent| parent.read_dir().ok())
        .map(|entries| entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).take(1000).collect())
        .unwrap_or_default();
    let name = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    finding = match nearest(&name, siblings.iter().map(String::as_str)) {
        Some(near) if !full.is_dir() => finding.help(format!("there is `{near}` beside it")),
        _ if full.is_dir() => finding.help(format!(
            "for all files of the folder write `{}/**` and a name with `{{path}}`",
            path.shown.trim_end_matches('/')
        )),
        _ => finding.help("check the path; it starts at the manifest's folder"),
    };
    findings.push(finding);
    Vec::new()
}

/// The files of a pattern, sorted, each with its path below the folder before the first wildcard.
fn matches(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Vec<(PathBuf, String)> {
    let text = path.value.0.trim_start_matches("./");
    let fixed: Vec<&str> = text.split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let root = At { value: RelativePath(fixed.join("/")), span: path.span.clone(), shown: path.shown.clone() };
    let Some(root) = inside(&root, folder, findings) else { return Vec::new() };
    let rest = text.split('/').skip(fixed.len()).collect::<Vec<_>>().join("/");
    if rest.split('/').any(|part| part == "..") {
        findings.push(
            Diagnostic::error("path-outside", format!("`..` behind a wildcard in `{}`", path.shown))
                .at(&path.span)
                .help("write the folder out"),
        );
        return Vec::new();
    }
    let matcher = match GlobBuilder::new(&rest).literal_separator(true).build() {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => {
            findings.push(
                Diagnostic::error("pattern", format!("`{}` is not a pattern: {}", path.shown, error.kind()))
                    .at(&path.span)
                    .help("use `*`, `?` and `**`"),
            );
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    let visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(&root).into_iter().filter_entry(visible).filter_map(Result::ok).take(MAXIMUM_FILES) {
        let Ok(below) = entry.path().strip_prefix(&root) else { continue };
        let below = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        if entry.file_type().is_file() && matcher.is_match(&below) {
            found.push((entry.path().to_owned(), below));
        }
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    if found.is_empty() {
        findings.push(
            Diagnostic::error("pattern-empty", format!("no file matches `{}`", path.shown))
                .at(&path.span)
                .help("check the path; it starts at the manifest's folder"),
        );
    }
    found
}

fn environment_variable(
    written: &kinds::EnvironmentVariable,
    prefix: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> Option<meant::EnvironmentVariable> {
    let name = written.name.as_ref()?;
    check_prefix(name, &name.value.0, prefix, findings);
    let kind = written.kind.as_ref()?.value.0;
    let mut default = None;
    if let Some(value) = &written.default {
        if kind == VariableKind::Secret {
            findings.push(
                Diagnostic::error("secret-in-plain-text", format!("a default for the secret `{}`", name.value.0))
                    .in_file(value.span.source.name.as_str(), Some(value.span.source.line_column(value.span.range.start)))
                    .help("remove it and write under `settings` where the secret is: `{ secret: { keyVault: /subscriptions/… } }`"),
            );
        } else {
            default = stored(kind, value, findings);
        }
    }
    if kind == VariableKind::DataSource {
        for (key, missing) in
            [("connector", written.connector.is_none()), ("parameterKey", written.parameter_key.is_none())]
        {
            if missing {
                findings.push(
                    Diagnostic::error("missing-key", format!("key `{key}` is missing"))
                        .at(&head(&written.span))
                        .help(format!("a variable of type `dataSource` needs `{key}: …`")),
                );
            }
        }
    } else {
        let spans = [
            ("connector", written.connector.as_ref().map(|it| &it.span)),
            ("parameterKey", written.parameter_key.as_ref().map(|it| &it.span)),
        ];
        for (key, span) in spans.into_iter().filter_map(|(key, span)| Some((key, span?))) {
            findings.push(
                Diagnostic::error("key-of-other-type", format!("`{key}` belongs to variables of type `dataSource`"))
                    .at(span)
                    .help("remove it, or write `type: dataSource`"),
            );
        }
    }
    Some(meant::EnvironmentVariable {
        name: name.value.0.clone(),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        kind,
        default,
        required: written.required.as_ref().is_some_and(|flag| flag.value.0),
        connector: written.connector.as_ref().map(|connector| connector.value.0.clone()),
        parameter_key: written.parameter_key.as_ref().map(|key| key.value.0.clone()),
        span: name.span.clone(),
    })
}
