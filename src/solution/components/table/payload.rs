//! What columns add besides their element: formulas, and settings of images.

use super::attribute;
use super::context::LIMIT;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::manifest::components::table::Table;
use crate::manifest::components::table::column::{Column, Computed};
use crate::manifest::components::table::column_type::ColumnType;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The payloads of computed columns: one YAML file with all formulas, one XAML file for each other.
pub fn formulas(table: &Table, draft: &mut Draft) {
    let logical = table.name.to_ascii_lowercase();
    let mut text = String::new();
    for column in &table.columns {
        let Some(computed) = &column.computed else { continue };
        match computed {
            Computed::Formula(formula) => {
                let lines: Vec<&str> = formula.lines().collect();
                // The quoted form keeps every formula unchanged, whatever characters it has.
                let quoted = lines.join("\n").replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                text.push_str(&format!("{}: \"={quoted}\"\n", column.logical()));
            }
            Computed::Calculation(path, span) | Computed::Rollup(path, span) => match files::read(path, LIMIT) {
                Ok(bytes) => draft.add_file(&attribute::formula_file(column, computed, &logical), bytes, span),
                Err(error) => {
                    draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(span));
                }
            },
        }
    }
    if !text.is_empty() {
        let name = format!("Formulas/{logical}-FormulaDefinitions.yaml");
        draft.add_file(&name, text.into_bytes(), &table.span);
    }
}

/// The settings of image columns: separate sections, root components 431 and 432.
pub fn images(table: &Table, draft: &mut Draft) {
    let logical = table.name.to_ascii_lowercase();
    let images: Vec<&Column> = table.columns.iter().filter(|column| column.kind == ColumnType::Image).collect();
    for column in &images {
        let element = Element::new("AttributeImageConfig")
            .child(Element::text("attributelogicalname", column.logical()))
            .child(Element::text("parententitylogicalname", logical.as_str()))
            .child(Element::text("canstorefullimage", if column.full_image { "1" } else { "0" }));
        if draft.add_element("AttributeImageConfigs", element, &column.span) {
            draft.add_root("431", "schemaName", &format!("{logical} {}", column.logical()));
        }
    }
    let Some(primary) = images.iter().find(|column| column.primary_image).or(images.first()) else { return };
    if table.existing && !primary.primary_image {
        return;
    }
    let element = Element::new("EntityImageConfig")
        .child(Element::text("parententitylogicalname", logical.as_str()))
        .child(Element::text("primaryimageattribute", primary.logical()));
    if draft.add_element("EntityImageConfigs", element, &primary.span) {
        draft.add_root("432", "schemaName", &logical);
    }
}
