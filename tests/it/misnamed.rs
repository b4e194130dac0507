//! Every kind of file of a folder, every kind of part of a zip, and every way of naming one of them wrong: nothing changes in
//! silence. Either the package is the same, or a finding names the file.

use std::collections::BTreeSet;
use std::path::Path;

use dvpack::diagnostic::{Diagnostic, Severity};
use dvpack::solution::{
    FolderOptions, SolutionPackage, Unpacked, check, pack_folder, read_folder, read_zip, write_zip, xml,
};
use rayon::prelude::*;

/// A folder with a file of each kind, as SolutionPackager writes them.
const FILES: &[(&str, &str)] = &[
    (
        "Other/Solution.xml",
        "<ImportExportXml version='9.2' languagecode='1033'><SolutionManifest><UniqueName>a</UniqueName><Version>1.0</Version>\
         <Managed>0</Managed><Publisher><UniqueName>a</UniqueName><CustomizationPrefix>a</CustomizationPrefix></Publisher>\
         <RootComponents><RootComponent type='1' schemaName='a_t' behavior='0' /><RootComponent type='9' schemaName='a_kind' behavior='0' />\
         <RootComponent type='20' id='{00000000-0000-4000-8000-000000000020}' behavior='0' /><RootComponent type='29' id='{00000000-0000-4000-8000-000000000029}' behavior='0' />\
         <RootComponent type='61' schemaName='a_/x.js' behavior='0' /><RootComponent type='62' schemaName='a_app' /><RootComponent type='66' schemaName='a_A.Control' behavior='0' />\
         <RootComponent type='70' id='{00000000-0000-4000-8000-000000000070}' behavior='0' /><RootComponent type='80' schemaName='a_app' behavior='0' />\
         <RootComponent type='91' id='{00000000-0000-4000-8000-000000000091}' schemaName='A' behavior='0' />\
         <RootComponent type='92' id='{00000000-0000-4000-8000-000000000092}' behavior='0' /><RootComponent type='300' schemaName='a_canvas' behavior='0' />\
         </RootComponents><MissingDependencies /></SolutionManifest></ImportExportXml>",
    ),
    (
        "Other/Customizations.xml",
        "<ImportExportXml><Entities /><Roles /><Workflows /><FieldSecurityProfiles /><Templates /><RibbonDiffXml /><ConnectionRoles />\
         <SiteMap /><EntityMaps /><EntityRelationships /><EnvironmentVariables /><optionsets /><Reports /><RoutingRules /><MobileOfflineProfiles />\
         <ChannelAccessProfiles /><ChannelAccessProfileRules /><Dashboards /><InteractionCentricDashboards /><Dialogs /><WebResources />\
         <CustomControls /><SolutionPluginAssemblies /><SdkMessageProcessingSteps /><AppModuleSiteMaps /><AppModules /><EntityDataProviders />\
         <EntityDataSources /><CanvasApps /><Connectors /><SyncAttributeMappingProfiles /><Languages><Language>1033</Language></Languages></ImportExportXml>",
    ),
    (
        "Entities/a_t/Entity.xml",
        "<Entity><Name>a_t</Name><EntityInfo><entity Name='a_t'><attributes><attribute PhysicalName='a_sum'><Name>a_sum</Name>\
         <FormulaDefinitionFileName>/Formulas/a_t-a_sum.xaml</FormulaDefinitionFileName></attribute></attributes></entity></EntityInfo>\
         <FormXml /><SavedQueries /><Visualizations /><RibbonDiffXml /></Entity>",
    ),
    ("Entities/a_t/FormXml/main/{1}.xml", "<forms><systemform><formid>{1}</formid></systemform></forms>"),
    (
        "Entities/a_t/SavedQueries/{2}.xml",
        "<savedqueries><savedquery><savedqueryid>{2}</savedqueryid></savedquery></savedqueries>",
    ),
    (
        "Entities/a_t/Visualizations/{3}.xml",
        "<visualization><savedqueryvisualizationid>{3}</savedqueryvisualizationid></visualization>",
    ),
    ("Entities/a_t/RibbonDiff.xml", "<RibbonDiffXml><CustomActions /></RibbonDiffXml>"),
    ("Entities/a_t/Formulas/a_t-a_sum.xaml", "<Activity />"),
    ("Other/Relationships.xml", "<EntityRelationships><EntityRelationship Name='a_r' /></EntityRelationships>"),
    (
        "Other/Relationships/a_t.xml",
        "<EntityRelationships><EntityRelationship Name='a_r'><ReferencedEntityName>a_t</ReferencedEntityName></EntityRelationship></EntityRelationships>",
    ),
    (
        "Other/FieldSecurityProfiles.xml",
        "<FieldSecurityProfiles><FieldSecurityProfile name='p' fieldsecurityprofileid='{00000000-0000-4000-8000-000000000070}' /></FieldSecurityProfiles>",
    ),
    ("Other/RibbonCustomizations.xml", "<RibbonDiffXml><CustomActions /></RibbonDiffXml>"),
    (
        "Other/ConnectionRoles.xml",
        "<ConnectionRoles><ConnectionRoles><ConnectionRole /></ConnectionRoles></ConnectionRoles>",
    ),
    ("Other/SiteMap.xml", "<SiteMap><SiteMap><Area Id='a' /></SiteMap></SiteMap>"),
    ("Other/EntityMaps.xml", "<EntityMaps><EntityMap><EntitySource>a_t</EntitySource></EntityMap></EntityMaps>"),
    ("Roles/A role.xml", "<Role id='{00000000-0000-4000-8000-000000000020}' name='A role'><RolePrivileges /></Role>"),
    ("OptionSets/a_kind.xml", "<optionset Name='a_kind' localizedName='kind' />"),
    ("Dashboards/{4}.xml", "<Dashboard><FormId>{4}</FormId></Dashboard>"),
    (
        "InteractionCentricDashboards/{5}.xml",
        "<InteractionCentricDashboard><FormId>{5}</FormId></InteractionCentricDashboard>",
    ),
    ("Dialogs/{6}.xml", "<Dialog><FormId>{6}</FormId></Dialog>"),
    ("EntityDataSources/{7}.xml", "<EntityDataSource EntityDataSourceId='{7}'><Name>a_s</Name></EntityDataSource>"),
    (
        "EntityDataProviders/{8}.xml",
        "<EntityDataProvider><EntityDataProviderId>{8}</EntityDataProviderId></EntityDataProvider>",
    ),
    ("EnvironmentVariables/a_url.xml", "<Definition><SchemaName>a_url</SchemaName></Definition>"),
    ("MobileOfflineProfiles/Field.xml", "<MobileOfflineProfile MobileOfflineProfileId='{9}' Name='Field' />"),
    ("ChannelAccessProfiles/Portal.xml", "<ChannelAccessProfile ChannelAccessProfileId='{a}' Name='Portal' />"),
    ("ChannelAccessProfileRules/Rule.xml", "<ChannelAccessProfileRule ChannelAccessProfileRuleId='{b}' Name='Rule' />"),
    (
        "SyncAttributeMappingProfiles/Sync.xml",
        "<SyncAttributeMappingProfile><Name>Sync</Name></SyncAttributeMappingProfile>",
    ),
    ("RoutingRules/Route.meta.xml", "<RoutingRule RoutingRuleId='{c}' Name='Route' />"),
    (
        "SdkMessageProcessingSteps/{00000000-0000-4000-8000-000000000092}.xml",
        "<SdkMessageProcessingStep Name='s' SdkMessageProcessingStepId='{00000000-0000-4000-8000-000000000092}' />",
    ),
    ("AppModules/a_app/AppModule.xml", "<AppModule><UniqueName>a_app</UniqueName></AppModule>"),
    (
        "AppModuleSiteMaps/a_app/AppModuleSiteMap.xml",
        "<AppModuleSiteMap><SiteMapUniqueName>a_app</SiteMapUniqueName></AppModuleSiteMap>",
    ),
    (
        "Templates/EmailTemplates.xml",
        "<EmailTemplates><emailtemplate><templateid>{e}</templateid><languagecode>1033</languagecode><subject></subject><body></body></emailtemplate></EmailTemplates>",
    ),
    ("Templates/EmailDocuments/1033/{e}/subject.xsl", "<s />"),
    ("Templates/EmailDocuments/1033/{e}/body.xsl", "<b />"),
    (
        "Templates/ContractTemplates.xml",
        "<ContractTemplates><contracttemplate><name>c</name></contracttemplate></ContractTemplates>",
    ),
    ("WebResources/a_/x.js", "let a;"),
    (
        "WebResources/a_/x.js.data.xml",
        "<WebResource><WebResourceId>{00000000-0000-4000-8000-000000000061}</WebResourceId><Name>a_/x.js</Name><FileName>/WebResources/a_xjs1</FileName></WebResource>",
    ),
    ("Workflows/Flow-1.json", "{}"),
    (
        "Workflows/Flow-1.json.data.xml",
        "<Workflow WorkflowId='{00000000-0000-4000-8000-000000000029}' Name='Flow'><JsonFileName>/Workflows/Flow-1.json</JsonFileName></Workflow>",
    ),
    ("PluginAssemblies/A-1/A.dll", "MZ"),
    (
        "PluginAssemblies/A-1/A.dll.data.xml",
        "<PluginAssembly FullName='A' PluginAssemblyId='00000000-0000-4000-8000-000000000091'><FileName>/PluginAssemblies/A-1/A.dll</FileName></PluginAssembly>",
    ),
    (
        "Controls/a_A.Control/ControlManifest.xml",
        "<manifest><control><resources><code path='bundle.js' order='1' /></resources></control></manifest>",
    ),
    ("Controls/a_A.Control/bundle.js", "let b;"),
    (
        "Controls/a_A.Control/ControlManifest.xml.data.xml",
        "<CustomControl><Name>a_A.Control</Name><FileName>/Controls/a_A.Control/ControlManifest.xml</FileName></CustomControl>",
    ),
    ("Reports/1033/{f}/r.rdl", "<Report />"),
    (
        "Reports/1033/{f}/r.rdl.data.xml",
        "<Report><filename>r.rdl</filename><languagecode>1033</languagecode><reportid>{f}</reportid><ExportedFileName>/Reports/r.rdl</ExportedFileName></Report>",
    ),
    (
        "Reports/ReportSignatureIdMappings.xml",
        "<ReportSignatureIdMappings><ReportSignatureIdMapping /></ReportSignatureIdMappings>",
    ),
    (
        "CanvasApps/a_canvas.meta.xml",
        "<CanvasApp><Name>a_canvas</Name><BackgroundImageUri>/CanvasApps/a_canvas_BackgroundImageUri</BackgroundImageUri>\
         <DocumentUri>/CanvasApps/a_canvas_DocumentUri.msapp</DocumentUri></CanvasApp>",
    ),
    ("CanvasApps/a_canvas_DocumentUri.msapp", "PK"),
    ("CanvasApps/a_canvas_BackgroundImageUri", "PNG"),
    (
        "Connectors/a_c.xml",
        "<Connector><connectorid>00000000-0000-4000-8000-000000000372</connectorid><name>a_c</name><openapidefinition>/Connector/a_c_openapidefinition.json</openapidefinition></Connector>",
    ),
    ("Connectors/a_c_openapidefinition.json", "{}"),
];

