//! What components of a solution refer to, and whether it is there: in the solution, named in its
//! `MissingDependencies`, or else left dangling.
//!
//! Facts: where real solutions keep their references, and which pairs of Required and Dependent their
//! `MissingDependencies` name. Only names with a customization prefix are judged: what has none is Dataverse's own.

use std::collections::{BTreeMap, BTreeSet};

use super::dependent::Dependent;
use super::missing::{Missing, declared};
use super::place::Place;
use super::target::{Target, simple_name};
use crate::manifest::prefix;
use crate::solution::flow::Flow;
use crate::solution::json;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::{Element, Node};

/// A reference.
#[derive(Clone, Debug)]
struct Reference {
    target: Target,
    key: String,
    by: Dependent,
    place: Place,
}

/// What is defined and what is referred to.
#[derive(Debug, Default)]
pub struct References {
    defined: BTreeSet<(Target, String)>,
    found: Vec<Reference>,
    /// Part in lower case → the flow that it is.
    flows: BTreeMap<String, (Dependent, Place)>,
    /// Part in lower case → connection references that it names.
    connections: BTreeMap<String, BTreeSet<String>>,
    packages: bool,
}

impl References {
    /// Looks at an element of a section of customizations.xml.
    pub fn see(&mut self, section: &str, element: &Element) {
        match section {
            "Entities" => self.table(element),
            "EntityRelationships" => self.relationship(element),
            "optionsets" => self.define(Target::Choice, element.attribute("Name")),
            "WebResources" => self.define(Target::WebResource, element.child_text("Name").as_deref()),
            "AppModuleSiteMaps" => self.site_map(element),
            "AppModules" => self.app(element),
            "SolutionPluginAssemblies" => {
                self.define(Target::Assembly, element.attribute("FullName").map(simple_name));
            }
            "SdkMessageProcessingSteps" => self.step(element),
            "connectionreferences" => {
                self.define(Target::ConnectionReference, element.attribute("connectionreferencelogicalname"));
            }
            "FieldSecurityProfiles" => self.column_security(element),
            "Workflows" => self.process(element),
            _ => {}
        }
    }

    /// Looks at a part: flows name their connection references inside.
    pub fn look(&mut self, name: &str, bytes: &[u8]) {
        let lower = name.to_lowercase();
        self.packages |= lower.starts_with("pluginpackages/");
        if !lower.starts_with("workflows/") || lower.rsplit('.').next() != Some("json") {
            return;
        }
        self.connections.insert(lower, Flow::of(&json::value(bytes)).references);
    }

    /// Adds what was seen elsewhere.
    pub fn append(&mut self, mut other: Self) {
        self.defined.extend(other.defined);
        self.found.append(&mut other.found);
        self.flows.extend(other.flows);
        self.connections.extend(other.connections);
        self.packages |= other.packages;
    }

    fn define(&mut self, target: Target, key: Option<&str>) {
        self.defined.extend(key.map(|key| (target, key.trim().to_lowercase())));
    }

    fn refer(&mut self, target: Target, key: &str, by: &Dependent, place: Place) {
        let key = key.trim();
        if !key.is_empty() && (target == Target::Assembly || prefix::of(key).is_some()) {
            self.found.push(Reference { target, key: key.to_owned(), by: by.clone(), place });
        }
    }

