//! Folders in the YAML layout as Dataverse's Git integration writes them. The names and texts are made up; which files there
//! are, and what stands where in them, is that of two public trees of 2025 and 2026.
#![allow(clippy::print_stdout, reason = "a table of the corpus is printed")]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use dvpack::archive::{self, Limits};
use dvpack::solution::xml::{Element, write_fragment};
use dvpack::solution::{SolutionPackage, Unpacked, read_folder, read_zip};
use rayon::prelude::*;

use crate::support::{Test, corpus, report};

const SOLUTION: &str = "ImportExportXml:
  '@version': 9.2.26072.150
  '@SolutionPackageVersion': 9.2
  '@languagecode': 1033
  '@generatedBy': CrmLive
  '@xmlns:xsi': http://www.w3.org/2001/XMLSchema-instance
  SolutionManifest:
    UniqueName: ContosoField
    LocalizedNames:
      LocalizedName:
        '@description': Contoso Field
        '@languagecode': 1033
    Descriptions:
    Version: 1.0.0.0
    Managed: 0
    Publisher:
      UniqueName: contoso
";

const PUBLISHER: &str = "Publisher:
  UniqueName: contoso
  LocalizedNames:
    LocalizedName:
      '@description': Contoso
      '@languagecode': 1033
  Descriptions:
  EMailAddress:
    '@xsi:nil': true
    '@xmlns:xsi': http://www.w3.org/2001/XMLSchema-instance
  CustomizationPrefix: contoso
  CustomizationOptionValuePrefix: 10000
  Addresses:
";

/// A solution that lists these paths, with these root components (type and key).
fn tree(listed: &[&str], roots: &[(u32, &str)]) -> Test {
    let paths: String = listed.iter().map(|path| format!("  - '@path': {path}\n")).collect();
    let root = |(kind, key): &(u32, &str)| {
        let attribute = if key.starts_with('{') { "id" } else { "schemaName" };
        format!("  - '@type': {kind}\n    '@{attribute}': '{key}'\n    '@behavior': 0\n")
    };
    let roots: String = roots.iter().map(root).collect();
    Test::new()
        .file("s/solutions/ContosoField/solution.yml", SOLUTION)
        .file("s/solutions/ContosoField/solutioncomponents.yml", format!("SolutionComponents:\n  Component:\n{paths}"))
        .file("s/solutions/ContosoField/rootcomponents.yml", format!("RootComponents:\n  RootComponent:\n{roots}"))
        .file("s/solutions/ContosoField/missingdependencies.yml", "MissingDependencies: \n")
        .file("s/publishers/contoso/publisher.yml", PUBLISHER)
}

const APP: &str = "contoso_field_1a2b3";

fn canvas_app(test: Test) -> Test {
    let at = |file: &str| format!("s/canvasapps/{APP}/{file}");
    let app = format!(
        "CanvasApp:
  Name: {APP}
  AppVersion: 2026-08-16T05:28:22.0000000Z
  Status: Ready
  Tags: '{{\"primaryFormFactor\":\"Tablet\"}}'
  IsCdsUpgraded: 0
  GalleryItemId:
    '@xsi:nil': true
    '@xmlns:xsi': http://www.w3.org/2001/XMLSchema-instance
  BackgroundColor: RGBA(0,176,240,1)
  DisplayName: Field
  ConnectionReferences: '{{}}'
  DatabaseReferences: '{{}}'
  CanvasAppType: 0
  IntroducedVersion: 1.0
  IsCustomizable: 1
  BackgroundImageUri: /canvasapps/{APP}/{APP}_BackgroundImageUri
  DocumentUri: /canvasapps/{APP}/{APP}_DocumentUri.msapp
  AdditionalUris:
    AdditionalUri: /canvasapps/{APP}/{APP}_AdditionalUris0_identity.json
"
    );
    test.file(&at("canvasapp.yml"), app)
        .file(&at(&format!("{APP}_BackgroundImageUri")), "image")
        .file(&at(&format!("{APP}_AdditionalUris0_identity.json")), "{}")
        .file(&at(&format!("{APP}_DocumentUri/Header.json")), "{\"DocVersion\":\"1.0\"}")
        .file(&at(&format!("{APP}_DocumentUri/Src/App.pa.yaml")), "App:\n  Properties:\n    Theme: =PowerAppsTheme\n")
        .file(&at(&format!("{APP}_DocumentUri/Src/Écran 1.pa.yaml")), "Screens:\n  - not: [a, component")
        .file(&at(&format!("{APP}_DocumentUri/References/Themes.xml")), "<not")
}

