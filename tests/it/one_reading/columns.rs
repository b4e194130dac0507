//! Columns and column security profiles have one reading.

use super::*;

#[test]
fn columns_stand_once_in_a_table_and_say_once_whether_they_are_secured() {
    let with = |to: &str| format!("{to}{TYPE}");
    let column = "<attribute PhysicalName=\"contoso_SerialNumber\">";
    let twin = |name: &str, logical: &str| {
        format!(
            "<attribute PhysicalName=\"{name}\"><Name>{logical}</Name><LogicalName>{logical}</LogicalName></attribute>{column}"
        )
    };
    let logical = "<LogicalName>contoso_serialnumber</LogicalName>";
    let key = |id: &str| {
        format!(
            "<EntityKeys><EntityKey><LogicalName>contoso_k</LogicalName></EntityKey><EntityKey><LogicalName>{id}\
             </LogicalName></EntityKey></EntityKeys><EntitySetName>"
        )
    };
    all_said(&[
        (
            "secured twice",
            CUSTOMIZATIONS,
            TYPE,
            &with("<IsSecured>1</IsSecured>"),
            "a second `IsSecured` in `attribute`",
        ),
        ("another case", CUSTOMIZATIONS, TYPE, &with("<issecured>1</issecured>"), "is spelled `IsSecured`"),
        ("a prefix", CUSTOMIZATIONS, TYPE, &with("<x:IsSecured xmlns:x=\"urn:x\">1</x:IsSecured>"), "is spelled"),
        ("nil", CUSTOMIZATIONS, "<IsSecured>0", "<IsSecured xsi:nil=\"true\">0", "`IsSecured` may not have"),
        ("a word", CUSTOMIZATIONS, "<IsSecured>0", "<IsSecured>true", "`true` is not a flag"),
        ("a blank", CUSTOMIZATIONS, "<IsSecured>0", "<IsSecured> 0", "` 0` is not a flag"),
        ("an element", CUSTOMIZATIONS, "<IsSecured>0", "<IsSecured><b>1</b>0", "`b` in `IsSecured`"),
        (
            "another logical name",
            CUSTOMIZATIONS,
            logical,
            "<LogicalName>accountid</LogicalName>",
            "`@PhysicalName` of `attribute` is `contoso_SerialNumber`, but `LogicalName` is `accountid`",
        ),
        (
            "two logical names",
            CUSTOMIZATIONS,
            logical,
            &format!("{logical}<LogicalName>accountid</LogicalName>"),
            "a second `LogicalName` in `attribute`",
        ),
        ("another name", CUSTOMIZATIONS, TYPE, &TYPE.replace("contoso_s", "contoso_t"), "but `Name` is"),
        (
            "a column twice",
            CUSTOMIZATIONS,
            column,
            &twin("contoso_SerialNumber", "contoso_serialnumber"),
            "a second `attribute`",
        ),
        (
            "letters that look alike",
            CUSTOMIZATIONS,
            column,
            &twin("contoso_\u{ff33}erialNumber", "contoso_x"),
            "letters, digits",
        ),
        ("in another case", CUSTOMIZATIONS, column, &twin("CONTOSO_SERIALNUMBER", "contoso_x"), "a second `attribute`"),
        (
            "one logical name",
            CUSTOMIZATIONS,
            column,
            &twin("contoso_x", "contoso_serialnumber"),
            "a second `attribute`",
        ),
        ("no name", CUSTOMIZATIONS, column, &twin("", "contoso_x"), "`attribute` has no `PhysicalName`"),
        (
            "another element",
            CUSTOMIZATIONS,
            column,
            &format!("<Attribute PhysicalName=\"x\" />{column}"),
            "is spelled `attribute`",
        ),
        (
            "a second list",
            CUSTOMIZATIONS,
            "</attributes>",
            "</attributes><attributes />",
            "a second `attributes` in `entity`",
        ),
        ("a key twice", CUSTOMIZATIONS, "<EntitySetName>", &key("contoso_K"), "a second `EntityKey`"),
        ("text among columns", CUSTOMIZATIONS, "</attributes>", "x</attributes>", "text in `attributes`"),
    ]);
    let form =
        |id: &str| format!("<forms type=\"main\"><systemform><formid>{id}</formid><form /></systemform></forms>");
    let forms = |first: &str, second: &str| format!("<FormXml>{}{}</FormXml>", form(first), form(second));
    let table = |forms: &str| {
        format!(
            "<Entities><Entity><Name LocalizedName=\"A\" OriginalName=\"A\">contoso_a</Name><EntityInfo><entity \
             Name=\"contoso_a\"><attributes /></entity></EntityInfo>{forms}</Entity>"
        )
    };
    for (what, forms, said) in [
        ("a form twice", forms(&id(1), &id(1).to_uppercase()), "a second `systemform`"),
        ("a form without an id", forms(&id(1), ""), "`systemform` in `Entity` has no `formid`"),
    ] {
        let found = deviations(CUSTOMIZATIONS, "<Entities>", &table(&forms));
        assert!(found.iter().any(|it| it.contains(said)), "{what}: {found:#?}");
    }
}

pub(super) fn profiles(profiles: &[(&str, &str)]) -> String {
    let one = |(attributes, permissions): &(&str, &str)| {
        format!(
            "<FieldSecurityProfile {attributes}><FieldPermissions>{permissions}</FieldPermissions></FieldSecurityProfile>"
        )
    };
    format!("<FieldSecurityProfiles>{}</FieldSecurityProfiles>", profiles.iter().map(one).collect::<String>())
}

