//! Pages that forms, site maps and apps open, in the form that real exports have, and in others.

use super::inspected;
use crate::merged_zip::{built, page, zip};
use crate::support::Test;

/// A form as exports have it, with a page where a control has one.
fn form(url: Option<&str>, columns: &str) -> Vec<u8> {
    let control = url.map(|url| {
        format!(
            "<tabs><tab><columns><column width=\"100%\"><sections><section><rows><row><cell id=\"{{0badc0de-0000-4000-8000-000000000001}}\"><control id=\"WebResource_RecordWall\" classid=\"{{9FDF5F91-88B1-47f4-AD53-C11EFC01A01D}}\"><parameters><Url>{url}</Url><PassParameters>true</PassParameters><Security>false</Security><Scrolling>auto</Scrolling><Border>false</Border></parameters></control></cell></row></rows></section></sections></column></columns></tab></tabs>"
        )
    });
    let label = "<LocalizedNames><LocalizedName description=\"Main\" languagecode=\"1033\" /></LocalizedNames>";
    let entity = format!(
        "<Entities><Entity><Name>contoso_Widget</Name><EntityInfo><entity Name=\"contoso_Widget\"><attributes>{columns}</attributes></entity></EntityInfo><FormXml><forms type=\"main\"><systemform><formid>{{b3e9fd10-2381-5f5d-b3b7-6c9dcb006270}}</formid><form>{}</form>{label}</systemform></forms></FormXml></Entity></Entities>",
        control.unwrap_or_default()
    );
    zip(&entity, "", &[])
}

const SAID: &str = "form contoso_Widget: Main (b3e9fd10-2381-5f5d-b3b7-6c9dcb006270)";

