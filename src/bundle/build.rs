//! Makes a bundle from a checked manifest and its assembled solution.

use super::descriptor::{
    Application, ApplicationUser, BusinessUnit, Descriptor, Environment, FORMAT, Publisher, RequiredSolution, Requires,
    Role, Setting, SettingKind, SettingValue, Solution, Tool,
};
use super::facts::{Facts, NotASolution, Variable};
use super::provenance::COMPRESSOR;
use super::{checksums, deployment_settings, install, sbom, sha256};
use crate::archive::{self, Entry, Timestamp, WriteError};
use crate::diagnostic::Diagnostic;
use crate::manifest::meant::{self, Audience, Package, SecretReference, VariableKind};
use crate::manifest::written::with_scheme;
use crate::solution::read_zip;
use crate::solution::role::{OwnTables, expand};

/// A bundle, ready to be written.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file name, `<Name>_<v>[_<environment>].dvpack`.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What its `bundle.json` says.
    pub descriptor: Descriptor,
}

/// Why no bundle could be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The assembled solution cannot be read back.
    #[error("the solution that was assembled cannot be read back: {0}")]
    Solution(#[from] NotASolution),
    /// The solution's parts cannot be read back.
    #[error("the solution that was assembled cannot be read back: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Package(Vec<Diagnostic>),
    /// The solution is not what the manifest describes.
    #[error("the solution that was assembled is `{found}`, but the manifest describes `{meant}`")]
    Different {
        /// Name and version in the zip.
        found: String,
        /// Name and version in the manifest.
        meant: String,
    },
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] WriteError),
    /// A template or document cannot be rendered.
    #[error("cannot render `{file}`: {why}")]
    Render {
        /// The file in the bundle.
        file: &'static str,
        /// The reason.
        why: String,
    },
}

/// The file name of the solution zip, as exports are called.
#[must_use]
pub fn solution_file_name(package: &Package) -> String {
    format!("{}_{}_managed.zip", package.solution.name, package.solution.version.file_form())
}

/// The file name of the bundle.
#[must_use]
pub fn file_name(package: &Package) -> String {
    let environment = package.environment.as_ref().map(|it| format!("_{}", it.name)).unwrap_or_default();
    format!("{}_{}{environment}.dvpack", package.solution.name, package.solution.version.file_form())
}

/// Makes a bundle around the solution zip; every entry bears `timestamp`.
pub fn build(package: &Package, solution_zip: &[u8], timestamp: Timestamp) -> Result<Built, BuildError> {
    let facts = Facts::read(solution_zip)?;
    if facts.name != package.solution.name || facts.version != package.solution.version {
        return Err(BuildError::Different {
            found: format!("{} {}", facts.name, facts.version),
            meant: format!("{} {}", package.solution.name, package.solution.version),
        });
    }
    let descriptor = describe(package, &facts, solution_zip);
    let solution = format!("solutions/{}", solution_file_name(package));
    let mut entries = vec![
        Entry::new("bundle.json", json("bundle.json", &descriptor)?),
        Entry::new(solution, solution_zip),
        Entry::new(
            "deploymentSettings.json",
            json("deploymentSettings.json", &deployment_settings::render(&descriptor.settings))?,
        ),
        Entry::new("post-import/apply.sh", include_str!("../../templates/post-import/apply.sh")),
        Entry::new("post-import/Apply-Package.ps1", include_str!("../../templates/post-import/Apply-Package.ps1")),
    ];
    let page =
        install::render(&descriptor, &entries).map_err(|why| BuildError::Render { file: "INSTALL.html", why })?;
    entries.push(Entry::new("INSTALL.html", page));
    let assembled = read_zip(solution_zip, &solution_file_name(package)).map_err(BuildError::Package)?;
    let bill = sbom::render(&descriptor, &entries, &facts, &assembled);
    entries.push(Entry::new("sbom.cdx.json", json("sbom.cdx.json", &bill)?));
    let sums = checksums::render(&entries);
    entries.push(Entry::new(checksums::NAME, sums));
    Ok(Built { name: file_name(package), bytes: archive::write_at(&entries, timestamp)?, descriptor })
}

/// Without line breaks and other control characters, which a bundle must not hold where names are shown.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn json(file: &'static str, value: &impl serde::Serialize) -> Result<Vec<u8>, BuildError> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|error| BuildError::Render { file, why: error.to_string() })?;
    text.push(b'\n');
    Ok(text)
}

