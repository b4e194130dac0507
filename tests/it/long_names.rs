//! A name that is repeated for what is inside makes no solution much longer by being read: it is refused where it is too
//! long, and what is said of the others stays within a measure of what the solution has.

use std::fmt::Write;

use dvpack::archive::{self, Limits};
use dvpack::bundle::diff::{Side, compare, human, markdown};
use dvpack::solution::Contents;

use crate::merged_zip::{FLOW_PART, zip};
use crate::support::Test;

/// How many times as long as its texts may be what is said of a solution.
const MOST: usize = 12;
/// And how much may be said besides of each thing inside, however long the name is that it stands in.
const MOST_FOR_EACH: usize = 12_000;
/// How many things are inside.
const COUNT: usize = 600;

/// `count` times what `one` writes.
fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, at| {
        let _ = text.write_str(&one(at));
        text
    })
}

fn id(at: usize) -> String {
    format!("{{0badc0de-0000-4000-8000-{at:012x}}}")
}

fn table(name: &str, info: &str, inside: &str) -> Vec<u8> {
    let text = format!(
        "<Entities><Entity><Name>{name}</Name><EntityInfo><entity Name=\"{name}\">{info}</entity></EntityInfo>{inside}</Entity></Entities>"
    );
    zip(&text, "", &[])
}

fn labels(text: &str) -> String {
    format!("<LocalizedNames><LocalizedName description=\"{text}\" languagecode=\"1033\" /></LocalizedNames>")
}

fn forms(table_name: &str, title: &str, count: usize, inside: &str) -> Vec<u8> {
    let form = |at: usize| {
        format!("<systemform><formid>{}</formid><form>{inside}</form>{}</systemform>", id(at), labels(title))
    };
    table(table_name, "", &format!("<FormXml><forms type=\"main\">{}</forms></FormXml>", many(count, form)))
}

fn flow(text: &str) -> Vec<u8> {
    zip("", "", &[(FLOW_PART, text.as_bytes())])
}

/// The spellings of a word that differ in case.
fn spelling(word: &str, at: usize) -> String {
    let spell = |(bit, c): (usize, char)| if at >> bit & 1 == 1 { c.to_ascii_uppercase() } else { c };
    word.chars().enumerate().map(spell).collect()
}

/// With something else in solution.xml.
fn with_manifest(from: &str, to: &str, sections: &str) -> Vec<u8> {
    let mut entries = archive::read(&zip(sections, "", &[]), &Limits::default()).expect("read");
    let manifest = entries.iter_mut().find(|entry| entry.name == "solution.xml").expect("there");
    let text = String::from_utf8(manifest.bytes.clone()).expect("UTF-8");
    assert!(text.contains(from), "{from}");
    manifest.bytes = text.replacen(from, to, 1).into_bytes();
    archive::write(&entries).expect("written")
}

fn resources(count: usize) -> String {
    let one = |at: usize| {
        format!("<WebResource><WebResourceId>{}</WebResourceId><Name>contoso_/{at}.js</Name></WebResource>", id(at))
    };
    format!("<WebResources>{}</WebResources>", many(count, one))
}

