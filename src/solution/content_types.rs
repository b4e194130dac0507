//! `[Content_Types].xml`: derived from the other entries by the rule that reproduces it in 326 of
//! 327 real packages (server form: everything is `application/octet-stream`).

use std::collections::HashSet;

use super::part_name;
use super::xml::{self, Element, Node};

/// The part's name.
pub const NAME: &str = "[Content_Types].xml";

const NAMESPACE: &str = "http://schemas.openxmlformats.org/package/2006/content-types";

/// The part's bytes for these (encoded) entry names, in zip order.
#[must_use]
pub fn content_types<'a>(names: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut seen = HashSet::new();
    let (mut defaults, mut overrides) = (String::new(), String::new());
    for name in names {
        let file = name.rsplit('/').next().unwrap_or(name);
        match file.rsplit_once('.') {
            Some((_, extension)) if !extension.is_empty() => {
                if seen.insert(extension.to_ascii_lowercase()) {
                    defaults.push_str(&format!(
                        "<Default Extension=\"{}\" ContentType=\"application/octet-stream\" />",
                        escape(extension)
                    ));
                }
            }
            _ => overrides.push_str(&format!(
                "<Override PartName=\"/{}\" ContentType=\"application/octet-stream\" />",
                escape(name)
            )),
        }
    }
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <Types xmlns=\"{NAMESPACE}\">{defaults}{overrides}</Types>"
    )
    .into_bytes()
}

/// What .NET makes of a list that somebody wrote.
/// Source: `System.IO.Packaging` on .NET 10, asked with some ninety lists made by hand.
#[derive(Debug, Default)]
pub struct List {
    /// Why .NET refuses the list and with it the whole solution.
    pub refusals: Vec<String>,
    /// Extensions, in small letters.
    extensions: HashSet<String>,
    /// Names of parts with their slash, in small letters.
    parts: HashSet<String>,
    /// The same as they are written.
    spellings: HashSet<String>,
}

impl List {
    /// Reads a list.
    #[must_use]
    pub fn read(written: &[u8]) -> Self {
        let mut list = Self::default();
        match xml::parse(written, NAME) {
            Ok(root) => list.root(&root),
            Err(finding) => list.refusals.push(finding.message),
        }
        list
    }

    /// Whether a part has a type. One without does not exist for .NET.
    #[must_use]
    pub fn covers(&self, part: &str) -> bool {
        let part = part.to_ascii_lowercase();
        let extension = part.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(_, extension)| extension);
        extension.is_some_and(|extension| self.extensions.contains(extension))
            || self.parts.contains(&format!("/{part}"))
    }

    fn root(&mut self, root: &Element) {
        if root.name != "Types" || root.attribute("xmlns") != Some(NAMESPACE) {
            self.refusals.push(format!("its root element is not `Types` of the namespace `{NAMESPACE}`"));
        }
        for (name, _) in root.attributes.iter().filter(|(name, _)| !is_declaration(name)) {
            self.refusals.push(format!("its root element has the attribute `{name}`"));
        }
        for child in &root.children {
            match child {
                Node::Element(child) => self.entry(child),
                Node::Text(text) if !text.trim().is_empty() => {
                    self.refusals.push("there is text between its elements".to_owned());
                }
                Node::Text(_) | Node::Comment(_) | Node::Instruction(..) => {}
            }
        }
    }

    fn entry(&mut self, entry: &Element) {
        let (what, key) = match entry.name.as_str() {
            "Default" => ("extension", "Extension"),
            "Override" => ("part", "PartName"),
            other => return self.refusals.push(format!("it has an element `{other}`")),
        };
        let is_known = |name: &str| name == key || name == "ContentType" || name.starts_with("xmlns:");
        if let Some((name, _)) = entry.attributes.iter().find(|(name, _)| !is_known(name)) {
            return self.refusals.push(format!("`{}` has an attribute `{name}`", entry.name));
        }
        let (Some(value), Some(content_type)) = (entry.attribute(key), entry.attribute("ContentType")) else {
            return self.refusals.push(format!("`{}` lacks `{key}` or `ContentType`", entry.name));
        };
        let name = if what == "part" { value.strip_prefix('/') } else { Some(value) };
        if name.is_none_or(|name| name.is_empty() || part_name::problem(name).is_some()) {
            self.refusals.push(format!("the {what} `{value}` is not a valid one"));
        }
        if !is_media_type(content_type) {
            self.refusals
                .push(format!("the {what} `{value}` has the type `{content_type}`, which is not a media type"));
        }
        if entry
            .children
            .iter()
            .any(|child| !matches!(child, Node::Comment(_) | Node::Instruction(..)) && !is_blank(child))
        {
            self.refusals.push(format!("`{}` has content", entry.name));
        }
        let is_new = if what == "part" {
            // .NET lets two spellings of a part pass.
            self.parts.insert(value.to_ascii_lowercase());
            self.spellings.insert(value.to_owned())
        } else {
            self.extensions.insert(value.to_ascii_lowercase())
        };
        if !is_new {
            self.refusals.push(format!("it gives the {what} `{value}` a type twice"));
        }
    }
}

