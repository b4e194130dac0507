//! Code components (PCF controls): a name in customizations.xml, and the files of the control's build
//! under `Controls/<name>/`. Facts: 31 real controls.

use std::path::PathBuf;

use super::extra::{self, Order};
use super::kind::{Component, Kind};
use crate::diagnostic::Diagnostic;
use crate::files::{self, FoundKind};
use crate::manifest::components::code_component::CodeComponent as Meant;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::{self, Element};

/// The kind.
pub struct CodeComponent;

/// The largest file that can be in a solution at all.
const LIMIT: u64 = 95 * 1024 * 1024;
/// A folder with more files contains something other than a built control.
const MAXIMUM_FILES: usize = 1000;
const MANIFEST: &str = "ControlManifest.xml";

const ORDER: Order = Order { attributes: &[], children: &["Name", "FileName"], inner: &[] };

/// What the control's manifest says: namespace and constructor, and the files that it loads.
struct Control {
    name: String,
    loads: Vec<String>,
}

fn control(bytes: &[u8], shown: &str) -> Result<Control, String> {
    let root = xml::parse(bytes, shown).map_err(|finding| finding.message)?;
    let control = root.find("control").filter(|_| root.name == "manifest");
    let control = control.ok_or("it has no `<control>` in `<manifest>`")?;
    let value = |name: &str| {
        let text = control.attribute(name).unwrap_or_default();
        let good = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        if good { Ok(text) } else { Err(format!("`<control>` has no usable `{name}`")) }
    };
    let loads = control.find("resources").into_iter().flat_map(Element::elements);
    let loads = loads.filter(|it| matches!(it.name.as_str(), "code" | "css" | "img" | "resx" | "html"));
    Ok(Control {
        name: format!("{}.{}", value("namespace")?, value("constructor")?),
        loads: loads.filter_map(|it| it.attribute("path")).map(|path| path.replace('\\', "/")).collect(),
    })
}

/// The files of the folder with their paths below it, sorted; one more than the limit at most.
fn list(folder: &PathBuf) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in files::walk(folder, |name| !name.starts_with('.')) {
        let Ok(below) = entry.path.strip_prefix(folder) else { continue };
        let below = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        if entry.kind == FoundKind::File {
            found.push((entry.path, below));
        }
        if found.len() > MAXIMUM_FILES {
            break;
        }
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found
}

fn declare(it: &Meant, package: &Package, draft: &mut Draft) {
    let manifest = it.folder.join(MANIFEST);
    let shown = manifest.display().to_string();
    let read = files::read(&manifest, LIMIT).map_err(|error| error.to_string());
    let control = match read.and_then(|bytes| control(&bytes, &shown).map_err(|why| format!("`{shown}`: {why}"))) {
        Ok(control) => control,
        Err(why) => {
            draft.findings.push(
                Diagnostic::error("control-manifest", why)
                    .at(&it.span)
                    .help("build the control again: its manifest is the one under `out/controls/…`"),
            );
            return;
        }
    };
    let name = it.name.clone().unwrap_or_else(|| format!("{}_{}", package.publisher.prefix, control.name));
    if name.split_once('_').is_none_or(|(_, rest)| rest != control.name) {
        draft.findings.push(
            Diagnostic::error("control-name", format!("the control's manifest calls it `{}`", control.name))
                .at(&it.span)
                .help(format!("write `name: {}_{}`, or leave `name` out", package.publisher.prefix, control.name)),
        );
        return;
    }
    let files = list(&it.folder);
    if files.len() > MAXIMUM_FILES {
        draft.findings.push(
            Diagnostic::error("control-manifest", format!("the control `{name}` has more than {MAXIMUM_FILES} files"))
                .at(&it.span)
                .help("name the folder that the control's build leaves, with nothing else in it"),
        );
        return;
    }
    let missing: Vec<&String> =
        control.loads.iter().filter(|path| !files.iter().any(|(_, below)| below == *path)).collect();
    for path in &missing {
        draft.findings.push(
            Diagnostic::error(
                "control-file-missing",
                format!("the control `{name}` loads `{path}`, which does not exist"),
            )
            .at(&it.span)
            .help("build the control again, and name the folder that the build leaves"),
        );
    }
    // The check of the whole solution would say it once more.
    if !missing.is_empty() {
        return;
    }
    let mut element = Element::new("CustomControl")
        .child(Element::text("Name", name.as_str()))
        .child(Element::text("FileName", format!("/Controls/{name}/{MANIFEST}")));
    extra::merge(&mut element, &it.extra, &ORDER, &mut draft.findings);
    if !draft.add_element("CustomControls", element, &it.span) {
        return;
    }
    draft.add_root("66", "schemaName", &name);
    for (path, below) in files {
        match files::read(&path, LIMIT) {
            Ok(bytes) => draft.add_file(&format!("Controls/{name}/{below}"), bytes, &it.span),
            Err(error) => draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&it.span)),
        }
    }
}

impl Kind for CodeComponent {
    fn label(&self) -> &'static str {
        "Code component"
    }
    fn place(&self) -> &'static str {
        "CustomControls"
    }
    fn root_type(&self) -> Option<u32> {
        Some(66)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.codeComponents")
    }
    fn folder(&self) -> &'static str {
        "Controls/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let name = item.child_text("Name").filter(|_| item.name == "CustomControl");
        name.map(|name| Component { kind: self.label(), name: name.clone(), id: name }).into_iter().collect()
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for it in &package.components.code_components {
            declare(it, package, draft);
        }
        if !package.components.code_components.is_empty() {
            draft.sort_section("CustomControls", |it| it.child_text("Name").unwrap_or_default());
        }
    }
}
