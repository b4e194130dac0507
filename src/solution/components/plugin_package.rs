//! Plug-in packages: a folder of the zip each, no root component. Name and version come from the
//! nuspec. A NuGet package is an archive from outside and read by the strict reader (13 of 13 real ones pass).

use super::extra::{self, Order};
use super::kind::{Component, Kind, Parts};
use crate::archive::{self, Limits};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::manifest::components::plugin_package::PluginPackage as Meant;
use crate::manifest::package::Package;
use crate::manifest::prefix;
use crate::solution::draft::Draft;
use crate::solution::xml::{self, Element, write_document};

/// The kind.
pub struct PluginPackage;

/// The largest file that can be in a solution at all; the file column itself takes less.
const LIMIT: u64 = 95 * 1024 * 1024;

const ORDER: Order = Order {
    attributes: &["uniquename"],
    children: &[
        "exportkeyversion",
        "iscustomizable",
        "managedidentityid",
        "name",
        "package",
        "statecode",
        "statuscode",
        "version",
    ],
    inner: &[],
};

/// The maximum size of an unpacked package: libraries and little else.
const LIMITS: Limits =
    Limits { entries: 5_000, entry_bytes: 128 << 20, total_bytes: 256 << 20, name_bytes: 1024, descriptors: false };

/// Id and version in the nuspec of a NuGet package.
fn nuspec(bytes: &[u8]) -> Result<(String, String), String> {
    let entries = archive::read(bytes, &LIMITS).map_err(|refusal| refusal.to_string())?;
    let is_nuspec = |name: &str| !name.contains('/') && name.to_lowercase().ends_with(".nuspec");
    let mut found = entries.iter().filter(|entry| is_nuspec(&entry.name));
    let (Some(entry), None) = (found.next(), found.next()) else {
        return Err("a NuGet package has one .nuspec file at its top".to_owned());
    };
    let root = xml::parse(&entry.bytes, &entry.name).map_err(|finding| finding.message)?;
    let text = |name: &str| root.find("metadata")?.child_text(name).filter(|text| !text.is_empty());
    match (text("id"), text("version")) {
        (Some(id), Some(version)) => Ok((id, version)),
        _ => Err(format!("`{}` names no id and version", entry.name.escape_debug())),
    }
}

fn declare(it: &Meant, package: &Package, draft: &mut Draft) {
    let bytes = match files::read(&it.path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&it.span));
            return;
        }
    };
    let (id, version) = match nuspec(&bytes) {
        Ok(found) => found,
        Err(why) => {
            let message = format!("`{}` cannot be read as a NuGet package: {why}", it.path.display());
            draft.findings.push(
                Diagnostic::error("not-a-package", message)
                    .at(&it.span)
                    .help("make it with `dotnet pack`, from a project made by `pac plugin init`"),
            );
            return;
        }
    };
    let own = &package.publisher.prefix;
    let name = it.name.clone().unwrap_or_else(|| id.clone());
    if !prefix::is_own(&name, own) {
        draft.findings.push(
            Diagnostic::error(
                "prefix-missing",
                format!("the package `{name}` does not start with the publisher's prefix"),
            )
            .at(&it.span)
            .help(format!("set `<PackageId>{own}_{id}</PackageId>` in the project, or write `name: {own}_{id}`")),
        );
        return;
    }
    // The part has this name in the zip.
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
        draft.findings.push(
            Diagnostic::error("package-name", format!("`{}` is not a name for a package", name.escape_debug()))
                .at(&it.span)
                .help("use letters, digits, `_`, `.` and `-`"),
        );
        return;
    }
    let version = it.version.map_or(version, |version| version.to_string());
    let file = format!("{name}.nupkg");
    let mut root = Element::new("pluginpackage")
        .with("uniquename", name.as_str())
        .child(Element::text("exportkeyversion", "1"))
        .child(Element::text("iscustomizable", "1"))
        .child(Element::text("name", name.as_str()))
        .child(Element::text("package", file.as_str()).with("mimetype", "application/octet-stream"))
        .child(Element::text("statecode", "0"))
        .child(Element::text("statuscode", "1"))
        .child(Element::text("version", version));
    extra::merge(&mut root, &it.extra, &ORDER, &mut draft.findings);
    draft.add_file(&format!("pluginpackages/{name}/pluginpackage.xml"), write_document(&root), &it.span);
    draft.add_file(&format!("pluginpackages/{name}/package/{file}"), bytes, &it.span);
}

impl Kind for PluginPackage {
    fn label(&self) -> &'static str {
        "Plug-in package"
    }
    fn place(&self) -> &'static str {
        "pluginpackages/"
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.pluginPackages")
    }
    fn folder(&self) -> &'static str {
        "pluginpackages/"
    }
    fn in_parts(&self, parts: &Parts) -> Vec<Component> {
        super::carried::in_folder(self.label(), self.place(), parts)
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for it in &package.components.plugin_packages {
            declare(it, package, draft);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Entry, write};

    fn package(files: &[(&str, &str)]) -> Result<(String, String), String> {
        let entries: Vec<Entry> = files.iter().map(|(name, text)| Entry::new(*name, text.as_bytes())).collect();
        nuspec(&write(&entries).expect("written"))
    }

    #[test]
    fn the_nuspec_tells_id_and_version_and_anything_else_is_refused_with_the_reason() {
        let good = "<package><metadata><id>contoso_A</id><version>1.0.0</version></metadata></package>";
        assert_eq!(
            package(&[("a.nuspec", good), ("lib/net462/b.nuspec", "")]),
            Ok(("contoso_A".into(), "1.0.0".into()))
        );
        let why = |files: &[(&str, &str)]| package(files).expect_err("refused");
        assert_eq!(why(&[("lib/a.dll", "")]), "a NuGet package has one .nuspec file at its top");
        assert_eq!(why(&[("a.nuspec", good), ("b.nuspec", good)]), "a NuGet package has one .nuspec file at its top");
        assert_eq!(why(&[("a.nuspec", "<package><metadata /></package>")]), "`a.nuspec` names no id and version");
        assert!(why(&[("a.nuspec", "<!DOCTYPE package [<!ENTITY a \"b\">]><package />")]).contains("DTD"));
    }
}
