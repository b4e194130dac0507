//! What is inside an element of a section: columns, keys, views, forms, charts, plug-in types, images.

use super::piece::{Piece, RELATIONSHIP, guid, of_table};
use crate::catalog::COLUMN;
use crate::solution::xml::Element;

/// Numbers of kinds that are inside others.
const KEY: u32 = 14;
const IMAGE: u32 = 93;

/// What is inside an element of a section.
pub(super) fn inside(section: &str, element: &Element) -> Vec<Piece> {
    let mut found = Vec::new();
    match section {
        "Entities" => table(element, &mut found),
        "EntityRelationships" => {
            let name = element.attribute("Name").unwrap_or_default();
            let table = ["ReferencingEntityName", "FirstEntityName"].iter().find_map(|at| element.child_text(at));
            let inherent = element.child_text("EntityRelationshipType").as_deref() != Some("ManyToMany");
            let made = Piece::new(RELATIONSHIP, name, &[name], None).within(&table.unwrap_or_default());
            found.push(Piece { inherent, ..made });
        }
        "SolutionPluginAssemblies" | "SdkMessageProcessingSteps" | "FieldSecurityProfiles" => {
            for (kind, key) in
                [(90, "PluginTypeId"), (IMAGE, "SdkMessageProcessingStepImageId"), (71, "fieldpermissionid")]
            {
                let own = |it: &Element| value(it, key).as_deref().and_then(guid);
                each(element, &mut |it| {
                    // A step names its plug-in type, too.
                    let is_own = it.name != "SdkMessageProcessingStep" || kind != 90;
                    if let Some(id) = own(it).filter(|_| is_own) {
                        let title = value(it, "Name").unwrap_or_default();
                        found.push(Piece::new(kind, &title, &[], Some(id)));
                    }
                });
            }
        }
        _ => {}
    }
    found
}

fn table(element: &Element, found: &mut Vec<Piece>) {
    let table = element.child_text("Name").unwrap_or_default();
    let entity = element.path(&["EntityInfo", "entity"]);
    let inner = |name: &str| entity.and_then(|entity| entity.find(name)).into_iter().flat_map(Element::elements);
    for column in inner("attributes") {
        let physical = column.attribute("PhysicalName").unwrap_or_default();
        let logical = column.child_text("LogicalName").unwrap_or_else(|| physical.to_lowercase());
        let (name, other) = (of_table(&table, &logical), of_table(&table, physical));
        found.push(Piece::new(COLUMN, &name, &[&name, &other], None).within(&table));
        for end in made_with(column) {
            let name = format!("{name}{end}");
            found.push(Piece { inherent: true, ..Piece::new(COLUMN, &name, &[&name], None).within(&table) });
        }
    }
    for key in inner("EntityKeys") {
        let name =
            of_table(&table, &key.child_text("LogicalName").or_else(|| key.child_text("Name")).unwrap_or_default());
        found.push(Piece::new(KEY, &name, &[&name], None).within(&table));
    }
    for (kind, part, key) in [
        (26, "savedquery", "savedqueryid"),
        (60, "systemform", "formid"),
        (59, "visualization", "savedqueryvisualizationid"),
    ] {
        each(element, &mut |it| {
            let id = it.child_text(key).as_deref().and_then(guid);
            if it.name == part && id.is_some() {
                let title = it.find("LocalizedNames").and_then(|names| names.elements().next());
                let title = title.and_then(|name| name.attribute("description")).map(str::to_owned);
                let title = title.or_else(|| it.child_text("name")).unwrap_or_default();
                found.push(Piece::new(kind, &title, &[], id).within(&table));
            }
        });
    }
}

/// The ends of the names of the columns that Dataverse makes along with one: amounts in the base currency, date and
/// state of a rollup, what belongs to an image or file. Packages list the former, as a rule (exported solutions).
fn made_with(column: &Element) -> Vec<&'static str> {
    let of_kind: &[&str] = match column.child_text("Type").unwrap_or_default().to_ascii_lowercase().as_str() {
        "money" => &["_base"],
        "image" => &["id", "_url", "_timestamp"],
        "file" => &["_name"],
        _ => &[],
    };
    let is_rollup = column.child_text("SourceType").as_deref() == Some("2");
    let of_rollup: &[&str] = if is_rollup { &["_date", "_state"] } else { &[] };
    [of_kind, of_rollup].concat()
}

/// An attribute or a child.
fn value(element: &Element, name: &str) -> Option<String> {
    element.attribute(name).map(str::to_owned).or_else(|| element.child_text(name))
}

/// Every element of a tree.
fn each(element: &Element, visit: &mut impl FnMut(&Element)) {
    visit(element);
    for child in element.elements() {
        each(child, visit);
    }
}
