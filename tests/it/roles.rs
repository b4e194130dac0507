//! Roles of real solutions: rows → grants → rows gives back every letter; and what the review says.

mod rules;

use std::collections::BTreeMap;
use std::fs;

use dvpack::catalog::{self, Level};
use dvpack::diagnostic::{Source, Span};
use dvpack::manifest::package::role;
use dvpack::solution::role::{OwnTables, Role, Row, compress, expand, matrix_with};
use dvpack::solution::xml::parse;
use dvpack::solution::{SolutionPackage, read_folder, read_zip};

use crate::catalog::reference;
use crate::support::{Test, corpus};

/// Every solution of the corpus that can be read, by its path below the corpus.
fn solutions() -> Vec<(String, SolutionPackage)> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let mut found = Vec::new();
    for part in ["exported", "unpacked"] {
        let Ok(entries) = fs::read_dir(corpus.join(part)) else { continue };
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let package = if path.extension().is_some_and(|extension| extension == "zip") {
                read_zip(&fs::read(&path).expect("bytes"), &name)
            } else if path.join("src").is_dir() {
                read_folder(&path.join("src"))
            } else {
                continue;
            };
            if let Ok(package) = package {
                found.push((format!("{part}/{name}"), package));
            }
        }
    }
    found
}

fn meant(role: &Role, own: &OwnTables) -> role::Role {
    let compressed = compress(&role.rows, own);
    let span = |text: &str| Span::new(&Source::new("dvpack.yaml", text), 0..text.len());
    role::Role {
        id: role.id,
        name: role.name.clone(),
        description: role.description.clone(),
        inheritance: role.inheritance,
        grants: compressed
            .grants
            .iter()
            .map(|grant| role::Grant {
                table: grant.table.clone(),
                rights: grant.filled(),
                because: None,
                span: span(&grant.table),
            })
            .collect(),
        privileges: compressed
            .privileges
            .iter()
            .map(|(name, level)| role::PrivilegeGrant {
                name: name.clone(),
                level: *level,
                because: None,
                span: span(name),
            })
            .collect(),
        allow: Vec::new(),
        span: span(&role.name),
    }
}

#[test]
fn every_real_role_comes_back_from_its_grants_letter_by_letter() {
    let (mut roles, mut rows, mut lines) = (0, 0, 0);
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    let mut widest = Vec::new();
    for (origin, package) in solutions() {
        let own = OwnTables::of_solution(&package);
        for mut role in package.roles().unwrap_or_else(|findings| panic!("{origin}: {findings:?}")) {
            let expanded = expand(&meant(&role, &own), &own).role;
            role.sort();
            assert_eq!(expanded, role, "{origin}: {}", role.name);
            assert_eq!(matrix_with(&role.rows, &own).count, role.rows.len());
            for row in &role.rows {
                let of_solution = catalog::split_privilege(&row.name).is_some_and(|(_, noun)| own.knows(noun));
                if catalog::privilege(&row.name).is_none() && !of_solution {
                    let noun = catalog::split_privilege(&row.name).map_or(row.name.as_str(), |(_, noun)| noun);
                    *unknown.entry(noun.to_owned()).or_default() += 1;
                }
            }
            let everywhere = |row: &&Row| {
                let known = catalog::privilege(&row.name).and_then(|known| known.table);
                row.level == Level::Global
                    && known.is_some_and(|(_, right)| matches!(right, catalog::Right::Write | catalog::Right::Delete))
            };
            let nouns = role.rows.iter().filter(everywhere).filter_map(|row| catalog::split_privilege(&row.name));
            widest.push((
                nouns.map(|(_, noun)| noun).collect::<std::collections::BTreeSet<_>>().len(),
                role.name.clone(),
            ));
            roles += 1;
            rows += role.rows.len();
            lines += compress(&role.rows, &own).lines();
        }
    }
    if roles > 0 {
        let ratio = f64::from(u32::try_from(rows).expect("few")) / f64::from(u32::try_from(lines).expect("few"));
        println!("{roles} roles, {rows} rows, {lines} grant lines: {ratio:.1} rows a line");
        widest.sort();
        println!("widest: {:?}", widest.iter().rev().take(3).collect::<Vec<_>>());
        println!("nouns that are neither in the catalog nor in the solution: {}", unknown.len());
        let mut unknown: Vec<_> = unknown.into_iter().collect();
        unknown.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for (noun, count) in unknown {
            println!("  {count:5} {noun}");
        }
        assert!(roles >= 9, "the corpus has more roles than {roles}");
    }
}

