//! Where each section of customizations.xml lives in an unpacked folder: one table for reading and writing.
//! Facts: SolutionPackager's own folders (36 public trees) and its documentation; what no tree shows is marked.

/// A section whose elements have a file each.
pub struct ElementFiles {
    /// The section's element in customizations.xml.
    pub section: &'static str,
    /// Its folder, with a `/` at the end.
    pub folder: &'static str,
    /// The element that a file holds.
    pub element: &'static str,
    /// The file's name in the folder, without `end`: literal text and `{…}`, see `split/pattern.rs`.
    pub name: &'static str,
    /// How the names of these files end.
    pub end: &'static str,
    /// Whether the files lie directly in the folder; those in folders below are something else.
    pub flat: bool,
    /// Whether the file declares the `xsi` prefix.
    pub xsi: bool,
    /// Whether the folder has files beside these, which are parts of the zip.
    pub payloads: bool,
}

const fn files(
    section: &'static str,
    folder: &'static str,
    element: &'static str,
    name: &'static str,
    end: &'static str,
) -> ElementFiles {
    ElementFiles { section, folder, element, name, end, flat: false, xsi: true, payloads: false }
}

/// The same, with the payload that the element names beside each file.
const fn pairs(
    section: &'static str,
    folder: &'static str,
    element: &'static str,
    name: &'static str,
    end: &'static str,
) -> ElementFiles {
    ElementFiles { payloads: true, ..files(section, folder, element, name, end) }
}

/// Those whose folders have the name of the section; files in folders below are records of a table that is called alike.
const fn named_alike(
    section: &'static str,
    folder: &'static str,
    element: &'static str,
    name: &'static str,
    end: &'static str,
) -> ElementFiles {
    ElementFiles { flat: true, ..files(section, folder, element, name, end) }
}

/// All of them. Tables and relationships have files of their own form.
///
/// SolutionPackager merges the folders from `RoutingRules/` to `EntityDataProviders/` in the lower part of the table, too.
/// Public trees and reports show the files of routing rules, offline profiles and data providers; how it calls the others is
/// an assumption, on which nothing depends, because it reads a folder's files whatever they are called.
pub const ELEMENT_FILES: &[ElementFiles] = &[
    files("Roles", "Roles/", "Role", "{@name}", ".xml"),
    pairs("Workflows", "Workflows/", "Workflow", "{~JsonFileName|XamlFileName}", ".data.xml"),
    files("optionsets", "OptionSets/", "optionset", "{@Name}", ".xml"),
    ElementFiles {
        xsi: false,
        ..pairs("Reports", "Reports/", "Report", "{languagecode}/{reportid}/{filename}", ".data.xml")
    },
    files("Dashboards", "Dashboards/", "Dashboard", "{FormId}", ".xml"),
    files("Dialogs", "Dialogs/", "Dialog", "{FormId}", ".xml"),
    pairs("WebResources", "WebResources/", "WebResource", "{/Name}", ".data.xml"),
    pairs("CustomControls", "Controls/", "CustomControl", "{~FileName}", ".data.xml"),
    pairs("SolutionPluginAssemblies", "PluginAssemblies/", "PluginAssembly", "{~FileName}", ".data.xml"),
    files(
        "SdkMessageProcessingSteps",
        "SdkMessageProcessingSteps/",
        "SdkMessageProcessingStep",
        "{@SdkMessageProcessingStepId}",
        ".xml",
    ),
    files(
        "AppModuleSiteMaps",
        "AppModuleSiteMaps/",
        "AppModuleSiteMap",
        "{SiteMapUniqueName}/",
        "AppModuleSiteMap.xml",
    ),
    ElementFiles { xsi: false, ..files("AppModules", "AppModules/", "AppModule", "{UniqueName}/", "AppModule.xml") },
    files("EntityDataSources", "EntityDataSources/", "EntityDataSource", "{@EntityDataSourceId}", ".xml"),
    ElementFiles { flat: true, ..pairs("CanvasApps", "CanvasApps/", "CanvasApp", "{Name}", ".meta.xml") },
    ElementFiles { flat: true, ..pairs("Connectors", "Connectors/", "Connector", "{name}", ".xml") },
    named_alike("RoutingRules", "RoutingRules/", "RoutingRule", "{@Name|Name}.meta", ".xml"),
    named_alike("MobileOfflineProfiles", "MobileOfflineProfiles/", "MobileOfflineProfile", "{@Name|Name}", ".xml"),
    named_alike("ChannelAccessProfiles", "ChannelAccessProfiles/", "ChannelAccessProfile", "{@Name|Name}", ".xml"),
    named_alike(
        "ChannelAccessProfileRules",
        "ChannelAccessProfileRules/",
        "ChannelAccessProfileRule",
        "{@Name|Name}",
        ".xml",
    ),
    named_alike(
        "SyncAttributeMappingProfiles",
        "SyncAttributeMappingProfiles/",
        "SyncAttributeMappingProfile",
        "{@Name|Name}",
        ".xml",
    ),
    named_alike("EnvironmentVariables", "EnvironmentVariables/", "Definition", "{SchemaName|Name}", ".xml"),
    named_alike(
        "InteractionCentricDashboards",
        "InteractionCentricDashboards/",
        "InteractionCentricDashboard",
        "{FormId}",
        ".xml",
    ),
    named_alike(
        "EntityDataProviders",
        "EntityDataProviders/",
        "EntityDataProvider",
        "{EntityDataProviderId|@EntityDataProviderId}",
        ".xml",
    ),
];

