use super::*;

#[test]
fn names_are_short_wherever_they_stand() {
    let long = "A".repeat(LONGEST_NAME + 1);
    let half = "A".repeat(LONGEST_NAME / 2 + 1);
    let tag = "t".repeat(LONGEST_TAG + 1);
    for text in [
        format!("<a><Name>{long}</Name></a>"),
        format!("<a><Name x='1'>{half}<!-- > -->{half}</Name></a>"),
        format!("<a><Name>{half}<![CDATA[{half}]]></Name></a>"),
        format!("<a><b><formid>\n{long}\n</formid></b></a>"),
        format!("<a Name=\"{long}\"/>"),
        format!("<a x='>' Name = '{long}'>"),
        format!("<a\nschemaName='{long}'></a>"),
        format!("<ImportExportXml languagecode='{long}'/>"),
        format!("<a x='{}'/>", "A".repeat(LONGEST_ATTRIBUTE + 1)),
        format!("<{tag}/>"),
        format!("<a {tag}='1'/>"),
        format!("<{}>", "t".repeat(200)).repeat(21),
    ] {
        assert!(long_name(&text, usize::MAX).is_some(), "{text:.80}");
    }
    let wide = "\u{e4}".repeat(LONGEST_NAME);
    for text in [
        format!("<a><Name>{wide}</Name><data>{long}{long}</data><Name>{half}</Name></a>"),
        format!("<a Name='{wide}' description='{long}'/>"),
        format!("<a><Name/><b>{long}</b></a>"),
        format!("<?xml version='1.0'?><a><!-- Name='{long}' --><b>{long}</b></a>"),
        "<a x='".to_owned(),
        "<a><b/></a>".repeat(2_000),
        "<".to_owned(),
        "<a>\u{e4}</a".to_owned(),
    ] {
        assert_eq!(long_name(&text, usize::MAX), None, "{text:.80}");
    }
    let late = format!("<a><b x='' y=''/><Name>{long}</Name></a>");
    assert!(long_name(&late, 10).is_some());
    assert_eq!(long_name(&late, 4), None);
}
