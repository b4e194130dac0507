//! Scripts that somebody signed.

use super::*;

/// Lines around base64 of a DER sequence, as `Set-AuthenticodeSignature` writes them.
fn signature_block(newline: &str) -> String {
    use base64::Engine as _;
    let der = [&[0x30, 0x82, 0x01, 0x00][..], &[7; 256][..]].concat();
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> =
        text.as_bytes().chunks(64).map(|it| format!("# {}{newline}", String::from_utf8_lossy(it))).collect();
    format!("{newline}# SIG # Begin signature block{newline}{}# SIG # End signature block{newline}", lines.concat())
}

#[test]
fn an_authenticode_signature_is_allowed_and_reported_and_nothing_else_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let entries = genuine();
    let with = |text: &str| {
        let mut entries = entries.clone();
        let script = entries.iter_mut().find(|it| it.name == "post-import/Apply-Package.ps1").expect("there");
        script.bytes.extend_from_slice(text.as_bytes());
        packed(&entries)
    };
    for newline in ["\n", "\r\n"] {
        let ran = Test::new().file("it.dvpack", with(&signature_block(newline))).args("verify it.dvpack").success();
        assert!(ran.stdout.contains("has an Authenticode signature"), "{}", ran.stdout);
        let block = signature_block(newline);
        let code = format!("Remove-Item C:{newline}");
        for (what, text) in [
            ("behind", format!("{block}{code}")),
            ("before", format!("{code}{block}")),
            ("inside", block.replacen("# B", "B", 1)),
            ("two blocks", block.repeat(2)),
            ("no end", block.replace("End", "end")),
            ("not base64", block.replacen("# M", "# $(x)M", 1)),
            (
                "no signature",
                format!("{newline}# SIG # Begin signature block{newline}# SIG # End signature block{newline}"),
            ),
            ("a comment", format!("# signed{newline}")),
        ] {
            refused(what, folder.path(), &with(&text), "post-import/Apply-Package.ps1");
        }
    }
    // No other file can be signed so.
    let mut shell = entries.clone();
    let script = shell.iter_mut().find(|it| it.name == "post-import/apply.sh").expect("there");
    script.bytes.extend_from_slice(signature_block("\n").as_bytes());
    refused("apply.sh", folder.path(), &packed(&shell), "post-import/apply.sh");
}