/// A file that holds a section, or a part of one.
pub struct SectionFile {
    /// The section's element in customizations.xml.
    pub section: &'static str,
    /// The file.
    pub file: &'static str,
    /// What the file's root is.
    pub root: Root,
    /// An element of the section, where they have one name.
    pub element: Option<&'static str>,
}

/// The root of a file that holds a section.
pub enum Root {
    /// The section's element itself.
    Section,
    /// An element in it, which has this name.
    Only(&'static str),
}

const fn whole(section: &'static str, file: &'static str, element: Option<&'static str>) -> SectionFile {
    SectionFile { section, file, root: Root::Section, element }
}

const fn templates(name: &'static str, file: &'static str) -> SectionFile {
    SectionFile { section: TEMPLATES, file, root: Root::Only(name), element: Some(name) }
}

/// The section of templates, of which each kind has a file.
pub const TEMPLATES: &str = "Templates";

/// All of them, those of one section in the order of its elements. No public tree shows `ConnectionRoles`, `SiteMap`,
/// `RibbonCustomizations` and templates other than those for e-mail: the documentation names the files, that their root is the
/// section's element is an assumption; a file whose root is the inner element of the same name is read, too.
pub const SECTION_FILES: &[SectionFile] = &[
    whole("FieldSecurityProfiles", "Other/FieldSecurityProfiles.xml", Some("FieldSecurityProfile")),
    templates("KBArticleTemplates", "Templates/KBArticleTemplates.xml"),
    templates("EmailTemplates", "Templates/EmailTemplates.xml"),
    templates("ContractTemplates", "Templates/ContractTemplates.xml"),
    templates("MailMergeTemplates", "Templates/MailMergeTemplates.xml"),
    whole("RibbonDiffXml", "Other/RibbonCustomizations.xml", None),
    whole("ConnectionRoles", "Other/ConnectionRoles.xml", Some("ConnectionRoles")),
    whole("SiteMap", "Other/SiteMap.xml", Some("SiteMap")),
    whole("EntityMaps", "Other/EntityMaps.xml", Some("EntityMap")),
    whole("ServiceEndpoints", "PluginAssemblies/ServiceEndpoints.xml", Some("ServiceEndpoint")),
];

/// Sections that stay in `Other/Customizations.xml`, and the elements in them that have a name of their own. Elements that are
/// also records of a table, or whose name says nothing (`configuration`), are left out.
pub const SKELETON_ONLY: &[(&str, &str)] = &[
    ("EntityImageConfigs", "EntityImageConfig"),
    ("AttributeImageConfigs", "AttributeImageConfig"),
    ("IsvConfig", ""),
    ("RelationshipRoles", "RelationshipRole"),
    ("OrganizationSettings", ""),
    ("ChannelPropertyGroups", "ChannelPropertyGroup"),
    ("ConvertRules", "ConvertRule"),
    ("Slas", "Sla"),
    ("AIModels", "AIModel"),
    ("appaction_appactionrule_classicrulesset", ""),
    ("connectionreferences", ""),
    ("msdyn_dataflows", ""),
    ("Languages", ""),
    ("GlobalSearchConfigurations", "GlobalSearchConfiguration"),
    ("StoredProcedures", ""),
];

/// Children of an element with a `.data.xml` file that name its payload in the zip.
pub const PAYLOAD_FIELDS: &[&str] = &["FileName", "JsonFileName", "XamlFileName", "ExportedFileName"];

/// The mappings of reports, which stand before them in `Reports`.
pub const REPORT_MAPPINGS: &str = "Reports/ReportSignatureIdMappings.xml";

/// The names of all relationships, in their order.
pub const RELATIONSHIP_NAMES: &str = "Other/Relationships.xml";

/// The relationships, in a file for each table.
pub const RELATIONSHIPS: &str = "Other/Relationships/";

/// The tables, in a folder each.
pub const TABLES: &str = "Entities/";

/// The texts of e-mail templates: a folder for each language, and in it one for each template.
pub const EMAIL_DOCUMENTS: &str = "Templates/EmailDocuments/";

/// The texts of templates of articles, in the same way.
pub const ARTICLE_DOCUMENTS: &str = "Templates/KBArticleTemplates/";

/// Top folders, in lower case, whose files are merged and never copied, beside those of [`ELEMENT_FILES`].
const MERGED: [&str; 4] = ["other", "entities", "templates", "resources"];

/// Whether a file (its name in lower case) lies where files are merged and never copied.
pub fn is_merged(lower: &str) -> bool {
    let (top, inner) = lower.split_once('/').unwrap_or((lower, ""));
    let of_folder = |place: &&ElementFiles| {
        place.folder.trim_end_matches('/').eq_ignore_ascii_case(top) && !(place.flat && inner.contains('/'))
    };
    MERGED.contains(&top) || ELEMENT_FILES.iter().filter(|place| !place.payloads).any(|place| of_folder(&place))
}

/// Where an element belongs that is the root of a file: its section, and the files that it is read from; `None` for what is no
/// element of a section.
pub fn home(root: &str) -> Option<(&'static str, String)> {
    if root.is_empty() {
        return None;
    }
    if let Some(place) = ELEMENT_FILES.iter().find(|place| place.element == root) {
        let folders = if place.name.ends_with('/') { "*/" } else { "*" };
        return Some((place.section, format!("{}{folders}{}", place.folder, place.end)));
    }
    let of_sections = SECTION_FILES.iter().filter_map(|place| Some((place.element?, place.section, place.file)));
    let whole = SECTION_FILES.iter().filter(|place| matches!(place.root, Root::Section));
    let whole = whole.map(|place| (place.section, place.section, place.file));
    let others = SKELETON_ONLY.iter().map(|(section, element)| (*element, *section, SKELETON));
    let mut all = OWN_FORM.iter().copied().chain(of_sections).chain(whole).chain(others);
    let found = all.find(|(element, ..)| *element == root);
    found.map(|(_, section, place)| (section, place.to_owned()))
}

/// Roots of files that have a form of their own, the section, and where they belong.
const OWN_FORM: [(&str, &str, &str); 8] = [
    ("Entity", "Entities", "Entities/*/Entity.xml"),
    ("EntityRelationship", "EntityRelationships", "Other/Relationships/*.xml"),
    ("EntityRelationships", "EntityRelationships", "Other/Relationships/*.xml"),
    ("forms", "Entities", "Entities/*/FormXml/*/*.xml"),
    ("savedqueries", "Entities", "Entities/*/SavedQueries/*.xml"),
    ("visualization", "Entities", "Entities/*/Visualizations/*.xml"),
    ("RibbonDiffXml", "RibbonDiffXml", "Entities/*/RibbonDiff.xml or Other/RibbonCustomizations.xml"),
    (MAPPINGS, "Reports", REPORT_MAPPINGS),
];

/// The element of the mappings of reports.
pub const MAPPINGS: &str = "ReportSignatureIdMappings";

/// The file that has all sections, most of them empty.
pub const SKELETON: &str = "Other/Customizations.xml";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::skeleton::SECTIONS;

