use std::fs;

use super::*;

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, name).expect("written");
    }
    folder
}

fn names(listed: Vec<Listed>) -> Vec<String> {
    let name = |listed| match listed {
        Listed::File(name, path) => {
            assert!(path.is_file(), "{name}");
            name
        }
        Listed::Finding(finding) => finding.code.to_string(),
    };
    listed.into_iter().map(name).collect()
}

#[test]
fn everything_that_may_be_part_of_a_solution_is_in_the_order_of_names() {
    let folder = folder(&[
        "Entities/b/Entity.xml",
        "Entities/a/FormXml/main/{1}.xml",
        "Entities/a/Entity.xml",
        "Entities/a.txt",
        "Entities/.git/config",
        "Other/Solution.xml",
        "Other/Parts/.git/kept",
        "Other/Bin/kept",
        "OBJ/left.xml",
        "node_modules/x/left.js",
        "readme.md",
    ]);
    assert_eq!(
        names(list(folder.path(), 100)),
        [
            "Entities/a/Entity.xml",
            "Entities/a/FormXml/main/{1}.xml",
            "Entities/a.txt",
            "Entities/b/Entity.xml",
            "Other/Bin/kept",
            "Other/Parts/.git/kept",
            "Other/Solution.xml",
        ]
    );
}

#[test]
fn a_folder_that_is_too_large_is_not_listed_to_its_end() {
    let folder = folder(&["a/1", "a/2", "a/3", "b/c/4"]);
    assert!(list(folder.path(), 1).len() > 1);
    assert_eq!(names(list(folder.path(), 4)).len(), 4);
}

#[test]
fn what_cannot_be_listed_is_said() {
    let folder = folder(&["a/1"]);
    assert_eq!(names(list(&folder.path().join("none"), 9)), ["unreadable-folder"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/", folder.path().join("a/link")).expect("linked");
        assert_eq!(names(list(folder.path(), 9)), ["a/1", "symbolic-link"]);
    }
}
