//! Solutions that nobody would write: whatever is in a zip comes back from a folder as it was.

use dvpack::archive::{Entry, write};
use dvpack::solution::{SolutionPackage, Unpacked, encode_name, read_folder, read_zip, write_zip, xml};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Names as hostile or unlucky makers choose them; some collide.
const NAMES: &[&str] = &[
    "a",
    "A",
    "b",
    "../x",
    "..",
    "con",
    "x/y",
    "x",
    "Größe",
    "日本 語",
    "a.data.xml",
    "a_managed",
    "x.",
    "q?*",
    "é",
    "e\u{301}",
    "node_modules/a.js",
    "new_/app.js",
    ".git",
    "a&amp;b",
    "",
    "x/y/z.meta.xml",
    "Entity",
    "C:/x",
];

/// Parts of the zip that have a place of their own, or look like one.
const PARTS: &[&str] = &[
    "WebResources/p1",
    "WebResources/p2",
    "WebResources/x.data.xml",
    "Workflows/w1.json",
    "Workflows/orphan.json",
    "Roles/evil.xml",
    "Other/Solution.xml",
    "Other/Order.txt",
    "Other/Parts/x",
    "customapis/x y/customapi.xml",
    "loose.json",
    "node_modules/a.js",
    "bin/x.dll",
    "obj/y",
    "CanvasApps/c_DocumentUri.msapp",
    "CanvasApps/src/a.json",
    "Entities/a/Entity.xml",
    "Formulas/a-b.xaml",
    "Formulas/nobody-b.xaml",
    "Connector/c_openapi.json",
    "Connectors/z.json",
    "Reports/r.wdl",
    "Reports/loose.rdl",
    "Templates/EmailTemplates.xml",
    "PluginAssemblies/P-1/P.dll",
    "PluginAssemblies/ServiceEndpoints.xml",
    "Resources/en/r.resx",
    "Controls/k/m.xml",
];

/// The same with names that are parts' own, percent-encoded in ways that a file's name does not give.
const RAW_PARTS: &[&str] = &[
    "botcomponents/a/botcomponent.xml",
    "botcomponents/a/filedata/Orders%2C%20Subscriptions.docx",
    "botcomponents/b/filedata/a%281%29%27%21%26%3D%2B%24%3B%40%5Bb%5D.txt",
    "botcomponents/c/filedata/a(1)'!&=+$;@[b].txt",
    "botcomponents/d/filedata/100%25.txt",
    "WebResources/p%2C1",
    "customapis/x%2Cy/customapi.xml",
    "loose%2C.json",
    "aiplugins/%28x%29/aiplugin.xml",
    "Gr%C3%B6%C3%9Fe/a%2520b",
];

fn text() -> impl Strategy<Value = String> {
    select(vec!["t", " ", "\n  ", "a &amp; b &lt;", "日本", "&#13;&#10;", "&#9;x", "]]&gt;", "'\"", "👍", "&#xA0;"])
        .prop_map(str::to_owned)
}

fn attribute() -> impl Strategy<Value = String> {
    select(vec![" unheard=\"&quot;1&#xA;&#9;'\"", " id='{1}'", " xml:space=\"preserve\"", " xsi:nil=\"true\"", ""])
        .prop_map(str::to_owned)
}

/// What may stand in an element, as text of a document.
fn content() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => text(),
        1 => Just("<![CDATA[<raw> & ]]>".to_owned()),
        1 => Just("<!-- a - comment -->".to_owned()),
        1 => Just("<?target some data?>".to_owned()),
        1 => Just("<?bare?>".to_owned()),
        2 => Just("<short/>".to_owned()),
        2 => Just("<long></long>".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        (attribute(), vec(inner, 0..4))
            .prop_map(|(attribute, inside)| format!("<any{attribute}>{}</any>", inside.concat()))
    })
}

