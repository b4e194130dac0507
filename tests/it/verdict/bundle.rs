//! The bundle of these tests: flows, a step, a variable, a connection, an application user with a role and a column
//! security profile.

use std::path::PathBuf;
use std::sync::LazyLock;

use dvpack::archive::Timestamp;
use dvpack::deploy::Desired;
use dvpack::{bundle, manifest, solution};

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

/// The bundle in memory, and on disk for the program itself.
pub struct Bundle {
    pub desired: Desired,
    pub path: PathBuf,
}

/// The bundle in a version; `user`: more lines of `applicationUser`.
pub fn bundle(version: &str, more: &str, user: &str) -> Bundle {
    bundle_with(version, more, user, "")
}

/// The same with more components.
fn bundle_with(version: &str, more: &str, user: &str, components: &str) -> Bundle {
    let name = format!("{version}-{}-{}-{}", more.len(), user.len(), components.len());
    let folder = FOLDER.path().join(&name);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("flows.zip"), crate::processes::solution()).expect("written");
    let text = format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: ContosoFlows, displayName: Contoso Flows, version: {version}, languages: [1033] }}\n\
         application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Flows }}\n\
         roles:\n  - name: Flow Service\n    grants:\n      account: {{ read: organization, write: businessUnit }}\n\
         {more}      contact: {{ read: user }}\n      annotation: {{ create: organization }}\n\
         applicationUser: {{ roles: [Flow Service]{user} }}\n\
         components:\n{components}  environmentVariables: [ {{ name: contoso_Api, displayName: Api, type: string, default: a }} ]\n\
         \x20 source: [flows.zip]\nsettings: {{ contoso_Api: 'https://api.contoso.com', contoso_Mail: mail-1 }}\n"
    );
    std::fs::write(folder.join("dvpack.yaml"), text).expect("written");
    let request = manifest::Request { path: folder, environment: None, set: Vec::new(), today: None };
    let loaded = manifest::load(&request).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let assembled = solution::assemble(&loaded.package).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let built = bundle::build(&loaded.package, &assembled.zip, &assembled.roles, Timestamp::FIRST).expect("built");
    let path = FOLDER.path().join(format!("{name}.dvpack"));
    std::fs::write(&path, &built.bytes).expect("written");
    let desired = Desired::new(built.descriptor, vec![assembled.zip]).expect("a bundle");
    Bundle { desired, path }
}

/// The version that all states are compared with.
pub static WANTED: LazyLock<Bundle> = LazyLock::new(|| {
    let profile =
        "  columnSecurityProfiles: [ { name: Credit Desk, permissions: { account: { contoso_Score: [read] } } } ]\n";
    let user = ", columnSecurityProfiles: [Credit Desk]";
    bundle_with("1.4.0.0", "      lead: { read: organization, write: user }\n", user, profile)
});
/// An earlier version, whose role allows less.
pub static EARLIER: LazyLock<Bundle> = LazyLock::new(|| bundle("1.3.0.0", "", ""));
/// An earlier one with a table that the wanted one no longer has.
pub static EARLIER_WITH_TABLE: LazyLock<Bundle> =
    LazyLock::new(|| bundle_with("1.3.0.0", "", "", "  tables: [ { name: contoso_Gadget, displayName: Gadget } ]\n"));
/// A later one.
pub static LATER: LazyLock<Bundle> = LazyLock::new(|| bundle("9.0.0.0", "", ""));
