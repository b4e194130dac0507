//! Whatever else a new version contains: what it no longer has is listed as deleted. A piece is kept by a piece of its
//! own kind only.

use dvpack::archive::{self, Entry};
use dvpack::solution::Contents;
use dvpack::solution::deletion::{Deletion, Release, between};

/// A solution with a table, a column, a form, a custom API of the table's name with a parameter, and another one.
fn zip(version: &str, has: impl Fn(&str) -> bool, roots: &str, parts: &[(&str, &str)]) -> Release {
    let table = "<Entities><Entity><Name LocalizedName=\"Widget\">contoso_Widget</Name><EntityInfo><entity Name=\"contoso_Widget\"><attributes>COLUMNS</attributes></entity></EntityInfo></Entity></Entities>";
    let column = |name: &str| {
        format!(
            "<attribute PhysicalName=\"contoso_{name}\"><LogicalName>contoso_{}</LogicalName></attribute>",
            name.to_lowercase()
        )
    };
    let columns: String = ["Color", "Size"].iter().filter(|name| has(name)).map(|name| column(name)).collect();
    let entities = if has("table") { table.replace("COLUMNS", &columns) } else { String::new() };
    let root =
        if has("table") { "<RootComponent type=\"1\" schemaName=\"contoso_widget\" behavior=\"0\" />" } else { "" };
    let manifest = format!(
        "<ImportExportXml languagecode=\"1033\"><SolutionManifest><UniqueName>W</UniqueName><Version>{version}</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName><CustomizationPrefix>contoso</CustomizationPrefix></Publisher><RootComponents>{root}{roots}</RootComponents></SolutionManifest></ImportExportXml>"
    );
    let mut entries = vec![
        Entry::new("customizations.xml", format!("<ImportExportXml>{entities}</ImportExportXml>")),
        Entry::new("solution.xml", manifest),
    ];
    for api in ["contoso_widget", "contoso_other"].into_iter().filter(|api| has(api)) {
        entries
            .push(Entry::new(format!("customapis/{api}/customapi.xml"), format!("<customapi uniquename=\"{api}\" />")));
        let name = format!("customapis/{api}/customapirequestparameters/In/customapirequestparameter.xml");
        entries.push(Entry::new(name, "<customapirequestparameter uniquename=\"In\" />"));
    }
    entries.extend(parts.iter().map(|(name, text)| Entry::new(*name, *text)));
    let zip = archive::write(&entries).expect("written");
    Release::from(&Contents::read(&zip, "w.zip").expect("read"))
}

const ALL: [&str; 5] = ["table", "Color", "Size", "contoso_widget", "contoso_other"];

/// What an upgrade deletes to a version without these, with whatever else that has.
fn gone(without: &[&str], roots: &str, parts: &[(&str, &str)]) -> Vec<String> {
    let old = zip("1.0.0.0", |name| ALL.contains(&name), "", &[]);
    let new = zip("2.0.0.0", |name| !without.contains(&name), roots, parts);
    between(&old, &new).iter().map(Deletion::to_string).collect()
}

#[test]
fn nothing_else_hides_a_table() {
    let plain = gone(&["table"], "", &[]);
    assert!(plain.iter().any(|it| it.to_lowercase().contains("table `contoso_widget`")), "{plain:?}");
    for parts in [
        &[("zz/b/contoso_widget/x.xml", "<a/>")][..],
        &[("zz/b/contoso_widget.contoso_color/x.xml", "<a/>")],
        &[("contoso_widget/b/contoso_widget/contoso_widget.xml", "<a/>")],
        &[("Entities/b/contoso_widget/Entity.xml", "<a/>")],
        &[("customapis/contoso_other/tables/contoso_widget/table.xml", "<a/>")],
        &[("WebResources/a/b/contoso_widget/x.xml", "<a/>")],
        &[("tables/contoso_widget/table.xml", "<table name=\"contoso_widget\" />")],
    ] {
        assert_eq!(gone(&["table"], "", parts), plain, "{parts:?}");
    }
}

#[test]
fn a_root_component_without_a_name_hides_nothing() {
    for (without, root) in [
        (&["table"][..], "<RootComponent type=\"1\" />"),
        (&["table"], "<RootComponent type=\"1\" schemaName=\"\" behavior=\"0\" />"),
        (&["Size"], "<RootComponent type=\"2\" />"),
        (&["Size"], "<RootComponent type=\"2\" id=\"\" />"),
        (&["Size"], "<RootComponent type=\"2\" behavior=\"0\" /><RootComponent type=\"62\" />"),
        (&["Size"], "<RootComponent type=\"10033\" schemaName=\"contoso_widget.contoso_size\" />"),
    ] {
        let plain = gone(without, "", &[]);
        assert!(!plain.is_empty());
        assert_eq!(gone(without, root, &[]), plain, "{root}");
    }
}

#[test]
fn kinds_without_a_number_are_no_one_kind() {
    // The table has the custom API's name, and so have the folders.
    for parts in [
        &[][..],
        &[("zz/b/contoso_widget/x.xml", "<a/>")],
        &[("bots/contoso_widget/bot.xml", "<bot schemaname=\"contoso_widget\" />")],
        &[("contoso_things/contoso_widget/contoso_thing.xml", "<contoso_thing name=\"contoso_widget\" />")],
        &[("customapis/contoso_other/customapirequestparameters/contoso_widget/customapirequestparameter.xml", "<a/>")],
        &[("zz/contoso_widget/customapirequestparameters/In/customapirequestparameter.xml", "<a/>")],
    ] {
        let found = gone(&["contoso_widget"], "", parts);
        assert!(found.iter().any(|it| it.contains("custom api `contoso_widget`")), "{parts:?}: {found:?}");
        // A parameter of the same name in another API is another one.
        assert!(found.iter().any(|it| it.contains("`In`")), "{parts:?}: {found:?}");
    }
    assert_eq!(gone(&[], "", &[]), Vec::<String>::new());
}
