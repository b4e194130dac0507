//! Which file bundle.json calls a solution, and with which digest: the scripts take none that `SHA256SUMS` does not name
//! as it is there, and ask for each solution.

use dvpack::bundle::sha256;

use super::{Bundle, SOLUTION, Script, imported, options};
use crate::world::World;

const DIGEST: &str = "another digest of a solution";

/// Asserts that each script refuses the changed bundle before it asks anything.
fn refused(what: &str, words: &str, change: &dyn Fn(&Bundle)) {
    let world = World::new(options());
    for script in Script::here() {
        let bundle = Bundle::new();
        change(&bundle);
        let ran = bundle.run(script, &world, &[]);
        assert_eq!(ran.code, 3, "{what}: {script:?}\n{}", ran.all());
        assert!(ran.all().contains(words), "{what}: {script:?}\n{}", ran.all());
        assert!(world.sandbox.log().is_empty(), "{what}: {script:?}\n{}", ran.all());
    }
}

/// A file outside the bundle, with the digest that it has.
fn outside(bundle: &Bundle) -> (String, String) {
    let path = bundle.folder.path().join("outside.zip");
    std::fs::write(&path, b"PK").expect("written");
    (path.display().to_string(), sha256(b"PK"))
}

fn add_sum(bundle: &Bundle, digest: &str, name: &str) {
    let sums = std::fs::read_to_string(bundle.root().join("SHA256SUMS")).expect("sums");
    bundle.write("SHA256SUMS", format!("{sums}{digest}  {name}\n").as_bytes());
}

/// The digest of the solution that bundle.json has.
fn digest(bundle: &Bundle) -> String {
    sha256(&bundle.solution())
}

/// The solution changed by a byte behind its end.
fn change(bundle: &Bundle) -> String {
    let zip = [bundle.solution().as_slice(), b"\0"].concat();
    bundle.write(SOLUTION, &zip);
    sha256(&zip)
}

#[test]
fn a_solution_that_is_another_file_is_refused() {
    for (what, file) in [
        ("an absolute path", "/etc/passwd"),
        ("a folder up", "../outside.zip"),
        ("a folder up and back", "solutions/../solutions/ContosoWidgets_1_4_0_0_managed.zip"),
        ("a dot", "./solutions/ContosoWidgets_1_4_0_0_managed.zip"),
        ("two slashes", "solutions//ContosoWidgets_1_4_0_0_managed.zip"),
        ("a backslash", "solutions\\\\ContosoWidgets_1_4_0_0_managed.zip"),
        ("another case", "Solutions/ContosoWidgets_1_4_0_0_managed.zip"),
        ("another file of the bundle", "INSTALL.html"),
        ("the list of sums", "SHA256SUMS"),
        ("a file of nobody", "solutions/Other.zip"),
        ("a drive", "C:/x.zip"),
        ("a share", "//evil.example/x.zip"),
        ("an address", "https://evil.example/x.zip"),
        ("nothing", ""),
        ("a folder", "solutions"),
        ("a blank more", "solutions/ContosoWidgets_1_4_0_0_managed.zip "),
    ] {
        refused(what, DIGEST, &|bundle| bundle.edit(SOLUTION, file));
    }
    // With the digest and the line in the sums that make it right: then the file is not one of the bundle.
    refused("an absolute path with its sum", "outside.zip is changed, missing", &|bundle| {
        let (path, sum) = outside(bundle);
        let genuine = digest(bundle);
        bundle.edit(SOLUTION, &path);
        bundle.edit(&genuine, &sum);
        add_sum(bundle, &sum, &path);
    });
    refused("a folder up with its sum", "file ../outside.zip", &|bundle| {
        let (_, sum) = outside(bundle);
        let genuine = digest(bundle);
        bundle.edit(SOLUTION, "../outside.zip");
        bundle.edit(&genuine, &sum);
        add_sum(bundle, &sum, "../outside.zip");
    });
}