/// An element of a section.
fn component(section: &'static str) -> impl Strategy<Value = String> {
    (select(NAMES), select(NAMES), attribute(), vec(content(), 0..3), 0..3_usize).prop_map(
        move |(name, other, attribute, inside, variant)| {
            let inside = inside.concat();
            let part = PARTS[variant * 3];
            match section {
                "Roles" => format!("<Role name=\"{name}\"{attribute}>{inside}</Role>"),
                "optionsets" => format!("<optionset Name=\"{name}\">{inside}</optionset>"),
                "Workflows" => format!("<Workflow><JsonFileName>/{part}</JsonFileName>{inside}</Workflow>"),
                "WebResources" => {
                    format!("<WebResource><Name>{name}</Name><FileName>/{part}</FileName>{inside}</WebResource>")
                }
                "Reports" => format!(
                    "<Report><filename>{name}</filename><languagecode>1033</languagecode><reportid>{{1}}</reportid>\
                     <ExportedFileName>/{part}</ExportedFileName>{inside}</Report>"
                ),
                "EntityRelationships" => format!(
                    "<EntityRelationship Name=\"{name}\"><ReferencedEntityName>{other}</ReferencedEntityName>{inside}</EntityRelationship>"
                ),
                "Templates" => format!(
                    "<EmailTemplates><emailtemplate><templateid>{{1}}</templateid><languagecode>1033</languagecode>\
                     <body>{inside}</body><presentationxml>&lt;a&gt;\n  &lt;b/&gt;&lt;/a&gt;</presentationxml></emailtemplate></EmailTemplates>"
                ),
                "Entities" => format!(
                    "<Entity><Name>{name}</Name>{inside}<FormXml><forms type=\"main\"><systemform><formid>{other}</formid>{inside}</systemform></forms>\
                     <forms type=\"card\"{attribute}><systemform><formid>{{2}}</formid></systemform><systemform><formid>{{1}}</formid></systemform></forms></FormXml>\
                     <SavedQueries><savedqueries><savedquery><savedqueryid>{{2}}</savedqueryid></savedquery><savedquery><savedqueryid>{{1}}</savedqueryid>{inside}</savedquery></savedqueries></SavedQueries>\
                     <RibbonDiffXml{attribute}>{inside}</RibbonDiffXml></Entity>"
                ),
                _ => format!("<{section}{attribute}>{inside}</{section}>"),
            }
        },
    )
}

fn section() -> impl Strategy<Value = String> {
    let known = [
        "Roles",
        "optionsets",
        "Workflows",
        "WebResources",
        "Reports",
        "EntityRelationships",
        "Templates",
        "Entities",
        "SiteMap",
        "ConnectionRoles",
        "EntityMaps",
        "FieldSecurityProfiles",
        "Dashboards",
        "brandNewThings",
        "Languages",
    ];
    select(known.to_vec()).prop_flat_map(|name| {
        (vec(component(name), 0..4), attribute(), select(vec!["", "", "", "<!-- why -->", "loose text", "<odd/>"]))
            .prop_map(move |(inside, attribute, more)| format!("<{name}{attribute}>{}{more}</{name}>", inside.concat()))
    })
}

fn zip() -> impl Strategy<Value = Vec<u8>> {
    (vec(section(), 0..7), subsequence(PARTS.to_vec(), 0..PARTS.len()), subsequence(RAW_PARTS.to_vec(), 0..RAW_PARTS.len()), 0..2_u8)
        .prop_map(|(sections, parts, raw, managed)| {
        let root = "<ImportExportXml xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">";
        let mut entries = vec![
            Entry::new("customizations.xml", format!("{root}{}</ImportExportXml>", sections.concat())),
            Entry::new(
                "solution.xml",
                format!("{root}<SolutionManifest><UniqueName>one</UniqueName><Managed>{managed}</Managed></SolutionManifest></ImportExportXml>"),
            ),
        ];
        entries.extend(parts.into_iter().map(|part| Entry::new(encode_name(part), format!("<content of='{part}'/>"))));
        let named = "<botcomponent schemaname='a'><filedata>Orders, Subscriptions.docx</filedata></botcomponent>";
        entries.extend(raw.into_iter().map(|part| Entry::new(part, named)));
        write(&entries).expect("a zip")
    })
}

fn shown(package: &SolutionPackage) -> (String, String, Vec<(String, Vec<u8>)>) {
    (
        xml::write_fragment(&package.manifest),
        xml::write_fragment(&package.customizations),
        package.files.iter().map(|(name, bytes)| (name.clone(), bytes.clone())).collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_in_a_zip_comes_back_from_a_folder(bytes in zip()) {
        let package = read_zip(&bytes, "one").expect("a solution");
        let again = read_zip(&write_zip(&package).expect("written"), "two").expect("read again");
        prop_assert_eq!(shown(&package), shown(&again));
        let folder = tempfile::tempdir().expect("a folder");
        Unpacked::new(&package).write(folder.path()).expect("written");
        let again = read_folder(folder.path()).expect("a folder");
        prop_assert_eq!(shown(&package), shown(&again));
    }
}
