//! Part names, IDs, privileges and access levels have one spelling in a bundle.

use dvpack::archive::{self, Entry};

use crate::one_truth::{CUSTOMIZATIONS, ROLE, changed, read, refused_for, refused_with, solution};
use crate::tampered::genuine;

#[test]
fn part_names_are_those_that_dot_net_opens() {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = solution(&genuine());
    // With types that fit, so that nothing but the names is wrong.
    let with = |names: &[&str]| {
        let mut package = dvpack::solution::read_zip(&zip, "it.zip").expect("read");
        package.files.extend(names.iter().map(|name| ((*name).to_owned(), b"<ImportExportXml />".to_vec())));
        dvpack::solution::write_zip(&package).expect("written")
    };
    let refused = |name: &str, zip: &[u8], why: &str| {
        let said = format!("error[ambiguous-part-name]: {why}");
        let stderr = refused_with(name, folder.path(), zip, &[&said]);
        assert!(!stderr.contains("not-normal-form") && !stderr.contains("has no type"), "{name}: {stderr}");
    };
    for (name, why) in [
        ("customizations%2Exml", "it encodes a character that part names have as it is"),
        ("%63ustomizations.xml", "it encodes a character that part names have as it is"),
        ("solution%2Exml", "it encodes a character that part names have as it is"),
        ("a%7Eb.xml", "it encodes a character that part names have as it is"),
        ("a%2fb.xml", "it encodes a separator"),
        ("WebResources/a%b", "it has a `%` that encodes nothing"),
    ] {
        refused(name, &with(&[name]), &format!("the part `{name}`: {why}"));
    }
    for (one, two) in [
        ("customizations.xml", "customizations%2Exml"),
        ("customizations.xml", "%63ustomizations.xml"),
        ("solution.xml", "solution%2Exml"),
        ("x/a%2Cb.txt", "x/a,b.txt"),
        ("x/%C3%BC.txt", "x/u%CC%88.txt"),
    ] {
        let names: Vec<_> = [one, two].into_iter().filter(|name| !zip_has(&zip, name)).collect();
        let why = format!("the parts `{one}` and `{two}` have names that readers take for one");
        refused(two, &with(&names), &why);
    }
    let mut entries = read(&zip);
    entries.push(Entry::new("x/no-type.other", "1"));
    let zip = archive::write(&entries).expect("written");
    let said = "it has no type for the part `x/no-type.other`, which Dataverse therefore ignores";
    refused_with("a part without a type", folder.path(), &zip, &["error[ambiguous-solution]", said]);
}

fn zip_has(zip: &[u8], name: &str) -> bool {
    read(zip).iter().any(|entry| entry.name == name)
}

#[test]
fn ids_and_privileges_have_one_spelling() {
    let id = format!("{{{ROLE}}}");
    let with = |to: &str| to.to_owned();
    let zip = solution(&genuine());
    let folder = tempfile::tempdir().expect("a folder");
    for other in [
        with(ROLE),
        id.to_uppercase(),
        format!("({ROLE})"),
        format!("{{{}}}", ROLE.replace('-', "")),
        format!(" {id}"),
        format!("urn:uuid:{ROLE}"),
        id.replace('0', "\u{ff10}"),
    ] {
        let said = format!("`id`: `{other}` is not a GUID in the form {{lower case}}");
        refused_for(&other, folder.path(), &changed(&zip, CUSTOMIZATIONS, &id, &other), CUSTOMIZATIONS, &said);
    }
    for other in [
        "prvReadAccount ",
        "prvRead Account",
        "prvRead\u{200b}Account",
        "prvRe\u{430}dAccount",
        "",
        "prvReadAccount&#x9;",
    ] {
        let zip = changed(&zip, CUSTOMIZATIONS, "prvReadAccount", other);
        refused_for(
            other,
            folder.path(),
            &zip,
            CUSTOMIZATIONS,
            "is not the name of a privilege: letters, digits and `_` only",
        );
    }
    for level in ["global", "Global ", "3", "organization", ""] {
        let zip = changed(&zip, CUSTOMIZATIONS, "level=\"Global\"", &format!("level=\"{level}\""));
        let said = format!("`level`: `{level}` is none of Basic, Local, Deep and Global");
        refused_for(level, folder.path(), &zip, CUSTOMIZATIONS, &said);
    }
}
