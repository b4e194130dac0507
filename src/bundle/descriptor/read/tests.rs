use super::*;
use crate::bundle::build::tests::built;

fn text() -> String {
    String::from_utf8(to_bytes(&built().descriptor).expect("JSON")).expect("UTF-8")
}

fn refused(from: &str, to: &str) -> String {
    let text = text();
    assert!(text.contains(from), "{text}");
    read(text.replacen(from, to, 1).as_bytes()).expect_err(to).why
}

#[test]
fn what_is_written_is_read() {
    assert_eq!(read(text().as_bytes()), Ok(built().descriptor));
}

#[test]
fn members_are_known_spelt_right_and_there_once() {
    let unknown = refused("\"format\": 2,", "\"format\": 2,\n  \"ApplicationUser\": {},");
    assert!(unknown.starts_with("`ApplicationUser`: unknown field `ApplicationUser`"), "{unknown}");
    let deep = refused("\"level\": \"Deep\"", "\"level\": \"Deep\",\n          \"Level\": \"Basic\"");
    assert!(deep.starts_with("`roles[0].privileges[1].Level`: unknown field"), "{deep}");
    let twice = refused("\"solutions\": [", "\"roles\": [],\n  \"solutions\": [");
    assert!(twice.contains("duplicate field `roles`"), "{twice}");
    let value = refused("{\n        \"text\": ", "{\n        \"text\": \"a\",\n        \"text\": ");
    assert!(value.starts_with("`settings[0].value"), "{value}");
    let gone = refused("  \"hosts\": [],\n", "");
    assert_eq!(gone, "`hosts`: it is missing; dvpack writes []");
    let null = refused("\"requires\": {}", "\"requires\": {},\n  \"environment\": null");
    assert_eq!(null, "`environment`: it is written where there is nothing to say: leave it out");
}

#[test]
fn each_value_has_one_spelling() {
    let id = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";
    for other in [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}")] {
        let why = refused(&format!("\"id\": \"{id}\""), &format!("\"id\": \"{other}\""));
        assert!(why.starts_with("`roles[0].id`: "), "{why}");
    }
    for (from, to, path) in [
        ("\"templates\": 1", "\"templates\": 1.0", "templates"),
        ("\"templates\": 1", "\"templates\": 1e0", "templates"),
        ("\"templates\": 1", "\"templates\": \"1\"", "templates"),
        ("\"version\": \"1.4.0.0\"", "\"version\": \"1.04.0.0\"", "solutions[0].version"),
        ("\"businessUnit\": \"root\"", "\"businessUnit\": { \"root\": null }", "applicationUser.businessUnit"),
    ] {
        let why = refused(from, to);
        assert!(why.starts_with(&format!("`{path}")), "{why}");
    }
    for (from, to) in [
        ("{\n", "{ \n"),
        ("Contoso & Sons", "Contoso \\u0026 Sons"),
        ("https://api", "https:\\/\\/api"),
        ("\"format\": 2,\n", "\"format\":2,\n"),
        ("\n", "\r\n"),
    ] {
        let why = refused(from, to);
        assert!(why.starts_with("line "), "{why}");
    }
    for (from, to) in
        [("{\n", "\u{feff}{\n"), ("Contoso & Sons", "\\ud800"), ("Contoso & Sons", "a\0b"), ("Contoso & Sons", "a\tb")]
    {
        assert!(!refused(from, to).is_empty());
    }
    assert!(read((text() + " ").as_bytes()).is_err() && read((text() + "{}").as_bytes()).is_err());
    let order = refused("\"format\": 2,\n  \"tool\"", "\"tool\"");
    assert!(order.contains("`format`"), "{order}");
}

#[test]
fn other_formats_say_who_made_them() {
    let of = |format: &str| read(text().replacen("\"format\": 2", format, 1).as_bytes()).expect_err("refused");
    let newer = of("\"format\": 3");
    assert!(newer.why.contains("made by a newer dvpack") && newer.help == "use a newer dvpack", "{newer:?}");
    let older = of("\"format\": 1");
    assert!(older.why.contains("older, unreleased dvpack") && older.help == "build it again", "{older:?}");
    for no in ["\"format\": \"2\"", "\"format\": 2.5", "\"format\": -2", "\"Format\": 2"] {
        assert!(of(no).why.starts_with("`format`: it is missing"), "{no}");
    }
    // Twice, with another value: not whichever of the two a reader takes.
    assert!(read(text().replacen("\"format\": 2", "\"format\": 9,\n  \"format\": 2", 1).as_bytes()).is_err());
}

#[test]
fn deep_and_large_texts_are_refused() {
    let deep = refused("\"templates\": 1,", &format!("\"x\": {}{},", "[".repeat(200), "]".repeat(200)));
    assert!(deep.contains("recursion limit exceeded"), "{deep}");
    let mut bytes = text().into_bytes();
    bytes.resize(LIMIT + 1, b' ');
    assert_eq!(read(&bytes).expect_err("refused").why, "it has more than 16777216 bytes");
}
