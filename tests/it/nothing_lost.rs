//! Nothing is lost between a folder and a package without a word: what SolutionPackager merges is merged, what is named and
//! missing is an error, what is there and named by nothing is a warning.

use dvpack::solution::{read_folder, read_zip, xml};

use crate::support::{Ran, Test};

const HEAD: &str =
    "<ImportExportXml version='9.2' languagecode='1033' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>";

/// A folder of a solution: its skeleton has these sections, and it these files.
fn folder(sections: &str, files: &[(&str, &str)]) -> Test {
    let manifest = "<SolutionManifest><UniqueName>a</UniqueName><Version>1.0</Version><Managed>0</Managed><Publisher>\
        <UniqueName>abc</UniqueName><CustomizationPrefix>abc</CustomizationPrefix></Publisher><RootComponents />\
        <MissingDependencies /></SolutionManifest>";
    let test = Test::new()
        .file("s/Other/Solution.xml", format!("{HEAD}{manifest}</ImportExportXml>"))
        .file("s/Other/Customizations.xml", format!("<ImportExportXml>{sections}</ImportExportXml>"));
    files.iter().fold(test, |test, (name, text)| test.file(&format!("s/{name}"), text))
}

fn packed(test: Test) -> Ran {
    test.args("pack s out.zip").success()
}

/// The findings of a run, by code.
fn said(ran: &Ran, code: &str) -> bool {
    ran.stderr.contains(&format!("[{code}]"))
}

/// Folders that SolutionPackager merges, each with a file as it writes one.
const MERGED: [(&str, &str, &str); 8] = [
    (
        "EntityDataProviders",
        "EntityDataProviders/{11111111-2222-4333-8444-555555555555}.xml",
        "<EntityDataProvider><EntityDataProviderId>{11111111-2222-4333-8444-555555555555}</EntityDataProviderId></EntityDataProvider>",
    ),
    (
        "EnvironmentVariables",
        "EnvironmentVariables/a_url.xml",
        "<Definition><SchemaName>a_url</SchemaName></Definition>",
    ),
    (
        "InteractionCentricDashboards",
        "InteractionCentricDashboards/{1}.xml",
        "<InteractionCentricDashboard><FormId>{1}</FormId></InteractionCentricDashboard>",
    ),
    (
        "MobileOfflineProfiles",
        "MobileOfflineProfiles/In the field.xml",
        "<MobileOfflineProfile MobileOfflineProfileId='{1}' Name='In the field' />",
    ),
    (
        "ChannelAccessProfiles",
        "ChannelAccessProfiles/Portal.xml",
        "<ChannelAccessProfile ChannelAccessProfileId='{1}' Name='Portal' />",
    ),
    (
        "ChannelAccessProfileRules",
        "ChannelAccessProfileRules/Rule.xml",
        "<ChannelAccessProfileRule ChannelAccessProfileRuleId='{1}' Name='Rule' />",
    ),
    (
        "SyncAttributeMappingProfiles",
        "SyncAttributeMappingProfiles/Exchange.xml",
        "<SyncAttributeMappingProfile><Name>Exchange</Name></SyncAttributeMappingProfile>",
    ),
    ("RoutingRules", "RoutingRules/To a queue.meta.xml", "<RoutingRule RoutingRuleId='{1}' Name='To a queue' />"),
];

#[test]
fn folders_that_solution_packager_merges_are_merged_and_written() {
    for (section, file, element) in MERGED {
        let ran = packed(folder(&format!("<{section} />"), &[(file, element)]));
        let package = read_zip(&ran.read("out.zip"), "out").expect("a solution");
        assert_eq!(package.section(section).count(), 1, "{section}: {}", ran.stderr);
        assert_eq!(package.files.len(), 0, "{section}");
        let ran = Test::within(ran.folder).args("unpack out.zip again").success();
        let written = String::from_utf8(ran.read(&format!("again/{file}"))).expect("UTF-8");
        assert!(written.contains(element.split(['>', ' ']).next().expect("a name")), "{written}");
        let skeleton = xml::parse(&ran.read("again/Other/Customizations.xml"), "s").expect("a skeleton");
        assert!(skeleton.find(section).expect("its place").is_empty(), "{section}");
        Test::within(ran.folder).args("pack again again.zip").success();
    }
}

