use super::*;
use crate::solution::contents::Material;
use crate::solution::xml;

fn element(text: &str) -> Tree {
    let root = xml::parse(text.as_bytes(), "t.xml").expect("XML");
    Tree::of(std::iter::once(Material::Element(root)))
}

fn part(name: &str, text: &str) -> Tree {
    Tree::of(std::iter::once(Material::Part(name, text.as_bytes())))
}

fn lines(old: &Tree, new: &Tree) -> Vec<String> {
    let shown = Shown::of([old, new]);
    let mut found = Found::new(&shown, MOST);
    found.compare(old, new, "");
    let text = |text: Option<String>| text.unwrap_or_else(|| "(nothing)".to_owned());
    found.details.into_iter().map(|it| format!("{}: {} → {}", it.name, text(it.old), text(it.new))).collect()
}

#[test]
fn what_differs_is_named_by_its_path() {
    for (old, new, said) in [
        ("<S Name=\"a\"><Stage>40</Stage></S>", "<S Name=\"a\"><Stage>10</Stage></S>", &["S/Stage: 40 → 10"][..]),
        ("<S Name=\"a\"/>", "<S Name=\"b\"/>", &["S/@Name: a → b"]),
        (
            "<E><attribute PhysicalName=\"A\"><T>x</T></attribute><attribute PhysicalName=\"B\"/></E>",
            "<E><attribute PhysicalName=\"C\"/><attribute PhysicalName=\"A\"><T>y</T></attribute></E>",
            &[
                "E/attribute[C]: (nothing) → @PhysicalName = C",
                "E/attribute[A]/T: x → y",
                "E/attribute[B]: @PhysicalName = B → (nothing)",
            ],
        ),
        (
            "<L><d languagecode=\"1033\" t=\"One\"/><d languagecode=\"1031\" t=\"Eins\"/></L>",
            "<L><d languagecode=\"1033\" t=\"One\"/><d languagecode=\"1031\" t=\"Zwei\"/></L>",
            &["L/d[1031]/@t: Eins → Zwei"],
        ),
        ("<L><v>a</v><v>b</v></L>", "<L><v>b</v><v>c</v></L>", &["L/v: (nothing) → c", "L/v: a → (nothing)"]),
        ("<L><v>a</v><v>b</v></L>", "<L><v>b</v><v>a</v></L>", &["order in L: v[a], v[b] → v[b], v[a]"]),
        ("<L><v/><v x=\"1\"/></L>", "<L><v/><v x=\"2\"/></L>", &["L/v/@x: 1 → 2"]),
        ("<L><a>{\"b\":[1]}</a></L>", "<L><a>{\"b\":[2]}</a></L>", &["L/a/b: 1 → 2"]),
        ("<L>a<b/></L>", "<L>c<b/></L>", &["L: a → c"]),
        ("<L><!--a--></L>", "<L><!--b--></L>", &["L/comment(): a → b"]),
    ] {
        assert_eq!(lines(&element(old), &element(new)), said, "{old} {new}");
    }
}

#[test]
fn json_is_named_by_its_members_and_the_names_of_its_items() {
    let old =
        part("f.json", "{\"t\":{\"auth\":\"Tenant\"},\"l\":[{\"name\":\"a\",\"x\":1},{\"name\":\"b\",\"x\":\"1\"}]}");
    let new = part("f.json", "{\"t\":{\"auth\":\"All\"},\"l\":[{\"name\":\"b\",\"x\":1},{\"name\":\"c\"}]}");
    assert_eq!(
        lines(&old, &new),
        [
            "f.json/t/auth: Tenant → All",
            "f.json/l[b]/x: \"1\" → 1",
            "f.json/l[c]: (nothing) → name = c",
            "f.json/l[a]: name = a, x = 1 → (nothing)",
        ]
    );
    let text = lines(&part("a.js", "x"), &part("a.js", "yy")).concat();
    assert!(text.starts_with("a.js: 1 bytes, sha256 ") && text.contains("→ 2 bytes"), "{text}");
}

