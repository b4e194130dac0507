//! What tables, their columns and forms, and relationships refer to.

use super::dependent::{Dependent, named};
use super::place::Place;
use super::references::References;
use super::target::Target;
use crate::solution::xml::{Element, Node};

impl References {
    pub(super) fn table(&mut self, entity: &Element) {
        let Some(name) = entity.child_text("Name").map(|name| name.to_lowercase()) else { return };
        // Without EntityInfo it is only the frame for a form or a view of somebody else's table.
        if entity.find("EntityInfo").is_some() {
            self.define(Target::Table, Some(&name));
        }
        let table = Dependent { shown: format!("table `{name}`"), attributes: named("1", &name) };
        let columns = entity.path(&["EntityInfo", "entity", "attributes"]);
        for column in columns.into_iter().flat_map(Element::elements) {
            let Some(choice) = column.find("OptionSetName") else { continue };
            let logical =
                column.child_text("LogicalName").or_else(|| column.attribute("PhysicalName").map(str::to_lowercase));
            let logical = logical.unwrap_or_default();
            let mut attributes = named("2", &logical);
            attributes.push(("parentSchemaName", name.clone()));
            let by = Dependent { shown: format!("column `{name}.{logical}`"), attributes };
            let local = column.find("optionset").is_some();
            if !local {
                self.refer(Target::Choice, &choice.content(), &by, Place::of(entity, choice));
            }
        }
        for part in entity.elements().filter(|part| part.name != "EntityInfo") {
            if part.name != "FormXml" {
                self.web_resources(entity, part, &table);
                continue;
            }
            for form in part.elements().flat_map(Element::elements) {
                let id = form.child_text("formid").unwrap_or_default();
                let title = label(form).unwrap_or_else(|| id.clone());
                let attributes = vec![
                    ("type", "60".to_owned()),
                    ("displayName", title.clone()),
                    ("parentDisplayName", name.clone()),
                    ("id", id),
                ];
                let by = Dependent { shown: format!("form `{title}` of `{name}`"), attributes };
                self.web_resources(entity, form, &by);
            }
        }
    }

    /// Libraries of forms, and `$webresource:` anywhere.
    pub(super) fn web_resources(&mut self, component: &Element, element: &Element, by: &Dependent) {
        let component = if element.file.is_some() { element } else { component };
        if element.name == "Library"
            && let Some(name) = element.attribute("name")
        {
            self.refer(
                Target::WebResource,
                name.trim_start_matches("$webresource:"),
                by,
                Place::of(component, element),
            );
        }
        let texts =
            element.children.iter().filter_map(|node| if let Node::Text(text) = node { Some(text) } else { None });
        for value in element.attributes.iter().map(|(_, value)| value).chain(texts) {
            if let Some(name) = value.trim().strip_prefix("$webresource:") {
                let name = name.split(['?', '#']).next().unwrap_or_default();
                self.refer(Target::WebResource, name, by, Place::of(component, element));
            }
        }
        for child in element.elements() {
            self.web_resources(component, child, by);
        }
    }

    pub(super) fn relationship(&mut self, relationship: &Element) {
        let name = relationship.attribute("Name").unwrap_or_default();
        // Which tables an activity can be regarding depends on the environment: exports do not count those.
        let column = relationship.child_text("ReferencingAttributeName").unwrap_or_default();
        if column.eq_ignore_ascii_case("RegardingObjectId") {
            return;
        }
        let parent = relationship.child_text("ReferencingEntityName").unwrap_or_default().to_lowercase();
        let mut attributes = named("10", name);
        if !parent.is_empty() {
            attributes.push(("parentSchemaName", parent));
        }
        let by = Dependent { shown: format!("relationship `{name}`"), attributes };
        for end in ["ReferencedEntityName", "ReferencingEntityName", "FirstEntityName", "SecondEntityName"] {
            if let Some(table) = relationship.find(end) {
                self.refer(Target::Table, &table.content(), &by, Place::of(relationship, table));
            }
        }
    }
}

fn label(form: &Element) -> Option<String> {
    form.find("LocalizedNames")?.elements().find_map(|name| name.attribute("description").map(str::to_owned))
}