/// Files that nothing names, and that have no root component by which their loss could be seen: to remove one is to remove the
/// component.
const REMOVABLE: &[&str] = &[
    "Other/Relationships.xml",
    "Other/RibbonCustomizations.xml",
    "Other/ConnectionRoles.xml",
    "Other/SiteMap.xml",
    "Other/EntityMaps.xml",
    "Entities/a_t/FormXml/main/{1}.xml",
    "Entities/a_t/SavedQueries/{2}.xml",
    "Entities/a_t/Visualizations/{3}.xml",
    "Entities/a_t/RibbonDiff.xml",
    "Dashboards/{4}.xml",
    "InteractionCentricDashboards/{5}.xml",
    "Dialogs/{6}.xml",
    "EntityDataSources/{7}.xml",
    "EntityDataProviders/{8}.xml",
    "EnvironmentVariables/a_url.xml",
    "MobileOfflineProfiles/Field.xml",
    "ChannelAccessProfiles/Portal.xml",
    "ChannelAccessProfileRules/Rule.xml",
    "SyncAttributeMappingProfiles/Sync.xml",
    "RoutingRules/Route.meta.xml",
    "Templates/ContractTemplates.xml",
    "Templates/EmailTemplates.xml",
    "Reports/ReportSignatureIdMappings.xml",
];

