//! E-mail templates: `EmailTemplates` in the section `Templates`, root component 36.
//!
//! Facts: order and names counted over 24 real templates; subject and body are XSL in a text, as the
//! platform's own templates have it. A custom table is named by its logical name, which is an assumption:
//! its number differs by environment.

use std::path::Path;

use super::extra::{FREE, Order, merge};
use super::kind::{Component, Kind};
use super::labels::base_language;
use super::names::Names;
use crate::catalog;
use crate::diagnostic::Diagnostic;
use crate::files::{self, FileError};
use crate::guid;
use crate::manifest::components::email_template::EmailContent;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub struct EmailTemplate;

const LIMIT: u64 = 4 * 1024 * 1024;

const ORDER: Order = Order {
    attributes: &["addedby", "id", "name", "description", "unmodified"],
    children: &[
        "templateid",
        "subject",
        "subjectpresentationxml",
        "ispersonal",
        "mimetype",
        "templatetypecode",
        "body",
        "title",
        "description",
        "presentationxml",
        "versionnumber",
        "languagecode",
        "generationtypecode",
        "IsCustomizable",
        "ActivityMimeAttachments",
        "IntroducedVersion",
    ],
    inner: &[("ActivityMimeAttachments", &FREE)],
};

/// The four texts of a template.
struct Texts {
    subject: String,
    subject_presentation: String,
    body: String,
    presentation: String,
}

fn data(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

fn style(text: &str) -> String {
    format!(
        "<?xml version=\"1.0\" ?><xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">\
         <xsl:output method=\"text\" indent=\"no\"/><xsl:template match=\"/data\">{}</xsl:template></xsl:stylesheet>",
        data(text)
    )
}

fn presentation(text: &str) -> String {
    format!("<template><text>{}</text></template>", data(text))
}

fn texts(content: &EmailContent) -> Result<Texts, FileError> {
    match content {
        EmailContent::Plain(subject, body) => {
            let body = files::read_text(body, LIMIT)?;
            Ok(Texts {
                subject: style(subject),
                subject_presentation: presentation(subject),
                body: style(&body),
                presentation: presentation(&body),
            })
        }
        EmailContent::Folder(folder) => {
            let read = |name: &str| files::read_text(&Path::new(folder).join(name), LIMIT);
            Ok(Texts {
                subject: read("subject.xsl")?,
                subject_presentation: read("subjectpresentationxml.xml")?,
                body: read("body.xsl")?,
                presentation: read("presentationxml.xml")?,
            })
        }
    }
}

impl Kind for EmailTemplate {
    fn label(&self) -> &'static str {
        "E-mail template"
    }
    fn place(&self) -> &'static str {
        "Templates"
    }
    fn root_type(&self) -> Option<u32> {
        Some(36)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.emailTemplates")
    }
    fn folder(&self) -> &'static str {
        "Templates/EmailTemplates.xml"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let text = |it: &Element, name| it.child_text(name).unwrap_or_default();
        let component =
            |it: &Element| Component { kind: self.label(), name: text(it, "title"), id: text(it, "templateid") };
        item.elements().filter(|_| item.name == "EmailTemplates").map(component).collect()
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for template in &package.components.email_templates {
            let texts = match texts(&template.content) {
                Ok(texts) => texts,
                Err(error) => {
                    draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&template.span));
                    continue;
                }
            };
            let language = template.language.unwrap_or_else(|| base_language(package));
            let key = format!("{}/{language}", template.title);
            let id = template.id.unwrap_or_else(|| guid::stable("template", &package.publisher.name, &key));
            let mut lookup = Names::new(package, &draft.package);
            let table = lookup.table(&template.table);
            let mut findings = lookup.findings;
            let code = catalog::object_type_code(&table).map_or(table, |code| code.to_string());
            let mut element = Element::new("emailtemplate")
                .child(Element::text("templateid", guid::braced(id)))
                .child(Element::text("subject", texts.subject))
                .child(Element::text("subjectpresentationxml", texts.subject_presentation))
                .child(Element::text("templatetypecode", code))
                .child(Element::text("body", texts.body))
                .child(Element::text("title", template.title.as_str()));
            if let Some(description) = &template.description {
                element.push(Element::text("description", description.as_str()));
            }
            element.push(Element::text("presentationxml", texts.presentation));
            element.push(Element::text("languagecode", language.to_string()));
            element.push(Element::text("generationtypecode", "0"));
            element.push(Element::text("IntroducedVersion", package.solution.version.to_string()));
            merge(&mut element, &template.extra, &ORDER, &mut findings);
            draft.findings.append(&mut findings);
            let id = guid::braced(id);
            if draft.add_element_in("Templates", "EmailTemplates", element, &template.span) {
                draft.add_root("36", "id", &id);
            }
        }
    }
}
