use super::*;
use crate::bundle::build::tests::built;

/// The findings after `change` was made to the entries.
fn after(change: impl FnOnce(&mut Vec<Entry>), sum_again: bool) -> String {
    let mut entries = archive::read(&built().bytes, &Limits::default()).expect("read");
    change(&mut entries);
    if sum_again {
        entries.retain(|entry| entry.name != checksums::NAME);
        let sums = checksums::render(&entries);
        entries.push(Entry::new(checksums::NAME, sums));
    }
    let bytes = archive::write(&entries).expect("written");
    let findings = Bundle::from_bytes(&bytes, "it.dvpack").expect_err("refused");
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn edit(entries: &mut [Entry], name: &str, from: &str, to: &str) {
    let entry = entries.iter_mut().find(|entry| entry.name == name).expect("there");
    let text = String::from_utf8(entry.bytes.clone()).expect("UTF-8");
    assert!(text.contains(from), "{text}");
    entry.bytes = text.replacen(from, to, 1).into_bytes();
}

#[test]
fn changed_missing_and_added_files_are_told_apart() {
    insta::assert_snapshot!(after(|entries| edit(entries, "post-import/apply.sh", "set -eu", "set -e"), false), @"it.dvpack: post-import/apply.sh: it was changed after the bundle was built");
    insta::assert_snapshot!(after(|entries| entries.retain(|it| it.name != "INSTALL.html"), false), @"it.dvpack: INSTALL.html: it is listed in `SHA256SUMS`, but does not exist");
    insta::assert_snapshot!(after(|entries| entries.push(Entry::new("extra.txt", "x")), false), @r"
    it.dvpack: extra.txt: it does not belong in a bundle
    it.dvpack: extra.txt: it is not listed in `SHA256SUMS`
    ");
}

#[test]
fn a_descriptor_that_hides_a_privilege_is_found_out() {
    insta::assert_snapshot!(after(|entries| edit(entries, "bundle.json", "\"Global\"", "\"Basic\""), true), @"it.dvpack: bundle.json: `roles[0].privileges`: the role `Contoso Service` has other privileges in the solution than shown here");
    insta::assert_snapshot!(after(|entries| edit(entries, "bundle.json", "\"1.4.0.0\"", "\"1.4.0.1\""), true), @"it.dvpack: bundle.json: `solutions[0].version`: it is `1.4.0.1`, but in `solutions/ContosoWidgets_1_4_0_0_managed.zip` it is `1.4.0.0`");
}

/// The findings after the descriptor was changed and everything else rendered again as it would be for it.
fn said(change: impl FnOnce(&mut Descriptor)) -> String {
    let mut descriptor = built().descriptor;
    change(&mut descriptor);
    let json = descriptor::to_bytes(&descriptor).expect("JSON");
    after(
        |entries| {
            let zip = entries.iter().find(|it| it.name.starts_with("solutions/")).expect("there").clone();
            let contents = Contents::read(&zip.name, &zip.bytes).expect("reads");
            let generation = templates::generation(templates::CURRENT).expect("known");
            let rendered = generation.render(&descriptor, &[contents]).unwrap_or_default();
            for entry in entries.iter_mut() {
                if let Some(new) = rendered.iter().find(|it| it.name == entry.name) {
                    entry.bytes.clone_from(&new.bytes);
                }
            }
            entries.iter_mut().find(|it| it.name == DESCRIPTOR).expect("there").bytes = json;
        },
        true,
    )
}

/// What was changed, how, and the path that the finding must name.
type Case = (&'static str, fn(&mut Descriptor), &'static str);

#[test]
fn what_the_solution_says_otherwise_is_refused() {
    let cases: &[Case] = &[
        ("publisher", |it| it.publisher.name = "fabrikam".into(), "publisher.name"),
        ("publisher's display name", |it| it.publisher.display_name = "Microsoft".into(), "publisher.displayName"),
        ("prefix", |it| it.publisher.prefix = "other".into(), "publisher.prefix"),
        ("e-mail", |it| it.publisher.email = Some("a@evil.example".into()), "publisher.email"),
        ("web site", |it| it.publisher.website = Some("https://evil.example".into()), "publisher.website"),
        ("display name", |it| it.solutions[0].display_name = "Harmless".into(), "solutions[0].displayName"),
        ("name", |it| it.solutions[0].name = "Other".into(), "solutions[0].name"),
        ("version", |it| it.solutions[0].version = crate::version::Version::new(1, 4, 0, 1), "solutions[0].version"),
        ("managed", |it| it.solutions[0].managed = false, "solutions[0].managed"),
        ("role's name", |it| it.roles[0].name = "Reader".into(), "roles[0].name"),
        ("privilege gone", |it| drop(it.roles[0].privileges.pop()), "roles[0].privileges"),
        ("privileges in another order", |it| it.roles[0].privileges.swap(0, 1), "roles[0].privileges"),
        (
            "connector",
            |it| it.settings[1].connector = Some("/providers/x/apis/shared_office365".into()),
            "settings[1].connector",
        ),
        ("no connector", |it| it.settings[1].connector = None, "settings[1].connector"),
        ("type", |it| it.settings[0].value_type = Some("json".into()), "settings[0].type"),
        ("no type", |it| it.settings[0].value_type = None, "settings[0].type"),
        ("required", |it| it.settings[0].required = false, "settings[0].required"),
        ("another case", |it| it.settings[0].name = "contoso_apibase".into(), "settings[0].name"),
        ("not listed", |it| drop(it.settings.remove(1)), "settings"),
        ("hosts", |it| it.hosts.push(descriptor::Host { host: "a.example".into(), from: vec!["x".into()] }), "hosts"),
    ];
    for (what, change, path) in cases {
        let found = said(change);
        assert!(found.starts_with(&format!("it.dvpack: bundle.json: `{path}`: ")), "{what}: {found}");
    }
}

#[test]
fn settings_belong_to_the_solution_or_to_a_required_one_of_the_same_publisher() {
    fn foreign(name: &str) -> descriptor::Setting {
        descriptor::Setting {
            value: Some(descriptor::SettingValue::Text("x".into())),
            ..descriptor::Setting::new(name, descriptor::SettingKind::EnvironmentVariable)
        }
    }
    fn requires(it: &mut Descriptor) {
        it.requires.solutions.push(descriptor::RequiredSolution { name: "ContosoBase".into(), version: None });
    }
    let cases: &[Case] = &[
        ("nothing is required", |it| it.settings.push(foreign("contoso_Other")), "settings[2].name"),
        (
            "another publisher",
            |it| {
                requires(it);
                it.settings.push(foreign("fabrikam_Url"));
            },
            "settings[2].name",
        ),
        (
            "no prefix",
            |it| {
                requires(it);
                it.settings.push(foreign("contoso"));
            },
            "settings[2].name",
        ),
        (
            "a longer prefix",
            |it| {
                requires(it);
                it.settings.push(foreign("contosox_Url"));
            },
            "settings[2].name",
        ),
        (
            "a type",
            |it| {
                requires(it);
                it.settings.push(descriptor::Setting { value_type: Some("string".into()), ..foreign("contoso_Other") });
            },
            "settings[2].name",
        ),
        (
            "invented",
            |it| {
                requires(it);
                it.settings.push(foreign("contoso_Other"));
            },
            "settings[2].name",
        ),
        (
            "no value",
            |it| {
                requires(it);
                it.settings.push(descriptor::Setting { value: None, ..foreign("contoso_Other") });
            },
            "settings[2].name",
        ),
    ];
    for (what, change, path) in cases {
        let found = said(change);
        assert!(found.starts_with(&format!("it.dvpack: bundle.json: `{path}`: ")), "{what}: {found}");
    }
}

#[test]
fn values_have_one_form_and_are_listed_once() {
    let other = |id: u128| uuid::Uuid::from_u128(id);
    let cases: &[Case] = &[
        ("role twice", |it| it.roles.push(it.roles[0].clone()), "roles[1].id"),
        (
            "two roles of one name",
            |it| {
                let name = it.roles[0].name.to_uppercase();
                it.roles.push(descriptor::Role { id: uuid::Uuid::from_u128(7), name, ..it.roles[0].clone() });
            },
            "roles[1].name",
        ),
        (
            "role given twice",
            |it| {
                let user = it.application_user.as_mut().expect("there");
                user.roles.push(user.roles[0]);
            },
            "applicationUser.roles[1]",
        ),
        (
            "privilege twice",
            |it| {
                let mut again = it.roles[0].privileges[2].clone();
                again.name = again.name.to_uppercase();
                it.roles[0].privileges.push(again);
            },
            "roles[0].privileges[3].name",
        ),
        ("privilege with a blank", |it| it.roles[0].privileges[0].name.push(' '), "roles[0].privileges[0].name"),
        (
            "Cyrillic privilege",
            |it| it.roles[0].privileges[0].name = "prvReаdAccount".into(),
            "roles[0].privileges[0].name",
        ),
        (
            "setting twice",
            |it| {
                let mut again = it.settings[0].clone();
                again.name = again.name.to_lowercase();
                it.settings.push(again);
            },
            "settings[2].name",
        ),
        ("solution twice", |it| it.solutions.push(it.solutions[0].clone()), "solutions[1].file"),
        ("outside", |it| it.solutions[0].file = "solutions/../evil.zip".into(), "solutions[0].file"),
        ("absolute", |it| it.solutions[0].file = "/evil.zip".into(), "solutions[0].file"),
        ("below", |it| it.solutions[0].file = "solutions/a/b.zip".into(), "solutions[0].file"),
        ("not among the solutions", |it| it.solutions[0].file = "INSTALL.html".into(), "solutions[0].file"),
        ("too large a number", |it| it.solutions[0].size = 1 << 53, "solutions[0].size"),
        (
            "digest in capitals",
            |it| it.solutions[0].sha256 = it.solutions[0].sha256.to_uppercase(),
            "solutions[0].sha256",
        ),
        ("invisible", |it| it.roles[0].name.push('\u{200b}'), "roles[0].name"),
        ("decomposed", |it| it.roles[0].name = "u\u{308}ber".into(), "roles[0].name"),
        ("blank before", |it| it.publisher.display_name.insert(0, ' '), "publisher.displayName"),
        ("NUL", |it| it.publisher.display_name.push('\0'), "publisher.displayName"),
        ("escape", |it| it.publisher.display_name.push('\u{1b}'), "publisher.displayName"),
        ("command", |it| it.solutions[0].display_name = "\n##vso[task.complete]".into(), "solutions[0].displayName"),
        (
            "text from right to left",
            |it| it.settings[0].value = Some(descriptor::SettingValue::Text("a\u{202e}b".into())),
            "settings[0].value.text",
        ),
        (
            "value of another kind",
            |it| it.settings[1].value = Some(descriptor::SettingValue::Text("a".into())),
            "settings[1].value",
        ),
        ("unknown type", |it| it.settings[0].value_type = Some("String".into()), "settings[0].type"),
        ("another tool", |it| it.tool.name = "DvPack".into(), "tool.name"),
        (
            "script as address",
            |it| it.application.as_mut().expect("there").redirect_uris.web = vec!["javascript:alert(1)".into()],
            "application.redirectUris.web[0]",
        ),
        (
            "no signer",
            |it| {
                it.signers.push(descriptor::ExpectedSigner {
                    key: Some("sha256:0".into()),
                    identity: None,
                    issuer: None,
                });
            },
            "signers[0].key",
        ),
        (
            "two signers in one",
            |it| {
                it.signers.push(descriptor::ExpectedSigner {
                    key: Some(format!("sha256:{}", "0".repeat(64))),
                    identity: Some("a".into()),
                    issuer: None,
                });
            },
            "signers[0]",
        ),
        (
            "requirement twice",
            |it| {
                for name in ["A", "a"] {
                    it.requires.solutions.push(descriptor::RequiredSolution { name: name.into(), version: None });
                }
            },
            "requires.solutions[1].name",
        ),
    ];
    for (what, change, path) in cases {
        let found = said(change);
        assert!(found.starts_with(&format!("it.dvpack: bundle.json: `{path}`: ")), "{what}: {found}");
    }
    let nobody = said(|it| it.application_user.as_mut().expect("there").roles.push(other(9)));
    assert!(nobody.contains("applicationUser.roles[1]"), "{nobody}");
}

#[test]
fn every_other_file_is_what_is_rendered_for_it() {
    for (file, from, to) in [
        ("post-import/apply.sh", "set -eu", "set -e"),
        ("post-import/Apply-Package.ps1", "param", "Param"),
        ("INSTALL.html", "Contoso Service", "Reader"),
        ("deploymentSettings.json", "https://api.contoso.example", "https://evil.example"),
        ("sbom.cdx.json", "\"CycloneDX\"", "\"cycloneDX\""),
    ] {
        let found = after(|entries| edit(entries, file, from, to), true);
        assert!(found.starts_with(&format!("it.dvpack: {file}: it is not what dvpack makes of")), "{found}");
    }
    let gone = after(|entries| entries.retain(|it| it.name != "INSTALL.html"), true);
    assert_eq!(gone, "it.dvpack: INSTALL.html: it belongs in every bundle");
    for extra in ["readme.txt", "solutions/other.zip", "post-import/apply.ps1", "bundle.json.bak", "signatures/a.txt"] {
        let found = after(|entries| entries.push(Entry::new(extra, "x")), true);
        assert!(found.starts_with(&format!("it.dvpack: {extra}: ")), "{found}");
    }
    for (from, to) in [("\n", "\r\n"), ("  INSTALL.html\n", "  INSTALL.html\n\n")] {
        let found = after(|entries| edit(entries, checksums::NAME, from, to), false);
        assert!(found.starts_with("it.dvpack: SHA256SUMS: "), "{found}");
    }
}

#[test]
fn a_generation_of_templates_that_is_not_known_is_refused_or_listed() {
    let newer = |templates: u32| {
        let mut entries = archive::read(&built().bytes, &Limits::default()).expect("read");
        edit(&mut entries, DESCRIPTOR, "\"templates\": 1", &format!("\"templates\": {templates}"));
        edit(&mut entries, "post-import/apply.sh", "set -eu", "set -e");
        entries.push(Entry::new("new.txt", "x"));
        entries.retain(|entry| entry.name != checksums::NAME);
        let sums = checksums::render(&entries);
        entries.push(Entry::new(checksums::NAME, sums));
        archive::write(&entries).expect("written")
    };
    let findings = Bundle::from_bytes(&newer(2), "it").expect_err("refused");
    assert!(findings[0].to_string().contains("made by a newer dvpack"), "{findings:?}");
    let read = Bundle::read(&newer(2), "it", Unknown::Unchecked).expect("reads");
    let names =
        "deploymentSettings.json post-import/apply.sh post-import/Apply-Package.ps1 INSTALL.html sbom.cdx.json new.txt";
    assert_eq!(read.unchecked().join(" "), names);
    assert!(Bundle::read(&newer(0), "it", Unknown::Unchecked).is_err(), "there never was a generation 0");
}

#[test]
fn a_solution_must_have_the_digest_and_the_size_that_the_descriptor_says() {
    let solution = built().descriptor.solutions.remove(0);
    let told = format!("it.dvpack: {}: it is not the solution that `bundle.json` describes", solution.file);
    // Another solution may well have the same size.
    let digest = after(|entries| edit(entries, "bundle.json", &solution.sha256, &"0".repeat(64)), true);
    assert_eq!(digest, told);
    let size = format!("\"size\": {}", solution.size);
    assert_eq!(after(|entries| edit(entries, "bundle.json", &size, "\"size\": 1"), true), told);
}

#[test]
fn what_no_dvpack_writes_yet_is_refused() {
    let cases: &[Case] = &[
        ("a page", |it| it.page = Some(descriptor::Page::default()), "page"),
        ("packages", |it| it.packages = Some(descriptor::Packages::default()), "packages"),
        (
            "an earlier bundle",
            |it| {
                it.since = Some(descriptor::Since {
                    sha256: "0".repeat(64),
                    version: crate::version::Version::new(1, 0, 0, 0),
                    privileges: descriptor::ChangedPrivileges::default(),
                    components: descriptor::ChangedComponents::default(),
                });
            },
            "since",
        ),
    ];
    for (what, change, path) in cases {
        let found = said(change);
        assert!(
            found.starts_with(&format!("it.dvpack: bundle.json: `{path}`: dvpack does not write it yet")),
            "{what}: {found}"
        );
    }
}

#[test]
fn column_security_profiles_are_the_solutions_own() {
    fn needs(it: &mut Descriptor, id: u128, name: &str) {
        let profile = descriptor::ColumnSecurityProfile { id: uuid::Uuid::from_u128(id), name: name.into() };
        it.application_user.as_mut().expect("there").column_security_profiles.push(profile);
    }
    let cases: &[Case] = &[
        ("in no solution", |it| needs(it, 7, "Prices"), "applicationUser.columnSecurityProfiles[0].id"),
        ("no id", |it| needs(it, 0, "Prices"), "applicationUser.columnSecurityProfiles[0].id"),
        ("a name with a line", |it| needs(it, 7, "a\nb"), "applicationUser.columnSecurityProfiles[0].name"),
        (
            "twice",
            |it| {
                needs(it, 7, "Prices");
                needs(it, 7, "Prices");
            },
            "applicationUser.columnSecurityProfiles[1].id",
        ),
    ];
    for (what, change, path) in cases {
        let found = said(change);
        assert!(found.starts_with(&format!("it.dvpack: bundle.json: `{path}`: ")), "{what}: {found}");
    }
}