fn packed(test: Test) -> SolutionPackage {
    let ran = test.args("pack s out.zip").success();
    read_zip(&ran.read("out.zip"), "out").expect("a solution")
}

fn text(element: &Element) -> String {
    write_fragment(element).replace("\r\n", "\n")
}

#[test]
fn a_canvas_app_has_its_payloads_and_its_folder_is_zipped() {
    let package = packed(canvas_app(tree(&[&format!("/canvasapps/{APP}")], &[(300, APP)])));
    let names: Vec<&str> = package.files.keys().map(String::as_str).collect();
    let wanted = ["_AdditionalUris0_identity.json", "_BackgroundImageUri", "_DocumentUri.msapp"];
    assert_eq!(names, wanted.map(|end| format!("CanvasApps/{APP}{end}")));
    let app = package.section("CanvasApps").next().expect("an app");
    for (field, file) in [("DocumentUri", "_DocumentUri.msapp"), ("BackgroundImageUri", "_BackgroundImageUri")] {
        assert_eq!(app.child_text(field), Some(format!("/CanvasApps/{APP}{file}")));
    }
    let msapp = &package.files[&format!("CanvasApps/{APP}_DocumentUri.msapp")];
    let mut inside = zip::ZipArchive::new(std::io::Cursor::new(msapp)).expect("a zip");
    let mut names: Vec<String> = Vec::new();
    for at in 0..inside.len() {
        let mut file = inside.by_index(at).expect("a file");
        names.push(file.name().expect("a name").into_owned());
        file.read_to_end(&mut Vec::new()).expect("content");
    }
    assert_eq!(names, ["Header.json", "References/Themes.xml", "Src/App.pa.yaml", "Src/Écran 1.pa.yaml"]);
    let again = packed(canvas_app(tree(&[&format!("/canvasapps/{APP}")], &[(300, APP)])));
    assert!(again.files == package.files, "other bytes the second time");
}

#[test]
fn an_app_whose_msapp_is_there_keeps_its_bytes_and_a_folder_of_no_app_is_an_error() {
    let listed = &[&*format!("/canvasapps/{APP}")];
    let with = |file: &str| canvas_app(tree(listed, &[(300, APP)])).file(file, "the maker's own bytes");
    let ran = with(&format!("s/canvasapps/{APP}/{APP}_DocumentUri.msapp")).args("pack s out.zip").code(3);
    assert!(ran.stderr.contains("no canvas app names its folder"), "{}", ran.stderr);
    let ran = with(&format!("s/canvasapps/{APP}/other_DocumentUri/Src/App.pa.yaml")).args("pack s out.zip").code(3);
    assert!(ran.stderr.contains("other_DocumentUri/Src/App.pa.yaml"), "{}", ran.stderr);
}