fn is_declaration(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

fn is_blank(node: &Node) -> bool {
    matches!(node, Node::Text(text) if text.trim().is_empty())
}

/// Whether .NET takes it for a media type: nothing, or `type/subtype` of RFC 2616 with parameters.
fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let is_quoted = |text: &str| {
        text.len() > 1 && text.starts_with('"') && text.ends_with('"') && !text[1..text.len() - 1].contains('"')
    };
    let is_parameter = |text: &str| {
        let pair = text.trim_matches([' ', '\t']).split_once('=');
        pair.is_some_and(|(name, value)| is_token(name) && (is_token(value) || is_quoted(value)))
    };
    let (media_type, parameters) = text.split_once(';').map_or((text, None), |(one, rest)| (one, Some(rest)));
    text.is_empty()
        || (!text.ends_with([' ', '\t'])
            && media_type
                .split_once('/')
                .is_some_and(|(one, two)| is_token(one) && is_token(two.trim_end_matches([' ', '\t'])))
            && parameters.is_none_or(|parameters| parameters.split(';').all(is_parameter)))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_once_and_every_bare_name() {
        let names = ["customizations.xml", "solution.xml", "WebResources/a1B2", "a/b.Json", "a/c.json"];
        let text = String::from_utf8(content_types(names.into_iter())).expect("text");
        assert!(text.starts_with('\u{feff}'));
        insta::assert_snapshot!(text.trim_start_matches('\u{feff}').replace("><", ">\n<"), @r#"
        <?xml version="1.0" encoding="utf-8"?>
        <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="xml" ContentType="application/octet-stream" />
        <Default Extension="Json" ContentType="application/octet-stream" />
        <Override PartName="/WebResources/a1B2" ContentType="application/octet-stream" />
        </Types>
        "#);
    }

    fn list(inside: &str) -> Vec<u8> {
        format!("<?xml version=\"1.0\"?><Types xmlns=\"{NAMESPACE}\">{inside}</Types>").into_bytes()
    }

    #[test]
    fn what_dot_net_takes_is_taken() {
        let xml = "<Default Extension='xml' ContentType='a/b'/>";
        for good in [
            "",
            xml,
            "<!-- c --><?p q?> <Default Extension='XML' ContentType=''> </Default>",
            "<Default Extension='xml' ContentType='text/xml; charset=utf-8' xmlns:x='u'><!-- c --></Default>",
            "<Default Extension='x&#109;l' ContentType='text/xml;a=\"b c\"'/>",
            "<Default Extension='.a' ContentType='*/*'/><Default Extension='%C3%BC' ContentType='a/b'/>",
            "<Override PartName='/zz.xml' ContentType='a/b'/><Override PartName='/[Content_Types].xml' ContentType='a/b'/>",
        ] {
            assert_eq!(List::read(&list(good)).refusals, <[String; 0]>::default(), "{good}");
        }
        let read = List::read(&list(&format!("{xml}<Override PartName='/A/b' ContentType='c/d'/>")));
        assert_eq!(
            ["a.XML", "x/y.xml", "a/B", "a", "a.xmlx", "b"].map(|part| read.covers(part)),
            [true, true, true, false, false, false]
        );
    }

    #[test]
    fn what_dot_net_refuses_is_refused() {
        let xml = "<Default Extension='xml' ContentType='a/b'/>";
        for bad in [
            "<Extra/>",
            "<x:E xmlns:x='u'/>",
            "text",
            "<![CDATA[x]]>",
            "<?xml q?>",
            "<default Extension='xml' ContentType='a/b'/>",
            "<Default xmlns='u' Extension='xml' ContentType='a/b'/>",
            "<Default extension='xml' ContentType='a/b'/>",
            "<Default Extension='xml'/>",
            "<Default ContentType='a/b'/>",
            "<Default Extension='' ContentType='a/b'/>",
            "<Default Extension='a b' ContentType='a/b'/>",
            "<Default Extension='\u{fc}' ContentType='a/b'/>",
            "<Default Extension='a?b' ContentType='a/b'/>",
            "<Default Extension='a#b' ContentType='a/b'/>",
            "<Default Extension='%61' ContentType='a/b'/>",
            "<Default Extension='xml' ContentType='abc'/>",
            "<Default Extension='xml' ContentType=' text/xml'/>",
            "<Default Extension='xml' ContentType='text/xml&#10;'/>",
            "<Default Extension='xml' ContentType='text/xml;'/>",
            "<Default Extension='xml' ContentType='text/\u{fc}'/>",
            "<Default Extension='xml' ContentType='text/x/y'/>",
            "<Default Extension='xml' ContentType='text/xml (c)'/>",
            "<Default Extension='xml' ContentType='a/b' X='y'/>",
            "<Default Extension='xml' ContentType='a/b' xml:lang='en'/>",
            "<Default Extension='xml' ContentType='a/b'>x</Default>",
            "<Default Extension='xml' ContentType='a/b'><x/></Default>",
            "<Types><Default Extension='xml' ContentType='a/b'/></Types>",
            "<Override PartName='a.xml' ContentType='a/b'/>",
            "<Override PartName='' ContentType='a/b'/>",
            "<Override PartName='/a.xml'/>",
            "<Override PartName='/a/' ContentType='a/b'/>",
            "<Override PartName='/a/../b' ContentType='a/b'/>",
            "<Override PartName='//a' ContentType='a/b'/>",
            "<Override PartName='/a' ContentType='a/b'/><Override PartName='/a' ContentType='a/b'/>",
            &format!("{xml}{}", xml.replace("xml", "XML")),
        ] {
            let text = String::from_utf8(list(bad)).expect("UTF-8");
            assert_ne!(List::read(text.as_bytes()).refusals, <[String; 0]>::default(), "{bad}");
        }
        for (from, to) in [
            (format!(" xmlns=\"{NAMESPACE}\""), String::new()),
            (NAMESPACE.to_owned(), format!("{NAMESPACE}x")),
            ("<Types".to_owned(), "<Types a=\"b\"".to_owned()),
            ("<Types".to_owned(), "<Types xml:space=\"preserve\"".to_owned()),
            ("Types".to_owned(), "types".to_owned()),
            ("<Types".to_owned(), "<!DOCTYPE Types><Types".to_owned()),
            ("</Types>".to_owned(), "</Types>x".to_owned()),
            ("1.0".to_owned(), "1.1".to_owned()),
            ("<?xml".to_owned(), "\n<?xml".to_owned()),
        ] {
            let text = String::from_utf8(list(xml)).expect("UTF-8").replace(&from, &to);
            assert_ne!(List::read(text.as_bytes()).refusals, <[String; 0]>::default(), "{text}");
        }
    }
}
