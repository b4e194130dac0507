//! What no real solution confirms: `check` says so where a manifest uses it, and nothing else changes.

use dvpack::solution::components::unproven::UNPROVEN;

use crate::support::{Ran, Test, repository};

const HEAD: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoKinds, version: 1.0.0.0 }
components:
";

/// Each row of the table, and what uses it, with `!` before the place.
const USES: &[(&str, &str)] = &[
    (
        "a line chart",
        "  tables: [{ name: contoso_A, displayName: A, charts: [!{ name: C, groupBy: contoso_Name, type: line }] }]",
    ),
    (
        "an area chart",
        "  tables: [{ name: contoso_A, displayName: A, charts: [!{ name: C, groupBy: contoso_Name, type: area }] }]",
    ),
    (
        "a doughnut chart",
        "  tables: [{ name: contoso_A, displayName: A, charts: [!{ name: C, groupBy: contoso_Name, type: doughnut }] }]",
    ),
    ("an elastic table", "  tables: [{ name: !contoso_A, displayName: A, type: elastic }]"),
    (
        "a column of formatted text",
        "  tables: [{ name: contoso_A, displayName: A, columns: [{ name: !contoso_B, type: richText }] }]",
    ),
    (
        "a description of a plain dashboard",
        "  dashboards: [{ name: !D, description: All., sections: [{ components: [{ webResource: msdyn_/a.html }] }] }]",
    ),
    ("a description of a plain dashboard", "  dashboards: [{ name: !D, description: All., file: plain.xml }]"),
    (
        "a web page on a dashboard",
        "  dashboards: [{ name: D, sections: [{ components: [{ url: !'https://contoso.com' }] }] }]",
    ),
    (
        "a service endpoint that is not a webhook",
        "  serviceEndpoints: [{ name: !E, contract: eventHub, namespace: 'sb://contoso.servicebus.windows.net/', path: p, auth: sasKey, sasKeyName: send }]",
    ),
    (
        "a script of a custom connector",
        "  customConnectors: [{ name: contoso_c, openApi: api.json, script: !script.csx }]",
    ),
    (
        "a hint of an environment variable",
        "  environmentVariables: [{ name: contoso_V, type: string, xml: { !hint: here } }]",
    ),
    (
        "a privilege that callers of a custom API need",
        "  customApis: [{ name: contoso_Api, executePrivilege: !prvReadAccount }]",
    ),
    (
        "a privilege that callers of a custom API need",
        "  customApis: [{ name: contoso_Api, xml: { !executeprivilegename: prvReadAccount } }]",
    ),
];

fn check(uses: &str, args: &str) -> Ran {
    let form = "<form><tabs><tab><columns /></tab></tabs></form>";
    Test::new()
        .file("dvpack.yaml", format!("{HEAD}{uses}\n"))
        .file("plain.xml", form)
        .file("interactive.xml", format!("<forms type=\"interactioncentricdashboard\">{form}</forms>"))
        .file("api.json", "{ \"swagger\": \"2.0\" }")
        .file("script.csx", "public class Script {}")
        .args(args)
        .run()
}

/// Place, message and severity of each such note.
fn notes(ran: &Ran) -> Vec<(u64, u64, String)> {
    let json = ran.json();
    let found = json["diagnostics"].as_array().expect("a list").iter().filter(|it| it["code"] == "unproven");
    found
        .map(|it| {
            assert_eq!(it["severity"], "note");
            let number = |key: &str| it[key].as_u64().expect("a place");
            (number("line"), number("column"), it["message"].as_str().expect("a message").to_owned())
        })
        .collect()
}

#[test]
fn whatever_no_solution_confirms_is_a_note_where_it_is_used() {
    for (what, uses) in USES {
        let column = u64::try_from(uses.find('!').expect("a place")).expect("a number") + 1;
        for args in ["check --format json", "check --deny-warnings --format json"] {
            let ran = check(&uses.replacen('!', "", 1), args);
            assert_eq!(ran.code, 0, "{what}: {}", ran.stdout);
            let expected = format!("no solution that dvpack was compared with has {what}: its XML is assumed");
            assert_eq!(notes(&ran), [(5, column, expected)], "{uses}");
        }
    }
    for it in UNPROVEN {
        assert!(USES.iter().any(|(what, _)| *what == it.what), "no case for {}", it.what);
    }
}

#[test]
fn what_real_solutions_have_is_no_note() {
    for uses in [
        "  tables: [{ name: contoso_A, displayName: A, charts: [{ name: C, groupBy: contoso_Name, type: pie }, { name: D, groupBy: contoso_Name, type: funnel }] }]",
        "  dashboards: [{ name: D, description: All., file: interactive.xml }]",
        "  serviceEndpoints: [{ name: E, contract: webhook, url: 'https://contoso.com/e', auth: webhookKey }]",
        "  customConnectors: [{ name: contoso_c, openApi: api.json }]",
        "  environmentVariables: [{ name: contoso_V, type: string, description: here }]",
        "  customApis: [{ name: contoso_Api }]",
    ] {
        assert_eq!(notes(&check(uses, "check --format json")), [], "{uses}");
    }
}

#[test]
fn it_is_said_once_with_what_is_assumed_and_what_would_prove_it() {
    let charts = "  tables:
    - name: contoso_A
      displayName: A
      charts:
        - { name: By name, groupBy: contoso_Name, type: line }
        - { name: By name again, groupBy: contoso_Name, type: line }";
    let ran = check(charts, "check");
    insta::assert_snapshot!(format!("{}{}", ran.stderr, ran.stdout));
    let built = check(charts, "build . -o out --deny-warnings");
    assert_eq!((built.code, built.stderr.contains("unproven")), (0, false), "{}", built.stderr);
}

/// The page for users has every row: the unit test of the table keeps the text equal.
#[test]
fn the_page_and_the_code_of_the_note_are_documented() {
    let page = std::fs::read_to_string(repository().join("docs/components.md")).expect("the page");
    let section = page.split("\n## ").find(|it| it.starts_with("Unproven\n")).expect("a section");
    for it in UNPROVEN {
        assert!(section.contains(&format!("| {} | {} | {} |", it.what, it.assumed, it.proof)), "{}", it.what);
    }
}
