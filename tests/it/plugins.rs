//! Plug-ins, steps, custom APIs, endpoints, controls and connectors: what is refused, in which words.

use std::fs;

use crate::support::{Ran, Test, repository};

const HEAD: &str = "\
dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Widgets, version: 1.0.0.0 }
components:";

fn library() -> Vec<u8> {
    fs::read(repository().join("tests/kinds/plugin-assembly/plugins/Contoso.Widgets.Plugins.dll")).expect("the fixture")
}

fn build(components: &str) -> Ran {
    let test = Test::new().file("dvpack.yaml", format!("{HEAD}{components}")).file("plugins.dll", library());
    test.file("notes.txt", "no library").args("check").run()
}

/// The findings without the paths of this run.
fn findings(components: &str) -> String {
    let ran = build(components);
    assert_ne!(ran.code, 0, "{}", ran.stderr);
    ran.stderr.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn mistakes_in_steps_are_all_told_at_once() {
    insta::assert_snapshot!(findings(
        "
  pluginAssemblies:
    - path: plugins.dll
  steps:
    - { pluginType: Contoso.Widgets.Plugins.CountParts, message: Updte, table: account, stage: preOperation }
    - { pluginType: A.B, endpoint: Hook, message: Create, table: account, stage: preOperation, mode: async }
    - { message: Send, stage: postOperation }
    - pluginType: Contoso.Widgets.Plugins.CountParts
      message: Create
      table: account
      stage: preOperation
      columns: [name]
      secureConfiguration: my-password
      images:
        - { type: pre }
        - { type: post }
"
    ));
}

#[test]
fn a_secure_configuration_is_refused_and_not_shown() {
    let text = findings(
        "
  pluginAssemblies: [{ path: plugins.dll }]
  steps:
    - pluginType: Contoso.Widgets.Plugins.CountParts
      message: Create
      stage: postOperation
      secureConfiguration: my-password
",
    );
    assert!(text.contains("secret-in-plain-text") && text.contains("dvpack.yaml:10:28"), "{text}");
    assert!(!text.contains("my-password"), "{text}");
}

#[test]
fn an_endpoint_carries_no_secret_in_any_key_or_in_its_address() {
    let text = findings(
        "
  serviceEndpoints:
    - { name: One, contract: webhook, url: \"https://hooks.contoso.com/a?code=my-secret\", auth: webhookKey }
    - { name: Two, contract: webhook, url: \"https://hooks.contoso.com/a\", auth: httpHeader, authValue: my-secret }
    - { name: Three, contract: queue, namespace: \"sb://a.servicebus.windows.net/\", path: q, auth: sasKey, sasKey: my-secret }
    - { name: Four, contract: topic, url: \"https://hooks.contoso.com\", auth: sasKey }
",
    );
    assert!(!text.contains("my-secret"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_runs_must_be_there() {
    insta::assert_snapshot!(findings(
        "
  pluginAssemblies: [{ path: plugins.dll }]
  serviceEndpoints: [{ name: Contoso hook, contract: webhook, url: \"https://hooks.contoso.com\", auth: httpHeader }]
  steps:
    - { pluginType: Contoso.Widgets.Plugins.CountPart, message: Create, stage: postOperation }
    - { endpoint: Contoso hok, message: Create, stage: postOperation }
  customApis:
    - { name: contoso_Rate, pluginType: Fabrikam.Other }
"
    ));
}

#[test]
fn files_that_are_not_what_they_should_be_are_refused_with_the_reason() {
    insta::assert_snapshot!(findings(
        "
  pluginAssemblies:
    - path: notes.txt
    - { path: plugins.dll, fullName: \"Contoso.Widgets, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null\" }
  pluginPackages: [{ path: notes.txt }]
  customConnectors: [{ name: contoso_api, openApi: notes.txt, connectionParameters: notes.txt, icon: notes.txt }]
"
    ));
}

#[test]
fn mistakes_in_custom_apis_are_all_told_at_once() {
    insta::assert_snapshot!(findings(
        "
  customApis:
    - { name: other_Rate, table: account, collection: account }
    - name: contoso_Best
      kind: function
      workflows: true
      pluginType: A.B
      pluginTypeKey: 727e8789-bd29-46fa-b00a-3a49605eeb06
      parameters:
        - { name: Stars, type: int }
        - { name: stars, type: integer, table: account }
        - { name: Stars, type: integer }
"
    ));
}

#[test]
fn a_controls_source_is_not_a_control_and_neither_is_half_a_build() {
    let control = "<manifest><control namespace=\"Contoso\" constructor=\"Rating\"><resources>\
                   <code path=\"bundle.js\" order=\"1\" /></resources></control></manifest>";
    let mut text = String::new();
    for (file, content) in [
        ("rating/ControlManifest.Input.xml", control),
        ("rating/ControlManifest.xml", "<manifest />"),
        ("rating/ControlManifest.xml", control),
    ] {
        let manifest = format!("{HEAD}\n  codeComponents: [{{ path: rating }}]\n");
        let ran = Test::new().file("dvpack.yaml", manifest).file(file, content).args("check").code(3);
        text.push_str(&ran.stderr.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>());
    }
    insta::assert_snapshot!(text);
}
