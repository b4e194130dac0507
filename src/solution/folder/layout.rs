//! Where a section of customizations.xml lives in an unpacked folder: one table for reading and writing.
//! Facts: SolutionPackager's own folders (36 public trees); what no tree shows is marked.

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
}

const fn files(
    section: &'static str,
    folder: &'static str,
    element: &'static str,
    name: &'static str,
    end: &'static str,
) -> ElementFiles {
    ElementFiles { section, folder, element, name, end, flat: false, xsi: true }
}

/// All of them. Tables and relationships have files of their own form.
pub const ELEMENT_FILES: &[ElementFiles] = &[
    files("Roles", "Roles/", "Role", "{@name}", ".xml"),
    files("Workflows", "Workflows/", "Workflow", "{~JsonFileName|XamlFileName}", ".data.xml"),
    files("optionsets", "OptionSets/", "optionset", "{@Name}", ".xml"),
    ElementFiles {
        xsi: false,
        ..files("Reports", "Reports/", "Report", "{languagecode}/{reportid}/{filename}", ".data.xml")
    },
    files("Dashboards", "Dashboards/", "Dashboard", "{FormId}", ".xml"),
    files("Dialogs", "Dialogs/", "Dialog", "{FormId}", ".xml"),
    files("WebResources", "WebResources/", "WebResource", "{/Name}", ".data.xml"),
    files("CustomControls", "Controls/", "CustomControl", "{~FileName}", ".data.xml"),
    files("SolutionPluginAssemblies", "PluginAssemblies/", "PluginAssembly", "{~FileName}", ".data.xml"),
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
    ElementFiles { flat: true, ..files("CanvasApps", "CanvasApps/", "CanvasApp", "{Name}", ".meta.xml") },
    ElementFiles { flat: true, ..files("Connectors", "Connectors/", "Connector", "{name}", ".xml") },
];

/// A section that one file holds whole.
pub struct SectionFile {
    /// The section's element in customizations.xml.
    pub section: &'static str,
    /// The file.
    pub file: &'static str,
    /// What the file's root is.
    pub root: Root,
}

/// The root of a file that holds a section.
pub enum Root {
    /// The section's element itself.
    Section,
    /// The one element in it, which has this name.
    Only(&'static str),
}

/// All of them. No public tree shows `ConnectionRoles`, `SiteMap` and `RibbonCustomizations`: the
/// documentation names the files, that their root is the section's element is an assumption; a file
/// whose root is the inner element of the same name is read, too.
pub const SECTION_FILES: &[SectionFile] = &[
    SectionFile { section: "FieldSecurityProfiles", file: "Other/FieldSecurityProfiles.xml", root: Root::Section },
    SectionFile { section: "Templates", file: "Templates/EmailTemplates.xml", root: Root::Only("EmailTemplates") },
    SectionFile { section: "RibbonDiffXml", file: "Other/RibbonCustomizations.xml", root: Root::Section },
    SectionFile { section: "ConnectionRoles", file: "Other/ConnectionRoles.xml", root: Root::Section },
    SectionFile { section: "SiteMap", file: "Other/SiteMap.xml", root: Root::Section },
    SectionFile { section: "EntityMaps", file: "Other/EntityMaps.xml", root: Root::Section },
    SectionFile { section: "ServiceEndpoints", file: "PluginAssemblies/ServiceEndpoints.xml", root: Root::Section },
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
