//! `EntityRelationship`: those of lookups and of many to many, and those that every table has.

use super::super::extra::merge;
use super::super::labels::labels;
use super::super::{Component, Kind};
use super::order::RELATIONSHIP;
use crate::catalog;
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::manifest::components::labels::Labels;
use crate::manifest::components::names::Named;
use crate::manifest::components::table::column::Column;
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::lookup::{CascadeRule, Cascades, Relation};
use crate::manifest::components::table::many_to_many::ManyToMany;
use crate::manifest::components::table::{Table, TableOwnership};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub struct Relationship;

impl Kind for Relationship {
    fn label(&self) -> &'static str {
        "Relationship"
    }
    fn place(&self) -> &'static str {
        "EntityRelationships"
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.tables")
    }
    fn folder(&self) -> &'static str {
        "Other/Relationships/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let name = item.attribute("Name").map(str::to_owned);
        name.map(|name| Component { kind: self.label(), name: name.clone(), id: name }).into_iter().collect()
    }
}

/// The schema name of a table, where one of that name is known: declared, brought by a source,
/// required, or of Dataverse itself.
pub fn table_name(named: &Named, package: &Package, draft: &mut Draft) -> Option<String> {
    let same = |name: &&str| name.eq_ignore_ascii_case(&named.name);
    let declared = package.components.tables.iter().map(|table| table.name.as_str());
    let brought: Vec<String> =
        draft.package.section("Entities").filter_map(|entity| entity.child_text("Name")).collect();
    let required = package.requires.tables.iter().map(String::as_str);
    let mut known = declared.chain(brought.iter().map(String::as_str)).chain(required);
    let found = known.clone().find(same).map(str::to_owned);
    if let Some(found) = found {
        // An extended table of Dataverse may be declared by its logical name.
        return Some(catalog::table(&found).and_then(|table| table.schema).map_or(found, str::to_owned));
    }
    if let Some(table) = catalog::table(&named.name) {
        return Some(table.name().to_owned());
    }
    let finding = Diagnostic::error("unknown-table", format!("`{}` is not a known table", named.name)).at(&named.span);
    let near = nearest(&named.name, known.by_ref()).map(str::to_owned);
    let near = near.or_else(|| catalog::nearest_table(&named.name).map(str::to_owned));
    draft.findings.push(match near {
        Some(near) => finding.help(format!("write `{near}`, or name it under `requires.tables`")),
        None => finding.help("name it under `requires.tables` if another solution brings it"),
    });
    None
}

/// One to many.
struct OneToMany<'a> {
    name: &'a str,
    referencing: &'a str,
    referenced: &'a str,
    column: &'a str,
    cascades: Cascades,
    /// `CascadeRollupView`, `IsValidForAdvancedFind` and the roles: absent for system columns.
    full: bool,
    hierarchical: bool,
    searchable: bool,
    description: &'a Labels,
}

impl OneToMany<'_> {
    fn element(&self, version: &str) -> Element {
        let mut element = Element::new("EntityRelationship").with("Name", self.name);
        let mut push = |name: &str, text: &str| element.push(Element::text(name, text));
        push("EntityRelationshipType", "OneToMany");
        push("IsCustomizable", "1");
        push("IntroducedVersion", version);
        push("IsHierarchical", if self.hierarchical { "1" } else { "0" });
        push("ReferencingEntityName", self.referencing);
        push("ReferencedEntityName", self.referenced);
        push("CascadeAssign", &self.cascades.assign.word());
        push("CascadeDelete", &self.cascades.delete.word());
        push("CascadeArchive", &self.cascades.archive.word());
        push("CascadeReparent", &self.cascades.reparent.word());
        push("CascadeShare", &self.cascades.share.word());
        push("CascadeUnshare", &self.cascades.unshare.word());
        if self.full {
            push("CascadeRollupView", &self.cascades.rollup_view.word());
            push("IsValidForAdvancedFind", if self.searchable { "1" } else { "0" });
        }
        push("ReferencingAttributeName", self.column);
        element.push(Element::new("RelationshipDescription").child(labels(
            "Descriptions",
            "Description",
            self.description,
        )));
        if self.full {
            let many = role(&[
                ("NavPaneDisplayOption", "UseCollectionName"),
                ("NavPaneArea", "Details"),
                ("NavPaneOrder", "10000"),
                ("NavigationPropertyName", self.column),
                ("RelationshipRoleType", "1"),
            ]);
            let one = role(&[("NavigationPropertyName", self.name), ("RelationshipRoleType", "0")]);
            element.push(Element::new("EntityRelationshipRoles").child(many).child(one));
        }
        element
    }
}

fn role(pairs: &[(&str, &str)]) -> Element {
    let mut role = Element::new("EntityRelationshipRole");
    for (name, text) in pairs {
        role.push(Element::text(*name, *text));
    }
    role
}