#[test]
fn secrets_are_not_shown_and_still_differ() {
    let key = |c: &str| format!("AccountKey={}==", c.to_owned() + &"aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD".repeat(3)[..85]);
    for (old, new, path) in [
        ("<S><SecureConfiguration>one</SecureConfiguration></S>".to_owned(), "<S><SecureConfiguration>two</SecureConfiguration></S>".to_owned(), "S/SecureConfiguration"),
        ("<S AuthValue=\"one1\"/>".into(), "<S AuthValue=\"two2\"/>".into(), "S/@AuthValue"),
        (format!("<S><a>{}</a></S>", key("q")), format!("<S><a>{}</a></S>", key("w")), "S/a"),
        (
            "<S><SecureConfiguration>{\"k\":\"hush1\"}</SecureConfiguration></S>".into(),
            "<S><SecureConfiguration>{\"k\":\"hush2\"}</SecureConfiguration></S>".into(),
            "S/SecureConfiguration",
        ),
        (
            "<environmentvariabledefinition><type>100000005</type><defaultvalue>hush1</defaultvalue></environmentvariabledefinition>".into(),
            "<environmentvariabledefinition><type>100000000</type><defaultvalue>hush2</defaultvalue></environmentvariabledefinition>".into(),
            "environmentvariabledefinition/defaultvalue",
        ),
        (
            "<Definition><Type>100000005</Type><DefaultValue>hush1</DefaultValue></Definition>".into(),
            "<Definition><Type>100000005</Type><DefaultValue>hush2</DefaultValue></Definition>".into(),
            "Definition/DefaultValue",
        ),
        // It may be one.
        (
            "<Definition><DefaultValue>hush1</DefaultValue></Definition>".into(),
            "<Definition><Type>1</Type><DefaultValue>hush2</DefaultValue></Definition>".into(),
            "Definition/DefaultValue",
        ),
        ("<a>{\"p\":[{\"name\":\"password\",\"value\":\"hush1\"},1]}</a>".into(), "<a>{\"p\":[{\"name\":\"password\",\"value\":\"hush2\"},1]}</a>".into(), "a/p[password]/value"),
    ] {
        let text = lines(&element(&old), &element(&new)).join("\n");
        let line = text.lines().find(|line| line.starts_with(path)).unwrap_or_else(|| panic!("{path}: {text}"));
        assert!(line.contains("***") && line.contains("another one"), "{text}");
        assert!(!["one1", "two2", "hush", "aB3d"].iter().any(|it| text.contains(it)), "{text}");
    }
    let name = "environmentvariabledefinitions/contoso_Key/environmentvariablevalues.json";
    let values = |text: &str| {
        part(
            name,
            &format!("{{\"environmentvariablevalues\":{{\"environmentvariablevalue\":{{\"value\":\"{text}\"}}}}}}"),
        )
    };
    let text = lines(&values("hush1"), &values("hush2")).concat();
    assert!(text.contains("value: *** → ***, another one") && !text.contains("hush"), "{text}");
    let open = "<Definition><Type>100000000</Type><DefaultValue>a</DefaultValue></Definition>";
    let text = lines(&element(open), &element(&open.replace(">a<", ">b<"))).concat();
    assert_eq!(text, "Definition/DefaultValue: a → b");
    let removed = lines(&element("<S><SecureConfiguration>one</SecureConfiguration></S>"), &element("<S/>")).concat();
    assert_eq!(removed, "S/SecureConfiguration: *** → (nothing)");
}

#[test]
fn much_is_counted_and_long_texts_are_shown_where_they_differ() {
    let many = |c: &str| {
        element(&format!("<L>{}</L>", (0..50).map(|at| format!("<i Name=\"{at}\" v=\"{c}\"/>")).collect::<String>()))
    };
    let (old, new) = (many("a"), many("b"));
    let shown = Shown::of([&old, &new]);
    let mut found = Found::new(&shown, 30);
    found.compare(&old, &new, "");
    assert_eq!((found.details.len(), found.count), (30, 50));
    let long = |end: &str| element(&format!("<L>{}{end}</L>", "x".repeat(5_000)));
    let text = lines(&long("one"), &long("two")).concat();
    assert!(text.contains("xone → …") && text.ends_with("xtwo") && text.len() < 200, "{text}");
}