/// What is long: what it is called, and the solution with a long text and so many things inside.
type Kind = (&'static str, fn(&str, usize) -> Vec<u8>);

const KINDS: &[Kind] = &[
    ("a table with forms", |long, n| forms(long, "Main", n, "<Library name=\"x\" />")),
    ("a form with libraries", |long, n| {
        forms("contoso_w", long, 1, &many(n, |at| format!("<Library name=\"x{at}\" libraryUniqueId=\"{}\" />", id(at))))
    }),
    ("an event with handlers", |long, n| {
        let handlers = many(n, |at| format!("<Handler functionName=\"f{at}\" libraryName=\"l\" />"));
        forms("contoso_w", "Main", 1, &format!("<event name=\"{long}\" attribute=\"{long}\">{handlers}</event>"))
    }),
    ("a table with columns", |long, n| {
        let column = |at| {
            format!("<attribute PhysicalName=\"C{at}\"><Type>money</Type><LogicalName>c{at}</LogicalName></attribute>")
        };
        table(long, &format!("<attributes>{}</attributes>", many(n, column)), "")
    }),
    ("a table with keys", |long, n| {
        let key = |at| format!("<EntityKey><Name>k{at}</Name><LogicalName>k{at}</LogicalName></EntityKey>");
        table(long, &format!("<EntityKeys>{}</EntityKeys>", many(n, key)), "")
    }),
    ("a table with views", |long, n| {
        let view =
            |at: usize| format!("<savedquery><savedqueryid>{}</savedqueryid>{}</savedquery>", id(at), labels("All"));
        table(long, "", &format!("<SavedQueries><savedqueries>{}</savedqueries></SavedQueries>", many(n, view)))
    }),
    ("a table with charts", |long, n| {
        let chart = |at: usize| {
            format!("<visualization><savedqueryvisualizationid>{}</savedqueryvisualizationid></visualization>", id(at))
        };
        table(long, "", &format!("<Visualizations>{}</Visualizations>", many(n, chart)))
    }),
    ("a command with functions", |long, n| {
        let calls = many(n, |at| format!("<JavaScriptFunction FunctionName=\"f{at}\" Library=\"$webresource:a\" />"));
        table(
            "contoso_w",
            "",
            &format!("<RibbonDiffXml><CommandDefinition Id=\"{long}\">{calls}</CommandDefinition></RibbonDiffXml>"),
        )
    }),
    ("a profile with permissions", |long, n| {
        let one = |at| {
            format!(
                "<FieldPermission><EntityName>e</EntityName><AttributeName>a{at}</AttributeName><CanRead>4</CanRead></FieldPermission>"
            )
        };
        let permissions = many(n, one);
        zip(
            &format!(
                "<FieldSecurityProfiles><FieldSecurityProfile name=\"{long}\" fieldsecurityprofileid=\"{}\"><FieldPermissions>{permissions}</FieldPermissions></FieldSecurityProfile></FieldSecurityProfiles>",
                id(1)
            ),
            "",
            &[],
        )
    }),
    ("a table with permissions", |long, n| {
        let one = |at| {
            format!(
                "<FieldPermission><EntityName>{long}</EntityName><AttributeName>a{at}</AttributeName><CanRead>4</CanRead></FieldPermission>"
            )
        };
        let permissions = many(n / 20, one);
        zip(
            &format!(
                "<FieldSecurityProfiles><FieldSecurityProfile name=\"P\" fieldsecurityprofileid=\"{}\"><FieldPermissions>{permissions}</FieldPermissions></FieldSecurityProfile></FieldSecurityProfiles>",
                id(1)
            ),
            "",
            &[],
        )
    }),
    ("a role with privileges", |long, n| {
        let privileges = many(n, |at| format!("<RolePrivilege name=\"prvRead{at}\" level=\"Global\" />"));
        zip(
            &format!(
                "<Roles><Role id=\"{}\" name=\"{long}\"><RolePrivileges>{privileges}</RolePrivileges></Role></Roles>",
                id(1)
            ),
            "",
            &[],
        )
    }),
    ("a step with facts", |long, n| {
        let facts = many(n, |at| format!("<a{at}>1</a{at}>"));
        zip(
            &format!(
                "<SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"{long}\" SdkMessageProcessingStepId=\"{}\">{facts}</SdkMessageProcessingStep></SdkMessageProcessingSteps>",
                id(1)
            ),
            "",
            &[],
        )
    }),
    ("a step with images", |long, n| {
        let image = |at: usize| {
            format!(
                "<SdkMessageProcessingStepImage Name=\"i{at}\"><SdkMessageProcessingStepImageId>{}</SdkMessageProcessingStepImageId></SdkMessageProcessingStepImage>",
                id(at)
            )
        };
        let images = many(n, image);
        zip(
            &format!(
                "<SdkMessageProcessingSteps><SdkMessageProcessingStep Name=\"{long}\" SdkMessageProcessingStepId=\"{}\"><SdkMessageProcessingStepImages>{images}</SdkMessageProcessingStepImages></SdkMessageProcessingStep></SdkMessageProcessingSteps>",
                id(1)
            ),
            "",
            &[],
        )
    }),
    ("an assembly with types", |long, n| {
        let one = |at: usize| {
            format!("<PluginType AssemblyQualifiedName=\"T{at}\" PluginTypeId=\"{}\" Name=\"T{at}\" />", id(at))
        };
        let types = many(n, one);
        zip(
            &format!(
                "<SolutionPluginAssemblies><PluginAssembly FullName=\"{long}\" PluginAssemblyId=\"{}\"><PluginTypes>{types}</PluginTypes></PluginAssembly></SolutionPluginAssemblies>",
                id(1)
            ),
            "",
            &[],
        )
    }),
    ("an app with roles", |long, n| {
        let roles = many(n, |at| format!("<Role id=\"{}\" />", id(at)));
        zip(
            &format!(
                "<AppModules><AppModule><UniqueName>{long}</UniqueName><AppModuleRoleMaps>{roles}</AppModuleRoleMaps></AppModule></AppModules>"
            ),
            "",
            &[],
        )
    }),
    ("a choice with options", |long, n| {
        let options = many(n, |at| format!("<option value=\"{at}\" />"));
        zip(
            &format!(
                "<optionsets><optionset Name=\"{long}\" localizedName=\"{long}\"><options>{options}</options></optionset></optionsets>"
            ),
            "",
            &[],
        )
    }),
    ("a rule with workflows", |long, n| {
        let one =
            |at: usize| format!("<Workflow WorkflowId=\"{}\" Name=\"W\"><Category>0</Category></Workflow>", id(at));
        let workflows = many(n, one);
        zip(
            &format!(
                "<RoutingRules><RoutingRule><a>{long}</a><Workflows>{workflows}</Workflows></RoutingRule></RoutingRules>"
            ),
            "",
            &[],
        )
    }),
    ("something unknown with web resources", |long, n| {
        let inside = many(n, |at| format!("<y Url=\"$webresource:a{at}\" />"));
        zip(&format!("<Unknown><Thing Id=\"{long}\">{inside}</Thing></Unknown>"), "", &[])
    }),
    ("something unknown with hosts", |long, n| {
        let inside = many(n, |at| format!("<y a=\"https://h{at}.example/\" />"));
        zip(&format!("<Unknown><Thing Id=\"{long}\">{inside}</Thing></Unknown>"), "", &[])
    }),
    ("settings in settings", |long, n| {
        let inside = many(n, |at| format!("<s{at}>1</s{at}>"));
        zip(
            &format!(
                "<OrganizationSettings><sales>{}{inside}{}</sales></OrganizationSettings>",
                format!("<{}>", &long[..200.min(long.len())]).repeat(60),
                format!("</{}>", &long[..200.min(long.len())]).repeat(60)
            ),
            "",
            &[],
        )
    }),
    ("a setting with attributes", |long, n| {
        zip(
            &format!(
                "<OrganizationSettings><sales><{long}>{}</{long}></sales></OrganizationSettings>",
                many(n, |at| format!("<s{at}>1</s{at}>"))
            ),
            "",
            &[],
        )
    }),
    ("the language with components", |long, n| {
        with_manifest("languagecode=\"1033\"", &format!("languagecode=\"{long}\""), &resources(n))
    }),
    ("the solution with components", |long, n| {
        with_manifest("<UniqueName>Merged", &format!("<UniqueName>{long}"), &resources(n))
    }),
    ("the version with components", |long, n| {
        with_manifest("<Version>1.0", &format!("<Version>{long}"), &resources(n))
    }),
    ("the publisher with components", |long, n| {
        with_manifest("<CustomizationPrefix>contoso", &format!("<CustomizationPrefix>{long}"), &resources(n))
    }),
    ("an owner with dependencies", |long, n| {
        let one = |at| {
            format!(
                "<MissingDependency><Required type=\"1\" schemaName=\"a{at}\" solution=\"Base (1.0)\" /><Dependent type=\"1\" /></MissingDependency>"
            )
        };
        let all = format!(
            "<MissingDependencies><MissingDependency><Required type=\"1\" schemaName=\"a\" solution=\"{long}\" /><Dependent type=\"1\" displayName=\"{long}\" /></MissingDependency>{}</MissingDependencies>",
            many(n, one)
        );
        with_manifest("</SolutionManifest>", &format!("{all}</SolutionManifest>"), "")
    }),
    ("a record with columns", |long, n| {
        let columns = many(n, |at| format!("<c{at}>1</c{at}>"));
        let text = format!("<contoso_thing name=\"{long}\">{columns}</contoso_thing>");
        zip("", "", &[("contoso_things/a/contoso_thing.xml", text.as_bytes())])
    }),
    ("a record with scripts", |long, n| {
        let columns = many(n, |at| format!("<c{at} Url=\"$webresource:a{at}\" webresource=\"b\">1</c{at}>"));
        let text = format!("<contoso_thing name=\"{long}\"><a id=\"{long}\">{columns}</a></contoso_thing>");
        zip("", "", &[("contoso_things/a/contoso_thing.xml", text.as_bytes())])
    }),
    ("a flow with connections", |long, n| {
        let one = |at| {
            format!(
                "\"c{at}\":{{\"runtimeSource\":\"invoker\",\"api\":{{\"name\":\"shared_{at}\"}},\"connection\":{{\"connectionReferenceLogicalName\":\"contoso_{at}\"}}}},"
            )
        };
        let text = format!(
            "{{\"properties\":{{\"connectionReferences\":{{{}\"x\":{{}}}},\"displayName\":\"{long}\"}}}}",
            many(n, one)
        );
        let zip = flow(&text);
        let mut entries = archive::read(&zip, &Limits::default()).expect("read");
        let sections = entries.iter_mut().find(|entry| entry.name == "customizations.xml").expect("there");
        let text = String::from_utf8(sections.bytes.clone()).expect("UTF-8");
        sections.bytes = text.replacen("Name=\"Flow\"", &format!("Name=\"{long}\""), 1).into_bytes();
        archive::write(&entries).expect("written")
    }),
    ("an impersonation with sources", |long, n| {
        let sources = many(n, |at| format!("\"{}\":\"a{at}\",", spelling("runtimesource", at)));
        flow(&format!(
            "{{\"properties\":{{\"connectionReferences\":{{\"s\":{{{sources}\"impersonation\":{{\"source\":\"{long}\"}},\"api\":{{}}}}}}}}}}"
        ))
    }),
    ("a connection with sources", |long, n| {
        let sources = many(n, |at| format!("\"{}\":\"a{at}\",", spelling("runtimesource", at)));
        flow(&format!("{{\"properties\":{{\"connectionReferences\":{{\"{long}\":{{{sources}\"api\":{{}}}}}}}}}}"))
    }),
    ("a trigger with kinds", |long, n| {
        let kinds = many(n.min(16), |at| format!("\"{}\":\"Http\",", spelling("kind", at)));
        flow(&format!(
            "{{\"properties\":{{\"definition\":{{\"triggers\":{{\"{long}\":{{{kinds}\"type\":\"Request\"}}}}}}}}}}"
        ))
    }),
    ("members in a member", |long, n| {
        let members = many(n, |at| format!("\"m{at}\":{{\"x\":1,\"x\":2}},"));
        flow(&format!("{{\"properties\":{{\"{long}\":{{{members}\"y\":1}}}}}}"))
    }),
];

/// How long all that is said of a solution is; none where it is refused.
fn said(zip: &[u8]) -> Option<usize> {
    let contents = Contents::read(zip, "it.zip").ok()?;
    let side = Side::of_solution("new", &contents, Some(zip));
    let empty = Contents::read(&crate::merged_zip::zip("", "", &[]), "it.zip").expect("read");
    let other = Side::of_solution("old", &empty, None);
    let texts =
        [compare(&other, &side), compare(&side, &other)].map(|it| human(&it, false).len() + markdown(&it).len());
    Some(format!("{contents:?}{side:?}").len() + texts.iter().sum::<usize>())
}

#[test]
fn no_solution_becomes_much_longer_by_being_read() {
    let mut found = Vec::new();
    for long in ["A".repeat(60_000), "A".repeat(900)] {
        for (what, make) in KINDS {
            let zip = make(&long, COUNT);
            let entries = archive::read(&zip, &Limits::default()).expect("read");
            let size: usize = entries.iter().map(|entry| entry.bytes.len()).sum();
            if let Some(said) = said(&zip).filter(|said| *said > size * MOST + COUNT * MOST_FOR_EACH) {
                found.push(format!("{what}, {}: {said} of {size}", long.len()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_name_that_is_too_long_is_refused_in_words() {
    let zip = forms(&"W".repeat(1_000_000), "Main", 2_000, "<Library name=\"x\" />");
    for verb in ["inspect it.zip", "diff it.zip it.zip"] {
        let ran = Test::new().file("it.zip", &zip).args(verb).code(3);
        let said = "a name or id has more than 1000 characters";
        assert!(ran.stderr.contains(said) && ran.stderr.contains("it.zip: customizations.xml"), "{}", ran.stderr);
    }
    let key = format!("{{\"properties\":{{\"{}\":1}}}}", "k".repeat(5_000));
    let ran = Test::new().file("it.zip", flow(&key)).args("inspect it.zip").code(3);
    assert!(ran.stderr.contains("the name of a member has more than 1000 bytes"), "{}", ran.stderr);
}
