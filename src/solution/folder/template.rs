//! The texts of templates, which the layout keeps beside `Templates/EmailTemplates.xml` and `Templates/KBArticleTemplates.xml`, in
//! a folder for each language and template.
//! Facts: a public tree with templates for e-mail and the two exports that it was made from. Whether SolutionPackager writes a
//! byte order mark before the presentation depends on its version; both are read. The documentation has other names for some of
//! these files, which are read, too, and is the only source for those of articles.

use super::layout::{ARTICLE_DOCUMENTS, EMAIL_DOCUMENTS};
use crate::solution::xml::{Element, Node};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// A kind of template.
struct Kind {
    /// Its element.
    element: &'static str,
    /// The child with its id.
    id: &'static str,
    /// The folder of its texts.
    folder: &'static str,
    /// The children that have a file.
    texts: &'static [Text],
}

/// A child of a template that has a file.
struct Text {
    name: &'static str,
    /// The file as it is written, and other names that it may have.
    files: &'static [&'static str],
    /// Whether it is a document of its own.
    document: bool,
}

const fn text(name: &'static str, files: &'static [&'static str]) -> Text {
    Text { name, files, document: false }
}

const fn document(name: &'static str, files: &'static [&'static str]) -> Text {
    Text { name, files, document: true }
}

const KINDS: [Kind; 2] = [
    Kind {
        element: "emailtemplate",
        id: "templateid",
        folder: EMAIL_DOCUMENTS,
        texts: &[
            text("subject", &["subject.xsl"]),
            document("subjectpresentationxml", &["subjectpresentationxml.xml", "subjectpresentation.xml"]),
            text("body", &["body.xsl"]),
            document("presentationxml", &["presentationxml.xml", "presentation.xml"]),
        ],
    },
    Kind {
        element: "kbarticletemplate",
        id: "kbarticletemplateid",
        folder: ARTICLE_DOCUMENTS,
        texts: &[document("structurexml", &["structurexml.xml"]), text("formatxml", &["formatxml.xsl"])],
    },
];

/// The folder of a template's texts, and those that it can have.
fn folder(template: &Element) -> Option<(String, &'static [Text])> {
    let kind = KINDS.iter().find(|kind| kind.element == template.name)?;
    let (language, id) = template.child_text("languagecode").zip(template.child_text(kind.id))?;
    Some((format!("{}{language}/{id}/", kind.folder), kind.texts))
}

/// The children of a template that have a file, with its possible names.
fn texts(template: &mut Element) -> impl Iterator<Item = (&mut Element, Vec<String>, bool)> {
    let folder = folder(template);
    template.elements_mut().filter_map(move |child| {
        let (folder, texts) = folder.as_ref()?;
        let text = texts.iter().find(|text| text.name == child.name)?;
        Some((child, text.files.iter().map(|file| format!("{folder}{file}")).collect(), text.document))
    })
}

/// Whether a template has its texts in files: all of them are empty in it.
pub fn is_outside(template: &Element) -> bool {
    let Some((_, texts)) = folder(template) else { return false };
    let mut own = template.elements().filter(|child| texts.iter().any(|text| text.name == child.name)).peekable();
    own.peek().is_some() && own.all(Element::is_empty)
}

/// The folder of a template's texts.
pub fn folder_of(template: &Element) -> Option<String> {
    folder(template).map(|(folder, _)| folder)
}

/// Takes the texts out of a template; what could not be put back exactly stays.
pub fn take_texts(template: &mut Element) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (child, names, is_document) in texts(template) {
        let Some(file) = names.into_iter().next() else { continue };
        if child.children.is_empty() {
            // Without a file, it would look like a text that is lost.
            files.push((file, "\u{feff}".into()));
            continue;
        }
        let [Node::Text(text)] = child.children.as_slice() else { continue };
        let head = if is_document { format!("{DECLARATION}\r\n") } else { String::new() };
        let bytes = format!("\u{feff}{head}{}", text.replace('\n', "\r\n")).into_bytes();
        if decode(&bytes, is_document).as_ref() == Some(text) {
            child.children.clear();
            child.long_empty = true;
            files.push((file, bytes));
        }
    }
    files
}

/// Puts the texts of a template back where it is empty; `read` gives the content of a file. The files that there are not.
pub fn put_texts(template: &mut Element, mut read: impl FnMut(&str) -> Option<Vec<u8>>) -> Vec<String> {
    let mut missing = Vec::new();
    for (child, names, is_document) in texts(template) {
        if !child.is_empty() {
            continue;
        }
        match names.iter().find_map(|name| read(name)) {
            Some(bytes) => {
                if let Some(text) = decode(&bytes, is_document).filter(|text| !text.is_empty()) {
                    child.set_content(&text);
                }
            }
            None => missing.extend(names.into_iter().next()),
        }
    }
    missing
}

fn decode(bytes: &[u8], is_document: bool) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    if !is_document {
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
        assert_eq!(files.len(), 3);
        assert_eq!(files[2], ("Templates/EmailDocuments/1033/{1}/body.xsl".to_owned(), "\u{feff}".into()));
        assert_eq!(files[0].0, "Templates/EmailDocuments/1033/{1}/subject.xsl");
        assert!(template.find("subject").expect("a subject").is_empty());
        let missing = put_texts(&mut template, |name| {
            files.iter().find(|(file, _)| file == name).map(|(_, bytes)| bytes.clone())
        });
        assert_eq!((first_difference(&whole, &template), missing), (None, Vec::<String>::new()));
    }

    #[test]
    fn a_presentation_that_was_indented_is_one_line_again() {
        let file = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<template>\n  <text><![CDATA[a\n <b>]]></text>\n  x\n</template>";
        let text = decode(file, true).expect("text");
        assert_eq!(text, "<template><text><![CDATA[a\n <b>]]></text>\n  x\n</template>");
    }
}
