//! What passes for something else: an attribute for the element that Dataverse reads, a table of others that no root
//! component names, a script where nobody looks for one, a value of the customer's for a version of introduction.

mod elsewhere;
mod flows;
mod pages;
mod renames;
mod scripts;
mod twice;

use crate::merged_zip::{built, definition, page, project, zip};
use crate::support::Test;

const ID: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb006270";
const API: &str = "customapis/contoso_Do/customapi.xml";

fn api(attributes: &str, children: &str) -> Vec<u8> {
    let text = format!("<customapi uniquename=\"contoso_Do\"{attributes}><name>Do</name>{children}</customapi>");
    zip("", "", &[(API, text.as_bytes())])
}

fn assembly(attributes: &str, children: &str) -> Vec<u8> {
    let text = format!(
        "<SolutionPluginAssemblies><PluginAssembly FullName=\"P, Version=1.0.0.0\" PluginAssemblyId=\"{{{ID}}}\"{attributes}>{children}</PluginAssembly></SolutionPluginAssemblies>"
    );
    zip(&text, "", &[])
}

fn step(attributes: &str, children: &str) -> Vec<u8> {
    let text = format!(
        "<SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"S\" SdkMessageProcessingStepId=\"{{{ID}}}\"{attributes}>{children}</SdkMessageProcessingStep></SdkMessageProcessingSteps>"
    );
    zip(&text, "", &[])
}

fn canvas(attributes: &str, children: &str) -> Vec<u8> {
    zip(&format!("<CanvasApps><CanvasApp{attributes}>{children}</CanvasApp></CanvasApps>"), "", &[])
}

fn inspected(zip: &[u8]) -> (String, String) {
    let ran = Test::new().file("it.zip", zip).args("inspect it.zip").run();
    (ran.stdout, ran.stderr)
}

