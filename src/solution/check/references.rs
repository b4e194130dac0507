//! What components of a solution refer to, and whether it is there: in the solution, named in its
//! `MissingDependencies`, or else left dangling.
//!
//! Facts: where real solutions keep their references, and which pairs of Required and Dependent their
//! `MissingDependencies` name. Only names with a customization prefix are judged: what has none is Dataverse's own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::place::Place;
use crate::diagnostic::Diagnostic;
use crate::manifest::prefix;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::{Element, Node};

/// What can be referred to by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A table, by logical name.
    Table,
    /// A global choice, by name.
    Choice,
    /// A web resource, by name.
    WebResource,
    /// A site map of an app, by unique name.
    SiteMap,
    /// A plug-in assembly, by simple name.
    Assembly,
    /// A connection reference, by logical name.
    ConnectionReference,
}

impl Target {
    /// The word for messages.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Choice => "choice",
            Self::WebResource => "web resource",
            Self::SiteMap => "site map",
            Self::Assembly => "plug-in assembly",
            Self::ConnectionReference => "connection reference",
        }
    }

    /// `type` of a `Required` element.
    const fn required_type(self) -> &'static str {
        match self {
            Self::Table => "1",
            Self::Choice => "9",
            Self::WebResource => "61",
            Self::SiteMap => "62",
            Self::Assembly => "91",
            Self::ConnectionReference => "connectionreference",
        }
    }

    /// The attribute of a `Required` element that holds the key.
    const fn required_key(self) -> &'static str {
        match self {
            Self::ConnectionReference => "id.connectionreferencelogicalname",
            _ => "schemaName",
        }
    }
}

/// The component that refers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependent {
    /// In words: ``form `Information` of `contoso_widget` ``.
    pub shown: String,
    /// Attributes of a `Dependent` element, in order.
    attributes: Vec<(&'static str, String)>,
}

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

/// A component that is needed and that neither the solution nor its `MissingDependencies` has.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What it is.
    pub target: Target,
    /// Its name.
    pub key: String,
    /// Who needs it, each once.
    pub by: Vec<Dependent>,
    place: Place,
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
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Ok(flow) = serde_json::from_slice::<Value>(text) else { return };
        let references = flow["properties"]["connectionReferences"].as_object().into_iter().flatten();
        let names = references.filter_map(|(_, reference)| {
            reference["connection"]["connectionReferenceLogicalName"].as_str().map(str::to_owned)
        });
        self.connections.insert(lower, names.collect());
    }

    /// Adds what was seen elsewhere.
    pub fn append(&mut self, mut other: Self) {
        self.defined.append(&mut other.defined);
        self.found.append(&mut other.found);
        self.flows.append(&mut other.flows);
        self.connections.append(&mut other.connections);
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

/// Type and key, in lower case, of what `MissingDependencies` and root components without content name.
fn declared(package: &SolutionPackage) -> BTreeSet<(String, String)> {
    let list = package.manifest.path(&["SolutionManifest", "MissingDependencies"]);
    let required = list.into_iter().flat_map(Element::elements).filter_map(|entry| entry.find("Required"));
    let mut declared = BTreeSet::new();
    for required in required {
        let kind = required.attribute("type").unwrap_or_default().to_lowercase();
        let parent = required.attribute("parentSchemaName").filter(|_| kind == "2");
        for (name, value) in
            required.attributes.iter().filter(|(name, _)| name == "schemaName" || name.starts_with("id."))
        {
            let _ = name;
            let value = if kind == "91" { simple_name(value) } else { value };
            declared.insert((kind.clone(), value.to_lowercase()));
        }
        // Who needs a column needs its table.
        declared.extend(parent.map(|table| ("1".to_owned(), table.to_lowercase())));
    }
    for root in package.root_components() {
        if let (Some(kind), Some(name)) = (root.attribute("type"), root.attribute("schemaName")) {
            let name = if kind == "91" { simple_name(name) } else { name };
            declared.insert((kind.to_owned(), name.to_lowercase()));
        }
    }
    declared
}

impl Missing {
    /// Whether the name starts with this customization prefix.
    #[must_use]
    pub fn is_own(&self, prefix: &str) -> bool {
        self.target == Target::Assembly || prefix::is_own(&self.key, prefix)
    }

    /// The finding.
    #[must_use]
    pub fn finding(&self, package: &SolutionPackage) -> Diagnostic {
        let (noun, key) = (self.target.noun(), &self.key);
        let first = self.by.first().map_or_else(String::new, |by| by.shown.clone());
        let more = if self.by.len() > 1 { format!(" and {} more", self.by.len() - 1) } else { String::new() };
        let finding = if self.is_own(&package.publisher().prefix) {
            let message = format!("{first}{more} refers to the {noun} `{key}`, which the solution does not have");
            Diagnostic::warning("dangling-reference", message)
                .help(format!("add the {noun}, or name the solution that has it under MissingDependencies"))
        } else {
            let message = format!(
                "{first}{more} needs the {noun} `{key}` of another solution, which MissingDependencies does not say"
            );
            Diagnostic::note("undeclared-dependency", message)
                .help("`dvpack build` adds it; a package made by an export has it already")
        };
        self.place.mark(finding, &package.origin)
    }

    /// As elements of `MissingDependencies`; `solution` is where it is expected.
    #[must_use]
    pub fn elements(&self, solution: &str) -> Vec<Element> {
        let required = Element::new("Required")
            .with("type", self.target.required_type())
            .with(self.target.required_key(), self.key.as_str())
            .with("displayName", self.key.as_str())
            .with("solution", solution);
        let entry = |by: &Dependent| {
            let mut dependent = Element::new("Dependent");
            for (name, value) in &by.attributes {
                dependent.set_attribute(name, value.as_str());
            }
            Element::new("MissingDependency").child(required.clone()).child(dependent)
        };
        self.by.iter().map(entry).collect()
    }
}

fn named(kind: &str, schema_name: &str) -> Vec<(&'static str, String)> {
    vec![("type", kind.to_owned()), ("schemaName", schema_name.to_owned()), ("displayName", schema_name.to_owned())]
}

/// `Name, Version=…` → `Name`.
fn simple_name(full: &str) -> &str {
    full.split(',').next().unwrap_or_default().trim()
}

fn label(form: &Element) -> Option<String> {
    form.find("LocalizedNames")?.elements().find_map(|name| name.attribute("description").map(str::to_owned))
}