#[test]
fn a_page_on_a_form_is_shown_by_its_bare_name() {
    let (old, new) = (form(Some("msdyn_/RecordWall.htm"), ""), form(Some("contoso_/evil.html"), ""));
    let (stdout, _) = inspected(&new);
    let shown = format!("{SAID}: control WebResource_RecordWall: Url = contoso_/evil.html");
    assert!(stdout.contains(&shown), "{stdout}");
    let (bundle, _) = built(&new, "");
    assert!(page(&bundle).contains("Url = contoso_/evil.html"), "{}", page(&bundle));
    for (old, said) in [
        (old, "control WebResource_RecordWall: Url: msdyn_/RecordWall.htm → contoso_/evil.html"),
        (form(None, ""), "(nothing) → control WebResource_RecordWall: Url = contoso_/evil.html"),
    ] {
        let ran = Test::new().file("old.zip", old).file("new.zip", &new).args("diff old.zip new.zip").run();
        assert!(ran.stdout.contains(&format!("{SAID}: {said}")) || ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
}

#[test]
fn a_page_is_shown_after_however_many_other_changes() {
    let columns = |from: usize| -> String {
        let one = |at: usize| {
            format!(
                "<attribute PhysicalName=\"contoso_c{at}\"><Type>nvarchar</Type><LogicalName>contoso_c{at}</LogicalName><MaxLength>{}</MaxLength></attribute>",
                from + at
            )
        };
        (0..40).map(one).collect()
    };
    let (old, new) =
        (form(Some("msdyn_/RecordWall.htm"), &columns(100)), form(Some("contoso_/evil.html"), &columns(200)));
    let test = || Test::new().file("old.zip", &old).file("new.zip", &new);
    let ran = test().args("diff old.zip new.zip").run();
    assert!(ran.stdout.contains("msdyn_/RecordWall.htm → contoso_/evil.html"), "{}", ran.stdout);
    assert!(ran.stdout.contains("and 11 more"), "{}", ran.stdout);
    let json = test().args("diff old.zip new.zip --format json").run().json();
    let all = json["difference"]["components"][0]["details"].as_array().expect("a list").clone();
    assert_eq!(all.len(), 41, "{json:#}");
    assert!(all.iter().any(|it| it["new"] == "contoso_/evil.html"), "{json:#}");
}

#[test]
fn an_address_is_shown_however_it_is_written() {
    let site_map = |attributes: &str| {
        format!(
            "<SiteMap><SiteMap><Area Id=\"a\"><Group Id=\"g\"><SubArea Id=\"s\" {attributes} /></Group></Area></SiteMap></SiteMap>"
        )
    };
    for url in [
        "/%57ebResources/evil.html",
        "\\WebResources\\evil.html",
        "/main.aspx?pagetype=webresource&amp;webresource%4eame=evil.html",
        "/main.aspx?pagetype=control&amp;controlName=contoso.Evil",
        "javascript:alert(1)",
        "/_root/homepage.aspx?etn=account",
    ] {
        let (stdout, _) = inspected(&zip(&site_map(&format!("Url=\"{url}\"")), "", &[]));
        let said = format!("SubArea s: Url = {}", url.replace("&amp;", "&"));
        assert!(stdout.contains(&said), "{said}: {stdout}");
    }
    for (sections, said) in [
        (site_map("Page=\"contoso_custom_b2441\""), "SubArea s: Page = contoso_custom_b2441"),
        (site_map("GetStartedPanePath=\"evil.html\""), "SubArea s: GetStartedPanePath = evil.html"),
        (
            "<SiteMap><SiteMap Url=\"m\"><Area Id=\"a\" Url=\"n\"><Group Id=\"g\" Url=\"o\" /></Area></SiteMap></SiteMap>".to_owned(),
            "SiteMap Url = m; Area a: Url = n; Group g: Url = o",
        ),
        (
            "<AppModules><AppModule><UniqueName>contoso_App</UniqueName><WelcomePageId>3265b45d-c444-ee11-bdf3-00224830e492</WelcomePageId></AppModule></AppModules>".to_owned(),
            "scripts AppModules: contoso_App: WelcomePageId = 3265b45d-c444-ee11-bdf3-00224830e492",
        ),
        (
            "<RibbonDiffXml><CommandDefinitions><CommandDefinition Id=\"c\"><Actions><Url Address=\"/evil.html\"><StringParameter Name=\"p\" Value=\"v\" /></Url></Actions></CommandDefinition></CommandDefinitions></RibbonDiffXml>".to_owned(),
            "CommandDefinition c: Url Address = /evil.html",
        ),
    ] {
        let (stdout, _) = inspected(&zip(&sections, "", &[]));
        assert!(stdout.contains(said), "{said}: {stdout}");
    }
    let tile = "<parameters><TileUrl>https://evil.example/t</TileUrl></parameters>";
    let dashboard = format!(
        "<Dashboards><Dashboard><FormId>{{b3e9fd10-2381-5f5d-b3b7-6c9dcb006270}}</FormId><FormXml><forms><form><control id=\"t\">{tile}</control></form></forms></FormXml></Dashboard></Dashboards>"
    );
    let (stdout, _) = inspected(&zip(&dashboard, "", &[]));
    assert!(stdout.contains("control t: TileUrl = https://evil.example/t"), "{stdout}");
}

#[test]
fn a_record_names_a_page_however_its_letters_are_written() {
    for value in [
        "$webresource:evil.html",
        "$web&#114;esource:evil.html",
        "$web<![CDATA[resource:evil]]>.html",
        "$web<!-- -->resource:evil.html",
    ] {
        let text = format!("<contoso_setting key=\"k\"><page>{value}</page></contoso_setting>");
        let (stdout, _) = inspected(&zip("", "", &[("contoso_settings/k/contoso_setting.xml", text.as_bytes())]));
        assert!(stdout.contains("scripts contoso_settings/k: page = $webresource:evil.html"), "{value}: {stdout}");
    }
    // Of a long text, each that it names.
    let long = format!("{} \"$webresource:evil.html\" {} '$webresource:b.js'", "x".repeat(900), "y".repeat(900));
    let text = format!("<contoso_setting key=\"k\"><page>{long}</page></contoso_setting>");
    let (stdout, _) = inspected(&zip("", "", &[("contoso_settings/k/contoso_setting.xml", text.as_bytes())]));
    let said = "page = … $webresource:evil.html …; page = … $webresource:b.js …";
    assert!(stdout.contains(said), "{stdout}");
}
