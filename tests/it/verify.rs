//! `dvpack verify`: a whole bundle passes, anything else is told in clear words with exit code 3.

use std::path::Path;

use dvpack::archive::{self, Entry, Limits, Timestamp};
use dvpack::bundle;
use dvpack::diagnostic::Source;
use dvpack::manifest::{self, Request};

use crate::support::{Test, normal};

const ROLE: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";

/// A bundle around a small solution.
pub fn sample_bundle() -> Vec<u8> {
    let manifest = format!(
        "dvpack: 1
publisher: {{ name: contoso, displayName: Contoso Ltd, prefix: contoso, optionValuePrefix: 10000 }}
solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: 1.4.0.0 }}
application: {{ clientId: 6f2b6a3e-7c1d-4a55-9d1e-2f0c3b4a5d6e, name: Contoso Widgets Service }}
roles:
  - name: Contoso Widgets Service
    id: {ROLE}
    grants: {{ account: {{ read: organization }} }}
applicationUser: {{ roles: [Contoso Widgets Service] }}
"
    );
    let source = Source::new("dvpack.yaml", manifest);
    let loaded = manifest::load_text(&source, Path::new("."), &Request::new(".")).expect("a good manifest");
    let solution = archive::write(&[
        Entry::new("customizations.xml", format!(r#"<ImportExportXml><Roles><Role id="{{{ROLE}}}" name="Contoso Widgets Service"><RolePrivileges><RolePrivilege name="prvReadAccount" level="Global" /></RolePrivileges></Role></Roles></ImportExportXml>"#)),
        Entry::new("solution.xml", format!(r#"<ImportExportXml languagecode="1033"><SolutionManifest><UniqueName>ContosoWidgets</UniqueName><LocalizedNames><LocalizedName description="Contoso Widgets" languagecode="1033" /></LocalizedNames><Version>1.4.0.0</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName><LocalizedNames><LocalizedName description="Contoso Ltd" languagecode="1033" /></LocalizedNames><CustomizationPrefix>contoso</CustomizationPrefix></Publisher><RootComponents><RootComponent type="20" id="{{{ROLE}}}" behavior="0" /></RootComponents></SolutionManifest></ImportExportXml>"#)),
    ])
    .expect("a zip");
    bundle::build(&loaded.package, &normal(&solution), &[], Timestamp::FIRST).expect("a bundle").bytes
}

#[test]
fn a_whole_bundle_passes() {
    let ran = Test::new().file("it.dvpack", sample_bundle()).args("verify it.dvpack").success();
    assert!(ran.stdout.starts_with("it.dvpack: complete and consistent, 8 files\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("not signed: compare"), "{}", ran.stdout);
}

#[test]
fn a_truncated_bundle_says_so() {
    let mut bytes = sample_bundle();
    bytes.truncate(bytes.len() / 2);
    let ran = Test::new().file("it.dvpack", bytes).args("verify it.dvpack").code(3);
    assert!(ran.stderr.contains("cut short"), "{}", ran.stderr);
}

#[test]
fn a_changed_script_is_named() {
    let mut entries = archive::read(&sample_bundle(), &Limits::default()).expect("read");
    let script = entries.iter_mut().find(|entry| entry.name == "post-import/apply.sh").expect("there");
    script.bytes.push(b'\n');
    let bytes = archive::write(&entries).expect("written");
    let ran = Test::new().file("it.dvpack", bytes).args("verify it.dvpack").code(3);
    assert!(ran.stderr.contains("post-import/apply.sh") && ran.stderr.contains("changed after"), "{}", ran.stderr);
}
