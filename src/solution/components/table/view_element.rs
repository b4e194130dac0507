//! The elements of a view: its grid, and what it fetches.

use super::super::labels::labels;
use super::context::Context;
use super::known::primary_names;
use crate::guid;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::table::Table;
use crate::solution::xml::Element;

/// A view that is about to be written.
pub(super) struct Made {
    pub(super) name: Labels,
    pub(super) description: Option<Labels>,
    pub(super) kind: u32,
    pub(super) default: bool,
    pub(super) deletable: bool,
    pub(super) id: uuid::Uuid,
    pub(super) layout: Option<Element>,
    pub(super) fetch: Element,
}

impl Made {
    pub(super) fn element(self, context: &Context<'_>) -> Element {
        let digit = |flag: bool| if flag { "1" } else { "0" };
        let mut element = Element::new("savedquery")
            .child(Element::text("IsCustomizable", "1"))
            .child(Element::text("CanBeDeleted", digit(self.deletable)))
            .child(Element::text("isquickfindquery", digit(self.kind == 4)))
            .child(Element::text("isprivate", "0"))
            .child(Element::text("isdefault", digit(self.default)))
            .child(Element::text("savedqueryid", guid::braced(self.id)));
        if let Some(layout) = self.layout {
            element.push(Element::new("layoutxml").child(layout));
        }
        element.push(Element::text("querytype", self.kind.to_string()));
        element.push(Element::new("fetchxml").child(self.fetch));
        element.push(Element::text("IntroducedVersion", context.version.as_str()));
        element.push(labels("LocalizedNames", "LocalizedName", &self.name));
        if let Some(description) = &self.description {
            element.push(labels("Descriptions", "Description", description));
        }
        element
    }
}

pub(super) fn grid(table: &Table, columns: &[(String, u32)], related: bool) -> Element {
    let logical = table.name.to_ascii_lowercase();
    let (id, name) = primary_names(table);
    let set = super::entity::entity_set(table);
    let mut row = Element::new("row").with("name", if related { logical.as_str() } else { "result" }).with("id", id);
    for (column, width) in columns {
        row.push(Element::new("cell").with("name", column.as_str()).with("width", width.to_string()));
    }
    Element::new("grid")
        .with("name", if related { set.as_str() } else { "resultset" })
        .with("jump", name)
        .with("select", "1")
        .with("icon", "1")
        .with("preview", "1")
        .child(row)
}

pub(super) fn condition(column: &str, operator: &str, value: &str) -> Element {
    Element::new("condition").with("attribute", column).with("operator", operator).with("value", value)
}

/// A fetch of `columns`, ordered, with whatever else its entity contains.
pub(super) fn fetch(table: &Table, columns: &[(String, u32)], order: &[(String, bool)], rest: Vec<Element>) -> Element {
    let (id, _) = primary_names(table);
    let mut entity = Element::new("entity").with("name", table.name.to_ascii_lowercase());
    entity.push(Element::new("attribute").with("name", id.as_str()));
    // Columns of linked tables come from their `link-entity`.
    let own = columns.iter().filter(|(column, _)| !column.contains('.') && *column != id);
    for (column, _) in own {
        entity.push(Element::new("attribute").with("name", column.as_str()));
    }
    for (column, descending) in order {
        entity
            .push(Element::new("order").with("attribute", column.as_str()).with("descending", descending.to_string()));
    }
    for element in rest {
        entity.push(element);
    }
    Element::new("fetch").with("version", "1.0").with("mapping", "logical").child(entity)
}

pub(super) fn filter(conditions: Vec<Element>) -> Element {
    let mut filter = Element::new("filter").with("type", "and");
    for condition in conditions {
        filter.push(condition);
    }
    filter
}

/// Gives every filter below an element its type: in all 2,584 of the corpus it is written. A query takes `and` where
/// it is not.
pub(super) fn type_filters(element: &mut Element) {
    if element.name == "filter" && element.attribute("type").is_none() {
        element.attributes.insert(0, ("type".to_owned(), "and".to_owned()));
    }
    element.elements_mut().for_each(type_filters);
}
