//! What declared components name: tables, columns, views, forms, charts, dashboards, web resources.
//! Looked up in the manifest, in its sources and in the catalog; what cannot be found is a finding.

use uuid::Uuid;

use crate::catalog;
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::guid;
use crate::manifest::components::names::Named;
use crate::manifest::package::Package;
use crate::manifest::prefix;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// A part of a table that has a name and a GUID.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    View,
    Form,
    Chart,
}

/// The look-up; it collects findings until they are taken.
pub(super) struct Names<'a> {
    pub package: &'a Package,
    pub model: &'a SolutionPackage,
    pub findings: Vec<Diagnostic>,
}

impl<'a> Names<'a> {
    pub fn new(package: &'a Package, model: &'a SolutionPackage) -> Self {
        Self { package, model, findings: Vec::new() }
    }

    /// The element of a table that the solution contains.
    pub fn own_table(&self, name: &str) -> Option<&'a Element> {
        let same = |entity: &&Element| entity.child_text("Name").is_some_and(|own| own.eq_ignore_ascii_case(name));
        self.model.section("Entities").find(same)
    }

    fn own_tables(&self) -> Vec<String> {
        self.model.section("Entities").filter_map(|entity| entity.child_text("Name")).collect()
    }

    /// The logical name of a table; reported where no such table is known.
    pub fn table(&mut self, table: &Named) -> String {
        let name = table.name.as_str();
        if self.own_table(name).is_some() || self.package.requires.tables.iter().any(|it| it.eq_ignore_ascii_case(name))
        {
            return name.to_lowercase();
        }
        if let Some(known) = catalog::table(name) {
            return known.logical.to_owned();
        }
        let own = prefix::is_own(name, &self.package.publisher.prefix);
        let finding = if own {
            Diagnostic::error("unknown-table", format!("the solution has no table `{name}`"))
        } else {
            Diagnostic::warning("unknown-table", format!("unknown table `{name}`"))
        };
        let finding = finding.at(&table.span);
        let tables = self.own_tables();
        let near = nearest(name, tables.iter().map(String::as_str)).or_else(|| catalog::nearest_table(name));
        self.findings.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("a table of another solution is declared under `requires.tables`"),
        });
        name.to_lowercase()
    }

    /// The GUID, with braces, of a view, form or chart: given as such, or by its name in any language.
    pub fn part(&mut self, part: Part, table: &str, wanted: &Named) -> Option<String> {
        if let Ok(id) = Uuid::try_parse(&wanted.name) {
            return Some(guid::braced(id));
        }
        let (noun, path, element, id): (_, &[&str], _, _) = match part {
            Part::View => ("view", &["SavedQueries", "savedqueries"], "savedquery", "savedqueryid"),
            Part::Chart => ("chart", &["Visualizations"], "visualization", "savedqueryvisualizationid"),
            Part::Form => ("form", &["FormXml"], "systemform", "formid"),
        };
        let holder = self.own_table(table).and_then(|entity| entity.path(path));
        // Forms are one level deeper, by type.
        let deeper = holder.into_iter().flat_map(Element::elements).flat_map(Element::elements);
        let found: Vec<&Element> =
            holder.into_iter().flat_map(Element::elements).chain(deeper).filter(|it| it.name == element).collect();
        let named = found.iter().find(|it| titles(it).any(|title| title == wanted.name));
        if let Some(id) = named.and_then(|it| it.child_text(id)) {
            return Some(id.to_lowercase());
        }
        let known: Vec<&str> = found.iter().flat_map(|it| titles(it)).collect();
        self.missing(&format!("{noun} of `{table}`"), wanted, &known);
        None
    }

    /// The GUID, with braces, of a dashboard.
    pub fn dashboard(&mut self, wanted: &Named) -> Option<String> {
        if let Ok(id) = Uuid::try_parse(&wanted.name) {
            return Some(guid::braced(id));
        }
        let sections = ["Dashboards", "InteractionCentricDashboards"];
        let all: Vec<&Element> = sections.iter().flat_map(|section| self.model.section(section)).collect();
        let named = all.iter().find(|it| titles(it).any(|title| title == wanted.name));
        if let Some(id) = named.and_then(|it| it.child_text("FormId")) {
            return Some(id.to_lowercase());
        }
        let known: Vec<&str> = all.iter().flat_map(|it| titles(it)).collect();
        self.missing("dashboard of this solution", wanted, &known);
        None
    }

    /// The GUID of a web resource; `None`, and a finding, where the solution has none of this name.
    pub fn web_resource(&mut self, wanted: &Named) -> Option<Uuid> {
        if let Ok(id) = Uuid::try_parse(&wanted.name) {
            return Some(id);
        }
        let found: Vec<(String, String)> = self
            .model
            .section("WebResources")
            .filter_map(|it| Some((it.child_text("Name")?, it.child_text("WebResourceId")?)))
            .collect();
        let id = found.iter().find(|(name, _)| name.eq_ignore_ascii_case(&wanted.name));
        if let Some(id) = id.and_then(|(_, id)| Uuid::try_parse(id).ok()) {
            return Some(id);
        }
        let known: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        self.missing("web resource of this solution", wanted, &known);
        None
    }

    /// The unique name of a canvas app; reported where the solution does not have it.
    pub fn canvas_app(&mut self, wanted: &Named) -> String {
        let known: Vec<String> = self.model.section("CanvasApps").filter_map(|it| it.child_text("Name")).collect();
        if let Some(known) = known.iter().find(|known| known.eq_ignore_ascii_case(&wanted.name)) {
            return known.clone();
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.missing("canvas app of this solution", wanted, &known);
        wanted.name.clone()
    }

    /// Reports a column that one of the solution's own tables does not have; returns its element if the table is one of
    /// these.
    pub fn column(&mut self, table: &Named, column: &Named) -> Option<&'a Element> {
        let attributes = self.own_table(&table.name)?.path(&["EntityInfo", "entity", "attributes"])?;
        let logical = |it: &Element| it.child_text("LogicalName").unwrap_or_default();
        let found = attributes.elements().find(|it| logical(it).eq_ignore_ascii_case(&column.name));
        // A table of another publisher brings only the columns that the solution adds or changes.
        let own = &self.package.publisher.prefix;
        if found.is_none() && (prefix::is_own(&table.name, own) || prefix::is_own(&column.name, own)) {
            let known: Vec<String> = attributes.elements().map(logical).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            self.missing(&format!("column of `{}`", table.name), column, &known);
        }
        found
    }

    pub fn missing(&mut self, noun: &str, wanted: &Named, known: &[&str]) {
        let finding = Diagnostic::error("unknown-name", format!("`{}` is not a {noun}", wanted.name)).at(&wanted.span);
        self.findings.push(match nearest(&wanted.name, known.iter().copied()) {
            Some(near) => finding.help(format!("write `{near}`")),
            None if known.is_empty() => finding.help("declare it in this manifest, or write its GUID"),
            None => {
                let more = if known.len() > 10 { ", …" } else { "" };
                let some: Vec<&str> = known.iter().copied().take(10).collect();
                finding.help(format!("there are: {}{more}", some.join(", ")))
            }
        });
    }
}

/// The names of a component in all languages.
fn titles(element: &Element) -> impl Iterator<Item = &str> {
    element.find("LocalizedNames").into_iter().flat_map(Element::elements).filter_map(|it| it.attribute("description"))
}

/// A name at its place.
pub(super) fn named(name: impl Into<String>, span: &Span) -> Named {
    Named { name: name.into(), span: span.clone() }
}
