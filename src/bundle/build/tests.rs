use super::*;
use crate::bundle::Bundle;
use crate::diagnostic::{Source, Span};
use crate::manifest::components::{self, labels};
use crate::manifest::package::{application, environment, publisher, solution};
use crate::solution::contents::tidy;
use crate::solution::{read_zip, write_zip};

const ROLE: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";

/// A solution with a role, an environment variable and a connection reference.
pub(in crate::bundle) fn solution_zip(version: &str) -> Vec<u8> {
    let solution = format!(
        r#"<ImportExportXml languagecode="1033"><SolutionManifest><UniqueName>ContosoWidgets</UniqueName><LocalizedNames><LocalizedName description="Contoso &lt;Widgets&gt;" languagecode="1033" /></LocalizedNames><Version>{version}</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName><LocalizedNames><LocalizedName description="Contoso &amp; Sons" languagecode="1033" /></LocalizedNames><CustomizationPrefix>contoso</CustomizationPrefix></Publisher><RootComponents><RootComponent type="20" id="{{{ROLE}}}" behavior="0" /></RootComponents></SolutionManifest></ImportExportXml>"#
    );
    let customizations = format!(
        r#"<ImportExportXml><Roles><Role id="{{{ROLE}}}" name="Contoso Service"><RolePrivileges><RolePrivilege name="prvActOnBehalfOfAnotherUser" level="Global" /><RolePrivilege name="prvAppendToAccount" level="Deep" /><RolePrivilege name="prvReadAccount" level="Global" /></RolePrivileges></Role></Roles><connectionreferences><connectionreference connectionreferencelogicalname="contoso_Sql"><connectorid>/providers/Microsoft.PowerApps/apis/shared_sql</connectorid></connectionreference></connectionreferences></ImportExportXml>"#
    );
    let zip = archive::write(&[
        Entry::new("customizations.xml", customizations),
        Entry::new("solution.xml", solution),
        Entry::new(
            "environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml",
            r#"<environmentvariabledefinition schemaname="contoso_ApiBase"><isrequired>1</isrequired><type>100000000</type></environmentvariabledefinition>"#,
        ),
    ])
    .expect("written");
    normal(&zip)
}

/// In normal form, as it has to be in a bundle.
fn normal(zip: &[u8]) -> Vec<u8> {
    let mut package = read_zip(zip, "ContosoWidgets.zip").expect("read");
    tidy(&mut package, None);
    write_zip(&package).expect("written")
}

pub(in crate::bundle) fn package() -> Package {
    let span = Span::new(&Source::new("dvpack.yaml", ""), 0..0);
    Package {
        folder: ".".into(),
        publisher: publisher::Publisher {
            name: "contoso".into(),
            display_name: labels::Labels::one(1033, "Contoso & Sons"),
            prefix: "contoso".into(),
            option_value_prefix: 10_000,
            description: None,
            email: None,
            website: None,
            addresses: Vec::new(),
        },
        solution: solution::Solution {
            name: "ContosoWidgets".into(),
            name_span: span.clone(),
            display_name: labels::Labels::one(1033, "Contoso <Widgets>"),
            description: None,
            version: crate::version::Version::new(1, 4, 0, 0),
            languages: vec![1033],
            configuration_page: None,
        },
        application: Some(application::Application {
            client_id: uuid::Uuid::from_u128(7),
            name: Some("Contoso Service".into()),
            audience: Audience::MultiTenant,
            unique_name: None,
            redirect_uris: application::RedirectUris {
                web: vec!["https://contoso.example/done?a=b".into()],
                ..application::RedirectUris::default()
            },
            secret_expires: None,
            uses: None,
        }),
        roles: Vec::new(),
        application_user: Some(application_user::ApplicationUser {
            only_declared_roles: false,
            roles: vec![ROLE.parse().expect("a GUID")],
            of_sources: Vec::new(),
            column_security_profiles: Vec::new(),
            business_unit: application_user::BusinessUnit::Root,
            email: None,
        }),
        components: components::Components::default(),
        settings: vec![settings::Setting {
            name: "contoso_ApiBase".into(),
            value: settings::SettingValue::Text("https://api.contoso.example/<x>".into()),
            span,
        }],
        requires: environment::Requires::default(),
        signers: Vec::new(),
        environment: None,
        environment_names: Vec::new(),
    }
}

