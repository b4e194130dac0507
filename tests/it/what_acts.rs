//! What acts is shown by name in every view, and a change of it by its path: a step that runs earlier, an endpoint that
//! sends elsewhere, a script on a form, a role that sees an app, a flow that anybody can start.

use serde_json::Value;

use crate::merged_zip::zip;
use crate::support::Test;

const FLOW: &str = "Workflows/Start-b3e9fd10-2381-5f5d-b3b7-6c9dcb006250.json";

fn flow(authentication: &str) -> String {
    format!(
        r#"{{"properties":{{"connectionReferences":{{"shared_sql":{{"runtimeSource":"embedded","connection":{{}},"api":{{"name":"shared_sql"}}}}}},"definition":{{"triggers":{{"manual":{{"type":"Request","kind":"Http","inputs":{{"triggerAuthenticationType":"{authentication}"}}}}}},"actions":{{}}}}}},"schemaVersion":"1.0.0.0"}}"#
    )
}

fn api(rest: &str) -> String {
    format!("<customapi uniquename=\"contoso_Do\"><isprivate>0</isprivate><name>Do</name>{rest}</customapi>")
}

fn sections() -> String {
    let table = "<Entities><Entity><Name>contoso_Widget</Name><EntityInfo><entity Name=\"contoso_Widget\"><attributes><attribute PhysicalName=\"contoso_A\"><Type>nvarchar</Type><LogicalName>contoso_a</LogicalName></attribute></attributes></entity></EntityInfo><FormXml><forms type=\"main\"><systemform><formid>{1f0a5c52-7b0e-4c0b-9c53-0d6f6a3f9e11}</formid><form><events><event name=\"onload\" application=\"false\" active=\"true\"><Handlers><Handler functionName=\"W.load\" libraryName=\"contoso_/w.js\" handlerUniqueId=\"{1f0a5c52-7b0e-4c0b-9c53-0d6f6a3f9e12}\" enabled=\"true\" parameters=\"\" /></Handlers></event></events><formLibraries><Library name=\"contoso_/w.js\" libraryUniqueId=\"{1f0a5c52-7b0e-4c0b-9c53-0d6f6a3f9e13}\" /></formLibraries></form><LocalizedNames><LocalizedName description=\"Main\" languagecode=\"1033\" /></LocalizedNames></systemform></forms></FormXml></Entity></Entities>";
    let step = "<SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"Price\" SdkMessageProcessingStepId=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb006270}\"><SdkMessageId>9ebdbb1b-ea3e-db11-86a7-000a3a5473e8</SdkMessageId><PluginTypeName>P, A</PluginTypeName><PrimaryEntity>account</PrimaryEntity><FilteringAttributes>name</FilteringAttributes><Mode>0</Mode><Stage>40</Stage><SecureConfiguration>hush-hush</SecureConfiguration></SdkMessageProcessingStep></SdkMessageProcessingSteps>";
    let endpoint = "<ServiceEndpoints><ServiceEndpoint Name=\"Hook\" ServiceEndpointId=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb006271}\"><Contract>7</Contract><Path>hub</Path><SolutionNamespace>fabrikam</SolutionNamespace><AuthType>2</AuthType><NamespaceAddress>fabrikam-too.servicebus.windows.net</NamespaceAddress></ServiceEndpoint></ServiceEndpoints>";
    let assembly = "<SolutionPluginAssemblies><PluginAssembly FullName=\"P, Version=1.0.0.0\" PluginAssemblyId=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb006272}\"><IsolationMode>2</IsolationMode><SourceType>0</SourceType></PluginAssembly></SolutionPluginAssemblies>";
    let app = "<AppModules><AppModule><UniqueName>contoso_App</UniqueName><AppModuleRoleMaps><Role id=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb006273}\" /></AppModuleRoleMaps></AppModule></AppModules>";
    let canvas = "<CanvasApps><CanvasApp><Name>contoso_c</Name><BypassConsent>0</BypassConsent><AdminControlBypassConsent>0</AdminControlBypassConsent></CanvasApp></CanvasApps>";
    let flow = format!(
        "<Workflows><Workflow WorkflowId=\"{{b3e9fd10-2381-5f5d-b3b7-6c9dcb006250}}\" Name=\"Start\"><JsonFileName>/{FLOW}</JsonFileName><Category>5</Category><StateCode>1</StateCode></Workflow></Workflows>"
    );
    [table, &flow, assembly, step, endpoint, app, canvas].concat()
}

