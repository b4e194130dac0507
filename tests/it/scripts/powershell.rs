//! What only `Apply-Package.ps1` can meet: PowerShell's streams, parameters and restrictions.

use std::process::Command;

use super::{Bundle, Script, imported, options, powershell, ran, template};
use crate::world::World;

/// Runs a line of PowerShell that finds the script in `$s` and the environment's address in `$u`.
fn line(bundle: &Bundle, world: &World, text: &str) -> super::Ran {
    let script = bundle.root().join("post-import/Apply-Package.ps1");
    let mut command = Command::new(powershell().expect("PowerShell"));
    let prefix =
        format!("$s = '{}'; $u = '{}'; ", script.display(), world.sandbox.url().as_str().trim_end_matches('/'));
    command.args(["-NoProfile", "-Command", &(prefix + text)]).env("NO_COLOR", "1").env("HOME", bundle.folder.path());
    command
        .env("AZURE_CLIENT_ID", world.sandbox.admin_client_id().to_string())
        .env("AZURE_CLIENT_SECRET", world.sandbox.admin_secret());
    ran(&mut command)
}

#[test]
fn what_it_prints_can_be_captured_and_transcribed() {
    if powershell().is_none() {
        return;
    }
    let bundle = Bundle::new();
    let world = imported(&bundle, options());
    let transcript = bundle.folder.path().join("transcript").display().to_string();
    let text = format!(
        "$x = & $s -Url $u -Plan; \"$LASTEXITCODE $($x.Count) $($x[0])\"; $x = & $s -Url http://x *>&1; \"$LASTEXITCODE $x\"; \
         Start-Transcript '{transcript}' | Out-Null; & $s -Url $u -Plan; & $s -Url http://x; Stop-Transcript | Out-Null"
    );
    let ran = line(&bundle, &world, &text);
    assert!(ran.stdout.starts_with("10 4 would create the user of application"), "{}", ran.all());
    assert!(ran.stdout.contains("\n2 see the usage in this file\n"), "{}", ran.all());
    let written = std::fs::read_to_string(&transcript).expect("a transcript");
    assert!(written.contains("would assign role") && written.contains("see the usage in this file"), "{written}");
}

#[test]
fn wrong_parameters_are_a_usage_error() {
    if powershell().is_none() {
        return;
    }
    let (bundle, world) = (Bundle::new(), World::new(options()));
    bundle.process(2, Script::PowerShell, &world, &["-Nonsense"]);
    for arguments in [&["-Url"][..], &["more"], &["-Plan:x"]] {
        bundle.code(2, Script::PowerShell, &world, arguments);
    }
    for url in
        ["http://contoso.crm.dynamics.com", "http://127.0.0.1.example.com", "https://user@contoso.crm.dynamics.com"]
    {
        // The last address that is given counts.
        bundle.code(2, Script::PowerShell, &world, &["-Url", url]);
    }
}

#[test]
fn a_machine_that_limits_scripts_is_named() {
    if powershell().is_none() {
        return;
    }
    let (bundle, world) = (Bundle::new(), World::new(options()));
    let limited =
        "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; & $s -Url $u; exit $LASTEXITCODE";
    let ran = line(&bundle, &world, limited);
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(ran.all().contains("ConstrainedLanguage mode: use apply.sh or dvpack"), "{}", ran.all());
}

/// A proxy that asks for a password is named.
#[test]
fn a_proxy_that_asks_for_a_password_is_named() {
    use std::io::{Read as _, Write as _};
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", proxy.local_addr().expect("an address"));
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = proxy.accept() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    let world = World::new(options());
    for script in Script::here() {
        let bundle = Bundle::new();
        let mut command = bundle.command(script, "https://contoso.crm.dynamics.com", &world, &[]);
        let ran = ran(command.env("HTTPS_PROXY", &address).env("https_proxy", &address));
        assert_eq!(ran.code, 1, "{script:?} {}", ran.all());
        assert!(ran.all().contains("407"), "{script:?} {}", ran.all());
        if script == Script::PowerShell {
            assert!(
                template("Apply-Package.ps1")
                    .contains("DefaultProxyCredentials = [Net.CredentialCache]::DefaultCredentials")
            );
        }
    }
}

/// What Windows PowerShell 5.1 does not know is not used; it would not even be read.
#[test]
fn the_script_uses_nothing_that_windows_powershell_lacks() {
    let script = template("Apply-Package.ps1");
    assert!(script.is_ascii());
    for newer in [
        " ?? ",
        "??=",
        "?.",
        " && ",
        " || ",
        "-AsHashtable",
        "-SkipHttpErrorCheck",
        "-Parallel",
        "-DateKind",
        "clean {",
        "Get-Error",
        "-AsPlainText",
        "ConvertFrom-SecureString",
        "-SslProtocol",
        "-Authentication",
        "Join-String",
        "-notin $null",
        "using namespace",
    ] {
        assert!(!script.contains(newer), "{newer}");
    }
    // What compares identities ignores neither a character without width nor composed accents.
    for by_culture in ["-ceq", "-cne", "-ccontains", "-cin "] {
        assert!(!script.contains(by_culture), "{by_culture}");
    }
}