pub(in crate::bundle) fn built() -> Built {
    build(&package(), &solution_zip("1.4.0.0"), &[], Timestamp::FIRST).expect("built")
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(built().bytes, built().bytes);
}

#[test]
fn a_bundle_holds_all_parts_and_opens() {
    let built = built();
    assert_eq!(built.name, "ContosoWidgets_1_4_0_0.dvpack");
    let bundle = Bundle::from_bytes(&built.bytes, "it.dvpack").expect("opens");
    assert_eq!(*bundle.descriptor(), built.descriptor);
    let names: Vec<_> = bundle.entries().iter().map(|entry| entry.name.as_str()).collect();
    insta::assert_snapshot!(names.join("\n"), @r"
    bundle.json
    solutions/ContosoWidgets_1_4_0_0_managed.zip
    deploymentSettings.json
    post-import/apply.sh
    post-import/Apply-Package.ps1
    INSTALL.html
    sbom.cdx.json
    SHA256SUMS
    ");
    let settings = String::from_utf8(bundle.file("deploymentSettings.json").expect("there").to_vec()).expect("UTF-8");
    insta::assert_snapshot!(settings);
}

#[test]
fn a_setting_has_its_type_and_is_asked_for_where_it_is_required_and_has_no_default() {
    let file = |name: &str, file: &str, inside: &str| {
        let text =
            format!(r#"<environmentvariabledefinition schemaname="{name}">{inside}</environmentvariabledefinition>"#);
        Entry::new(format!("environmentvariabledefinitions/{name}/{file}"), text)
    };
    let definition = |name: &str, inside: &str| file(name, "environmentvariabledefinition.xml", inside);
    let mut entries = archive::read(&solution_zip("1.4.0.0"), &archive::Limits::default()).expect("read");
    entries.push(definition("contoso_A", "<isrequired>1</isrequired><type>100000002</type>"));
    entries.push(definition(
        "contoso_B",
        "<isrequired>1</isrequired><type>100000001</type><defaultvalue>1</defaultvalue>",
    ));
    entries.push(definition("contoso_C", "<isrequired>0</isrequired><type>100000003</type>"));
    entries.push(Entry::new("environmentvariabledefinitions/contoso_D/notes.xml", "<notes />"));
    let zip = normal(&archive::write(&entries).expect("written"));
    let built = build(&package(), &zip, &[], Timestamp::FIRST).expect("built");
    let told: Vec<String> = built
        .descriptor
        .settings
        .iter()
        .map(|it| {
            let given = if it.value.is_some() { "given" } else { "open" };
            format!("{} {} {} {given}", it.name, it.value_type.as_deref().unwrap_or("-"), it.required)
        })
        .collect();
    assert_eq!(
        told,
        [
            "contoso_A boolean true open",
            "contoso_ApiBase string true given",
            "contoso_B number false open",
            "contoso_C json false open",
            "contoso_Sql - true open",
        ]
    );
}

#[test]
fn the_bill_of_materials_names_files_libraries_and_components() {
    let customizations = r#"<ImportExportXml><WebResources><WebResource><Name>contoso_/lib.js</Name><IntroducedVersion>1.2</IntroducedVersion><FileName>/WebResources/contoso_lib</FileName></WebResource></WebResources><SolutionPluginAssemblies><PluginAssembly FullName="Contoso.Plugins, Version=2.0.0.1, Culture=neutral, PublicKeyToken=null" PluginAssemblyId="11111111-1111-1111-1111-111111111111"><FileName>/PluginAssemblies/Contoso.Plugins.dll</FileName></PluginAssembly></SolutionPluginAssemblies></ImportExportXml>"#;
    let mut entries = archive::read(&solution_zip("1.4.0.0"), &archive::Limits::default()).expect("read");
    entries[0].bytes = customizations.into();
    let solution = String::from_utf8(entries[1].bytes.clone()).expect("UTF-8");
    let root = format!("type=\"20\" id=\"{{{ROLE}}}\"");
    assert!(solution.contains(&root), "{solution}");
    entries[1].bytes =
        solution.replace(&root, "type=\"91\" id=\"{11111111-1111-1111-1111-111111111111}\"").into_bytes();
    entries.push(Entry::new("WebResources/contoso_lib", "/*! jQuery v3.7.1 | (c) */"));
    entries.push(Entry::new("PluginAssemblies/Contoso.Plugins.dll", "MZ"));
    entries.push(Entry::new(
        "pluginpackages/contoso_P/pluginpackage.xml",
        "<pluginpackage uniquename=\"contoso_P\"><name>contoso_P</name><package>contoso_P.nupkg</package><version>3.1.0</version></pluginpackage>",
    ));
    entries.push(Entry::new("pluginpackages/contoso_P/package/contoso_P.nupkg", "PK"));
    let zip = normal(&archive::write(&entries).expect("written"));
    let package = Package { application_user: None, ..package() };
    let built = build(&package, &zip, &[], Timestamp::FIRST).expect("built");
    let bundle = Bundle::from_bytes(&built.bytes, "it.dvpack").expect("opens");
    let bill: serde_json::Value = serde_json::from_slice(bundle.file("sbom.cdx.json").expect("there")).expect("JSON");
    let inside = bill["components"][1]["components"].as_array().expect("a list");
    let line = |it: &serde_json::Value| {
        let word = |name: &str| it[name].as_str().unwrap_or("-").to_owned();
        let kind = it["properties"][0]["value"].as_str().unwrap_or("-");
        assert_eq!(it["hashes"][0]["content"].as_str().map(str::len), Some(64), "{it}");
        let more = it["components"][0]["name"]
            .as_str()
            .map(|name| format!(" holds {name} {}", it["components"][0]["version"]))
            .unwrap_or_default();
        format!("{} {kind}: {} {}{more}", word("type"), word("name"), word("version"))
    };
    insta::assert_snapshot!(inside.iter().map(line).collect::<Vec<_>>().join("\n"));
    let mut references: Vec<_> = inside.iter().map(|it| it["bom-ref"].to_string()).collect();
    references.sort();
    references.dedup();
    assert_eq!(references.len(), inside.len());
}

#[test]
fn the_page_escapes_what_the_manifest_says() {
    let built = built();
    let bundle = Bundle::from_bytes(&built.bytes, "it.dvpack").expect("opens");
    let page = String::from_utf8(bundle.file("INSTALL.html").expect("there").to_vec()).expect("UTF-8");
    assert!(
        page.contains("Contoso &lt;Widgets&gt;") && page.contains("Contoso &amp; Sons") && !page.contains("<Widgets>")
    );
    assert!(page.contains("<caption>Contoso Service: tables and rights</caption>"), "{page}");
    // Digests change with every word of the scripts.
    let digests = |line: &&str| !line.contains("data-label=\"SHA-256\"");
    insta::assert_snapshot!(page.lines().filter(digests).collect::<Vec<_>>().join("\n"));
}

#[test]
fn another_version_than_the_manifests_is_refused() {
    let error = build(&package(), &solution_zip("1.5.0.0"), &[], Timestamp::FIRST).expect_err("refused");
    insta::assert_snapshot!(error, @"the solution that was assembled is `ContosoWidgets 1.5.0.0`, but the manifest describes `ContosoWidgets 1.4.0.0`");
}

#[test]
fn variables_of_both_forms_are_listed() {
    let mut entries = archive::read(&solution_zip("1.4.0.0"), &archive::Limits::default()).expect("read");
    let text = String::from_utf8(entries[0].bytes.clone()).expect("UTF-8");
    let section = "<EnvironmentVariables><Definition><SchemaName>contoso_Old</SchemaName><Type>100000001</Type><IsRequired>1</IsRequired></Definition></EnvironmentVariables></ImportExportXml>";
    entries[0].bytes = text.replace("</ImportExportXml>", section).into_bytes();
    let zip = archive::write(&entries).expect("written");
    let zip = write_zip(&read_zip(&zip, "ContosoWidgets.zip").expect("read")).expect("written");
    let built = build(&package(), &zip, &[], Timestamp::FIRST).expect("built");
    let names: Vec<_> = built.descriptor.settings.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["contoso_ApiBase", "contoso_Old", "contoso_Sql"]);
    let old = &built.descriptor.settings[1];
    assert_eq!((old.value_type.as_deref(), old.required), (Some("number"), true));
}