#[test]
fn records_of_a_table_that_is_called_like_a_section_stay_parts() {
    let record = "mobileofflineprofiles/key/mobileofflineprofile.xml";
    let ran = packed(folder("<MobileOfflineProfiles />", &[(record, "<mobileofflineprofile />")]));
    let package = read_zip(&ran.read("out.zip"), "out").expect("a solution");
    assert_eq!(package.files.keys().collect::<Vec<_>>(), [record]);
    let ran = Test::within(ran.folder).args("unpack out.zip again").success();
    assert_eq!(ran.read(&format!("again/{record}")), b"<mobileofflineprofile />");
}

#[test]
fn an_element_of_a_section_is_never_copied_as_a_part() {
    let cases = [
        ("Relationships/a_r.xml", "<EntityRelationship Name='a_r' />", "`Other/Relationships/*.xml`"),
        ("Role/a.xml", "<?xml version='1.0'?><!-- c --><Role name='a' id='{1}' />", "`Roles/*.xml`"),
        ("Roles.xml/a.xml", "<Role name='a' id='{1}' />", "`Roles/*.xml`"),
        ("Connectors/deeper/a.xml", "<Connector><name>a</name></Connector>", "`Connectors/*.xml`"),
        ("CanvasApps/a.xml", "<CanvasApp><Name>a</Name></CanvasApp>", "`CanvasApps/*.meta.xml`"),
        (
            "AIModels/a.xml",
            "<AIModel><msdyn_name>a</msdyn_name></AIModel>",
            "`<AIModels>` in `Other/Customizations.xml`",
        ),
        ("Other/Role.xml", "<Role name='a' id='{1}' />", "`Roles/*.xml`"),
        ("Entities/a_t.xml", "<Entity><Name>a_t</Name></Entity>", "`Entities/*/Entity.xml`"),
    ];
    for (file, element, place) in cases {
        let ran = folder("<Roles /><Connectors />", &[(file, element)]).args("pack s out.zip").code(3);
        assert!(said(&ran, "misplaced-component"), "{file}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("s/{file}")) && ran.stderr.contains(place), "{file}: {}", ran.stderr);
        assert!(!ran.folder.path().join("out.zip").exists());
    }
}

#[test]
fn a_file_with_another_root_is_not_merged_for_one_of_its_place() {
    let table = ("Entities/a_t/Entity.xml", "<Entity><Name>a_t</Name><FormXml /><SavedQueries /></Entity>");
    let cases = [
        ("Roles/a.xml", "<role name='a' id='{1}' />"),
        ("Other/FieldSecurityProfiles.xml", "<Profiles />"),
        ("Other/Relationships/a_t.xml", "<Relationships />"),
        ("Templates/EmailTemplates.xml", "<Templates />"),
        ("Entities/a_t/FormXml/main/{1}.xml", "<form />"),
        ("Entities/a_t/SavedQueries/{1}.xml", "<query />"),
        ("Entities/a_t/Visualizations/{1}.xml", "<chart />"),
        ("Entities/a_t/RibbonDiff.xml", "<Ribbon />"),
        ("Entities/b/Entity.xml", "<entity />"),
    ];
    for (file, text) in cases {
        let ran = folder("<Entities /><Roles />", &[table, (file, text)]).args("pack s out.zip").code(3);
        assert!(
            said(&ran, "misplaced-component") && ran.stderr.contains(&format!("s/{file}:1")),
            "{file}: {}",
            ran.stderr
        );
    }
    // The list that elements may stand in is no other root.
    let list = "<EntityRelationships><EntityRelationship Name='a_r' /></EntityRelationships>";
    for (file, text) in [
        ("Roles/a.xml", "<Roles><Role name='a' id='{00000000-0000-4000-8000-000000000020}' /></Roles>"),
        ("Other/Relationships/a_t.xml", list),
    ] {
        let ran = packed(folder("<Roles /><EntityRelationships />", &[(file, text)]));
        let package = read_zip(&ran.read("out.zip"), "out").expect("a solution");
        assert_eq!(package.section("Roles").chain(package.section("EntityRelationships")).count(), 1, "{file}");
    }
}

#[test]
fn a_relationship_without_its_definition_is_an_error_at_its_line() {
    let list = "<EntityRelationships>\n<EntityRelationship Name='a_one' />\n<EntityRelationship Name='a_two' />\n</EntityRelationships>";
    let one = "<EntityRelationships><EntityRelationship Name='A_One' /></EntityRelationships>";
    let files = [("Other/Relationships.xml", list), ("Other/Relationships/a_t.xml", one)];
    let ran = folder("<EntityRelationships />", &files).args("pack s out.zip").code(3);
    let wanted =
        "the relationship `a_two` has no definition in `Other/Relationships/`\n--> s/Other/Relationships.xml:3:1";
    assert!(said(&ran, "missing-component-source") && ran.stderr.contains(wanted), "{}", ran.stderr);
    assert!(!ran.stderr.contains("a_one"), "{}", ran.stderr);
    // None of them, with and without the section; and all of them in the skeleton.
    for sections in ["<EntityRelationships />", "<Entities />"] {
        let ran = folder(sections, &files[..1]).args("pack s out.zip").code(3);
        assert!(ran.stderr.contains("`a_one`") && ran.stderr.contains("`a_two`"), "{}", ran.stderr);
    }
    let inline = "<EntityRelationships><EntityRelationship Name='a_one' /><EntityRelationship Name='a_two' /></EntityRelationships>";
    assert!(!said(&packed(folder(inline, &files[..1])), "missing-component-source"));
}

#[test]
fn a_definition_that_the_list_does_not_name_is_packed_and_said() {
    let two = "<EntityRelationships>\n<EntityRelationship Name='a_one' />\n<EntityRelationship Name='a_two' /></EntityRelationships>";
    let list = "<EntityRelationships><EntityRelationship Name='a_one' /></EntityRelationships>";
    let file = ("Other/Relationships/a_t.xml", two);
    let ran = packed(folder("<EntityRelationships />", &[file, ("Other/Relationships.xml", list)]));
    assert!(
        said(&ran, "unlisted-relationship") && ran.stderr.contains("s/Other/Relationships/a_t.xml:3"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("`a_two`") && !ran.stderr.contains("`a_one`"), "{}", ran.stderr);
    let ran = packed(folder("<EntityRelationships />", &[file]));
    assert_eq!(ran.stderr.matches("[unlisted-relationship]").count(), 1, "{}", ran.stderr);
    assert_eq!(read_zip(&ran.read("out.zip"), "out").expect("a solution").section("EntityRelationships").count(), 2);
}

#[test]
fn files_that_nothing_names_are_warnings() {
    let files = [
        ("WebResources/a_/orphan.js", "let a;"),
        ("PluginAssemblies/A-1/A.dll", "MZ"),
        ("CanvasApps/a_DocumentUri.msapp", "PK"),
        ("Workflows/orphan.json", "{}"),
        ("Roles/notes.txt", "mine"),
        ("Templates/MailMergeDocuments/1033/{1}/letter.xml", "<letter />"),
        ("Reports/ReportLinks.xml", "<ReportLinks />"),
        ("Resources/template_resources.resx", "<root />"),
        ("CanvasApps/src/App.fx.yaml", "App:"),
    ];
    let ran = packed(folder("<WebResources /><Workflows /><Roles />", &files));
    let warnings: String = ran.stderr.lines().filter(|line| line.starts_with("warning")).collect();
    for (name, _) in &files[..7] {
        assert!(warnings.contains(name), "{name}: {}", ran.stderr);
    }
    // What is never packed, as with SolutionPackager, is a note.
    for (name, _) in &files[7..] {
        assert!(ran.stderr.contains(name) && !warnings.contains(name), "{name}: {}", ran.stderr);
    }
    let package = read_zip(&ran.read("out.zip"), "out").expect("a solution");
    let parts: Vec<_> = package.files.keys().collect();
    assert_eq!(parts, ["CanvasApps/a_DocumentUri.msapp", "PluginAssemblies/A-1/A.dll", "WebResources/a_/orphan.js"]);
}

#[test]
fn what_solution_packager_leaves_out_is_packed_and_said() {
    let chart = "<visualization><savedqueryvisualizationid>{1}</savedqueryvisualizationid></visualization>";
    let files = [
        ("Entities/a_t/Entity.xml", "<Entity><Name>a_t</Name></Entity>"),
        ("Entities/a_t/Visualizations/{1}.xml", chart),
        ("Other/SiteMap.xml", "<SiteMap><SiteMap><Area Id='a' /></SiteMap></SiteMap>"),
    ];
    let ran = packed(folder("<Entities />", &files));
    assert_eq!(ran.stderr.matches("[unlisted-section]").count(), 2, "{}", ran.stderr);
    for words in ["it has no `<Visualizations />`", "s/Entities/a_t/Entity.xml", "`<SiteMap />`"] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    let package = read_zip(&ran.read("out.zip"), "out").expect("a solution");
    let text = xml::write_fragment(&package.customizations);
    assert!(text.contains("<visualization>") && text.contains("<Area Id=\"a\""), "{text}");
}

#[test]
fn templates_of_all_kinds_have_their_files() {
    let article = "<KBArticleTemplates><kbarticletemplate><kbarticletemplateid>{1}</kbarticletemplateid>\
        <structurexml></structurexml><formatxml></formatxml><languagecode>1033</languagecode></kbarticletemplate></KBArticleTemplates>";
    let texts = "Templates/KBArticleTemplates/1033/{1}";
    let (structure, format) = (format!("{texts}/structurexml.xml"), format!("{texts}/formatxml.xsl"));
    let files = [
        ("Templates/KBArticleTemplates.xml", article),
        (structure.as_str(), "<kbarticle />"),
        (format.as_str(), "<xsl />"),
        (
            "Templates/ContractTemplates.xml",
            "<ContractTemplates><contracttemplate><name>One</name></contracttemplate></ContractTemplates>",
        ),
    ];
    let ran = packed(folder("<Templates />", &files));
    let package = read_zip(&ran.read("out.zip"), "out").expect("a solution");
    let text = xml::write_fragment(&package.customizations);
    for part in ["&lt;kbarticle /&gt;", "&lt;xsl /&gt;", "<name>One</name>"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let ran = Test::within(ran.folder).args("unpack out.zip again").success();
    let again = read_folder(&ran.folder.path().join("again")).expect("a folder");
    assert_eq!(xml::write_fragment(&again.customizations), text);
    assert!(ran.folder.path().join("again").join(&structure).is_file());
    let ran = folder("<Templates />", &files[..1]).args("pack s out.zip").code(3);
    assert!(said(&ran, "missing-component-source") && ran.stderr.contains(texts), "{}", ran.stderr);
}

const RESOURCE: &str = "<WebResource><WebResourceId>{7c9e6679-7425-40de-944b-e07fc1f90ae8}</WebResourceId><Name>a_x.js</Name>\
    <WebResourceType>3</WebResourceType><FileName>/WebResources/a_xjs1</FileName></WebResource>";

#[test]
fn unpacking_says_what_packing_will_miss() {
    let sections = format!("<WebResources>{RESOURCE}</WebResources>");
    let test = folder(&sections, &[]);
    let package = read_folder(&test.path().join("s")).expect("a folder");
    let zip = dvpack::solution::write_zip(&package).expect("a zip");
    let ran = Test::new().file("a.zip", zip).args("unpack a.zip out").success();
    assert!(ran.stderr.contains("warning[missing-component-source]"), "{}", ran.stderr);
    let ran = Test::within(ran.folder).args("pack out again.zip").code(3);
    assert!(ran.stderr.contains("error[missing-component-source]"), "{}", ran.stderr);
}

#[test]
fn init_runs_what_build_would_and_says_it() {
    let test = folder("<WebResources />", &[("WebResources/a_x.js.data.xml", RESOURCE)]);
    let ran = test.args("init made --from s --format json").code(3);
    let document = ran.json();
    assert_eq!(
        (&document["builds"], &document["ok"], &document["exitCode"]),
        (&false.into(), &false.into(), &3.into())
    );
    assert!(document["diagnostics"].to_string().contains("missing-component-source"), "{document}");
    let ran = Test::within(ran.folder).args("build made").code(3);
    assert!(said(&ran, "missing-component-source"), "{}", ran.stderr);
    let file = "made/solution/src/WebResources/a_x.js";
    let ran = Test::within(ran.folder).file(file, "let a;").args("build made").success();
    let ran = Test::within(ran.folder).file("s/WebResources/a_x.js", "let a;").args("init two --from s").success();
    assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
}

#[test]
fn init_writes_what_has_one_meaning_in_normal_form_and_says_so() {
    let element = RESOURCE.replace("</Name>", "</Name><!-- mine -->").replace(">/WebResources", ">WebResources");
    let files = [("WebResources/a_x.js.data.xml", element.as_str()), ("WebResources/a_x.js", "let a;")];
    let ran = folder("<WebResources />", &files).args("init made --from s").success();
    assert!(ran.stderr.contains("the project has it in normal form: "), "{}", ran.stderr);
    let ran = Test::within(ran.folder).args("build made").success();
    assert!(!said(&ran, "normal-form"), "{}", ran.stderr);
}
