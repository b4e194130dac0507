use super::*;

#[test]
fn names_that_dot_net_ignores_have_a_problem() {
    for good in ["a%20b.xml", "a%5B1%5D.xml", "a%2Cb.xml", "a%2520b.xml", "%C3%BC.xml", "a,b+c[1]~(2).xml", "x"] {
        assert_eq!(problem(good), None, "{good}");
    }
    for bad in [
        "customizations%2Exml",
        "%63ustomizations.xml",
        "a%7Eb.xml",
        "a%2db",
        "a%5f",
        "a b.xml",
        "ü.xml",
        "a#b.xml",
        "a%b.xml",
        "a%",
        "a%2fb",
        "a%5Cb",
        "a\\b",
        "a?b.xml",
        "a//b",
        "a./b",
        "./a",
        "a\u{200b}b",
        "a%00",
    ] {
        assert!(problem(bad).is_some(), "{bad} passed");
    }
}

#[test]
fn every_file_name_becomes_a_valid_part_name_and_comes_back() {
    for name in ["a b/ü#%20.js", "Orders, Subscriptions (1).docx", "100%", "a~b-c_d.e", "数据/データ.xml", "a^b`c{d}"]
    {
        assert_eq!(problem(&encode_name(name)), None, "{name}");
        assert_eq!(decode_name(&encode_name(name)), name);
    }
}

#[test]
fn the_name_of_a_file_becomes_that_of_a_part_where_it_can_mean_one_only() {
    for (file, part) in
        [("a b.js", "a%20b.js"), ("x/a#b.js", "x/a%23b.js"), ("a{1}.js", "a%7B1%7D.js"), ("a^`.js", "a%5E%60.js")]
    {
        assert_eq!(encoded(file).as_deref(), Some(part));
    }
    for other in ["a.js", "a%20b.js", "a b%20c.js", "100%.js", "a\\b.js", "a//b c", "a./b c"] {
        assert_eq!(encoded(other), None, "{other}");
    }
}

#[test]
fn names_of_one_file_collide() {
    for (one, two) in
        [("a.xml", "A.xml"), ("a%2Cb", "a,b"), ("%C3%BC", "u%CC%88"), ("a%2cb", "a%2Cb"), ("stra%C3%9Fe", "STRASSE")]
    {
        assert_eq!(collisions([one, two]), [(one, two)]);
    }
    assert_eq!(collisions(["a/b", "a/c", "a%2520b", "a%20b"]), []);
}

#[test]
fn a_file_of_a_column_has_one_name_however_the_column_writes_it() {
    for (written, part) in [
        ("Orders, Subscriptions.docx", "Orders%2C%20Subscriptions.docx"),
        ("a(1)'!&=+$;@[b].txt", "a%281%29%27%21%26%3D%2B%24%3B%40%5Bb%5D.txt"),
        ("plain-name_1.0~x.pdf", "plain-name_1.0~x.pdf"),
        ("Größe.pdf", "Gr%C3%B6%C3%9Fe.pdf"),
        ("100%.txt", "100%25.txt"),
    ] {
        assert_eq!(encode_file(written), part);
        assert_eq!(problem(part), None, "{part}");
        for written in [written, part] {
            assert!(is_file(part, written), "{written}");
            assert!(is_file(&encode_name(&decode_name(part)), written), "{written}");
        }
        assert!(!is_file(part, "other.txt") && !is_file("other.txt", written), "{written}");
    }
}
