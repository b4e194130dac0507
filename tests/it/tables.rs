//! Declared tables: what a mistake in one says, what roles make of them, and what extending one ships.

use dvpack::manifest::{Request, load};
use dvpack::solution::xml::Element;
use dvpack::solution::{SolutionPackage, assemble, read_zip};

use crate::support::Test;

const HEAD: &str = "dvpack: 1\n\
    publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }\n\
    solution: { name: ContosoTables, version: 1.0.0.0, languages: [1033, 1031] }\n";

fn rendered(body: &str) -> String {
    let test = Test::new().file("dvpack.yaml", format!("{HEAD}{body}"));
    let findings = match load(&Request::new(test.path())) {
        Ok(loaded) => assemble(&loaded.package).map_or_else(|findings| findings, |built| built.findings),
        Err(findings) => findings,
    };
    let shown: Vec<String> = findings.iter().map(|finding| finding.render(false, 110)).collect();
    shown.join("\n").replace(&format!("{}/", test.path().display()), "")
}

fn built(body: &str) -> SolutionPackage {
    let test = Test::new().file("dvpack.yaml", format!("{HEAD}{body}"));
    let loaded = load(&Request::new(test.path())).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let built = assemble(&loaded.package).unwrap_or_else(|findings| panic!("{findings:#?}"));
    read_zip(&built.zip, "built").expect("read again")
}

/// A snapshot without the manifest's text at its head.
macro_rules! assert_rendered {
    ($text:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($text) })
    };
}

#[test]
fn mistakes_in_a_table_are_told_all_at_once() {
    assert_rendered!(rendered(
        "components:\n\
         \x20 tables:\n\
         \x20   - name: contoso_Widget\n\
         \x20     columns:\n\
         \x20       - { name: Price, type: monye }\n\
         \x20       - { name: contoso_Code, type: boolean, maxLength: 10 }\n\
         \x20       - { name: contoso_Kind, type: choice }\n\
         \x20       - { name: contoso_Owner, type: lookup }\n\
         \x20       - { name: contoso_Stage, type: choice, choices: [One, { label: Two, value: 100000000 }], default: Three }\n\
         \x20       - { name: contoso_code, displayName: { 1036: Code } }\n\
         \x20   - { name: account, ownership: user }\n"
    ));
}

#[test]
fn what_a_table_refers_to_must_be_there() {
    assert_rendered!(rendered(
        "components:\n\
         \x20 tables:\n\
         \x20   - name: contoso_Widget\n\
         \x20     displayName: Widget\n\
         \x20     columns:\n\
         \x20       - { name: contoso_AccountId, type: lookup, to: acount }\n\
         \x20       - { name: contoso_GadgetId, type: lookup, to: contoso_Widgte }\n\
         \x20       - { name: contoso_Code, xml: { IsSecurred: 1 } }\n\
         \x20     keys: [{ name: contoso_ByCode, columns: [contoso_Cod] }]\n\
         \x20     views: [{ name: All, columns: [contoso_Nam], filter: '<filter><condition' }]\n\
         \x20     forms:\n\
         \x20       - name: Widget\n\
         \x20         tabs: [{ label: General, sections: [{ fields: [contoso_Names] }] }]\n\
         \x20         events: [{ event: onLoad, library: contoso_/widgets.js, function: load }]\n"
    ));
}

#[test]
fn grants_know_declared_tables_and_who_owns_their_rows() {
    let package = built(
        "roles:\n\
         \x20 - name: Reader\n\
         \x20   grants:\n\
         \x20     contoso_place: { all: organization }\n\
         \x20     contoso_Widget: { read: user, share: user }\n\
         components:\n\
         \x20 tables:\n\
         \x20   - { name: contoso_Place, displayName: { 1033: Place, 1031: Ort }, ownership: organization }\n\
         \x20   - { name: contoso_Widget, displayName: Widget }\n",
    );
    let roles = package.roles().expect("roles");
    let names: Vec<&str> = roles[0].rows.iter().map(|row| row.name.as_str()).collect();
    assert!(names.contains(&"prvReadcontoso_Place") && names.contains(&"prvSharecontoso_Widget"), "{names:?}");
    assert!(!names.contains(&"prvSharecontoso_Place"), "the organization's rows cannot be shared: {names:?}");
    let place = package.section("Entities").next().expect("a table");
    let entity = place.path(&["EntityInfo", "entity"]).expect("its settings");
    assert_eq!(entity.child_text("OwnershipTypeMask").as_deref(), Some("OrgOwned"));
    let shown: Vec<_> = entity
        .find("LocalizedNames")
        .into_iter()
        .flat_map(Element::elements)
        .filter_map(|label| Some((label.attribute("languagecode")?, label.attribute("description")?)))
        .collect();
    assert_eq!(shown, [("1033", "Place"), ("1031", "Ort")]);
    let attributes = entity.find("attributes").expect("columns");
    let physical: Vec<&str> = attributes.elements().filter_map(|it| it.attribute("PhysicalName")).collect();
    assert!(physical.contains(&"OrganizationId") && !physical.contains(&"OwnerId"), "{physical:?}");
    let relationships: Vec<&str> =
        package.section("EntityRelationships").filter_map(|it| it.attribute("Name")).collect();
    assert!(relationships.contains(&"organization_contoso_place"), "{relationships:?}");
    assert!(!relationships.contains(&"owner_contoso_place"), "{relationships:?}");
}