/// A way of naming a file wrong: what it is called, and the file in its place, if any.
type Way = (&'static str, fn(&str, &str) -> Option<(String, String)>);

const WAYS: &[Way] = &[
    ("removed", |_, _| None),
    ("with another ending", |name, text| Some((format!("{name}.bak"), text.to_owned()))),
    ("without its ending", |name, text| {
        Some((format!("{}_", name.rsplit_once('.').map_or(name, |it| it.0)), text.to_owned()))
    }),
    ("in another folder", |name, text| {
        Some((format!("Elsewhere/{}", name.rsplit('/').next().unwrap_or(name)), text.to_owned()))
    }),
    ("in a folder with another name", |name, text| Some((format!("X{name}"), text.to_owned()))),
    ("in a folder below", |name, text| {
        name.split_once('/').map(|(top, rest)| (format!("{top}/deeper/{rest}"), text.to_owned()))
    }),
    ("in another folder of its kind", |name, text| {
        name.rsplit_once('/').map(|(folder, file)| (format!("{folder}2/{file}"), text.to_owned()))
    }),
    ("under another name", |name, text| {
        name.rsplit_once('/').map(|(folder, file)| (format!("{folder}/z{file}"), text.to_owned()))
    }),
    ("in capitals", |name, text| Some((name.to_uppercase(), text.to_owned()))),
    ("with another root", |name, text| {
        let root = xml::root_name(text.as_bytes()).unwrap_or_default();
        Some((
            name.to_owned(),
            text.replacen(&format!("<{root}"), "<Wrong", 1).replace(&format!("</{root}>"), "</Wrong>"),
        ))
    }),
    ("cut off", |name, text| Some((name.to_owned(), text[..text.len() / 2].to_owned()))),
    ("empty", |name, _| Some((name.to_owned(), String::new()))),
];

fn write(folder: &Path, files: &[(String, String)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

/// What a package has, each element by its content; names of parts are the same in any case.
fn inventory(package: &SolutionPackage) -> BTreeSet<String> {
    let part =
        |(name, bytes): (&String, &Vec<u8>)| format!("{} {}", name.to_lowercase(), String::from_utf8_lossy(bytes));
    let mut all: BTreeSet<String> = package.files.iter().map(part).collect();
    for section in package.customizations.elements() {
        all.extend(
            section
                .elements()
                .map(|element| format!("{} {}", section.name, xml::write_fragment(&xml::canonical(element)))),
        );
    }
    all.extend(package.root_components().map(xml::write_fragment));
    all
}

/// The findings of a pack, and the package if there is one.
fn packed(files: &[(String, String)]) -> (Vec<Diagnostic>, Option<SolutionPackage>) {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    packed_from(folder.path())
}

fn packed_from(folder: &Path) -> (Vec<Diagnostic>, Option<SolutionPackage>) {
    let mut zip = std::io::Cursor::new(Vec::new());
    match pack_folder(folder, FolderOptions::default(), &mut zip) {
        Ok(packed) => (packed.findings, Some(read_zip(zip.get_ref(), "packed").expect("a zip"))),
        Err(findings) => (findings, None),
    }
}

/// What a finding says, wherever it says it.
fn words(finding: &Diagnostic) -> String {
    format!("{} {:?} {:?}", finding.message, finding.at, finding.help)
}

fn base() -> Vec<(String, String)> {
    FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn the_folder_is_packed_whole_and_comes_back() {
    let (findings, package) = packed(&base());
    let grave: Vec<_> = findings.iter().filter(|it| it.severity != Severity::Note && it.code != "empty-role").collect();
    assert!(grave.is_empty(), "{grave:#?}");
    let package = package.expect("a package");
    for section in package.customizations.elements() {
        assert!(!section.is_empty(), "nothing came to `{}`", section.name);
    }
    let unpacked = Unpacked::new(&package);
    let names: BTreeSet<&str> = unpacked.files().map(|(name, _)| name).collect();
    let lost: Vec<_> = FILES.iter().map(|(name, _)| *name).filter(|name| !names.contains(name)).collect();
    assert!(lost.is_empty(), "{lost:?} of {names:#?}");
    let folder = tempfile::tempdir().expect("a folder");
    unpacked.write(folder.path()).expect("written");
    assert_eq!(inventory(&read_folder(folder.path()).expect("a folder")), inventory(&package));
}

#[test]
fn no_file_that_is_named_wrong_is_lost_in_silence() {
    let (before, package) = packed(&base());
    let whole = inventory(&package.expect("a package"));
    let silent: Vec<String> = FILES.par_iter().flat_map_iter(|file| silent_ways(*file, &before, &whole)).collect();
    println!("{} files × {} ways", FILES.len(), WAYS.len());
    assert!(silent.is_empty(), "{} cases:\n{}", silent.len(), silent.join("\n"));
}

/// The ways of naming a file wrong that change the package `whole`, and of which nothing is said but what is `before`.
fn silent_ways((name, text): (&str, &str), before: &[Diagnostic], whole: &BTreeSet<String>) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &base());
    let known: BTreeSet<String> = before.iter().map(|it| it.message.clone()).collect();
    let mut silent = Vec::new();
    for (way, change) in WAYS {
        let changed = change(name, text);
        // The content of what is carried as it is means nothing here.
        let is_xml = Path::new(name).extension().is_some_and(|it| it == "xml");
        let is_merged = is_xml && !name.ends_with("/ControlManifest.xml");
        if !is_merged && changed.as_ref().is_some_and(|(new_name, _)| new_name == name) {
            continue;
        }
        std::fs::remove_file(folder.path().join(name)).expect("removed");
        write(folder.path(), changed.as_slice());
        let (findings, package) = packed_from(folder.path());
        if let Some((new_name, _)) = &changed {
            std::fs::remove_file(folder.path().join(new_name)).expect("removed");
        }
        write(folder.path(), &[(name.to_owned(), text.to_owned())]);
        let new_name = changed.as_ref().map_or("", |it| it.0.as_str());
        let stem = |name: &str| name.rsplit('/').next().unwrap_or(name).split('.').next().unwrap_or(name).to_owned();
        let says = |finding: &Diagnostic| {
            let words = words(finding);
            let mut names = [name, new_name].into_iter().filter(|name| !name.is_empty());
            finding.severity != Severity::Note
                && !known.contains(&finding.message)
                && (is_root(finding) || names.any(|name| words.contains(name) || words.contains(&stem(name))))
        };
        let same = package.is_some_and(|package| inventory(&package) == *whole);
        let exempt = *way == "removed" && REMOVABLE.contains(&name);
        if !same && !exempt && !findings.iter().any(says) {
            silent.push(format!("`{name}` {way}: {findings:#?}"));
        }
    }
    silent
}

/// Whether a finding names a component by its root component, its key or its folder, as that of a file that is not there does.
fn is_root(finding: &Diagnostic) -> bool {
    const CODES: [&str; 6] = [
        "missing-component-source",
        "missing-file",
        "missing-root-component",
        "undefined-root-component",
        "unknown-form-type",
        // Two spellings of a folder, of which one is named.
        "unwritable-zip",
    ];
    CODES.contains(&&*finding.code)
}

#[test]
fn no_part_of_a_zip_that_is_named_wrong_is_lost_in_silence() {
    let package = packed(&base()).1.expect("a package");
    let findings = |package: &SolutionPackage| {
        let zip = write_zip(package).expect("a zip");
        let again = read_zip(&zip, "again").expect("a solution");
        check::check(&again)
    };
    let known: BTreeSet<String> = findings(&package).iter().map(words).collect();
    let mut silent = Vec::new();
    for name in package.files.keys() {
        let part = name.as_str();
        let renamed = [None, Some(format!("{part}.bak")), Some(format!("Elsewhere/{part}")), Some(format!("X{part}"))];
        for new_name in renamed {
            let mut changed = package.clone();
            let bytes = changed.files.remove(part).expect("the part");
            changed.files.extend(new_name.clone().map(|name| (name, bytes)));
            let found = findings(&changed);
            let said = found
                .iter()
                .any(|it| it.severity != Severity::Note && !known.contains(&words(it)) && words(it).contains(part));
            if !said {
                silent.push(format!("`{part}` as {new_name:?}: {found:#?}"));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
