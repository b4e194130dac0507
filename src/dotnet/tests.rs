use std::path::Path;

use super::*;

const FIXTURE: &str = "tests/kinds/plugin-assembly/plugins/Contoso.Widgets.Plugins.dll";

fn fixture() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE)).expect("the fixture")
}

#[test]
fn an_assembly_tells_its_name_and_what_dataverse_can_run() {
    let assembly = read(&fixture()).expect("sound");
    let name = assembly.identity.to_string();
    assert!(name.starts_with("Contoso.Widgets.Plugins, Version=1.4.0.0, Culture=neutral, PublicKeyToken="), "{name}");
    assert!(assembly.identity.token.is_some());
    let types: Vec<(&str, Role)> = assembly.types.iter().map(|it| (it.name.as_str(), it.role)).collect();
    assert_eq!(
        types,
        [
            ("Contoso.Widgets.Plugins.CheckSerialNumber", Role::Plugin),
            ("Contoso.Widgets.Plugins.CountParts", Role::Plugin),
            ("Contoso.Widgets.Plugins.RateWidget", Role::Plugin),
            ("Contoso.Widgets.Plugins.PrintLabel", Role::WorkflowActivity),
        ]
    );
}

#[test]
fn what_is_not_an_assembly_is_refused_with_the_reason() {
    assert_eq!(read(b""), Err(Refusal::NotPortable));
    assert_eq!(read(b"PK\x03\x04"), Err(Refusal::NotPortable));
    assert_eq!(read(b"MZ"), Err(Refusal::NotPortable));
    let mut native = fixture();
    let pe = u32::from_le_bytes(native[0x3c..0x40].try_into().expect("four bytes")) as usize;
    native[pe + 24 + 96 + 14 * 8..][..8].fill(0);
    assert_eq!(read(&native), Err(Refusal::NotDotNet));
}

#[test]
fn a_damaged_assembly_is_refused_and_never_followed_outside() {
    let sound = fixture();
    for length in 0..sound.len() {
        let _ = read(&sound[..length]);
    }
    for at in 0..sound.len() {
        for value in [0x00, 0xff, sound[at] ^ 1] {
            let mut damaged = sound.clone();
            damaged[at] = value;
            let _ = read(&damaged);
        }
    }
}

/// Assemblies of this machine, by their folder: `DVPACK_ASSEMBLIES=/usr/lib/mono cargo test --lib dotnet:: -- --ignored --nocapture`.
#[test]
#[ignore = "reads a folder of assemblies that has to be named"]
fn the_assemblies_of_a_folder_are_read() {
    let Some(folder) = std::env::var_os("DVPACK_ASSEMBLIES") else { return };
    let (mut read_count, mut refused) = (0, Vec::new());
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|it| it == "dll") {
            match read(&std::fs::read(entry.path()).expect("read")) {
                Ok(assembly) => {
                    read_count += 1;
                    println!("{} ({} types)", assembly.identity, assembly.types.len());
                }
                Err(why) => refused.push(format!("{}: {why}", entry.path().display())),
            }
        }
    }
    println!("{read_count} read, {} refused: {refused:#?}", refused.len());
}
