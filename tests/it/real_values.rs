//! Values that all real exports have in one place, where the manifest leaves the choice to dvpack. `kinds::exports` compares
//! every word with those of the corpus; here are the cases that its few manifests do not reach.

use dvpack::manifest::{Request, load};
use dvpack::solution::xml::Element;
use dvpack::solution::{SolutionPackage, assemble, read_zip};

use crate::support::Test;

const HEAD: &str = "dvpack: 1\n\
    publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }\n\
    solution: { name: ContosoTables, version: 1.0.0.0 }\n\
    components:\n\
    \x20 tables:\n\
    \x20   - name: contoso_Visit\n\
    \x20     displayName: Visit\n";

/// What is made of a table with these keys more.
fn built(keys: &str) -> SolutionPackage {
    let test = Test::new().file("dvpack.yaml", format!("{HEAD}{keys}"));
    let loaded = load(&Request::new(test.path())).unwrap_or_else(|findings| panic!("{keys}: {findings:#?}"));
    let built = assemble(&loaded.package).unwrap_or_else(|findings| panic!("{keys}: {findings:#?}"));
    read_zip(&built.zip, "built").expect("read again")
}

/// All elements of this name below one.
fn all<'a>(element: &'a Element, name: &str) -> Vec<&'a Element> {
    let own = element.elements().filter(|child| child.name == name);
    own.chain(element.elements().flat_map(|child| all(child, name))).collect()
}

/// 638 relationships of the corpus have a rule for archiving: `NoCascade`, `RemoveLink` or `Restrict`. Of the 30 that delete
/// with the row, 27 have `NoCascade` and 3 `RemoveLink`.
#[test]
fn no_relationship_archives_rows_with_the_row_that_they_refer_to() {
    for (keys, delete, archive) in [
        ("", "RemoveLink", "RemoveLink"),
        ("relationshipType: restrictDelete", "Restrict", "Restrict"),
        ("relationshipType: parental", "Cascade", "NoCascade"),
        ("onDelete: cascade", "Cascade", "NoCascade"),
        ("onDelete: none", "NoCascade", "NoCascade"),
        ("onDelete: restrict", "Restrict", "Restrict"),
        ("cascade: { delete: cascade }", "Cascade", "RemoveLink"),
        ("onDelete: cascade, cascade: { archive: removeLink }", "Cascade", "RemoveLink"),
        ("relationshipType: parental, cascade: { archive: restrict }", "Cascade", "Restrict"),
        ("cascade: { archive: none }", "RemoveLink", "NoCascade"),
    ] {
        let package = built(&format!(
            "      columns: [{{ name: contoso_About, type: lookup, to: account, relationship: contoso_about, {keys} }}]\n"
        ));
        let found = package.section("EntityRelationships").find(|it| it.attribute("Name") == Some("contoso_about"));
        let rule = |name| found.and_then(|it| it.child_text(name)).unwrap_or_default();
        assert_eq!((rule("CascadeDelete").as_str(), rule("CascadeArchive").as_str()), (delete, archive), "{keys}");
    }
}

#[test]
fn another_rule_for_archiving_is_refused_where_it_is_written() {
    for word in ["cascade", "active", "userOwned"] {
        let keys = format!(
            "      columns: [{{ name: contoso_About, type: lookup, to: account, cascade: {{ archive: {word} }} }}]\n"
        );
        let test = Test::new().file("dvpack.yaml", format!("{HEAD}{keys}"));
        let findings = load(&Request::new(test.path())).expect_err("refused");
        let [finding] = &findings[..] else { panic!("{findings:#?}") };
        assert_eq!((finding.code.as_ref(), finding.place().and_then(|at| at.line)), ("cascade-archive", Some(8)));
        if word == "cascade" {
            let shown = finding.render(false, 110).replace(&format!("{}/", test.path().display()), "");
            insta::assert_snapshot!(shown);
        }
    }
}

/// All 29 keys of real exports.
#[test]
fn a_key_is_not_customizable() {
    let package = built("      keys: [{ name: contoso_ByName, columns: [contoso_Name] }]\n");
    let keys: Vec<&Element> = package.section("Entities").flat_map(|it| all(it, "EntityKey")).collect();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].child_text("IsCustomizable").as_deref(), Some("0"));
}

/// 74 series of the corpus. It has no line, area and doughnut charts: theirs are those of its stacked area charts and pies.
#[test]
fn a_chart_says_how_it_is_drawn_as_real_ones_of_its_type_do() {
    const POINTS: &str = "PointWidth=0.75, MaxPixelPointWidth=40";
    const SLICES: &str = "PieLabelStyle=Inside, PieDrawingStyle=Default";
    const FUNNEL: &str = "FunnelLabelStyle=Outside, FunnelNeckHeight=0, FunnelPointGap=1, FunnelNeckWidth=5 ";
    for (word, kind, properties) in [
        ("column", "Column", POINTS),
        ("bar", "Bar", POINTS),
        ("line", "Line", POINTS),
        ("area", "Area", POINTS),
        ("pie", "pie", SLICES),
        ("doughnut", "Doughnut", SLICES),
        ("funnel", "Funnel", FUNNEL),
    ] {
        let package = built(&format!("      charts: [{{ name: Visits, groupBy: contoso_Name, type: {word} }}]\n"));
        let series: Vec<_> = package
            .section("Entities")
            .flat_map(|it| all(it, "Series"))
            .filter_map(|it| Some((it.attribute("ChartType")?, it.attribute("CustomProperties")?)))
            .collect();
        assert_eq!(series, [(kind, properties)], "{word}");
    }
}

/// 2,584 filters of the corpus' views, all with a type.
#[test]
fn every_filter_of_a_view_has_its_type() {
    let condition = "<condition attribute=\"statecode\" operator=\"eq\" value=\"0\" />";
    let filter = format!(
        "<filter>{condition}<filter type=\"or\">{condition}<filter isquickfindfields=\"1\">{condition}</filter></filter></filter>\
         <link-entity name=\"account\" from=\"accountid\" to=\"contoso_about\"><filter>{condition}</filter></link-entity>"
    );
    let types = |package: &SolutionPackage| {
        let views = package.section("Entities").flat_map(|it| all(it, "savedquery"));
        let view = views.into_iter().find(|it| all(it, "LocalizedName")[0].attribute("description") == Some("Mine"));
        let filters = all(view.expect("the view"), "filter");
        let mut found: Vec<_> = filters
            .iter()
            .map(|it| it.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
            .collect();
        found.sort();
        found
    };
    let expected = ["type=and", "type=and", "type=and isquickfindfields=1", "type=or"];
    assert_eq!(types(&built(&format!("      views: [{{ name: Mine, filter: '{filter}' }}]\n"))), expected);
    let fetch = format!("<fetch version=\"1.0\"><entity name=\"contoso_visit\">{filter}</entity></fetch>");
    let test = Test::new()
        .file("mine.xml", fetch)
        .file("dvpack.yaml", format!("{HEAD}      views: [{{ name: Mine, fetch: mine.xml }}]\n"));
    let loaded = load(&Request::new(test.path())).expect("loaded");
    let assembled = assemble(&loaded.package).expect("assembled");
    assert_eq!(types(&read_zip(&assembled.zip, "built").expect("read again")), expected);
}