fn solution(change: impl Fn(String) -> String, authentication: &str, of_api: &str) -> Vec<u8> {
    let (flow, api) = (flow(authentication), api(of_api));
    let parts = [(FLOW, flow.as_bytes()), ("customapis/contoso_Do/customapi.xml", api.as_bytes())];
    zip(&change(sections()), "", &parts)
}

const NEEDS: &str = "<executeprivilegename>prvReadAccount</executeprivilegename>";

fn genuine() -> Vec<u8> {
    solution(|all| all, "Tenant", NEEDS)
}

#[test]
fn inspect_names_what_acts_and_where_it_sends() {
    let test = Test::new().file("a.zip", genuine());
    let ran = test.args("inspect a.zip").success();
    for said in [
        "plug-in step Price (b3e9fd10-2381-5f5d-b3b7-6c9dcb006270): SdkMessageId = 9ebdbb1b-ea3e-db11-86a7-000a3a5473e8 (Create); PluginTypeName = P, A; PrimaryEntity = account; FilteringAttributes = name; Mode = 0 (synchronous); Stage = 40 (post-operation); SecureConfiguration = ***",
        "Contract = 7 (event hub); Path = hub",
        "AuthType = 2",
        "fabrikam.servicebus.windows.net (",
        "fabrikam-too.servicebus.windows.net (",
        "form contoso_Widget: Main (1f0a5c52-7b0e-4c0b-9c53-0d6f6a3f9e11): onload = W.load of contoso_/w.js; library = contoso_/w.js",
        "plug-in assembly P: IsolationMode = 2 (sandbox); SourceType = 0 (database)",
        "app contoso_App: role = b3e9fd10-2381-5f5d-b3b7-6c9dcb006273",
        "canvas app contoso_c: BypassConsent = 0; AdminControlBypassConsent = 0",
        "custom API contoso_Do: isprivate = 0; executeprivilegename = prvReadAccount",
        "trigger manual = Request Http; triggerAuthenticationType = Tenant",
        "connection shared_sql = embedded",
    ] {
        assert!(ran.stdout.contains(said), "`{said}` is not in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("hush"), "{}", ran.stdout);
    let json = Test::new().file("a.zip", genuine()).args("inspect a.zip --format json").success();
    let acting = json.json()["solutions"][0]["acting"].clone();
    let mut kinds: Vec<&str> = acting.as_array().expect("a list").iter().filter_map(|it| it["kind"].as_str()).collect();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "app",
            "canvas app",
            "cloud flow",
            "custom API",
            "form",
            "plug-in assembly",
            "plug-in step",
            "service endpoint"
        ]
    );
}