fn describe(package: &Package, facts: &Facts, zip: &[u8]) -> Descriptor {
    Descriptor {
        format: FORMAT,
        tool: Tool {
            name: "dvpack".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            compressor: Some(COMPRESSOR.into()),
        },
        publisher: Publisher {
            name: package.publisher.name.clone(),
            display_name: package.publisher.display_name.base().to_owned(),
            prefix: package.publisher.prefix.clone(),
            email: package.publisher.email.clone(),
            website: package.publisher.website.as_deref().map(with_scheme),
        },
        solutions: vec![Solution {
            file: format!("solutions/{}", solution_file_name(package)),
            sha256: sha256(zip),
            size: zip.len() as u64,
            name: facts.name.clone(),
            display_name: one_line(&facts.display_name),
            version: facts.version,
            managed: facts.managed,
        }],
        application: package.application.as_ref().map(|application| Application {
            client_id: application.client_id,
            name: application.name.clone(),
            multi_tenant: application.audience == Audience::MultiTenant,
            redirect_uris: application.redirect_uris.clone(),
            secret_expires: application.secret_expires,
        }),
        roles: facts.roles.iter().map(|role| with_reasons(role, package)).collect(),
        application_user: package.application_user.as_ref().map(|user| ApplicationUser {
            roles: user.roles.clone(),
            business_unit: match &user.business_unit {
                meant::BusinessUnit::Root => BusinessUnit::Root,
                meant::BusinessUnit::Id(id) => BusinessUnit::Id(*id),
                meant::BusinessUnit::Name(name) => BusinessUnit::Name(name.clone()),
            },
            email: user.email.clone(),
        }),
        settings: settings(package, facts),
        requires: Requires {
            server_version: package.requires.server_version,
            solutions: package
                .requires
                .solutions
                .iter()
                .map(|(name, version)| RequiredSolution { name: name.clone(), version: *version })
                .collect(),
        },
        environment: package
            .environment
            .as_ref()
            .map(|environment| Environment { name: environment.name.clone(), url: environment.url.clone() }),
    }
}

/// The role as it stands in the zip, with the author's reasons where the manifest grants a privilege.
fn with_reasons(role: &Role, package: &Package) -> Role {
    let mut role = role.clone();
    let Some(meant) = package.roles.iter().find(|meant| meant.id == role.id) else { return role };
    let (granted, _) = expand(meant, &OwnTables::of_manifest(package));
    for privilege in &mut role.privileges {
        let row = granted.rows.iter().find(|row| row.name.eq_ignore_ascii_case(&privilege.name));
        privilege.because = row.and_then(|row| row.because.clone());
    }
    role
}

/// Every environment variable and connection reference of the solution, with the manifest's values.
fn settings(package: &Package, facts: &Facts) -> Vec<Setting> {
    let value_of = |name: &str| {
        let setting = package.settings.iter().find(|setting| setting.name.eq_ignore_ascii_case(name))?;
        Some(match &setting.value {
            meant::SettingValue::Text(text) => SettingValue::Text(text.clone()),
            meant::SettingValue::Connection { id } => SettingValue::Connection(id.clone()),
            meant::SettingValue::Secret(SecretReference::Env(name)) => SettingValue::SecretFromEnv(name.clone()),
            meant::SettingValue::Secret(SecretReference::File(path)) => {
                SettingValue::SecretFromFile(path.to_string_lossy().into_owned())
            }
            meant::SettingValue::Secret(SecretReference::KeyVault(id)) => SettingValue::SecretFromKeyVault(id.clone()),
        })
    };
    let variables = facts.variables.iter().map(|variable| Setting {
        name: variable.name.clone(),
        kind: SettingKind::EnvironmentVariable,
        value_type: Some(word(variable).to_owned()),
        connector: None,
        required: variable.required && !variable.has_default,
        value: value_of(&variable.name),
    });
    let connections = facts.connections.iter().map(|(name, connector)| Setting {
        name: name.clone(),
        kind: SettingKind::ConnectionReference,
        value_type: None,
        connector: connector.clone(),
        required: true,
        value: value_of(name),
    });
    variables.chain(connections).collect()
}

