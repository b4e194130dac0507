//! The texts of e-mail templates, which the layout keeps beside `Templates/EmailTemplates.xml`, in a
//! folder for each language and template.
//! Facts: a public tree and the two exports that it was made from. Whether SolutionPackager writes a
//! byte order mark before the presentation depends on its version; both are read.

use super::layout::EMAIL_DOCUMENTS;
use crate::solution::xml::{Element, Node};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// The child of a template, the file that holds its text, and whether that is a presentation, which is
/// a document of its own.
const TEXTS: [(&str, &str, bool); 4] = [
    ("subject", "subject.xsl", false),
    ("subjectpresentationxml", "subjectpresentationxml.xml", true),
    ("body", "body.xsl", false),
    ("presentationxml", "presentationxml.xml", true),
];

/// The children of a template that have a file, with its name.
fn texts(template: &mut Element) -> impl Iterator<Item = (&mut Element, String, bool)> {
    let key = template.child_text("languagecode").zip(template.child_text("templateid"));
    let folder = key.map(|(language, id)| format!("{EMAIL_DOCUMENTS}{language}/{id}/"));
    template.elements_mut().filter_map(move |child| {
        let (_, file, presentation) = TEXTS.iter().find(|(name, ..)| *name == child.name)?;
        Some((child, format!("{}{file}", folder.as_deref()?), *presentation))
    })
}

/// Takes the texts out of a template; what could not be put back exactly stays.
pub fn take_texts(template: &mut Element) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (child, file, presentation) in texts(template) {
        let [Node::Text(text)] = child.children.as_slice() else { continue };
        let head = if presentation { format!("{DECLARATION}\r\n") } else { String::new() };
        let bytes = format!("\u{feff}{head}{}", text.replace('\n', "\r\n")).into_bytes();
        if decode(&bytes, presentation).as_ref() == Some(text) {
            child.children.clear();
            child.long_empty = true;
            files.push((file, bytes));
        }
    }
    files
}

/// Puts the texts of a template back where it is empty; `read` gives a file's content.
pub fn put_texts(template: &mut Element, mut read: impl FnMut(&str) -> Option<Vec<u8>>) {
    for (child, file, presentation) in texts(template) {
        if child.is_empty()
            && let Some(text) = read(&file).and_then(|bytes| decode(&bytes, presentation))
            && !text.is_empty()
        {
            child.set_content(&text);
        }
    }
}

fn decode(bytes: &[u8], presentation: bool) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    if !presentation {
        return Some(text);
    }
    let body =
        text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or(text.as_str(), |(_, rest)| rest);
    Some(without_indentation(body.trim()))
}

/// Removes blank lines and indentation between tags, which is there for the reader only.
fn without_indentation(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        let indentation = before.contains('\n') && before.trim().is_empty() && out.ends_with('>');
        if !indentation {
            out.push_str(before);
        }
        let end = ["<![CDATA[", "<!--"].iter().zip(["]]>", "-->"]).find(|(start, _)| tag.starts_with(**start));
        let end = end.map_or(">", |(_, end)| end);
        let length = tag.find(end).map_or(tag.len(), |found| found + end.len());
        out.push_str(&tag[..length]);
        rest = &tag[length..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::xml::{first_difference, parse};

    const TEMPLATE: &str = "<emailtemplate><templateid>{1}</templateid><languagecode>1033</languagecode>\
        <subject>&lt;?xml version=\"1.0\" ?&gt;&lt;a/&gt;</subject>\
        <presentationxml>&lt;t&gt;&lt;![CDATA[a\n &lt;P&gt;]]&gt;&lt;/t&gt;</presentationxml>\
        <body></body></emailtemplate>";

    #[test]
    fn texts_leave_and_come_back() {
        let whole = parse(TEMPLATE.as_bytes(), "t.xml").expect("parsed");
        let mut template = whole.clone();
        let files = take_texts(&mut template);
        assert_eq!(files.len(), 2);
        assert_eq!(files[0].0, "Templates/EmailDocuments/1033/{1}/subject.xsl");
        assert!(template.find("subject").expect("a subject").is_empty());
        put_texts(&mut template, |name| files.iter().find(|(file, _)| file == name).map(|(_, bytes)| bytes.clone()));
        assert_eq!(first_difference(&whole, &template), None);
    }

    #[test]
    fn a_presentation_that_was_indented_is_one_line_again() {
        let file = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<template>\n  <text><![CDATA[a\n <b>]]></text>\n  x\n</template>";
        let text = decode(file, true).expect("text");
        assert_eq!(text, "<template><text><![CDATA[a\n <b>]]></text>\n  x\n</template>");
    }
}