    #[test]
    fn every_section_has_one_place() {
        let mut places: Vec<&str> = ELEMENT_FILES.iter().map(|place| place.section).collect();
        places.extend(SECTION_FILES.iter().map(|place| place.section));
        places.extend(SKELETON_ONLY.iter().map(|(section, _)| *section));
        places.extend(["Entities", "EntityRelationships"]);
        places.sort_unstable();
        places.dedup_by(|a, b| a == b && *a == TEMPLATES);
        let mut known: Vec<&str> = SECTIONS.iter().map(|(section, _)| *section).collect();
        known.sort_unstable();
        assert_eq!(places, known);
    }

    #[test]
    fn an_element_has_one_home() {
        let place = |root| home(root).map(|(section, place)| format!("{section}: {place}"));
        assert_eq!(place("Role").as_deref(), Some("Roles: Roles/*.xml"));
        assert_eq!(place("AppModule").as_deref(), Some("AppModules: AppModules/*/AppModule.xml"));
        assert_eq!(place("EmailTemplates").as_deref(), Some("Templates: Templates/EmailTemplates.xml"));
        assert_eq!(place("AIModel").as_deref(), Some("AIModels: Other/Customizations.xml"));
        assert_eq!((place(""), place("configuration"), place("bot")), (None, None, None));
    }

    #[test]
    fn records_of_tables_that_are_called_like_a_section_are_not_merged() {
        assert!(is_merged("mobileofflineprofiles/a.xml") && is_merged("roles/a/b.xml"));
        assert!(!is_merged("mobileofflineprofiles/key/mobileofflineprofile.xml"));
        assert!(!is_merged("webresources/a.js") && !is_merged("bots/a/bot.xml"));
    }
}
