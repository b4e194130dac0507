//! Mistakes in declared flows, apps and dashboards, as a person sees them.

use crate::support::Test;

const HEAD: &str = "\
dvpack: 1
publisher: { name: contoso, displayName: Contoso Ltd, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoApps, version: 1.0.0.0 }
";

fn check(components: &str, files: &[(&str, &str)]) -> String {
    let mut test = Test::new().file("dvpack.yaml", format!("{HEAD}{components}"));
    for (name, text) in files {
        test = test.file(name, text);
    }
    test.args("check").code(3).stderr
}

const FLOW: &str = r#"{
  "properties": {
    "connectionReferences": {
      "shared_teams": {
        "runtimeSource": "embedded",
        "connection": { "connectionReferenceLogicalName": "contoso_Temas" },
        "api": { "name": "shared_teams" }
      },
      "shared_office365": {
        "runtimeSource": "embedded",
        "connection": { "connectionReferenceLogicalName": "contoso_Teams" },
        "api": { "name": "shared_office365" }
      }
    },
    "definition": {
      "triggers": { "Every_day": { "type": "Recurrence" } },
      "actions": {
        "Post": { "inputs": { "host": { "connectionName": "shared_teams", "operationId": "Post" } } },
        "Read": { "inputs": { "host": { "connectionName": "shared_sql", "operationId": "Read" } } }
      }
    }
  },
  "schemaVersion": "1.0.0.0"
}
"#;

#[test]
fn a_flow_s_connections_are_checked_where_they_stand() {
    let components = "\
components:
  connectionReferences:
    - { name: contoso_Teams, connector: /providers/Microsoft.PowerApps/apis/shared_teams }
  cloudFlows:
    - { name: Post, file: post.json }
    - { name: Alone, file: alone.json, connections: { shared_team: contoso_Teams } }
    - { name: Broken, file: broken.json }
";
    let alone =
        r#"{ "triggers": {}, "actions": { "Post": { "inputs": { "host": { "connectionName": "shared_teams" } } } } }"#;
    let broken = "{\n  \"properties\": {,\n}\n";
    insta::assert_snapshot!(check(components, &[("post.json", FLOW), ("alone.json", alone), ("broken.json", broken)]));
}

#[test]
fn an_app_names_only_what_there_is() {
    let components = "\
roles:
  - { name: Contoso Desk, grants: { account: { read: organization } } }
components:
  webResources:
    - { path: icon.svg, name: contoso_/icon.svg }
  modelDrivenApps:
    - name: contoso_Desk
      icon: contoso_/icno.svg
      roles: [Contoso Desks]
      tables: [contoso_Widget]
      dashboards: [Overview]
      siteMap:
        areas:
          - title: Work
            groups:
              - items:
                  - { table: acount }
                  - { page: contoso_start_1, title: Start }
                  - { title: Nothing }
                  - { table: account, url: https://contoso.com }
  columnSecurityProfiles:
    - { name: Desk, permissions: { account: { contoso_iban: [readUnmasked] } } }
  canvasApps:
    - { name: contoso_visits_1, file: icon.svg }
  dashboards:
    - { name: Empty }
    - { name: Half, sections: [{ components: [{ table: account }] }] }
";
    insta::assert_snapshot!(check(components, &[("icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]));
}

#[test]
fn what_is_known_only_when_the_solution_is_made_is_checked_then() {
    let components = "\
roles:
  - { name: Contoso Desk, grants: { account: { read: organization } } }
components:
  webResources:
    - { path: icon.svg, name: contoso_/icon.svg }
  modelDrivenApps:
    - name: contoso_Desk
      icon: contoso_/icno.svg
      tables: [contoso_Widget]
      dashboards: [Overview]
      views: { account: [Active Accounts] }
      xml: { FormFactr: 2 }
      siteMap:
        areas:
          - title: Work
            groups:
              - items:
                  - { table: acount }
                  - { page: contoso_start_1, title: Start }
  canvasApps:
    - { name: contoso_visits_1, file: icon.svg }
  reports:
    - { name: Turnover, file: icon.svg }
";
    insta::assert_snapshot!(check(components, &[("icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]));
}
