//! A bundle that was built for one environment does not go to another by mistake.

use std::process::Command;

use super::{Bundle, FIRST, Ran, Script, credentials, host, imported, in_powershell, options, powershell, ran};
use crate::world::World;

const FIELD: &str = "\"environment\": {\n    \"name\": \"uat\"";
const BUILT_FOR: &str = "https://contoso-uat.crm.dynamics.com/";

/// A bundle for the environment at that address.
fn for_environment(url: &str) -> Bundle {
    let bundle = Bundle::new();
    bundle.edit(FIELD, &format!("{FIELD},\n    \"url\": \"{url}\""));
    bundle
}

/// Runs where no request gets anywhere, and no pause is slept through: nobody listens at the proxy.
fn run(bundle: &Bundle, script: Script, world: &World, url: &str, arguments: &[&str]) -> Ran {
    let mut command = match script {
        Script::Shell => bundle.command(script, url, world, arguments),
        Script::PowerShell => {
            let file = bundle.root().join("post-import/Apply-Package.ps1");
            let words = in_powershell(url, arguments).join(" ");
            let line = format!("function global:Start-Sleep {{}}; & '{}' {words}; exit $LASTEXITCODE", file.display());
            let mut command = Command::new(powershell().expect("PowerShell"));
            command.args(["-NoProfile", "-Command", &line]).env("NO_COLOR", "1").envs(credentials(world));
            command
        }
    };
    let nobody = "http://127.0.0.1:9";
    ran(command.env("HTTPS_PROXY", nobody).env("https_proxy", nobody))
}

#[test]
fn another_host_region_cloud_or_port_is_refused_before_anything_is_asked() {
    let world = World::new(options());
    let bundle = for_environment(BUILT_FOR);
    for script in Script::here() {
        for url in [
            "https://contoso.crm.dynamics.com",
            "https://contoso-uat.crm4.dynamics.com/",
            "https://contoso-uat.crm.microsoftdynamics.us",
            "https://contoso-uat.crm.dynamics.com:8443",
            "https://contoso-uat.crm.dynamics.com.evil.example",
            "https://contoso-uat.crm.dynamics.co",
            world.sandbox.url().as_str(),
        ] {
            let ran = match script {
                Script::Shell => run(&bundle, script, &world, url, &["--plan"]),
                Script::PowerShell => {
                    let file = bundle.root().join("post-import/Apply-Package.ps1");
                    host::run(&file, &in_powershell(url, &["--plan"]), &credentials(&world))
                }
            };
            assert_eq!(ran.code, 6, "{script:?} {url}\n{}", ran.all());
            let words = if script == Script::Shell { "--other-environment if " } else { "-OtherEnvironment if " };
            let said = ran.all();
            assert!(said.contains("the bundle is for ") && said.contains(words), "{script:?} {url}\n{said}");
            assert!(said.contains("contoso-uat.crm.dynamics.com"), "{script:?} {url}\n{said}");
        }
        let log = world.ask(reqwest::Method::GET, "log").expect("JSON");
        assert_eq!(log.as_array().map(Vec::len), Some(0), "{script:?}: {log}");
    }
}

/// Then the request is tried: nobody answers it, which is another exit code.
#[test]
fn the_same_environment_is_recognized_however_it_is_written() {
    let world = World::new(options());
    for script in Script::here() {
        for (built_for, url) in [
            (BUILT_FOR, "https://CONTOSO-UAT.crm.Dynamics.com"),
            (BUILT_FOR, "https://contoso-uat.crm.dynamics.com:443/"),
            ("https://contoso-uat.crm.dynamics.com:443", "https://contoso-uat.crm.dynamics.com"),
            ("https://contoso-uat.crm.dynamics.com./main.aspx", "https://contoso-uat.crm.dynamics.com/"),
            ("https://Contoso-UAT.crm.dynamics.com:8443", "https://contoso-uat.crm.dynamics.com:8443"),
        ] {
            let ran = run(&for_environment(built_for), script, &world, url, &["--plan"]);
            assert_eq!(ran.code, 1, "{script:?} {built_for} {url}\n{}", ran.all());
            assert!(ran.all().contains("does not answer like Dataverse"), "{script:?} {url}\n{}", ran.all());
        }
    }
}

#[test]
fn who_means_another_environment_says_so() {
    for script in Script::here() {
        let bundle = for_environment(BUILT_FOR);
        let world = imported(&bundle, options());
        bundle.code(10, script, &world, &["--other-environment", "--plan"]);
        bundle.code(0, script, &world, &["--other-environment"]);
        assert_eq!(world.writes(), FIRST);
    }
}
