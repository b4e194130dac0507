//! A script is read in five minutes, is the same in each bundle, and knows whom the program knows.

use std::collections::BTreeSet;

use super::{built, template};
use crate::support::repository;

#[test]
fn a_script_is_short_enough_for_a_reviewer() {
    for name in ["apply.sh", "Apply-Package.ps1"] {
        let text = template(name);
        assert!(text.lines().count() <= 250, "{name}: {} lines", text.lines().count());
        assert!(text.len() <= 12 * 1024, "{name}: {} bytes", text.len());
        for (number, line) in (1..).zip(text.lines()) {
            assert!(line.chars().count() <= 120, "{name}:{number}: {line}");
        }
        assert!(text.lines().filter(|line| line.trim_start().starts_with('#')).count() >= 14, "{name}");
        for step in ["Stage", "ImportSolution", "Upgrade", "CustomizationFile", "DELETE"] {
            assert!(!text.contains(step), "{name}: {step}");
        }
    }
}

#[test]
fn the_scripts_stand_in_a_bundle_as_they_are() {
    for name in ["apply.sh", "Apply-Package.ps1"] {
        let entry = built().iter().find(|entry| entry.name == format!("post-import/{name}")).expect(name);
        assert_eq!(String::from_utf8_lossy(&entry.bytes), template(name));
    }
}

/// A secret is sent to the authorities that the program knows, and to no others.
#[test]
fn the_scripts_know_the_authorities_that_the_program_knows() {
    let text = std::fs::read_to_string(repository().join("src/entra/challenge.rs")).expect("the program");
    let (_, list) = text.split_once("const AUTHORITY_HOSTS").expect("the list of hosts");
    let list = list.lines().take_while(|line| *line != "];");
    let program: BTreeSet<String> =
        list.filter_map(|line| Some(line.trim().strip_prefix("\"login.")?.split_once('"')?.0.to_owned())).collect();
    assert!(program.len() >= 8, "{program:?}");

    let shell = template("apply.sh");
    let (_, cases) = shell.split_once("case ${issuer#https://login.} in").expect("a list");
    let (cases, _) = cases.split_once("*)").expect("its end");
    let words = cases.split(['|', ' ', '\n', '\t', ')', ';']).filter(|word| word.contains('.'));
    assert_eq!(words.map(str::to_owned).collect::<BTreeSet<_>>(), program);

    let windows = template("Apply-Package.ps1");
    let (_, hosts) = windows.split_once(r"https://login\.(").expect("a list");
    let (hosts, _) = hosts.split_once(")\\ |").expect("its end");
    let hosts: String = hosts.chars().filter(|c| !"\\'\" +\n\t".contains(*c)).collect();
    assert_eq!(hosts.split('|').map(str::to_owned).collect::<BTreeSet<_>>(), program);
}

/// What stops a run is said in the same words.
#[test]
fn both_scripts_stop_for_the_same_reasons() {
    let (shell, windows) = (template("apply.sh"), template("Apply-Package.ps1"));
    for words in [
        "is changed, missing, a link or not in SHA256SUMS",
        "bundle.json is not of format 2, or assigns a foreign role",
        "bundle.json has another digest of a solution",
        "does not answer like Dataverse",
        "is no authority of Microsoft",
        "AADSTS7000229: consent is missing",
        "sign-in failed: ",
        "; sign in again",
        "; consent is missing",
        "; run again",
        "managed: import it first",
        "assign what is no custom role of this solution",
        "find one such business unit with each role",
        "choose among several or deleted users",
        "move the user to another business unit",
        "take away the undeclared role `",
        "written, and reads back different",
        "not compared (dvpack status does): privileges, column profiles, flows",
        "the bundle is for $",
        "set by hand or with dvpack: ",
        "set AZURE_CLIENT_ID",
    ] {
        assert!(shell.contains(words), "apply.sh: {words}");
        assert!(windows.contains(words), "Apply-Package.ps1: {words}");
    }
}

/// The page names the options that there are, and all of them.
#[test]
fn the_page_names_the_options_of_the_scripts() {
    let page = std::fs::read_to_string(repository().join("templates/INSTALL.html")).expect("the page");
    let (_, page) = page.split_once("Options of the scripts").expect("a table");
    let (page, _) = page.split_once("</table>").expect("its end");
    let named = |first: &str| -> BTreeSet<String> {
        let cells = page.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next());
        let words = cells.filter_map(|cell| cell.split(' ').next());
        words
            .filter(|word| word.starts_with(first) && word.starts_with("--") == (first == "--"))
            .map(str::to_owned)
            .collect()
    };
    let shell = template("apply.sh");
    let (_, cases) = shell.split_once("case $1 in").expect("options");
    let (cases, _) = cases.split_once("esac").expect("their end");
    let taken = |lines: &str, first: &str| -> BTreeSet<String> {
        let words = lines.lines().filter_map(|line| line.trim().split([')', ' ']).next());
        let words = words.filter(|word| word.starts_with(first) && !word.eq_ignore_ascii_case(&format!("{first}url")));
        words.map(str::to_owned).collect()
    };
    assert_eq!(named("--"), taken(cases, "--"));
    let windows = template("Apply-Package.ps1");
    let (_, cases) = windows.split_once("switch ($args[$i++]) {").expect("options");
    let (cases, _) = cases.split_once("default").expect("their end");
    assert_eq!(named("-"), taken(cases, "-"));
    assert_eq!(named("-").len(), 4);
}
