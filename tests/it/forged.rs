//! Names out of a solution pass for nothing that dvpack says: neither a line in a terminal nor one of a comment, and what
//! two readers could take in different ways never counts as “nothing was gained”.

use crate::merged_zip::zip;
use crate::support::Test;

fn role(name: &str, privileges: &str) -> String {
    format!(
        "<Roles><Role id=\"{{00000000-0000-0000-0000-000000000001}}\" name=\"{name}\"><RolePrivileges>{privileges}</RolePrivileges></Role></Roles>"
    )
}

#[test]
fn no_name_makes_a_line_of_its_own() {
    let forged = "no privilege was gained";
    let breaks = ["&#10;", "&#13;", "&#13;&#10;", "&#x2028;", "&#x85;", "&#x2029;"];
    for broken in breaks.map(|it| format!("x{it}{forged}")) {
        let privilege = format!("<RolePrivilege name=\"prvWrite{broken}\" level=\"Global\" />");
        let resource = format!("<WebResources><WebResource><Name>{broken}</Name></WebResource></WebResources>");
        let unknown = format!("<Zz><a name=\"{broken}\" /></Zz>");
        for sections in [role(&broken, ""), role("Plain", &privilege), resource, unknown] {
            for options in ["", " --markdown"] {
                let ran = Test::new().file("old.zip", zip("", "", &[])).file("new.zip", zip(&sections, "", &[]));
                let ran = ran.args(&format!("diff old.zip new.zip{options}")).run();
                let lines = ran.stdout.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
                let own = if options.is_empty() { usize::from(ran.code == 0) } else { 0 };
                assert_eq!(lines.filter(|line| line.starts_with(forged)).count(), own, "{sections}: {}", ran.stdout);
            }
        }
    }
    for name in ["prvWriteX| a | b |", "prv`x` | a", "prvWrite&#10;# Heading", "prvA\\| b", "prvWrite&#10;| a | b |"] {
        let privilege = format!("<RolePrivilege name=\"{name}\" level=\"Global\" />");
        let ran = Test::new().file("old.zip", zip(&role("Plain", ""), "", &[]));
        let ran =
            ran.file("new.zip", zip(&role("Plain", &privilege), "", &[])).args("diff old.zip new.zip --markdown").run();
        let row = ran
            .stdout
            .lines()
            .find(|line| line.contains("gained**"))
            .unwrap_or_else(|| panic!("{name}: {}", ran.stdout));
        let plain = row.replace("\\\\", "").replace("\\|", "");
        assert_eq!(plain.matches('|').count(), 6, "{name}: {row}");
        assert!(!ran.stdout.lines().any(|line| line.starts_with("# ")), "{name}: {}", ran.stdout);
    }
}

#[test]
fn what_has_two_readings_may_be_a_gain() {
    let row = |attributes: &str| format!("<RolePrivilege {attributes} />");
    let evil = row("name=\"prvWriteRole\" level=\"Worldwide\"");
    let inner = format!(
        "<Role id=\"{{00000000-0000-0000-0000-000000000002}}\" name=\"Evil\"><RolePrivileges>{}</RolePrivileges></Role>",
        row("name=\"prvWriteRole\" level=\"Global\"")
    );
    let plain = zip("", "", &[]);
    for (what, sections) in [
        ("a level that does not exist", role("Evil", &evil)),
        (
            "no id",
            inner.replace(" id=\"{00000000-0000-0000-0000-000000000002}\"", "").replace("<Role ", "<Roles><Role ")
                + "</Roles>",
        ),
        ("another case", format!("<roles>{inner}</roles>")),
        ("two sections", format!("<Roles /><Roles>{inner}</Roles>")),
        ("no level", role("Evil", &row("name=\"prvWriteRole\""))),
        ("a role in a flow", format!("<Zz>{inner}</Zz>")),
    ] {
        let ran = Test::new()
            .file("old.zip", &plain)
            .file("new.zip", zip(&sections, "", &[]))
            .args("diff old.zip new.zip")
            .run();
        assert_eq!(ran.code, 10, "{what}: {}{}", ran.stdout, ran.stderr);
        assert!(
            ran.stdout.contains("  ! ") && !ran.stdout.contains("no privilege was gained"),
            "{what}: {}",
            ran.stdout
        );
        let ran = Test::new()
            .file("old.zip", &plain)
            .file("new.zip", zip(&sections, "", &[]))
            .args("diff old.zip new.zip --format json")
            .run();
        let json = ran.json();
        assert_eq!(json["difference"]["gained"], true, "{what}: {json:#}");
        assert!(json["difference"]["deviations"][0].is_string(), "{what}: {json:#}");
        let ran = Test::new()
            .file("old.zip", &plain)
            .file("new.zip", zip(&sections, "", &[]))
            .args("diff old.zip new.zip --markdown")
            .run();
        assert!(ran.stdout.contains("is not known.**"), "{what}: {}", ran.stdout);
    }
    let ran = Test::new().file("old.zip", &plain).file("new.zip", &plain).args("diff old.zip new.zip").success();
    assert!(ran.stdout.contains("no difference"), "{}", ran.stdout);
}