/// The relationships that Dataverse gives a table: to its owner, or to the organization.
pub fn of_system(table: &Table, version: &str, language: u32) -> Vec<Element> {
    let logical = table.name.to_ascii_lowercase();
    let none = Cascades { delete: CascadeRule::NoCascade, ..Cascades::of(Relation::Referential) };
    let none = Cascades { archive: CascadeRule::NoCascade, ..none };
    let restrict = Cascades::of(Relation::RestrictDelete);
    let mut all = vec![
        (format!("lk_{logical}_createdby"), "SystemUser", "CreatedBy", none),
        (format!("lk_{logical}_modifiedby"), "SystemUser", "ModifiedBy", none),
    ];
    match table.ownership {
        TableOwnership::User => all.extend([
            (format!("business_unit_{logical}"), "BusinessUnit", "OwningBusinessUnit", restrict),
            (format!("owner_{logical}"), "Owner", "OwnerId", none),
            (format!("team_{logical}"), "Team", "OwningTeam", none),
            (format!("user_{logical}"), "SystemUser", "OwningUser", none),
        ]),
        TableOwnership::Organization => {
            all.push((format!("organization_{logical}"), "Organization", "OrganizationId", none));
        }
    }
    if table.columns.iter().any(|column| column.kind == ColumnType::Money) {
        all.push((format!("TransactionCurrency_{logical}"), "TransactionCurrency", "TransactionCurrencyId", restrict));
    }
    let columns = catalog::system_columns();
    let made = |(name, referenced, column, cascades): (String, &str, &str, Cascades)| {
        let known = columns.iter().find(|known| known.name == column);
        let description = Labels::one(language, known.map_or("", |known| known.description));
        let mut element = OneToMany {
            name: &name,
            referencing: &table.name,
            referenced,
            column,
            cascades,
            full: false,
            hierarchical: false,
            searchable: true,
            description: &description,
        }
        .element(version);
        if column == "TransactionCurrencyId" {
            RELATIONSHIP.place(&mut element, Element::text("CascadeRollupView", "NoCascade"));
        }
        element
    };
    all.into_iter().map(made).collect()
}

/// Adds the relationships of a lookup: one for each table that it refers to.
pub fn of_lookup(table: &Table, column: &Column, package: &Package, draft: &mut Draft) {
    let Some(lookup) = &column.lookup else { return };
    let version = package.solution.version.to_string();
    let referencing = catalog::table(&table.name).and_then(|known| known.schema).unwrap_or(&table.name).to_owned();
    let many = lookup.to.len() > 1;
    for to in &lookup.to {
        let Some(referenced) = table_name(to, package, draft) else { continue };
        if lookup.hierarchical && !referenced.eq_ignore_ascii_case(&table.name) {
            draft.findings.push(
                Diagnostic::error("hierarchy", "only a lookup to its own table makes a hierarchy")
                    .at(&to.span)
                    .help(format!("write `to: {}`, or remove `hierarchical`", table.name)),
            );
        }
        let name = match &lookup.relationship {
            Some(name) if many => format!("{name}_{}", referenced.to_ascii_lowercase()),
            Some(name) => name.clone(),
            None => {
                let short = column.name.split_once('_').map_or(column.name.as_str(), |(_, rest)| rest);
                let (prefix, from) = (&package.publisher.prefix, table.name.to_ascii_lowercase());
                format!("{prefix}_{from}_{short}_{}", referenced.to_ascii_lowercase()).chars().take(100).collect()
            }
        };
        let empty = Labels::one(package.solution.languages.first().copied().unwrap_or(1033), "");
        let mut element = OneToMany {
            name: &name,
            referencing: &referencing,
            referenced: &referenced,
            column: &column.name,
            cascades: lookup.cascades,
            full: true,
            hierarchical: lookup.hierarchical,
            searchable: column.searchable,
            description: column.description.as_ref().unwrap_or(&empty),
        }
        .element(&version);
        merge(&mut element, &lookup.extra, &RELATIONSHIP, &mut draft.findings);
        draft.add_element("EntityRelationships", element, &column.span);
    }
}

/// Adds a relationship of many to many.
pub fn of_many(table: &Table, relation: &ManyToMany, package: &Package, draft: &mut Draft, span: &Span) {
    let Some(other) = table_name(&relation.with, package, draft) else { return };
    let first = catalog::table(&table.name).and_then(|known| known.schema).unwrap_or(&table.name);
    let prefix = &package.publisher.prefix;
    let (a, b) = (table.name.to_ascii_lowercase(), other.to_ascii_lowercase());
    let name = relation.name.clone().unwrap_or_else(|| format!("{prefix}_{a}_{b}").chars().take(100).collect());
    // An intersect table's name has at most 45 characters: longer names are cut there in real packages.
    let intersect: String = name.to_ascii_lowercase().chars().take(45).collect();
    let shown = if relation.navigation { "UseCollectionName" } else { "DoNotDisplay" };
    let end = |ordinal: &str| {
        let mut pairs = vec![("NavPaneDisplayOption", shown)];
        if relation.navigation {
            pairs.extend([("NavPaneArea", "Details"), ("NavPaneOrder", "10000")]);
        }
        pairs.extend([("NavigationPropertyName", name.as_str()), ("AssociationRoleOrdinal", ordinal)]);
        role(&pairs)
    };
    let mut element = Element::new("EntityRelationship")
        .with("Name", name.as_str())
        .child(Element::text("EntityRelationshipType", "ManyToMany"))
        .child(Element::text("IsCustomizable", "1"))
        .child(Element::text("IntroducedVersion", package.solution.version.to_string()))
        .child(Element::text("IsHierarchical", "0"))
        .child(Element::text("FirstEntityName", first))
        .child(Element::text("SecondEntityName", other.as_str()))
        .child(Element::text("IntersectEntityName", intersect))
        .child(Element::text("IsValidForAdvancedFind", "1"))
        .child(Element::new("EntityRelationshipRoles").child(end("1")).child(end("2")));
    merge(&mut element, &relation.extra, &RELATIONSHIP, &mut draft.findings);
    draft.add_element("EntityRelationships", element, span);
}