/// 2,151 names of privileges of real roles, each at the levels seen there.
#[test]
fn every_privilege_name_ever_seen_comes_back_letter_by_letter() {
    let Some(text) = reference("privileges.tsv") else { return };
    let mut by_level: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    let (mut names, mut known) = (0, 0);
    for line in text.lines().skip(1) {
        let fields: Vec<_> = line.split('\t').collect();
        names += 1;
        known += usize::from(catalog::privilege(fields[0]).is_some());
        for level in Level::ALL {
            if fields[1].contains(level.name()) {
                by_level.entry(level.name()).or_default().push(Row::new(fields[0], level));
            }
        }
    }
    println!("{names} names, {known} of them in the catalog; the others are of tables of solutions");
    for (level, rows) in by_level {
        let mut role = Role { id: uuid::Uuid::nil(), name: level.into(), description: None, inheritance: None, rows };
        role.sort();
        let own = OwnTables::default();
        let expanded = expand(&meant(&role, &own), &own).role;
        assert_eq!(expanded.rows, role.rows, "{level}");
        println!("{level}: {} rows, {} lines", role.rows.len(), compress(&role.rows, &own).lines());
    }
}

#[test]
fn written_roles_are_read_back_the_same() {
    for (origin, package) in solutions() {
        for mut role in package.roles().unwrap_or_default() {
            role.sort();
            let text = role.write_xml(2, "\r\n");
            assert_eq!(
                Role::read(&parse(text.as_bytes(), &origin).expect("XML"), &origin).as_ref(),
                Ok(&role),
                "{origin}"
            );
        }
    }
}

/// A manifest with one role of `body`, which the application user holds.
fn manifest(body: &str) -> String {
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: 1.0.0.0 }}\n\
application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 }}\n\
applicationUser: {{ roles: [Contoso Service] }}\nrequires: {{ tables: [fabrikam_Order] }}\n\
roles:\n  - name: Contoso Service\n{body}"
    )
}

/// The codes that `dvpack check` reports, and its exit code.
fn codes(body: &str) -> (Vec<String>, i32) {
    let ran = Test::new().file("dvpack.yaml", manifest(body)).args("check --format json").run();
    let list = ran.json()["diagnostics"].as_array().cloned().unwrap_or_default();
    (list.iter().map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect(), ran.code)
}

/// What `dvpack check` says of a role beside a flow that lists leads and a custom API with a privilege.
fn beside_components(grants: &str) -> Vec<String> {
    let flow = r#"{"properties":{"definition":{"actions":{"Scope":{"type":"Scope","actions":{"List_rows":{"type":"OpenApiConnection",
        "inputs":{"host":{"apiId":"/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps","operationId":"ListRecords"},
        "parameters":{"entityName":"leads"}}}}}}}}}"#;
    let workflow = "<Workflow WorkflowId=\"{5e1d2c3b-0f6a-4b7c-8d9e-1a2b3c4d5e6f}\" Name=\"Lead watch\">\
        <JsonFileName>/Workflows/Leadwatch-5E1D2C3B-0F6A-4B7C-8D9E-1A2B3C4D5E6F.json</JsonFileName><Category>5</Category></Workflow>";
    let solution = "<ImportExportXml><SolutionManifest><UniqueName>Flows</UniqueName><Version>1.0</Version><Managed>0</Managed>\
        <RootComponents><RootComponent type=\"29\" id=\"{5e1d2c3b-0f6a-4b7c-8d9e-1a2b3c4d5e6f}\" behavior=\"0\" /></RootComponents>\
        </SolutionManifest></ImportExportXml>";
    let api = "<customapi uniquename=\"contoso_Close\"><executeprivilegename>prvWriteContact</executeprivilegename></customapi>";
    let body = format!("    grants: {{ {grants} }}\ncomponents: {{ source: [flows] }}\n");
    let ran = Test::new()
        .file("dvpack.yaml", manifest(&body))
        .file("flows/Other/Solution.xml", solution)
        .file("flows/Other/Customizations.xml", "<ImportExportXml><Workflows /></ImportExportXml>")
        .file("flows/Workflows/Leadwatch-5E1D2C3B-0F6A-4B7C-8D9E-1A2B3C4D5E6F.json", flow)
        .file("flows/Workflows/Leadwatch-5E1D2C3B-0F6A-4B7C-8D9E-1A2B3C4D5E6F.json.data.xml", workflow)
        .file("flows/customapis/contoso_Close/customapi.xml", api)
        .args("check --format json")
        .success();
    let list = ran.json()["diagnostics"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|it| format!("{}: {}", it["code"].as_str().expect("a code"), it["message"].as_str().expect("a text")))
        .collect()
}

