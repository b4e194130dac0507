//! Scripts, pages and roles where nobody looks for them, and forms in forms.

use std::time::Instant;

use super::{ID, inspected};
use crate::merged_zip::{project, zip};

fn entity(inside: &str) -> String {
    format!(
        "<Entities><Entity><Name>contoso_Widget</Name><EntityInfo><entity Name=\"contoso_Widget\" /></EntityInfo>{inside}</Entity></Entities>"
    )
}

#[test]
fn whatever_names_a_script_or_page_is_shown() {
    let form = "<FormXml><forms><systemform><formid>{b3e9fd10-2381-5f5d-b3b7-6c9dcb006270}</formid><form><control id=\"WebResource_e\"><parameters><Url>$webresource:evil.html</Url></parameters></control></form></systemform></forms></FormXml>";
    let view = |provider: &str| {
        let cell = format!("<cell name=\"contoso_name\" {provider} />");
        entity(&format!(
            "<SavedQueries><savedqueries><savedquery><layoutxml><grid name=\"r\"><row name=\"r\">{cell}</row></grid></layoutxml></savedquery></savedqueries></SavedQueries>"
        ))
    };
    for (sections, said) in [
        (
            view("imageproviderwebresource=\"$webresource:evil.js\" imageproviderfunctionname=\"evil.run\""),
            "cell contoso_name: imageproviderwebresource = $webresource:evil.js; cell contoso_name: imageproviderfunctionname = evil.run",
        ),
        (entity(form), "control WebResource_e: Url = $webresource:evil.html"),
        (
            "<SiteMap><SiteMap><Area Id=\"a\"><Group Id=\"g\"><SubArea Id=\"s\" Icon=\"$webresource:i.svg\" Url=\"$webresource:evil.html\" /></Group></Area></SiteMap></SiteMap>".to_owned(),
            "scripts SiteMap: SiteMap: SubArea s: Url = $webresource:evil.html",
        ),
        (
            "<SiteMap><SiteMap><Area Id=\"a\"><Group Id=\"g\"><SubArea Id=\"s\" Url=\"/WebResources/evil.html\" /></Group></Area></SiteMap></SiteMap>".to_owned(),
            "SubArea s: Url = /WebResources/evil.html",
        ),
        (
            "<RibbonDiffXml><CommandDefinitions><CommandDefinition Id=\"c\"><Actions><Url Address=\"$webresource:evil.html\" /></Actions></CommandDefinition></CommandDefinitions></RibbonDiffXml>".to_owned(),
            "CommandDefinition c: Url Address = $webresource:evil.html",
        ),
        (
            "<RibbonDiffXml><CommandDefinitions><CommandDefinition Id=\"c\"><Actions><javascriptfunction FunctionName=\"evil.run\" /></Actions></CommandDefinition></CommandDefinitions></RibbonDiffXml>".to_owned(),
            "CommandDefinition c: javascriptfunction FunctionName = evil.run",
        ),
    ] {
        let (stdout, _) = inspected(&zip(&sections, "", &[]));
        assert!(stdout.contains(said), "{said}: {stdout}");
        assert!(!stdout.contains("Icon"), "{stdout}");
    }
    let action = "<appaction uniquename=\"contoso_a\"><name>A</name><onclickeventjavascriptfunctionname>evil.run</onclickeventjavascriptfunctionname><onclickeventjavascriptwebresourceid><name>evil.js</name></onclickeventjavascriptwebresourceid></appaction>";
    let (stdout, _) = inspected(&zip("", "", &[("appactions/contoso_a/appaction.xml", action.as_bytes())]));
    let said = "scripts appactions/contoso_a: onclickeventjavascriptfunctionname = evil.run; onclickeventjavascriptwebresourceid = evil.js";
    assert!(stdout.contains(said), "{stdout}");
    let (stdout, _) =
        inspected(&zip(&view("imageproviderwebresource=\"$webresource:\" imageproviderfunctionname=\"\""), "", &[]));
    assert!(!stdout.contains("scripts Entities"), "{stdout}");
}

#[test]
fn a_role_of_an_app_stands_in_one_place() {
    let roles = |inside: &str| {
        let app = format!(
            "<AppModule><UniqueName>contoso_App</UniqueName><AppModuleRoleMaps>{inside}</AppModuleRoleMaps></AppModule>"
        );
        zip(&format!("<AppModules>{app}</AppModules>"), "", &[])
    };
    let role = format!("<Role id=\"{{{ID}}}\" />");
    for (inside, said) in [
        (format!("<x>{role}</x>"), "`x` may not be in `AppModuleRoleMaps`"),
        (format!("<Role Id=\"{{{ID}}}\" />"), "the attribute `Id` of `Role` is spelled `id`"),
    ] {
        let zip = roles(&inside);
        let (stdout, stderr) = inspected(&zip);
        assert!(stderr.contains(said) && stdout.contains(&format!("role = {ID}")), "{stdout}{stderr}");
        assert!(project(&zip, "").args("build . -o made").code(3).stderr.contains(said));
    }
}

#[test]
fn a_form_in_a_form_is_refused_and_read_once() {
    let handlers = "<Handler functionName=\"f\" libraryName=\"l\" />".repeat(16_000);
    let nested = format!("{}{handlers}{}", "<systemform>".repeat(200), "</systemform>".repeat(200));
    let forms =
        format!("<FormXml><forms><systemform><formid>{{{ID}}}</formid><x>{nested}</x></systemform></forms></FormXml>");
    let zip = zip(&entity(&forms), "", &[]);
    let start = Instant::now();
    let (stdout, stderr) = inspected(&zip);
    assert!(stderr.contains("`systemform` is hidden in `x`"), "{stderr}");
    assert!(stdout.len() < 5_000_000, "{} bytes", stdout.len());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    project(&zip, "").args("build . -o made").code(3);
}
