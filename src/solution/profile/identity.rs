//! What tells one component of customizations.xml from another of its kind, by the table.

use super::names::name_of;
use super::row::Row;
use super::table::{known, row};
use crate::solution::xml::Element;

impl Row {
    /// Whether it is an element of a section that only contains components, as `EmailTemplates` in `Templates`.
    pub(super) fn is_container(&self) -> bool {
        self.attributes.is_empty() && matches!(&self.children[..], [child] if child.many)
    }
}

fn place(section: &str, element: &Element) -> String {
    format!("customizations.xml/{section}/{}", element.name)
}

/// Whether an element of a section only contains components.
#[must_use]
pub fn is_container(section: &str, element: &Element) -> bool {
    row(&place(section, element)).is_some_and(Row::is_container)
}

/// What tells a component from the others in `section`, a section or `section/container`, without braces: two with the
/// same are one component. `None` if it has nothing of the kind.
#[must_use]
pub fn identity(section: &str, element: &Element) -> Option<String> {
    let place = place(section, element);
    let Some(paths) = known(&place) else {
        // A section that the table does not know: an id identifies, and a name probably does.
        return row(&place)
            .is_none()
            .then(|| element.attribute("id").map(str::to_owned).or_else(|| name_of(element)))?;
    };
    let value = |path: &&str| if *path == "." { Some(element.content()) } else { element.value_at(path) };
    let values: Option<Vec<String>> = paths.iter().map(value).collect();
    let values = values?.into_iter().map(|value| value.trim().trim_matches(['{', '}']).to_owned());
    Some(values.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::xml::parse;

    fn of(section: &str, xml: &str) -> Option<String> {
        identity(section, &parse(xml.as_bytes(), "customizations.xml").expect("parsed"))
    }

    #[test]
    fn a_component_is_known_by_what_its_kind_is_known_by() {
        for (section, xml, known) in [
            ("Workflows", "<Workflow WorkflowId='{A-1}' Name='Daily'/>", Some("A-1")),
            ("Slas", "<Sla><Name>Gold</Name><SLAId>{B-2}</SLAId></Sla>", Some("B-2")),
            ("Languages", "<Language>1033</Language>", Some("1033")),
            (
                "AttributeImageConfigs",
                "<AttributeImageConfig><parententitylogicalname>t</parententitylogicalname>\
                 <attributelogicalname>c</attributelogicalname></AttributeImageConfig>",
                Some("c/t"),
            ),
            ("Templates/EmailTemplates", "<emailtemplate><templateid>{C-3}</templateid></emailtemplate>", Some("C-3")),
            ("SiteMap", "<SiteMap><Area Id='a'/></SiteMap>", None),
            ("Novelties", "<Novelty id='n1' Name='New'/>", Some("n1")),
        ] {
            assert_eq!(of(section, xml).as_deref(), known, "{xml}");
        }
        let container = |section: &str, xml: &str| is_container(section, &parse(xml.as_bytes(), "x").expect("parsed"));
        assert!(container("Templates", "<EmailTemplates/>") && container("Reports", "<ReportLinks/>"));
        assert!(!container("Reports", "<Report/>") && !container("SiteMap", "<SiteMap/>"));
    }
}
