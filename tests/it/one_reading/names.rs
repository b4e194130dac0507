//! What is known by a name has one, and says it once.

use super::*;

#[test]
fn what_is_known_by_a_name_has_one() {
    let table = |name: &str, entity: &str| {
        format!(
            "<Entity>{name}<EntityInfo><entity{entity}><OwnershipTypeMask>OrgOwned</OwnershipTypeMask></entity></EntityInfo></Entity></Entities>"
        )
    };
    let named = |name: &str| format!("<Name LocalizedName=\"A\" OriginalName=\"A\">{name}</Name>");
    let reference = |more: &str| {
        format!(
            "<connectionreference{more}><connectorid>/x/shared_evil</connectorid></connectionreference></connectionreferences>"
        )
    };
    let end = "</Entities>";
    let references = "</connectionreferences>";
    let language = "languagecode=\"1033\" generatedBy";
    let other = |text: &str| format!("{text} generatedBy");
    all_said(&[
        ("no name", CUSTOMIZATIONS, end, &table("", " Name=\"contoso_Hidden\""), "`Entity` has no `Name`"),
        ("an empty name", CUSTOMIZATIONS, end, &table(&named(""), " Name=\"contoso_x\""), "`Entity` has no `Name`"),
        ("a blank name", CUSTOMIZATIONS, end, &table(&named(" "), " Name=\"contoso_x\""), "`Entity` has no `Name`"),
        ("no entity's name", CUSTOMIZATIONS, end, &table(&named("contoso_x"), ""), "`entity` has no `Name`"),
        (
            "a name that ends in a blank",
            CUSTOMIZATIONS,
            end,
            &table(&named("contoso_x "), " Name=\"contoso_x \""),
            "is not the name of a table or column",
        ),
        (
            "a name that nobody sees",
            CUSTOMIZATIONS,
            end,
            &table(&named("&#x200b;"), ""),
            "is not the name of a table or column",
        ),
        (
            "a reference without a name",
            CUSTOMIZATIONS,
            references,
            &reference(""),
            "has no `connectionreferencelogicalname`",
        ),
        (
            "an empty one",
            CUSTOMIZATIONS,
            references,
            &reference(" connectionreferencelogicalname=\"\""),
            "has no `connectionreferencelogicalname`",
        ),
        (
            "in another case",
            CUSTOMIZATIONS,
            references,
            &reference(" ConnectionReferenceLogicalName=\"contoso_x\""),
            "is spelled `connectionreferencelogicalname`",
        ),
        (
            "by a child",
            CUSTOMIZATIONS,
            references,
            &reference("><connectionreferencelogicalname>contoso_x</connectionreferencelogicalname"),
            "has no `connectionreferencelogicalname`",
        ),
        (
            "a name that ends in a blank",
            CUSTOMIZATIONS,
            references,
            &reference(" connectionreferencelogicalname=\"contoso_x \""),
            "white space",
        ),
        (
            "no connector",
            CUSTOMIZATIONS,
            references,
            "<connectionreference connectionreferencelogicalname=\"contoso_x\" /></connectionreferences>",
            "has no `connectorid`",
        ),
        (
            "a language with a blank",
            MANIFEST,
            language,
            &other("languagecode=\" 1033\""),
            "is not the code of a language",
        ),
        ("with a zero", MANIFEST, language, &other("languagecode=\"01033\""), "is not the code of a language"),
        ("with a plus", MANIFEST, language, &other("languagecode=\"+1033\""), "is not the code of a language"),
        ("in words", MANIFEST, language, &other("languagecode=\"en\""), "is not the code of a language"),
        ("an unknown one", MANIFEST, language, &other("languagecode=\"1078\""), "is not the code of a language"),
        ("an empty one", MANIFEST, language, &other("languagecode=\"\""), "has no `languagecode`"),
        ("none", MANIFEST, language, "generatedBy", "has no `languagecode`"),
        ("in another case", MANIFEST, language, &other("LanguageCode=\"1033\""), "has no `languagecode`"),
        ("a zero in the version", MANIFEST, "<Version>1.4.0.0", "<Version>01.4.0.0", "is not a version"),
        ("two zeros in the version", MANIFEST, "<Version>1.4.0.0", "<Version>1.4.00.0", "is not a version"),
        (
            "a language twice",
            CUSTOMIZATIONS,
            "</Languages>",
            "<Language>1033</Language></Languages>",
            "a second `Language` is 1033",
        ),
    ]);
    let web = "<WebResourceType>";
    all_said(&[
        ("a type with a zero", CUSTOMIZATIONS, web, "<WebResourceType>0", "is not a number"),
        ("a type with a blank", CUSTOMIZATIONS, web, "<WebResourceType> ", "is not a number"),
    ]);
}

#[test]
fn what_stands_once_in_a_section_stands_once_and_settings_are_shown_with_their_names() {
    let sales = |value: &str| format!("<sales><maxproductsinbundle>{value}</maxproductsinbundle></sales>");
    let settings = |inner: &str| format!("<OrganizationSettings>{inner}</OrganizationSettings>");
    let template = "<EmailTemplates><emailtemplate><title>a</title></emailtemplate></EmailTemplates>";
    let map = "<SiteMap><Area Id=\"a\" /></SiteMap>";
    all_said_of(&[
        ("once", &settings(&sales("1")), ""),
        ("a group twice", &settings(&sales("1").repeat(2)), "a second `sales` in `OrganizationSettings`"),
        ("with another between", &settings(&format!("{}<general />{}", sales("1"), sales("2"))), "a second `sales`"),
        ("in another case", &settings(&sales("1").replace("sales", "Sales")), "is spelled `sales`"),
        (
            "a setting twice",
            &settings(
                "<sales><maxproductsinbundle>1</maxproductsinbundle><maxproductsinbundle>2</maxproductsinbundle></sales>",
            ),
            "a second `maxproductsinbundle` in `sales`",
        ),
        ("an element in one", &settings(&sales("1<b>2</b>")), "`b` in `maxproductsinbundle`"),
        ("templates twice", &format!("<Templates>{}</Templates>", template.repeat(2)), "a second `EmailTemplates`"),
        ("a site map twice", &format!("<SiteMap>{}</SiteMap>", map.repeat(2)), "a second `SiteMap` in `SiteMap`"),
        (
            "connection roles twice",
            "<ConnectionRoles><ConnectionRoles /><ConnectionRoles /></ConnectionRoles>",
            "a second `ConnectionRoles` in `ConnectionRoles`",
        ),
    ]);
    let many = "<sales><maxproductsinbundle>7</maxproductsinbundle><oobpricecalculationenabled>0</oobpricecalculationenabled>\
                <discountcalculationmethod>1</discountcalculationmethod></sales><new on=\"1\"><deep><er>x</er></deep></new>";
    let zip = with_section(&solution(&genuine()), "OrganizationSettings", &settings(many));
    let ran = Test::new().file("it.zip", &zip).args("inspect it.zip").success();
    let shown = ["maxproductsinbundle = 7", "discountcalculationmethod = 1"].map(|it| format!("sales/{it}"));
    for line in shown.iter().map(String::as_str).chain(["new/@on = 1", "new/deep/er = x"]) {
        assert!(ran.stdout.contains(line), "`{line}` is not in\n{}", ran.stdout);
    }
    let old = with_section(&solution(&genuine()), "OrganizationSettings", &settings(&sales("8")));
    let ran = Test::new().file("old.zip", &old).file("it.zip", &zip).args("diff old.zip it.zip").run();
    assert!(ran.stdout.contains("organization setting sales/maxproductsinbundle: 8 → 7"), "{}", ran.stdout);
}
