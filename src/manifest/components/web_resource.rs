//! `components.webResources`: patterns resolved, names and types checked.

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::{is_pattern, matches, one};
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::prefix;
use crate::manifest::written::components::web_resource::WebResource;
use crate::manifest::written::leaf::WEB_RESOURCE_KINDS;

/// The web resources that one entry stands for.
pub fn web_resources(written: &WebResource, scope: &mut Scope<'_>) -> Vec<meant::WebResource> {
    let (folder, findings) = (scope.folder, &mut *scope.findings);
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, findings);
    }
    let (Some(path), Some(name)) = (&written.path, &written.name) else { return Vec::new() };
    let many = is_pattern(path);
    let is_template = name.value.0.contains("{path}") || name.value.0.contains("{file}");
    if many && !is_template {
        findings.push(
            Diagnostic::error("name-for-many", format!("`{}` is one name for many files", name.shown))
                .at(&name.span)
                .help("put `{path}` or `{file}` in it, such as `contoso_/{path}`"),
        );
        return Vec::new();
    }
    if let Some(id) = written.id.as_ref().filter(|_| many) {
        findings.push(
            Diagnostic::error("id-for-many", format!("`{}` is one id for many files", id.shown))
                .at(&id.span)
                .help("leave it out, or list the files one by one"),
        );
    }
    let files = if many { matches(path, folder, findings) } else { one(path, folder, findings) };
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
            id: written.id.as_ref().map(|id| id.value.0),
            display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
            description: written.description.as_ref().map(|text| text.value.0.clone()),
            kind,
            language: written.language.as_ref().map(|language| language.value.0),
            extra: extra(written.xml.as_ref()),
            span: name.span.clone(),
        })
    };
    files.into_iter().filter_map(resource).collect()
}
