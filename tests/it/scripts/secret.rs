//! Where a script gets the secret from: a file as any system writes it, or a person at a terminal.

use super::{Bundle, Script, imported, options};

#[test]
fn a_file_with_the_lines_of_another_system_has_the_same_secret() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        let file = bundle.folder.path().join("a secret");
        let path = file.display().to_string();
        for ending in ["\n", "\r\n", "", "\r\nmore\r\n"] {
            std::fs::write(&file, format!("{}{ending}", world.sandbox.admin_secret())).expect("written");
            let ran = bundle.run_with(script, &world, &["--plan", "--secret-file", &path], "");
            assert_eq!(ran.code, 10, "{script:?} {ending:?}\n{}", ran.all());
        }
    }
}
