//! Names of parts stay as they are, whatever is done with a solution: Dataverse looks for files under them.

use dvpack::archive::{self, Entry, Limits};

use crate::support::{Ran, Test};

const SOLUTION: &str = "dist/ContosoWidgets_1_4_0_0_managed.zip";

/// Names of files, and the names that Dataverse gives their parts.
const FILES: [(&str, &str); 4] = [
    ("Orders, Subscriptions.docx", "Orders%2C%20Subscriptions.docx"),
    ("a(1)'!&=+$;@[b].txt", "a%281%29%27%21%26%3D%2B%24%3B%40%5Bb%5D.txt"),
    ("Größe.pdf", "Gr%C3%B6%C3%9Fe.pdf"),
    ("plain.pdf", "plain.pdf"),
];

fn record(key: &str, file: &str) -> String {
    let file = file.replace('&', "&amp;");
    format!(
        "<botcomponent schemaname=\"{key}\">\r\n  <componenttype>14</componenttype>\r\n  <filedata mimetype=\"text/plain\">{file}</filedata>\r\n  \
         <iscustomizable>0</iscustomizable>\r\n  <name>A file</name>\r\n</botcomponent>"
    )
}

fn folder(key: usize) -> String {
    format!("botcomponents/contoso_agent.file.{key}")
}

/// The example's solution with an agent's files; whether the records have their names encoded.
fn solution(encoded: bool) -> Vec<u8> {
    let ran = Test::new().copy("examples/contoso-widgets").args("build .").success();
    let mut entries = archive::read(&ran.read(SOLUTION), &Limits::default()).expect("read");
    entries.retain(|entry| entry.name != "[Content_Types].xml");
    for (number, (file, part)) in FILES.into_iter().enumerate() {
        let folder = folder(number);
        let key = folder.strip_prefix("botcomponents/").expect("a key");
        entries.push(Entry::new(format!("{folder}/botcomponent.xml"), record(key, if encoded { part } else { file })));
        entries.push(Entry::new(format!("{folder}/filedata/{part}"), format!("content of {file}")));
    }
    entries.push(Entry::new("Assets/a%2Cb%28c%29", "raw"));
    archive::write(&entries).expect("written")
}

fn names(zip: &[u8]) -> Vec<String> {
    let mut names = archive::names(zip, &Limits::default()).expect("names");
    names.retain(|name| name != "[Content_Types].xml");
    names.sort();
    names
}

fn there(ran: &Ran, path: &str) -> bool {
    ran.folder.path().join(path).is_file()
}

#[test]
fn a_files_entry_has_the_same_name_after_unpack_and_pack() {
    for encoded in [true, false] {
        let zip = solution(encoded);
        let ran = Test::new().file("s.zip", &zip).args("unpack s.zip out").success();
        for (number, (file, _)) in FILES.into_iter().enumerate() {
            let path = format!("out/{}/filedata/{file}", folder(number));
            assert!(there(&ran, &path), "{path}, encoded: {encoded}");
        }
        assert!(there(&ran, "out/Other/Parts/Assets/a%2Cb%28c%29"), "a name that no column gives");
        let ran = Test::within(ran.folder).args("pack out again.zip").success();
        assert_eq!(names(&ran.read("again.zip")), names(&zip), "encoded: {encoded}");
    }
}

#[test]
fn a_files_entry_has_the_same_name_after_init_and_build_and_in_the_bundle() {
    for encoded in [true, false] {
        let zip = solution(encoded);
        let ran = Test::new().file("s.zip", &zip).args("init made --from s.zip").success();
        let ran = Test::within(ran.folder).args("build made -o dist").success();
        assert_eq!(names(&ran.read(SOLUTION)), names(&zip), "encoded: {encoded}");
        let ran = Test::within(ran.folder).args("verify dist/ContosoWidgets_1_4_0_0.dvpack").success();
        let ran = Test::within(ran.folder).args("inspect dist/ContosoWidgets_1_4_0_0.dvpack").success();
        assert!(
            !ran.stdout.contains("Orders%2C%20Subscriptions.docx"),
            "a file that belongs to nothing: {}",
            ran.stdout
        );
    }
}

#[test]
fn a_folder_of_another_tool_gives_the_name_that_dataverse_looks_for() {
    for (on_disk, encoded) in [(0, false), (0, true), (1, true)] {
        let mut test = Test::new().copy("examples/contoso-widgets/solution/src");
        for (number, names) in FILES.into_iter().enumerate() {
            let (folder, names) = (folder(number), [names.0, names.1]);
            let key = folder.strip_prefix("botcomponents/").expect("a key");
            test = test
                .file(&format!("{folder}/botcomponent.xml"), record(key, names[usize::from(encoded)]))
                .file(&format!("{folder}/filedata/{}", names[on_disk]), "content");
        }
        let ran = test.args("pack . s.zip").success();
        let packed = names(&ran.read("s.zip"));
        for (number, (_, part)) in FILES.into_iter().enumerate() {
            let wanted = format!("{}/filedata/{part}", folder(number));
            assert!(packed.contains(&wanted), "{wanted} is not in {packed:#?}");
        }
    }
}

#[test]
fn two_files_that_one_column_could_name_are_refused_in_a_bundle() {
    for other in ["Orders,%20Subscriptions.docx", "orders%2c%20Subscriptions.docx"] {
        let mut entries = archive::read(&solution(false), &Limits::default()).expect("read");
        entries.push(Entry::new(format!("{}/filedata/{other}", folder(0)), "another"));
        let zip = archive::write(&entries);
        let Ok(zip) = zip else { continue };
        let ran = Test::new().file("s.zip", zip).args("inspect s.zip").success();
        assert!(ran.stderr.contains("that readers take for one"), "{other}: {}", ran.stderr);
    }
    for (file, message) in [
        ("other.docx", "is beside the file that `filedata` names"),
        ("Orders,%2520Subscriptions.docx", "is beside the file that `filedata` names"),
    ] {
        let mut entries = archive::read(&solution(false), &Limits::default()).expect("read");
        entries.push(Entry::new(format!("{}/filedata/{file}", folder(0)), "another"));
        let ran = Test::new().file("s.zip", archive::write(&entries).expect("written")).args("inspect s.zip").success();
        assert!(ran.stderr.contains(message), "{file}: {}", ran.stderr);
    }
}

#[test]
fn a_file_of_a_component_is_found_however_its_entrys_name_is_encoded() {
    let ran = Test::new().copy("examples/contoso-widgets").args("build .").success();
    let mut entries = archive::read(&ran.read(SOLUTION), &Limits::default()).expect("read");
    entries.retain(|entry| entry.name != "[Content_Types].xml");
    let file = entries.iter_mut().find(|entry| entry.name.starts_with("WebResources/")).expect("a web resource");
    let old = std::mem::replace(&mut file.name, "WebResources/a%2C%20b.js".to_owned());
    let xml = entries.iter_mut().find(|entry| entry.name == "customizations.xml").expect("there");
    xml.bytes = String::from_utf8_lossy(&xml.bytes).replace(&old, "WebResources/a, b.js").into_bytes();
    let zip = archive::write(&entries).expect("written");
    let ran = Test::new().file("s.zip", &zip).args("init made --from s.zip").success();
    let ran = Test::within(ran.folder).args("build made -o dist").success();
    assert_eq!(names(&ran.read(SOLUTION)), names(&zip));
    let ran = Test::within(ran.folder).args("inspect dist/ContosoWidgets_1_4_0_0.dvpack").success();
    assert!(!ran.stdout.contains("a%2C%20b.js"), "a file that belongs to nothing: {}", ran.stdout);
}