#[test]
fn a_solution_that_was_changed_is_refused_whatever_else_was_made_right() {
    refused("a changed zip", &format!("file {SOLUTION}"), &|bundle| {
        change(bundle);
    });
    refused("a changed zip with right sums", DIGEST, &|bundle| {
        change(bundle);
        bundle.sum();
    });
    refused("a changed zip with its digest in bundle.json only", "is changed, missing", &|bundle| {
        let (genuine, sum) = (digest(bundle), change(bundle));
        let text = bundle.description().replace(&genuine, &sum);
        bundle.write("bundle.json", text.as_bytes());
    });
    refused("a digest in capitals", DIGEST, &|bundle| {
        let genuine = digest(bundle);
        bundle.edit(&genuine, &genuine.to_uppercase());
    });
    refused("a digest cut short", DIGEST, &|bundle| {
        let genuine = digest(bundle);
        bundle.edit(&genuine, &genuine[..63]);
    });
    refused("no digest", DIGEST, &|bundle| {
        let line = format!("\"sha256\": \"{}\",", digest(bundle));
        bundle.edit(&line, "");
    });
    refused("a missing zip", &format!("file {SOLUTION}"), &|bundle| {
        std::fs::remove_file(bundle.root().join(SOLUTION)).expect("removed");
    });
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_solution_is_refused() {
    use std::os::unix::fs::symlink;
    let moved = |bundle: &Bundle, name: &str| {
        let (inside, outside) = (bundle.root().join(name), bundle.folder.path().join("moved"));
        std::fs::rename(&inside, &outside).expect("moved");
        symlink(outside, inside).expect("a link");
    };
    refused("a link to the zip", &format!("file {SOLUTION}"), &|bundle| moved(bundle, SOLUTION));
    refused("a link to its folder", "file solutions", &|bundle| moved(bundle, "solutions"));
    refused("a link that leads nowhere", &format!("file {SOLUTION}"), &|bundle| {
        std::fs::remove_file(bundle.root().join(SOLUTION)).expect("removed");
        symlink("nowhere.zip", bundle.root().join(SOLUTION)).expect("a link");
    });
    refused("a link to a file of the bundle", &format!("file {SOLUTION}"), &|bundle| {
        std::fs::rename(bundle.root().join(SOLUTION), bundle.root().join("solutions/real.zip")).expect("moved");
        symlink("real.zip", bundle.root().join(SOLUTION)).expect("a link");
    });
    refused("a link beside it", "file solutions/Other.zip", &|bundle| {
        symlink("ContosoWidgets_1_4_0_0_managed.zip", bundle.root().join("solutions/Other.zip")).expect("a link");
    });
}

/// One more entry of `solutions` in bundle.json.
fn second(bundle: &Bundle, name: &str, file: &str, digest: &str) {
    let more = format!(
        "\"solutions\": [\n    {{ \"file\": \"{file}\", \"sha256\": \"{digest}\", \"size\": 2, \"name\": \"{name}\", \
         \"displayName\": \"{name}\", \"version\": \"1.0.0.0\", \"managed\": true }},"
    );
    bundle.edit("\"solutions\": [", &more);
}

#[test]
fn a_second_solution_is_held_to_the_same() {
    for (what, file) in [
        ("an absolute path", "/etc/passwd"),
        ("a folder up", "../outside.zip"),
        ("a file of nobody", "solutions/Second.zip"),
        ("the first one's file", SOLUTION),
        ("another file of the bundle", "INSTALL.html"),
    ] {
        refused(what, DIGEST, &|bundle| second(bundle, "ContosoSecond", file, &"0".repeat(64)));
    }
    refused("a file that is not in the sums", "file solutions/Second.zip", &|bundle| {
        bundle.write("solutions/Second.zip", b"PK");
        second(bundle, "ContosoSecond", "solutions/Second.zip", &sha256(b"PK"));
    });
    // With everything right it has to be installed, too: the first one alone is not the bundle.
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        bundle.write("solutions/Second.zip", b"PK");
        second(&bundle, "ContosoSecond", "solutions/Second.zip", &sha256(b"PK"));
        add_sum(&bundle, &sha256(b"PK"), "solutions/Second.zip");
        let ran = bundle.code(7, script, &world, &[]);
        let words = "find solution `ContosoSecond` in version 1.0.0.0, managed: import it first";
        assert!(ran.all().contains(words), "{script:?}\n{}", ran.all());
        let log = world.ask(reqwest::Method::GET, "log").expect("JSON");
        assert!(!log.to_string().contains("\"changed\":true"), "{script:?}: {log}");
    }
}

/// Without a solution nothing says whose the role is.
#[test]
fn no_solution_is_no_way_round() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        bundle.edit("\"solutions\": [", "\"solutions\": [], \"earlier\": [");
        let ran = bundle.code(6, script, &world, &[]);
        assert!(ran.all().contains("assign what is no custom role of this solution"), "{script:?}\n{}", ran.all());
        let log = world.ask(reqwest::Method::GET, "log").expect("JSON");
        assert!(!log.to_string().contains("\"changed\":true"), "{script:?}: {log}");
    }
}