fn word(variable: &Variable) -> &'static str {
    VariableKind::ALL.into_iter().find(|(kind, _)| kind.number() == variable.kind).map_or("string", |(_, word)| word)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::bundle::Bundle;
    use crate::diagnostic::{Source, Span};

    const ROLE: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";

    /// A solution with a role, an environment variable and a connection reference.
    pub(in crate::bundle) fn solution_zip(version: &str) -> Vec<u8> {
        let solution = format!(
            r#"<ImportExportXml><SolutionManifest><UniqueName>ContosoWidgets</UniqueName><LocalizedNames><LocalizedName description="Contoso &lt;Widgets&gt;" languagecode="1033" /></LocalizedNames><Version>{version}</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName></Publisher></SolutionManifest></ImportExportXml>"#
        );
        let customizations = format!(
            r#"<ImportExportXml><Roles><Role id="{{{ROLE}}}" name="Contoso Service"><RolePrivileges><RolePrivilege name="prvActOnBehalfOfAnotherUser" level="Global" /><RolePrivilege name="prvAppendToAccount" level="Deep" /><RolePrivilege name="prvReadAccount" level="Global" /></RolePrivileges></Role></Roles><connectionreferences><connectionreference connectionreferencelogicalname="contoso_Sql"><connectorid>/providers/Microsoft.PowerApps/apis/shared_sql</connectorid></connectionreference></connectionreferences></ImportExportXml>"#
        );
        archive::write(&[
            Entry::new("customizations.xml", customizations),
            Entry::new("solution.xml", solution),
            Entry::new(
                "environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml",
                r#"<environmentvariabledefinition schemaname="contoso_ApiBase"><isrequired>1</isrequired><type>100000000</type></environmentvariabledefinition>"#,
            ),
        ])
        .expect("written")
    }

    pub(in crate::bundle) fn package() -> Package {
        let span = Span::new(&Source::new("dvpack.yaml", ""), 0..0);
        Package {
            folder: ".".into(),
            publisher: meant::Publisher {
                name: "contoso".into(),
                display_name: meant::Labels::one(1033, "Contoso & Sons"),
                prefix: "contoso".into(),
                option_value_prefix: 10_000,
                description: None,
                email: None,
                website: None,
                addresses: Vec::new(),
            },
            solution: meant::Solution {
                name: "ContosoWidgets".into(),
                name_span: span.clone(),
                display_name: meant::Labels::one(1033, "Contoso <Widgets>"),
                description: None,
                version: crate::version::Version::new(1, 4, 0, 0),
                languages: vec![1033],
                configuration_page: None,
            },
            application: Some(meant::Application {
                client_id: uuid::Uuid::from_u128(7),
                name: Some("Contoso Service".into()),
                audience: Audience::MultiTenant,
                redirect_uris: vec!["https://contoso.example/done?a=b".parse().expect("a URL")],
                secret_expires: None,
                uses: None,
            }),
            roles: Vec::new(),
            application_user: Some(meant::ApplicationUser {
                roles: vec![ROLE.parse().expect("a GUID")],
                business_unit: meant::BusinessUnit::Root,
                email: None,
            }),
            components: meant::Components::default(),
            settings: vec![meant::Setting {
                name: "contoso_ApiBase".into(),
                value: meant::SettingValue::Text("https://api.contoso.example/<x>".into()),
                span,
            }],
            requires: meant::Requires::default(),
            environment: None,
            environment_names: Vec::new(),
        }
    }

    pub(in crate::bundle) fn built() -> Built {
        build(&package(), &solution_zip("1.4.0.0"), Timestamp::FIRST).expect("built")
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
        let settings =
            String::from_utf8(bundle.file("deploymentSettings.json").expect("there").to_vec()).expect("UTF-8");
        insta::assert_snapshot!(settings);
    }

    #[test]
    fn a_setting_has_its_type_and_is_asked_for_where_it_is_required_and_has_no_default() {
        let file = |name: &str, file: &str, inside: &str| {
            let text = format!(
                r#"<environmentvariabledefinition schemaname="{name}">{inside}</environmentvariabledefinition>"#
            );
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
        entries.push(file("contoso_D", "notes.xml", ""));
        let zip = archive::write(&entries).expect("written");
        let built = build(&package(), &zip, Timestamp::FIRST).expect("built");
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
        entries.push(Entry::new("WebResources/contoso_lib", "/*! jQuery v3.7.1 | (c) */"));
        entries.push(Entry::new("PluginAssemblies/Contoso.Plugins.dll", "MZ"));
        entries.push(Entry::new(
            "pluginpackages/contoso_P/pluginpackage.xml",
            "<pluginpackage uniquename=\"contoso_P\"><name>contoso_P</name><version>3.1.0</version></pluginpackage>",
        ));
        entries.push(Entry::new("pluginpackages/contoso_P/package/contoso_P.nupkg", "PK"));
        let zip = archive::write(&entries).expect("written");
        let package = Package { application_user: None, ..package() };
        let built = build(&package, &zip, Timestamp::FIRST).expect("built");
        let bundle = Bundle::from_bytes(&built.bytes, "it.dvpack").expect("opens");
        let bill: serde_json::Value =
            serde_json::from_slice(bundle.file("sbom.cdx.json").expect("there")).expect("JSON");
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
            page.contains("Contoso &lt;Widgets&gt;")
                && page.contains("Contoso &amp; Sons")
                && !page.contains("<Widgets>")
        );
        assert!(page.contains("<caption>Contoso Service: tables and rights</caption>"), "{page}");
        // Digests change with every word of the scripts.
        let digests = |line: &&str| !line.contains("data-label=\"SHA-256\"");
        insta::assert_snapshot!(page.lines().filter(digests).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn another_version_than_the_manifests_is_refused() {
        let error = build(&package(), &solution_zip("1.5.0.0"), Timestamp::FIRST).expect_err("refused");
        insta::assert_snapshot!(error, @"the solution that was assembled is `ContosoWidgets 1.5.0.0`, but the manifest describes `ContosoWidgets 1.4.0.0`");
    }
}
