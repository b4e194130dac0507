//! What the elements of sections refer to; tables and relationships: `table_references.rs`.

use super::dependent::{Dependent, named};
use super::place::Place;
use super::references::References;
use super::target::{Target, simple_name};
use crate::solution::xml::Element;

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
}