#[test]
fn an_attribute_does_not_pass_for_the_element_that_is_read() {
    for (zip, said, shown, hidden) in [
        (
            api(" executeprivilegename=\"prvWriteOrganization\"", ""),
            "`customapi` has the attribute `executeprivilegename`",
            "executeprivilegename = (none: everybody may call it)",
            "executeprivilegename = prvWriteOrganization",
        ),
        (
            api(" ExecutePrivilegeName=\"prvWriteOrganization\"", ""),
            "`customapi` has the attribute `ExecutePrivilegeName`",
            "executeprivilegename = (none: everybody may call it)",
            "ExecutePrivilegeName = prvWriteOrganization",
        ),
        (
            assembly(" IsolationMode=\"2\"", "<SourceType>0</SourceType>"),
            "`PluginAssembly` has the attribute `IsolationMode`",
            "IsolationMode = (not said)",
            "IsolationMode = 2",
        ),
        (
            assembly(" isolationmode=\"2\"", "<IsolationMode>1</IsolationMode>"),
            "`PluginAssembly` has the attribute `isolationmode`",
            "IsolationMode = 1 (none)",
            "isolationmode = 2",
        ),
        (
            step(" Stage=\"40\"", "<Stage>10</Stage>"),
            "`SdkMessageProcessingStep` has the attribute `Stage`",
            "Stage = 10 (pre-validation)",
            "Stage = 40",
        ),
        (
            canvas(" Name=\"Nice\"", "<Name>contoso_c</Name><BypassConsent>1</BypassConsent>"),
            "`CanvasApp` has the attribute `Name`",
            "canvas app contoso_c: BypassConsent = 1",
            "canvas app Nice",
        ),
        (
            assembly("", "<IsolationMode>2</IsolationMode><fullname>Q</fullname>"),
            "`PluginAssembly` has the element `fullname`",
            "plug-in assembly P: IsolationMode = 2 (sandbox)",
            "fullname = Q",
        ),
        (
            api("", "<executeprivilegename>\u{200b}</executeprivilegename>"),
            "`executeprivilegename`: `\\u{200b}` is not the name of a privilege",
            "executeprivilegename = (none: everybody may call it)",
            "executeprivilegename = \u{200b}",
        ),
    ] {
        let (stdout, stderr) = inspected(&zip);
        assert!(stderr.contains(said), "{said}: {stderr}");
        assert!(stdout.contains(shown) && !stdout.contains(hidden), "{shown}: {stdout}");
        let ran = project(&zip, "").args("build . -o made").code(3);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}

#[test]
fn an_attribute_that_nobody_knows_is_no_name() {
    let flag = |attribute: &str, flag: u8| {
        canvas(
            &format!(" {attribute}=\"Nice\""),
            &format!("<Name>contoso_evil</Name><BypassConsent>{flag}</BypassConsent>"),
        )
    };
    for attribute in ["FullName", "id", "UniqueName", "SchemaName"] {
        let (stdout, _) = inspected(&flag(attribute, 1));
        assert!(stdout.contains("canvas app contoso_evil: BypassConsent = 1"), "{attribute}: {stdout}");
        assert!(!stdout.contains("canvas app Nice"), "{attribute}: {stdout}");
        let test = Test::new().file("old.zip", flag(attribute, 0)).file("new.zip", flag("other", 1));
        let ran = test.args("diff old.zip new.zip").code(10);
        assert!(ran.stdout.contains("the canvas app contoso_evil uses connections"), "{attribute}: {}", ran.stdout);
    }
    let file = "<WebResources><WebResource id=\"contoso_/nice.js\"><Name>contoso_/evil.js</Name><FileName>/WebResources/a.js</FileName></WebResource></WebResources>";
    let (stdout, _) = inspected(&zip(file, "", &[("WebResources/a.js", b"fetch('https://evil.example/')")]));
    assert!(stdout.contains("contoso_/evil.js") && !stdout.contains("WebResource contoso_/nice.js"), "{stdout}");
}

#[test]
fn one_of_two_with_one_name_does_not_pass_for_the_other() {
    const OTHER: &str = "11111111-2381-5f5d-b3b7-6c9dcb006270";
    let two = |one: u8, other: u8| {
        let of = |version: u8, id: &str, mode: u8| {
            format!(
                "<PluginAssembly FullName=\"P, Version={version}.0.0.0\" PluginAssemblyId=\"{{{id}}}\"><IsolationMode>{mode}</IsolationMode></PluginAssembly>"
            )
        };
        let both = of(1, ID, one) + &of(2, OTHER, other);
        zip(&format!("<SolutionPluginAssemblies>{both}</SolutionPluginAssemblies>"), "", &[])
    };
    for (old, new) in [(two(2, 1), two(1, 1)), (two(2, 1), two(1, 2)), (two(2, 2), two(2, 1))] {
        let ran = Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").code(10);
        assert!(ran.stdout.contains("the plug-in assembly P runs outside the sandbox"), "{}", ran.stdout);
    }
}

#[test]
fn who_may_call_an_api_or_talk_to_an_agent_is_compared() {
    let agent = |access: &str| {
        let text = format!("<bot schemaname=\"contoso_bot\">{access}<language>1033</language><name>Bot</name></bot>");
        zip("", "", &[("bots/contoso_bot/bot.xml", text.as_bytes())])
    };
    let access = |policy: u8, mode: u8| {
        agent(&format!(
            "<accesscontrolpolicy>{policy}</accesscontrolpolicy><authenticationmode>{mode}</authenticationmode>"
        ))
    };
    let asked = |privilege: &str| api("", &format!("<executeprivilegename>{privilege}</executeprivilegename>"));
    for (old, new, said) in [
        (access(2, 1), access(1, 1), "the agent contoso_bot: accesscontrolpolicy is 1 instead of 2"),
        (access(2, 1), access(2, 0), "the agent contoso_bot: authenticationmode is 0 instead of 1"),
        (access(2, 1), agent(""), "the agent contoso_bot: authenticationmode is (not said) instead of 1"),
        (
            asked("prvWriteOrganization"),
            asked("prvReadUserQuery"),
            "whoever calls the custom API contoso_Do needs prvReadUserQuery for it instead of prvWriteOrganization",
        ),
        (asked("prvWriteOrganization"), api("", ""), "whoever calls the custom API contoso_Do needs no privilege"),
    ] {
        let ran = Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").code(10);
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    let test = Test::new().file("old.zip", api("", "")).file("new.zip", asked("prvReadUserQuery"));
    let ran = test.args("diff old.zip new.zip").run();
    assert!(!ran.stdout.contains("whoever calls"), "{}", ran.stdout);
}

#[test]
fn a_table_of_others_is_shown_whatever_the_root_components_say() {
    let table = "<Entities><Entity><Name>Account</Name><EntityInfo><entity Name=\"Account\"><attributes><attribute PhysicalName=\"Telephone1\"><Type>nvarchar</Type><LogicalName>telephone1</LogicalName><RequiredLevel>required</RequiredLevel></attribute></attributes></entity></EntityInfo></Entity></Entities>";
    let (bundle, _) = built(&zip(table, "", &[]), "");
    let page = page(&bundle);
    assert!(page.contains("Tables of others") && page.contains("changed without a root component"), "{page}");
}

#[test]
fn whatever_runs_a_script_is_shown() {
    let label = "<LocalizedNames><LocalizedName description=\"Main\" languagecode=\"1033\" /></LocalizedNames>";
    let form = |inside: &str| {
        format!(
            "<Entities><Entity><Name>contoso_Widget</Name><EntityInfo><entity Name=\"contoso_Widget\" /></EntityInfo><FormXml><forms type=\"main\"><systemform><formid>{{{ID}}}</formid><form>{inside}</form>{label}</systemform></forms></FormXml></Entity></Entities>"
        )
    };
    let ribbon = "<CommandDefinition Id=\"contoso.Go\"><EnableRules /><DisplayRules /><Actions><JavaScriptFunction FunctionName=\"evil.run\" Library=\"$webresource:evil.js\" /></Actions></CommandDefinition>";
    let rule = "<EnableRule Id=\"contoso.May\"><CustomRule FunctionName=\"evil.may\" Library=\"$webresource:evil.js\" /></EnableRule>";
    for (sections, said) in [
        (
            format!(
                "<InteractionCentricDashboards><InteractionCentricDashboard>{label}<FormId>{{{ID}}}</FormId><FormXml><forms><form><formLibraries><Library name=\"evil.js\" libraryUniqueId=\"{{{ID}}}\" /></formLibraries></form></forms></FormXml></InteractionCentricDashboard></InteractionCentricDashboards>"
            ),
            "form Main (b3e9fd10-2381-5f5d-b3b7-6c9dcb006270): library = evil.js",
        ),
        (
            form(
                "<clientresources><internalresources><clientincludes><internaljscriptfile src=\"$webresource:evil.js\" /></clientincludes></internalresources></clientresources>",
            ),
            "library = $webresource:evil.js",
        ),
        (
            form(
                "<clientresources><isvresources><clientincludes><webresource path=\"evil.js\" type=\"jscript\" /></clientincludes></isvresources></clientresources>",
            ),
            "library = evil.js",
        ),
        (
            format!("<RibbonDiffXml><CommandDefinitions>{ribbon}</CommandDefinitions></RibbonDiffXml>"),
            "ribbon of the application: CommandDefinition contoso.Go = evil.run of $webresource:evil.js",
        ),
        (
            format!(
                "<Entities><Entity><Name>contoso_Widget</Name><EntityInfo><entity Name=\"contoso_Widget\" /></EntityInfo><RibbonDiffXml><RuleDefinitions><EnableRules>{rule}</EnableRules></RuleDefinitions></RibbonDiffXml></Entity></Entities>"
            ),
            "ribbon contoso_Widget: EnableRule contoso.May = evil.may of $webresource:evil.js",
        ),
        (
            "<Unknown><Thing Name=\"T\"><Handler functionName=\"f\" libraryName=\"evil.js\" /></Thing></Unknown>"
                .to_owned(),
            "scripts Unknown: T: handler = f of evil.js",
        ),
    ] {
        let (stdout, _) = inspected(&zip(&sections, "", &[]));
        assert!(stdout.contains(said), "{said}: {stdout}");
    }
}

#[test]
fn a_file_of_a_component_has_no_versions_of_introduction() {
    let file = |allow: &str, deny: &str| {
        let text = format!("<c><allow>{allow}</allow><deny>{deny}</deny></c>");
        let section = "<WebResources><WebResource><Name>contoso_/c.xml</Name><FileName>/WebResources/c.xml</FileName></WebResource></WebResources>";
        zip(section, "", &[("WebResources/c.xml", text.as_bytes())])
    };
    let of = |version: &str| format!("<IntroducedVersion>{version}</IntroducedVersion>");
    let (one, other) = (of("10.0.0.1"), of("66.6.6.6"));
    let old = file(&one, &other);
    for new in [file(&other, &one), file(&one.repeat(2), &other), file("", &other)] {
        let test = Test::new().file("old.zip", &old).file("new.zip", new);
        let ran = test.args("diff old.zip new.zip").run();
        assert!(ran.stdout.contains("Web resource: contoso_/c.xml"), "{}", ran.stdout);
        assert!(ran.stdout.contains("/IntroducedVersion"), "{}", ran.stdout);
    }
    // What an item says of itself is no change of it, and never shown as one value that becomes the same.
    let item = |one: &str, other: &str| {
        zip(&format!("<Unknown><Thing Name=\"T\"><a>{}</a><b>{}</b></Thing></Unknown>", of(one), of(other)), "", &[])
    };
    let test = Test::new().file("old.zip", item("1.0", "2.0")).file("new.zip", item("2.0", "1.0"));
    let ran = test.args("diff old.zip new.zip").run();
    assert!(ran.stdout.contains("1.0, 2.0 → 1.0, 2.0, in another order or number"), "{}", ran.stdout);
}

#[test]
fn what_reaches_further_without_saying_so_is_a_gain() {
    const FLOW: &str = "Workflows/Flow-7C9E6679-7425-40DE-944B-E07FC1F90AE7.json";
    let flow = |trigger: &str, source: &str| {
        let text = format!(
            "{{\"properties\":{{\"connectionReferences\":{{\"shared_sql\":{{{source}\"connection\":{{\"connectionReferenceLogicalName\":\"contoso_Sql\"}},\"api\":{{\"name\":\"shared_sql\"}}}}}},\"definition\":{{\"triggers\":{{\"manual\":{{{trigger}}}}},\"actions\":{{}}}}}},\"schemaVersion\":\"1.0.0.0\"}}"
        );
        zip("", "", &[(FLOW, text.as_bytes())])
    };
    let app = |name: &str, roles: &str| {
        zip(
            &format!(
                "<AppModules><AppModule><UniqueName>{name}</UniqueName><AppModuleRoleMaps>{roles}</AppModuleRoleMaps></AppModule></AppModules>"
            ),
            "",
            &[],
        )
    };
    let role = format!("<Role id=\"{{{ID}}}\" />");
    let request = |rest: &str| format!("\"type\":\"Request\",\"kind\":\"Http\",\"inputs\":{{{rest}}}");
    let tenant = request("\"triggerAuthenticationType\":\"Tenant\"");
    let (embedded, invoker) = ("\"runtimeSource\":\"embedded\",", "\"runtimeSource\":\"invoker\",");
    let of_caller = "\"runtimeSource\":\"embedded\",\"impersonation\":{\"source\":\"Invoker\"},";
    let consent = |flag: &str| canvas("", &format!("<Name>contoso_c</Name><BypassConsent>{flag}</BypassConsent>"));
    let timer = "\"type\":\"Recurrence\"";
    for (old, new, said) in [
        (app("contoso_App", ""), app("contoso_App", &role), "sees the app contoso_App"),
        (app("contoso_App", ""), app("contoso_app", &role), "sees the app contoso_app"),
        (flow(&tenant, embedded), flow(&request(""), embedded), "nothing limits who can start"),
        (flow(timer, embedded), flow(&request(""), embedded), "nothing limits who can start"),
        (flow(timer, embedded), flow(&tenant, embedded), "everybody in the tenant can start"),
        (flow(timer, invoker), flow(timer, embedded), "of its owner instead of the one of whoever starts it"),
        (flow(timer, invoker), flow(timer, ""), "of its owner instead of the one of whoever starts it"),
        (flow(timer, of_caller), flow(timer, embedded), "of its owner instead of the one of whoever starts it"),
        (consent("0"), consent("True"), "nobody consented to (BypassConsent)"),
        (consent("0"), consent(" 1 "), "nobody consented to (BypassConsent)"),
        (
            assembly("", "<IsolationMode>2</IsolationMode>"),
            assembly("", ""),
            "the plug-in assembly P does not say that it runs in the sandbox",
        ),
    ] {
        let test = || Test::new().file("old.zip", &old).file("new.zip", &new);
        let ran = test().args("diff old.zip new.zip").code(10);
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
        let ran = test().args("diff new.zip old.zip").run();
        assert!(!ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    for kind in ["Button", "PowerAppV2", "Skills"] {
        let of_people = flow(&format!("\"type\":\"Request\",\"kind\":\"{kind}\",\"inputs\":{{}}"), embedded);
        let test = Test::new().file("old.zip", flow(timer, embedded)).file("new.zip", of_people);
        let ran = test.args("diff old.zip new.zip").run();
        assert!(!ran.stdout.contains("can start"), "{kind}: {}", ran.stdout);
    }
}

#[test]
fn what_lies_deeper_than_anybody_looks_is_said() {
    use base64::Engine as _;
    let page = |count: usize| {
        let mut page = b"<script src=\"https://evil.example/x.js\"></script>".to_vec();
        for _ in 0..count {
            let coded = base64::engine::general_purpose::STANDARD.encode(&page);
            page = format!("<iframe src=\"data:text/html;base64,{coded}\"></iframe>").into_bytes();
        }
        page
    };
    let escaped = |count: usize| {
        let mut text = "https:&#47;&#47;evil.example/x.js".to_owned();
        for _ in 1..count {
            text = text.replace('&', "&amp;");
        }
        format!("<iframe srcdoc=\"{text}\">").into_bytes()
    };
    for bytes in (1..8).flat_map(|count| [page(count), escaped(count)]) {
        let (stdout, _) = inspected(&zip("", "", &[("WebResources/contoso_a.html", &bytes)]));
        let is_found = stdout.contains("evil.example");
        assert!(is_found || stdout.contains("Not looked into for addresses"), "{stdout}");
    }
}

#[test]
fn one_name_of_a_variable_and_a_connection_reference_is_refused_with_the_reason() {
    let (part, text) = definition("contoso_Sql", "<type>100000000</type>");
    let zip = zip("", "", &[(&part, text.as_bytes())]);
    let ran = project(&zip, "").args("build . -o made").code(3);
    let said =
        "`contoso_Sql` is an environment variable and a connection reference; a value is given by its name: rename one";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}