pub(super) fn permission(table: &str, column: &str, read: &str, more: &str) -> String {
    format!(
        "<FieldPermission><EntityName>{table}</EntityName><AttributeName>{column}</AttributeName><CanRead>{read}</CanRead>\
         {more}</FieldPermission>"
    )
}

#[test]
fn a_column_security_profile_says_once_what_it_allows_and_all_of_it_is_shown() {
    let known = format!("name=\"Payroll\" fieldsecurityprofileid=\"{}\"", id(6));
    let of = |permissions: &str| profiles(&[(&known, permissions)]);
    let one = permission("account", "name", "4", "");
    all_said_of(&[
        ("fine", &of(&format!("{one}{}", permission("contact", "name", "0", "<CanUpdate>4</CanUpdate>"))), ""),
        (
            "a column twice",
            &of(&format!("{one}{}", permission("account", "name", "0", ""))),
            "a second `FieldPermission`",
        ),
        (
            "in another case",
            &of(&format!("{one}{}", permission("Account", "NAME", "0", ""))),
            "a second `FieldPermission`",
        ),
        ("with blanks", &of(&permission("account ", "name", "4", "")), "is not the name of a table or column"),
        ("a letter that looks alike", &of(&permission("account", "n\u{430}me", "4", "")), "is not the name of a table"),
        ("with a zero", &of(&permission("account", "name", "04", "")), "`CanRead`: `04` is none of 0, 4"),
        ("another value", &of(&permission("account", "name", "1", "")), "`CanRead`: `1` is none of 0, 4"),
        ("a word", &of(&permission("account", "name", "true", "")), "`CanRead`: `true` is none of 0, 4"),
        (
            "unmasked",
            &of(&permission("account", "name", "4", "<CanReadUnmasked>4</CanReadUnmasked>")),
            "none of 0, 1, 3",
        ),
        ("a right twice", &of(&permission("account", "name", "0", "<CanRead>4</CanRead>")), "a second `CanRead`"),
        ("a right in another case", &of(&permission("account", "name", "0", "<canread>4</canread>")), "is spelled"),
        ("no column", &of(&permission("account", "", "4", "")), "`FieldPermission` has no `AttributeName`"),
        ("no table", &of(&permission("", "name", "4", "")), "`FieldPermission` has no `EntityName`"),
        ("no id", &profiles(&[("name=\"P\"", &one)]), "has no `fieldsecurityprofileid`"),
        ("no name", &profiles(&[(&known.replace("Payroll", ""), &one)]), "`FieldSecurityProfile` has no `name`"),
        (
            "a second list",
            &of(&format!("{one}</FieldPermissions><FieldPermissions>{one}")),
            "a second `FieldPermissions`",
        ),
    ]);
    let more = "<CanUpdate>4</CanUpdate><CanCreate>4</CanCreate><CanReadUnmasked>3</CanReadUnmasked>";
    let old =
        with_section(&solution(&genuine()), "FieldSecurityProfiles", &of(&permission("account", "name", "4", "")));
    let all = of(&format!("{}{}", permission("account", "name", "0", more), permission("contact", "fax", "0", "")));
    let new = with_section(&solution(&genuine()), "FieldSecurityProfiles", &all);
    let ran = Test::new().file("it.zip", &new).args("inspect it.zip").success();
    for line in ["allows account.name: create, update, read unmasked\n", "allows contact.fax: nothing\n"] {
        assert!(ran.stdout.contains(line), "`{line}` is not in\n{}", ran.stdout);
    }
    let json = Test::new().file("it.zip", &new).args("inspect it.zip --format json").success().json();
    let shown = &json["solutions"][0]["columnSecurityProfiles"][0];
    assert_eq!(shown["name"], "Payroll");
    assert_eq!(shown["permissions"][0]["rights"], serde_json::json!(["create", "update", "read unmasked"]));
    let diff = |old: &[u8], new: &[u8]| {
        Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").run()
    };
    let ran = diff(&old, &new);
    assert_eq!(ran.code, 10, "{}", ran.stdout);
    for line in [
        "Column security profile Payroll (changed)",
        "+ gained   update on account.name",
        "- lost     read on account.name",
        "access to columns was gained: a reviewer must approve this",
    ] {
        assert!(ran.stdout.contains(line), "`{line}` is not in\n{}", ran.stdout);
    }
    let none =
        with_section(&solution(&genuine()), "FieldSecurityProfiles", "<FieldSecurityProfiles></FieldSecurityProfiles>");
    let ran = diff(&new, &none);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("Column security profile Payroll (removed)"), "{}", ran.stdout);
}

#[test]
fn a_column_that_is_no_longer_secured_is_a_gain() {
    let open = solution(&genuine());
    let secured = changed(&open, CUSTOMIZATIONS, "<IsSecured>0", "<IsSecured>1");
    let diff = |old: &[u8], new: &[u8]| {
        Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").run()
    };
    let ran = diff(&secured, &open);
    assert_eq!(ran.code, 10, "{}", ran.stdout);
    assert!(ran.stdout.contains("! no longer secured: contoso_widget."), "{}", ran.stdout);
    let ran = diff(&open, &secured);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("+ secured: contoso_widget."), "{}", ran.stdout);
    let shown = Test::new().file("it.zip", &secured).args("inspect it.zip").success();
    assert!(shown.stdout.contains("Secured columns\n  contoso_widget."), "{}", shown.stdout);
}
