//! `dvpack diff`: what a reviewer must approve, in every form that a release has.

use crate::support::{Test, corpus};

fn manifest(version: &str, grants: &str, rest: &str) -> String {
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: {version} }}\n\
application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 }}\napplicationUser: {{ roles: [Contoso Service] }}\n\
roles:\n  - name: Contoso Service\n    grants: {{ {grants} }}\n{rest}"
    )
}

fn two(old: &str, new: &str) -> Test {
    Test::new()
        .file("old/dvpack.yaml", old)
        .file("old/app.js", "// 1\n")
        .file("old/more.js", "// more\n")
        .file("new/dvpack.yaml", new)
        .file("new/app.js", "// 2\n")
        .file("new/more.js", "// more\n")
}

fn old() -> String {
    manifest(
        "1.0.0.0",
        "account: { read: user }, contact: { read: organization, write: organization }",
        "    privileges: { prvReadLicense: organization }\ncomponents:\n  webResources: [ { path: app.js, name: contoso_/app.js } ]\n  \
environmentVariables: [ { name: contoso_ApiBase, type: string, default: 'https://a.example' } ]\n",
    )
}

fn new() -> String {
    manifest(
        "1.1.0.0",
        "account: { read: organization, delete: organization }, contact: { read: organization, write: user }",
        "    privileges: { prvActOnBehalfOfAnotherUser: { level: organization, because: writes as the person who asked } }\ncomponents:\n  \
webResources: [ { path: app.js, name: contoso_/app.js }, { path: more.js, name: contoso_/more.js } ]\n  \
environmentVariables: [ { name: contoso_ApiBase, type: string, default: 'https://a.example' } ]\n\
settings: { contoso_ApiBase: 'https://b.example' }\n",
    )
}

#[test]
fn what_was_gained_comes_first_and_ends_with_10() {
    let ran = two(&old(), &new()).args("diff old new").code(10);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn markdown_is_fit_for_a_pull_request() {
    let ran = two(&old(), &new()).args("diff old new --markdown").code(10);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn less_or_other_is_no_reason_to_stop_a_pipeline() {
    let ran = two(&new(), &old()).args("diff new old --format json");
    // Turned round, `user` becomes `organization` on contact, and a privilege comes back.
    assert_eq!(ran.code(10).json()["difference"]["gained"], true);
    let fewer = old().replace(", write: organization", "");
    let ran = two(&old(), &fewer).args("diff old new --format json").success();
    let difference = &ran.json()["difference"];
    assert_eq!(difference["gained"], false);
    assert_eq!(difference["roles"][0]["lost"][0]["privilege"], "prvWriteContact");
    assert_eq!(difference["components"][0]["name"], "contoso_/app.js");
}

#[test]
fn the_same_release_in_any_form_has_no_difference() {
    let test = Test::new().file("dvpack.yaml", old()).file("app.js", "// 1\n").args("build");
    let ran = test.success();
    let folder = ran.folder.path();
    let compare = |old: &str, new: &str| {
        let output = crate::support::dvpack(folder).args(["diff", old, new]).output().expect("run");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let bundle = "dist/ContosoWidgets_1_0_0_0.dvpack";
    let zip = "dist/ContosoWidgets_1_0_0_0_managed.zip";
    for (old, new) in [(".", "dvpack.yaml"), (".", bundle), (bundle, bundle), (zip, zip)] {
        let (code, text) = compare(old, new);
        assert_eq!(code, Some(0), "{old} {new}: {text}");
        assert!(text.ends_with("no difference\n"), "{old} {new}: {text}");
    }
    let (code, text) = compare(zip, bundle);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("Components") && !text.contains("Role "), "{text}");
}

#[test]
fn two_versions_of_a_real_solution_give_a_comment_that_a_person_can_read() {
    let Some(corpus) = corpus() else { return };
    let old = corpus.join("exported/microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip");
    let new = corpus.join("unpacked/brendon-colburn+powerplatform-rules-engine__ROOT/packed.unmanaged.zip");
    let ran = Test::new().args("diff --markdown").arg(old.display().to_string()).arg(new.display().to_string()).run();
    assert!(ran.code == 0 || ran.code == 10, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
}

/// A sandbox in this process, and the sign-in of its administrator for a `dvpack` beside it.
struct Environment {
    runtime: tokio::runtime::Runtime,
    sandbox: Option<dvpack::sandbox::Sandbox>,
}

impl Environment {
    fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let sandbox = runtime.block_on(dvpack::sandbox::start(dvpack::sandbox::Options::default())).expect("a sandbox");
        Self { runtime, sandbox: Some(sandbox) }
    }

    fn run(&self, test: Test, line: &str) -> crate::support::Ran {
        let sandbox = self.sandbox.as_ref().expect("running");
        test.args(&format!("{line} --url {}", sandbox.url()))
            .env("AZURE_CLIENT_ID", &sandbox.admin_client_id().to_string())
            .env("AZURE_CLIENT_SECRET", sandbox.admin_secret())
            .env("AZURE_TENANT_ID", &sandbox.tenant_id().to_string())
            .env("DVPACK_TEST_PACE", "10000")
            .run()
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        drop(self.sandbox.take());
        let _ = &self.runtime;
    }
}

#[test]
fn an_environment_is_compared_with_what_would_be_applied() {
    let environment = Environment::new();
    let package = |text: String| two(&text, &text);
    // Nothing is there: every privilege is gained.
    let ran = environment.run(package(old()), "diff old");
    assert_eq!(ran.code, 10, "{}", ran.stderr);
    assert!(ran.stdout.contains("prvReadAccount") || ran.stdout.contains("Read on Account"), "{}", ran.stdout);

    let ran = environment.run(package(old()), "apply old --yes");
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let ran = environment.run(package(old()), "diff old");
    assert_eq!((ran.code, ran.stdout.lines().last()), (0, Some("no difference")), "{}", ran.stdout);

    let ran = environment.run(package(new()), "diff new");
    assert_eq!(ran.code, 10, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
}