#[test]
fn extending_a_table_ships_only_what_is_added() {
    let package = built(
        "components:\n\
         \x20 tables:\n\
         \x20   - { name: account, columns: [{ name: contoso_Rating, type: wholeNumber }] }\n\
         \x20   - { name: contact, auditing: true }\n",
    );
    let roots: Vec<_> = package
        .root_components()
        .filter_map(|root| Some((root.attribute("schemaName")?, root.attribute("behavior")?)))
        .collect();
    assert_eq!(roots, [("account", "2"), ("contact", "1")]);
    let account = package.section("Entities").next().expect("a table");
    assert_eq!(account.child_text("Name").as_deref(), Some("Account"));
    assert!(account.find("FormXml").is_none() && account.find("SavedQueries").is_none());
    let columns = account.path(&["EntityInfo", "entity", "attributes"]).expect("columns");
    assert_eq!(columns.elements().count(), 1);
}

#[test]
fn an_option_keeps_its_number_when_others_are_added_behind_it() {
    let values = |options: &str| {
        let package =
            built(&format!("components:\n  choices:\n    - {{ name: contoso_Stage, options: [{options}] }}\n"));
        let choice = package.section("optionsets").next().expect("a choice").clone();
        let options = choice.find("options").expect("options").clone();
        options.elements().filter_map(|it| it.attribute("value").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(values("A, B"), ["100000000", "100000001"]);
    assert_eq!(values("A, B, { label: C, value: 100000010 }, D"), ["100000000", "100000001", "100000010", "100000011"]);
}

#[test]
fn formulas_go_into_one_file_that_yaml_reads_back() {
    let package = built(
        "components:\n\
         \x20 tables:\n\
         \x20   - name: contoso_Widget\n\
         \x20     displayName: Widget\n\
         \x20     columns:\n\
         \x20       - { name: contoso_A, type: wholeNumber }\n\
         \x20       - { name: contoso_B, type: text, formula: '=Text(contoso_A) & \": \\done\"' }\n\
         \x20       - name: contoso_C\n\
         \x20         type: decimal\n\
         \x20         formula: |-\n\
         \x20           If(\n\
         \x20             contoso_A > 1, 1, 2)\n",
    );
    let text =
        String::from_utf8(package.files["Formulas/contoso_widget-FormulaDefinitions.yaml"].clone()).expect("text");
    insta::assert_snapshot!(text, @r#"
    contoso_b: "=Text(contoso_A) & \": \\done\""
    contoso_c: "=If(\n  contoso_A > 1, 1, 2)"
    "#);
}

#[test]
fn an_elastic_table_has_its_provider_and_columns_and_nothing_that_such_tables_cannot_have() {
    let table = |more: &str| {
        format!(
            "components:\n  tables:\n    - name: contoso_Reading\n      displayName: Reading\n      type: elastic\n{more}"
        )
    };
    let package = built(&table("      columns:\n        - { name: contoso_Value, type: decimal }\n"));
    let entity = package.section("Entities").next().and_then(|it| it.path(&["EntityInfo", "entity"])).expect("a table");
    assert_eq!(entity.child_text("DataProviderId").as_deref(), Some("{1d9bde74-9ebd-4da9-8ff5-aa74945b9f74}"));
    let columns: Vec<&str> = entity
        .find("attributes")
        .into_iter()
        .flat_map(Element::elements)
        .filter_map(|it| it.attribute("PhysicalName"))
        .collect();
    for name in ["PartitionId", "TTLInSeconds", "contoso_Value", "OwnerId"] {
        assert!(columns.contains(&name), "{name}: {columns:?}");
    }
    assert_rendered!(rendered(&table(
        "      columns:\n\
         \x20       - { name: contoso_Price, type: money }\n\
         \x20       - { name: contoso_Photo, type: file }\n\
         \x20     keys:\n\
         \x20       - { name: contoso_Code, columns: [contoso_Price] }\n\
         \x20     manyToMany:\n\
         \x20       - { with: account }\n"
    )));
}