#[test]
fn flows_records_relations_and_choices_have_the_places_of_exports() {
    let flow = "31e8cd7d-30bb-4011-bbd3-6045bda07122";
    let file = format!("Notify-{}.json", flow.to_uppercase());
    let listed = [
        "/modernflows",
        "/bots/contoso_agent",
        "/botcomponents",
        "/optionsets/contoso_kind",
        "/botcomponent_workflowset",
    ];
    let package = packed(
        tree(&listed, &[(29, &format!("{{{flow}}}")), (9, "contoso_kind")])
            .file(
                &format!("s/modernflows/{flow}/workflow.yml"),
                format!(
                    "Workflow:\n  '@WorkflowId': '{{{flow}}}'\n  '@Name': Notify\n  JsonFileName: /modernflows/{flow}/{file}\n  \
                     Type: 1\n  Category: 5\n  StateCode: 1\n  StatusCode: 2\n"
                ),
            )
            .file(&format!("s/modernflows/{flow}/{file}"), "{}")
            .file(
                "s/bots/contoso_agent/bot.yml",
                "bot:\n  '@schemaname': contoso_agent\n  iscustomizable: 0\n  name: 'Agent: one'\n  synchronizationstatus: '{\"a\":1}'\n",
            )
            .file("s/bots/contoso_agent/configuration.json", "{}")
            .file(
                "s/botcomponents/contoso_agent.topic.Fallback/botcomponent.yml",
                "botcomponent:\n  '@schemaname': contoso_agent.topic.Fallback\n  componenttype: 9\n  description: |-\n    two\n    lines\n  \
                 parentbotid:\n    schemaname: contoso_agent\n",
            )
            .file("s/botcomponents/contoso_agent.topic.Fallback/data", "kind: AdaptiveDialog\n")
            .file(
                "s/botcomponents/contoso_agent.file.1/botcomponent.yml",
                "botcomponent:\n  '@schemaname': contoso_agent.file.1\n  filedata:\n    '@mimetype': text/plain\n    '#text': a, b.txt\n",
            )
            .file("s/botcomponents/contoso_agent.file.1/filedata/a, b.txt", "content")
            .file(
                &format!("s/botcomponent_workflowset/botcomponentid.schemaname=contoso_agent.topic.Fallback,workflowid.workflowid={flow}/botcomponent_workflow.yml"),
                format!("botcomponent_workflow:\n  '@botcomponentid.schemaname': contoso_agent.topic.Fallback\n  '@workflowid.workflowid': {flow}\n  iscustomizable: 1\n"),
            )
            .file(
                "s/optionsets/contoso_kind/optionset.yml",
                "optionset:\n  '@Name': contoso_kind\n  '@localizedName': Kind\n  OptionSetType: picklist\n  options:\n    option:\n    - '@value': 1\n    - '@value': 2\n",
            ),
    );
    let names: Vec<&str> = package.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "Assets/botcomponent_workflowset.xml",
            &*format!("Workflows/{file}"),
            "botcomponents/contoso_agent.file.1/botcomponent.xml",
            "botcomponents/contoso_agent.file.1/filedata/a%2C%20b.txt",
            "botcomponents/contoso_agent.topic.Fallback/botcomponent.xml",
            "botcomponents/contoso_agent.topic.Fallback/data",
            "bots/contoso_agent/bot.xml",
            "bots/contoso_agent/configuration.json",
        ]
    );
    let part = |name: &str| String::from_utf8(package.files[name].clone()).expect("text").replace("\r\n", "\n");
    insta::assert_snapshot!(part("botcomponents/contoso_agent.topic.Fallback/botcomponent.xml"), @r#"
    <botcomponent schemaname="contoso_agent.topic.Fallback">
      <componenttype>9</componenttype>
      <description>two
    lines</description>
      <parentbotid>
        <schemaname>contoso_agent</schemaname>
      </parentbotid>
    </botcomponent>
    "#);
    insta::assert_snapshot!(part("Assets/botcomponent_workflowset.xml"), @r#"
    <botcomponent_workflowset>
      <botcomponent_workflow botcomponentid.schemaname="contoso_agent.topic.Fallback" workflowid.workflowid="31e8cd7d-30bb-4011-bbd3-6045bda07122">
        <iscustomizable>1</iscustomizable>
      </botcomponent_workflow>
    </botcomponent_workflowset>
    "#);
    let flow = package.section("Workflows").next().expect("a flow");
    assert_eq!(flow.child_text("JsonFileName"), Some(format!("/Workflows/{file}")));
    assert!(text(package.section("optionsets").next().expect("a choice")).contains("<option value=\"2\" />"));
}

#[test]
fn a_table_of_which_only_parts_are_listed_has_those_in_the_order_of_exports() {
    let table = "s/entities/contoso_visit";
    let listed = [
        "/entities/contoso_visit/attributes/contoso_name.yml",
        "/entities/contoso_visit/entitykeys/contoso_key",
        "/entities/contoso_visit/formxml/main",
        "/entities/contoso_visit/ribbondiffs",
        "/entities/contoso_visit/savedqueries/1",
    ];
    let package = packed(
        tree(&listed, &[(1, "contoso_visit")])
            .file(
                &format!("{table}/entity.yml"),
                "Entity:\n  Name:\n    '@LocalizedName': Visit\n    '#text': contoso_Visit\n  EntityInfo:\n    entity:\n      \
                 '@Name': contoso_Visit\n      EntitySetName: contoso_visits\n",
            )
            .file(&format!("{table}/attributes/contoso_name.yml"), "attribute:\n  '@PhysicalName': contoso_Name\n  Type: nvarchar\n")
            .file(&format!("{table}/entitykeys/contoso_key/entitykey.yml"), "EntityKey:\n  Name: contoso_key\n")
            .file(&format!("{table}/attributes/unlisted.yml"), "attribute:\n  '@PhysicalName': contoso_Other\n")
            .file(&format!("{table}/formxml/main/1/systemform.yml"), "systemform:\n  formid: '{1}'\n")
            .file(&format!("{table}/formxml/quick/2/systemform.yml"), "systemform:\n  formid: '{2}'\n")
            .file(&format!("{table}/ribbondiffs/ribbondiff.yml"), "RibbonDiffXml:\n  CustomActions: \n")
            .file(&format!("{table}/savedqueries/1/savedquery.yml"), "savedquery:\n  savedqueryid: '{3}'\n"),
    );
    let table = text(package.section("Entities").next().expect("a table"));
    insta::assert_snapshot!(table, @r#"
    <Entity>
      <Name LocalizedName="Visit">contoso_Visit</Name>
      <EntityInfo>
        <entity Name="contoso_Visit">
          <attributes>
            <attribute PhysicalName="contoso_Name">
              <Type>nvarchar</Type>
            </attribute>
          </attributes>
          <EntityKeys>
            <EntityKey>
              <Name>contoso_key</Name>
            </EntityKey>
          </EntityKeys>
          <EntitySetName>contoso_visits</EntitySetName>
        </entity>
      </EntityInfo>
      <FormXml>
        <forms type="main">
          <systemform>
            <formid>{1}</formid>
          </systemform>
        </forms>
      </FormXml>
      <SavedQueries>
        <savedqueries>
          <savedquery>
            <savedqueryid>{3}</savedqueryid>
          </savedquery>
        </savedqueries>
      </SavedQueries>
      <RibbonDiffXml>
        <CustomActions />
      </RibbonDiffXml>
    </Entity>
    "#);
}

#[test]
fn a_build_takes_a_tree_as_its_source() {
    let flow = "31e8cd7d-30bb-4011-bbd3-6045bda07122";
    let file = format!("Notify-{}.json", flow.to_uppercase());
    let ran = canvas_app(tree(&[&format!("/canvasapps/{APP}"), "/modernflows"], &[(300, APP), (29, &format!("{{{flow}}}"))]))
        .file(
            &format!("s/modernflows/{flow}/workflow.yml"),
            format!("Workflow:\n  '@WorkflowId': '{{{flow}}}'\n  '@Name': Notify\n  JsonFileName: /modernflows/{flow}/{file}\n  Category: 5\n  StateCode: 1\n  StatusCode: 2\n"),
        )
        .file(&format!("s/modernflows/{flow}/{file}"), "{\"properties\":{\"definition\":{\"triggers\":{},\"actions\":{}}}}")
        .file(
            "dvpack.yaml",
            "dvpack: 1\npublisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }\nsolution: { name: ContosoField, version: \
             1.0.0.0 }\ncomponents: { source: [s] }\n",
        )
        .args("build .")
        .success();
    let zip = ran.read("dist/ContosoField_1_0_0_0_managed.zip");
    let names = archive::names(&zip, &Limits::default()).expect("names");
    assert!(names.contains(&format!("CanvasApps/{APP}_DocumentUri.msapp")), "{names:?}");
    assert!(names.contains(&format!("Workflows/{file}")), "{names:?}");
    Test::within(ran.folder).args("verify dist/ContosoField_1_0_0_0.dvpack").success();
}

/// The sections that have something, each with its components in a fixed order.
fn sections(package: &SolutionPackage) -> Vec<(String, Vec<String>)> {
    let filled = package.customizations.elements().filter(|section| section.elements().next().is_some());
    let mut all: Vec<_> = filled
        .map(|section| {
            let mut items: Vec<String> = section.elements().map(|item| letters(&text(item))).collect();
            items.sort();
            (section.name.clone(), items)
        })
        .collect();
    all.sort();
    all
}

/// The letters of a text in a fixed order: in this layout, the columns and forms of a table have the order of their files.
fn letters(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The largest export whose tree is written. The few that are larger have the same kinds of components, and take minutes
/// without optimization.
const LARGEST: u64 = 24 << 10;

/// How many YAML and XML files the tree of an export has, and what does not come back from it.
fn tree_of(path: &Path) -> Result<(usize, usize, Option<String>), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let package = read_zip(&std::fs::read(path).expect("bytes"), &name).expect("a solution");
    let tree = Unpacked::yaml(&package).map_err(|findings| format!("{name}: {}", findings[0].message))?;
    let count = |end: &str| tree.files().filter(|(name, _)| name.ends_with(end)).count();
    let folder = tempfile::tempdir().expect("a folder");
    tree.write(folder.path()).expect("written");
    let wrong = match read_folder(folder.path()) {
        Ok(again) if again.files != package.files => Some(format!("{name}: other parts")),
        Ok(again) if sections(&again) != sections(&package) => Some(format!("{name}: other components")),
        Ok(_) => None,
        Err(findings) => Some(format!("{name}: {}", findings[0])),
    };
    Ok((count(".yml"), count(".xml"), wrong))
}

#[test]
fn every_export_comes_back_from_a_tree() {
    let Some(corpus) = corpus() else { return };
    let paths =
        std::fs::read_dir(corpus.join("exported")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let is_small = |path: &PathBuf| path.metadata().is_ok_and(|it| it.len() <= LARGEST);
    let zips: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "zip")).filter(is_small).collect();
    let results: Vec<_> = zips.par_iter().map(|path| tree_of(path)).collect();
    let (held, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    let held: Vec<_> = held.into_iter().flatten().collect();
    let refused: Vec<String> = refused.into_iter().filter_map(Result::err).collect();
    let said = format!(
        "{} exports come back from trees of {} YAML and {} XML files; {} are refused\n{}\n",
        held.len(),
        held.iter().map(|(yaml, ..)| yaml).sum::<usize>(),
        held.iter().map(|(_, xml, _)| xml).sum::<usize>(),
        refused.len(),
        refused.join("\n")
    );
    println!("{said}");
    report("yaml-trees.txt", &said);
    let wrong: Vec<String> = held.iter().filter_map(|(.., wrong)| wrong.clone()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(held.len() >= 60 && refused.len() <= held.len() / 20, "{said}");
}

#[test]
fn unpack_writes_a_tree_that_packs_to_the_same_parts_and_says_that_it_is_an_experiment() {
    let built = Test::new().copy("examples/contoso-widgets").args("build .").success();
    let zip = built.read("dist/ContosoWidgets_1_4_0_0_managed.zip");
    let ran = Test::new().file("s.zip", &zip).args("unpack s.zip out --layout yaml").success();
    assert!(ran.folder.path().join("out/solutions/ContosoWidgets/solution.yml").is_file());
    assert!(ran.folder.path().join("out/entities/contoso_widget/entity.yml").is_file());
    let ran = Test::within(ran.folder).args("pack out again.zip").success();
    let (one, two) = (read_zip(&zip, "one").expect("read"), read_zip(&ran.read("again.zip"), "two").expect("read"));
    assert_eq!(one.files, two.files);
    assert_eq!(sections(&one), sections(&two));
    let help = Test::new().args("unpack --help").success();
    assert!(help.stdout.contains("experimental"), "{}", help.stdout);
    let ran = Test::new().file("s.zip", &zip).args("unpack s.zip out --layout yaml --type both").code(2);
    assert!(ran.stderr.contains("holds one package"), "{}", ran.stderr);
}