#[test]
fn rights_that_components_need_and_no_role_grants_are_told() {
    assert_eq!(
        beside_components("account: { read: organization }"),
        [
            "component-needs-right: the flow `Lead watch` needs `read` on `lead`, which no role of the package grants",
            "custom-api-privilege: the custom API `contoso_Close` can only be called with `prvWriteContact`, which no role grants",
        ]
    );
    let enough = "lead: { read: organization }, contact: { read: organization, write: organization }";
    assert_eq!(beside_components(enough), Vec::<String>::new());
}

#[test]
fn a_role_that_changes_nearly_everything_is_called_what_it_is() {
    let tables = |count: usize| {
        let known = catalog::tables().iter().filter(|table| table.noun.is_some() && table.parent.is_none());
        let wide = known.filter(|table| table.levels(catalog::Right::Write).contains(Level::Global));
        let grants: Vec<_> = wide
            .take(count)
            .map(|table| format!("{}: {{ read: organization, write: organization }}", table.logical))
            .collect();
        assert_eq!(grants.len(), count);
        format!("    grants: {{ {} }}\n", grants.join(", "))
    };
    assert!(codes(&tables(130)).0.contains(&"as-wide-as-admin".to_owned()));
    assert!(!codes(&tables(60)).0.contains(&"as-wide-as-admin".to_owned()));
}

#[test]
fn a_role_that_the_application_user_does_not_hold_is_noted() {
    let body =
        "    grants: { account: { read: user } }\n  - name: Contoso Admin\n    grants: { contact: { read: user } }\n";
    assert_eq!(codes(body).0, ["role-not-assigned"]);
}

#[test]
fn a_finding_shows_the_line_the_reason_and_what_to_write() {
    let ran = Test::new()
        .file(
            "dvpack.yaml",
            manifest(
                "    grants: { acount: { read: user } }\n    privileges: { prvImportCustomization: organization }\n",
            ),
        )
        .args("check")
        .success();
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn init_takes_a_real_role_and_build_gives_back_the_same_privileges() {
    let Some(corpus) = corpus() else { return };
    let zip = corpus.join("exported/pnp+powerplatform-samples__PromptManager_1_0_0_6_managed.zip");
    let original = read_zip(&fs::read(&zip).expect("bytes"), "zip").expect("a solution").roles().expect("roles");
    assert!(original.len() > 1);
    let test = Test::new()
        .args("init . --name ContosoPrompts --publisher contoso --prefix contoso --role-from")
        .arg(zip.display().to_string())
        .success();
    let folder = test.folder.path();
    // The application that a person would write.
    let manifest = fs::read_to_string(folder.join("dvpack.yaml")).expect("a manifest");
    let manifest = manifest.replace("00000000-0000-0000-0000-000000000001", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40");
    fs::write(folder.join("dvpack.yaml"), manifest).expect("written");
    let output = crate::support::dvpack(folder).arg("build").output().expect("run");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&test.read("dvpack.yaml"))
    );
    let built = read_zip(&test.read("dist/ContosoPrompts_1_0_0_0_managed.zip"), "built")
        .expect("a solution")
        .roles()
        .expect("roles");
    let sorted = |mut roles: Vec<Role>| {
        roles.iter_mut().for_each(Role::sort);
        roles.sort_by_key(|role| role.id);
        roles
    };
    assert_eq!(sorted(built), sorted(original));
}

#[test]
fn init_names_the_roles_that_there_are() {
    let Some(corpus) = corpus() else { return };
    let zip = corpus.join("exported/pnp+powerplatform-samples__PromptManager_1_0_0_6_managed.zip");
    let ran = Test::new().args("init . --role Nobody --role-from").arg(zip.display().to_string()).code(2);
    assert!(ran.stderr.contains("has no role `Nobody`") && ran.stderr.contains("it has `"), "{}", ran.stderr);
}