    fn table(&mut self, entity: &Element) {
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
    fn web_resources(&mut self, component: &Element, element: &Element, by: &Dependent) {
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

    fn relationship(&mut self, relationship: &Element) {
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

    fn site_map(&mut self, map: &Element) {
        let name = map.child_text("SiteMapUniqueName").unwrap_or_default();
        self.define(Target::SiteMap, Some(&name));
        let by = Dependent { shown: format!("site map `{name}`"), attributes: named("62", &name) };
        self.web_resources(map, map, &by);
        let mut stack: Vec<&Element> = map.elements().collect();
        while let Some(element) = stack.pop() {
            if let Some(table) = element.attribute("Entity").filter(|_| element.name == "SubArea") {
                self.refer(Target::Table, table, &by, Place::of(map, element));
            }
            stack.extend(element.elements());
        }
    }

    fn app(&mut self, app: &Element) {
        let name = app.child_text("UniqueName").unwrap_or_default();
        let by = Dependent { shown: format!("app `{name}`"), attributes: named("80", &name) };
        for part in app.find("AppModuleComponents").into_iter().flat_map(Element::elements) {
            let target = match part.attribute("type") {
                Some("1") => Target::Table,
                Some("62") => Target::SiteMap,
                _ => continue,
            };
            if let Some(key) = part.attribute("schemaName") {
                self.refer(target, key, &by, Place::of(app, part));
            }
        }
    }

    fn step(&mut self, step: &Element) {
        let name = step.attribute("Name").unwrap_or_default();
        let id = step.attribute("SdkMessageProcessingStepId").unwrap_or_default().to_owned();
        let attributes = vec![("type", "92".to_owned()), ("displayName", name.to_owned()), ("id", id)];
        let by = Dependent { shown: format!("step `{name}`"), attributes };
        if let Some(plugin) = step.find("PluginTypeName") {
            let content = plugin.content();
            // `Type, Assembly, Version=…`: steps on service endpoints and of the platform have another form.
            let assembly = content.split(", ").nth(1).filter(|_| content.contains("PublicKeyToken="));
            if let Some(assembly) = assembly.filter(|name| !name.starts_with("Microsoft.")) {
                self.refer(Target::Assembly, assembly, &by, Place::of(step, plugin));
            }
        }
        if let Some(table) = step.find("PrimaryEntity") {
            self.refer(Target::Table, &table.content(), &by, Place::of(step, table));
        }
    }

    fn column_security(&mut self, profile: &Element) {
        let name = profile.attribute("name").unwrap_or_default();
        let id = profile.attribute("fieldsecurityprofileid").unwrap_or_default().to_owned();
        let attributes = vec![("type", "70".to_owned()), ("displayName", name.to_owned()), ("id", id)];
        let by = Dependent { shown: format!("column security profile `{name}`"), attributes };
        for permission in profile.find("FieldPermissions").into_iter().flat_map(Element::elements) {
            if let Some(table) = permission.find("EntityName") {
                self.refer(Target::Table, &table.content(), &by, Place::of(profile, table));
            }
        }
    }

    fn process(&mut self, process: &Element) {
        let Some(file) = process.find("JsonFileName") else { return };
        let name = process.attribute("Name").unwrap_or_default();
        let id = process.attribute("WorkflowId").unwrap_or_default().to_owned();
        let attributes = vec![("type", "29".to_owned()), ("displayName", name.to_owned()), ("id", id)];
        let by = Dependent { shown: format!("flow `{name}`"), attributes };
        let part = file.content().trim().trim_start_matches('/').to_lowercase();
        self.flows.insert(part, (by, Place::of(process, file)));
    }

    /// What is needed and neither here nor declared, by kind and name.
    #[must_use]
    pub fn missing(&self, package: &SolutionPackage) -> Vec<Missing> {
        let declared: BTreeSet<(String, String)> = declared(package);
        let flows = self.connections.iter().filter_map(|(part, names)| Some((self.flows.get(part)?, names)));
        let flows = flows.flat_map(|((by, place), names)| {
            names.iter().map(|name| Reference {
                target: Target::ConnectionReference,
                key: name.clone(),
                by: by.clone(),
                place: place.clone(),
            })
        });
        let mut missing: BTreeMap<(Target, String), Missing> = BTreeMap::new();
        for Reference { target, key, by, place } in self.found.iter().cloned().chain(flows) {
            let slot = (target, key.to_lowercase());
            let is_declared = declared.contains(&(target.required_type().to_owned(), slot.1.clone()));
            // Assemblies lie inside of plug-in packages, where they are not looked for.
            if self.defined.contains(&slot) || is_declared || (target == Target::Assembly && self.packages) {
                continue;
            }
            let entry = missing.entry(slot).or_insert_with(|| Missing { target, key, by: Vec::new(), place });
            if !entry.by.contains(&by) {
                entry.by.push(by);
            }
        }
        missing.into_values().collect()
    }
}

fn named(kind: &str, schema_name: &str) -> Vec<(&'static str, String)> {
    vec![("type", kind.to_owned()), ("schemaName", schema_name.to_owned()), ("displayName", schema_name.to_owned())]
}

fn label(form: &Element) -> Option<String> {
    form.find("LocalizedNames")?.elements().find_map(|name| name.attribute("description").map(str::to_owned))
}