#[test]
fn diff_says_what_changed_in_what_acts_and_in_each_component() {
    let replaced = |from: &'static str, to: &'static str| {
        solution(
            move |all| {
                assert!(all.contains(from), "{from}");
                all.replacen(from, to, 1)
            },
            "Tenant",
            NEEDS,
        )
    };
    for (new, gained, said) in [
        (
            replaced("<Stage>40", "<Stage>10"),
            false,
            &["Stage: 40 (post-operation) → 10 (pre-validation)", "SdkMessageProcessingStep/Stage: 40 → 10"][..],
        ),
        (
            replaced("<FilteringAttributes>name", "<FilteringAttributes>"),
            false,
            &["FilteringAttributes: name → (nothing)"],
        ),
        (
            replaced("hush-hush", "hush"),
            false,
            &["SdkMessageProcessingStep/SecureConfiguration: *** → ***, another one"],
        ),
        (replaced("<Path>hub", "<Path>other"), false, &["Path: hub → other", "ServiceEndpoint/Path: hub → other"]),
        (replaced("fabrikam<", "evil<"), false, &["host evil.servicebus.windows.net: (nothing) →"]),
        (
            replaced("W.load", "W.steal"),
            false,
            &["onload: W.load of contoso_/w.js → W.steal of contoso_/w.js", "Handler/@functionName: W.load → W.steal"],
        ),
        (
            replaced("<Library", "<Library name=\"evil.js\" /><Library"),
            false,
            &["library: contoso_/w.js → evil.js, contoso_/w.js", "formLibraries/Library[evil.js]: (nothing) →"],
        ),
        (
            replaced("<attributes>", "<attributes><attribute PhysicalName=\"contoso_B\" />"),
            false,
            &["attributes/attribute[contoso_B]: (nothing) →"],
        ),
        (
            replaced(
                "\"Main\" languagecode=\"1033\" /",
                "\"Main\" languagecode=\"1033\" /><LocalizedName description=\"Haupt\" languagecode=\"1031\" /",
            ),
            false,
            &["LocalizedNames/LocalizedName[1031]: (nothing) → @description = Haupt"],
        ),
        (
            replaced("<IsolationMode>2", "<IsolationMode>1"),
            true,
            &["IsolationMode: 2 (sandbox) → 1 (none)", "runs outside the sandbox"],
        ),
        (
            replaced(
                "<AppModuleRoleMaps>",
                "<AppModuleRoleMaps><Role id=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb006274}\" />",
            ),
            true,
            &["has the role b3e9fd10-2381-5f5d-b3b7-6c9dcb006274"],
        ),
        (replaced("<BypassConsent>0", "<BypassConsent>1"), true, &["BypassConsent: 0 → 1", "nobody consented to"]),
        (
            solution(|all| all, "All", NEEDS),
            true,
            &[
                "triggerAuthenticationType: Tenant → All",
                "anybody who knows the address",
                "triggers/manual/inputs/triggerAuthenticationType: Tenant → All",
            ],
        ),
        (
            solution(|all| all, "Tenant", ""),
            true,
            &["needs no privilege for it any more", "customapi/executeprivilegename: prvReadAccount → (nothing)"],
        ),
    ] {
        let test = || Test::new().file("old.zip", genuine()).file("new.zip", &new);
        let ran = test().args("diff old.zip new.zip").run();
        for said in said {
            assert!(ran.stdout.contains(said), "`{said}` is not in\n{}", ran.stdout);
        }
        assert!(!ran.stdout.contains("hush"), "{}", ran.stdout);
        let json: Value = test().args("diff old.zip new.zip --format json").run().json();
        assert_eq!(json["difference"]["gains"].is_array(), gained, "{}", ran.stdout);
        let components = json["difference"]["components"].as_array().expect("a list");
        let changed: Vec<&Value> = components.iter().filter(|it| it["change"] == "changed").collect();
        assert!(changed.iter().any(|it| it["details"].as_array().is_some_and(|list| !list.is_empty())), "{json:#}");
        let markdown = test().args("diff old.zip new.zip --markdown").run().stdout;
        assert!(markdown.contains("\n- ") && markdown.contains("→"), "{markdown}");
    }
}

#[test]
fn a_record_is_named_by_its_table_and_tables_of_others_have_no_records() {
    let record = |path: &str, root: &str| {
        let text = format!("<{root} {root}id=\"c\"><name>x</name></{root}>");
        zip("", "", &[(path, text.as_bytes())])
    };
    let test = Test::new().file("a.zip", record("x/c/queue.xml", "queue"));
    let ran = test.args("inspect a.zip").success();
    assert!(ran.stdout.contains("    queue c\n"), "{}", ran.stdout);
    for (path, root, table) in [
        ("organizations/c/organization.xml", "organization", "organization"),
        ("roletemplates/c/roletemplate.xml", "roletemplate", "roletemplate"),
        ("x/c/systemforms.xml", "systemforms", "systemform"),
        ("savedqueries/c/x.xml", "x", "savedquery"),
        ("userqueries/c/userquery.xml", "userquery", "userquery"),
        ("x/c/usersettings.xml", "usersettings", "usersettings"),
        ("mailboxes/c/mailbox.xml", "mailbox", "mailbox"),
        ("x/c/approleassignments.xml", "approleassignments", "approleassignment"),
        ("x/c/applicationuserprofile.xml", "applicationuserprofile", "applicationuserprofile"),
        ("x/c/privilegeobjecttypecodes.xml", "privilegeobjecttypecodes", "privilegeobjecttypecodes"),
        ("x/c/systemusers.xml", "systemusers", "systemuser"),
    ] {
        let ran = Test::new().file("a.zip", record(path, root)).args("inspect a.zip").run();
        assert!(ran.stderr.contains(&format!("a `{table}` ")), "{path}: {}", ran.stderr);
    }
}

#[test]
fn names_that_could_pass_for_others_are_told() {
    let zip = zip(
        "<WebResources><WebResource><Name>contoso_/m\u{430}in.js</Name><FileName>/WebResources/a</FileName></WebResource></WebResources>",
        "",
        &[("WebResources/a", b"x")],
    );
    let ran = Test::new().file("a.zip", zip).args("inspect a.zip").run();
    assert!(ran.stderr.contains("Cyrillic letter `\u{430}` (U+0430)"), "{}", ran.stderr);
}
