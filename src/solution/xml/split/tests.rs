use super::*;
use crate::solution::xml::parse;

/// The document put together from its pieces, or what is wrong with it.
fn together(text: &str) -> Result<Element, String> {
    Pieces::cut(text).put_together("a.xml").map_err(|finding| finding.to_string())
}

#[test]
fn the_pieces_together_are_the_document() {
    for text in [
        "<a/>",
        "<a><b/></a>",
        "<a>\r\n  <b>\r\n    <c d='>'>1<e/></c><!-- <f> --><c/>\r\n  </b><b></b><g><h><i/></h></g></a>",
        "<a xmlns:x='u&amp;'><b xmlns:y='v'><x:c y:d='1'><![CDATA[</c><c>]]></x:c></b></a>",
        "<?xml version='1.0'?><!-- <a> --><a><b><c><?p </b> ?></c></b></a>",
        "<a><b><c><b><c/></b></c><c/></b></a>",
        "\n<a>\n<b>\n<c>\n\n</c>\n</b>\n<d>\n<e\n/>\n</d>\n<f/><g>\n1\n</g>\n</a>",
        "<a xml:space='preserve'><b> <c> <d/> </c> </b><b xml:space='default'> <c> <d/> </c> </b></a>",
        "<a xmlns:x='u&#10;&#9;&quot;&lt;'>\n<b>\n<x:c>\n<x:d/></x:c></b></a>",
        "<a><_><_/><_ /></_>text<_><_>1</_></_></a>",
        "<a>1<b>2<c/>3</b>4</a>",
        "<a><b><![CDATA[]]><c><![CDATA[]]></c><?p?><!--\r\n--></b></a>",
        "\u{feff}<?xml version='1.0' encoding='utf-8'?>\r\n<a>\r\n<b><c>&#13;&amp;\r\n</c></b>\r\n<b/></a>\r\n<!-- e -->",
    ] {
        // Lines and all.
        assert_eq!(together(text), Ok(parse(text.as_bytes(), "a.xml").expect("well-formed")), "{text}");
        assert_eq!(parse_in_pieces(text.as_bytes(), "a.xml", 1000), parse_within(text.as_bytes(), "a.xml", 1000));
    }
}

#[test]
fn what_is_not_well_formed_is_not_so_in_pieces_either() {
    for text in [
        "<a><b><c></b></c></a>",
        "<a><b><c></d></b></a>",
        "<a><b><c/></a></b>",
        "<a><b><c x='<'/></b></a>",
        "<a><b><c><d></c></d></b></a>",
        "<a><b><c/></b>",
        "<a><b><c></b></a>",
        "<a><b><x:c/></b></a>",
        "<a><b xmlns:x='u'><c/></b><b><x:c/></b></a>",
        "<a><b><c>&e;</c></b></a>",
        "<a><b><c/></b></a><a/>",
        "<!DOCTYPE a><a><b><c/></b></a>",
        "<a><b><c/><!-- </b></a>",
        "<a><b><c></c ></b ></a ></b>",
        "",
    ] {
        assert!(parse(text.as_bytes(), "a.xml").is_err(), "{text} is well-formed");
        assert!(together(text).is_err(), "{text} is well-formed in pieces");
    }
}

#[test]
fn what_is_read_and_what_is_refused_is_the_same_in_pieces() {
    let tokens = [
        "<a>",
        "</a>",
        "<b>",
        "</b>",
        "<b/>",
        "<c>",
        "</c>",
        "<c/>",
        "\n",
        " ",
        "1",
        "<x:c d='1'/>",
        "<!-- < -->",
        "<![CDATA[<c>]]>",
        "<?p q?>",
        "<c xmlns:x='u'>",
        "<b xmlns='v'>",
        "<c xml:space='preserve'>",
        "&amp;",
        "&e;",
        "<c x='1' x='2'/>",
        "<_/>",
        "<!--",
        "]]>",
        "<",
        ">",
        "'",
        "<?xml version='1.0'?>",
        "<!DOCTYPE a>",
        "&#1;",
    ];
    let mut state = 7_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 32).unwrap_or(0) % end
    };
    let mut read = 0;
    for _ in 0..60_000 {
        // Most are cut from a good one, so that some are well-formed.
        let good = "<a>\n<b>\n<c>1<d/></c>\n</b>\n<b xmlns:x='u'><c/> <x:c/>\n</b>\n<b/>\n</a>";
        let mut text = good.to_owned();
        for _ in 0..below(4) {
            let at = text.char_indices().nth(below(text.len())).map_or(0, |(at, _)| at);
            if below(3) == 0 {
                let end = (at + below(8)).min(text.len());
                text.replace_range(at..end, "");
            }
            let gaps: Vec<usize> = text.match_indices('<').map(|(at, _)| at).chain([at.min(text.len())]).collect();
            text.insert_str(gaps[below(gaps.len())], tokens[below(tokens.len())]);
        }
        let nodes = if below(4) == 0 { u32::try_from(below(40)).unwrap_or(0) } else { 1000 };
        let whole = parse_within(text.as_bytes(), "a.xml", nodes);
        read += usize::from(whole.is_ok());
        assert_eq!(parse_in_pieces(text.as_bytes(), "a.xml", nodes), whole, "{text}");
    }
    assert!(read > 10_000, "{read}");
}

#[test]
fn a_finding_has_the_line_of_the_document() {
    let text = "<a>\n<b>\n<c/>\n<c>\n<d x='1' x='2'/>\n</c></b></a>";
    let finding = together(text).expect_err("ill-formed");
    assert!(finding.starts_with("a.xml:5:"), "{finding}");
}
