//! What `dvpack pack` and `dvpack check` say of a solution before the server does: each finding with file and
//! line, all at once; and how much of it real solutions give reason for.
#![allow(clippy::print_stdout, reason = "figures of the corpus are printed")]

use std::collections::BTreeMap;
use std::fs;

use dvpack::solution::xml::Element;
use dvpack::solution::{check, read_zip};

use crate::support::{Test, corpus};

const SOLUTION: &str = r#"<ImportExportXml version="9.1.0.643">
  <SolutionManifest>
    <UniqueName>Parts</UniqueName>
    <LocalizedNames><LocalizedName description="Parts" languagecode="1033" /></LocalizedNames>
    <Version>1.0.0.0</Version>
    <Managed>0</Managed>
    <Publisher>
      <UniqueName>contoso</UniqueName>
      <CustomizationPrefix>contoso</CustomizationPrefix>
      <CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix>
    </Publisher>
    <RootComponents>
ROOTS
    </RootComponents>
    <MissingDependencies>MISSING</MissingDependencies>
  </SolutionManifest>
</ImportExportXml>
"#;

const CUSTOMIZATIONS: &str = "<ImportExportXml><Entities /><Roles /><Workflows /><EntityRelationships /><optionsets />\
    <WebResources /><SolutionPluginAssemblies /><SdkMessageProcessingSteps /><AppModuleSiteMaps /><AppModules />\
    <connectionreferences /></ImportExportXml>";

fn folder(roots: &[&str], missing: &str) -> Test {
    let roots = roots
        .iter()
        .map(|root| format!("      <RootComponent {root} behavior=\"0\" />"))
        .collect::<Vec<_>>()
        .join("\n");
    Test::new()
        .file("src/Other/Solution.xml", SOLUTION.replace("ROOTS", &roots).replace("MISSING", missing))
        .file("src/Other/Customizations.xml", CUSTOMIZATIONS)
}

const TABLE: &str = r#"<Entity>
  <Name LocalizedName="Part" OriginalName="Part">contoso_Part</Name>
  <EntityInfo>
    <entity Name="contoso_Part">
      <attributes>
        <attribute PhysicalName="contoso_Color">
          <LogicalName>contoso_color</LogicalName>
          <OptionSetName>contoso_color</OptionSetName>
        </attribute>
      </attributes>
    </entity>
  </EntityInfo>
</Entity>
"#;

const FORM: &str = r#"<forms type="main">
  <systemform>
    <formid>{6b1a7f0e-2d7f-4d8a-9a57-2a4f9d0c7e22}</formid>
    <LocalizedNames><LocalizedName description="Information" languagecode="1033" /></LocalizedNames>
    <form>
      <formLibraries>
        <Library name="contoso_/part.js" libraryUniqueId="{1f0a5c52-7b0e-4c0b-9c53-0d6f6a3f9e11}" />
        <Library name="fabrikam_/shared.js" libraryUniqueId="{1f0a5c52-7b0e-4c0b-9c53-0d6f6a3f9e12}" />
      </formLibraries>
    </form>
  </systemform>
</forms>
"#;

const RELATIONSHIP: &str = r#"<EntityRelationships>
  <EntityRelationship Name="fabrikam_order_contoso_part">
    <EntityRelationshipType>OneToMany</EntityRelationshipType>
    <ReferencingEntityName>contoso_part</ReferencingEntityName>
    <ReferencedEntityName>fabrikam_order</ReferencedEntityName>
  </EntityRelationship>
</EntityRelationships>
"#;

const FLOW: &str = r#"{"properties":{"connectionReferences":{"shared_office365":{"connection":
{"connectionReferenceLogicalName":"contoso_mail"}}},"definition":{}}}"#;

const FLOW_DATA: &str = r#"<Workflow WorkflowId="{5e1d2c3b-0f6a-4b7c-8d9e-1a2b3c4d5e6f}" Name="Mail">
  <JsonFileName>/Workflows/Mail-5E1D2C3B-0F6A-4B7C-8D9E-1A2B3C4D5E6F.json</JsonFileName>
  <Category>5</Category>
</Workflow>
"#;

const STEP: &str = r#"<SdkMessageProcessingStep Name="On create" SdkMessageProcessingStepId="{0a1b2c3d-0f6a-4b7c-8d9e-1a2b3c4d5e6f}">
  <PluginTypeName>Contoso.Plugins.OnCreate, Contoso.Plugins, Version=1.0.0.0, Culture=neutral, PublicKeyToken=0123456789abcdef</PluginTypeName>
  <PrimaryEntity>contoso_gone</PrimaryEntity>
</SdkMessageProcessingStep>
"#;

const APP: &str = r#"<AppModule>
  <UniqueName>contoso_Parts</UniqueName>
  <AppModuleComponents>
    <AppModuleComponent type="1" schemaName="contoso_lost" />
    <AppModuleComponent type="62" schemaName="contoso_Parts" />
  </AppModuleComponents>
</AppModule>
"#;

/// A solution with one mistake of every kind.
fn wrong() -> Test {
    let secret = ["ab1", "8Q~", "0123456789", "abcdefghij", "ABCDEFGHIJ", "Klm"].concat();
    let script = "<WebResource>\n  <WebResourceId>{2b1a7f0e-2d7f-4d8a-9a57-2a4f9d0c7e22}</WebResourceId>\n  <Name>contoso_/other.js</Name>\n  \
        <FileName>/WebResources/contoso_otherjs2B1A7F0E-2D7F-4D8A-9A57-2A4F9D0C7E22</FileName>\n</WebResource>";
    let lost = script.replace("other", "lost").replace("2b1a", "3b1a").replace("2B1A", "3B1A");
    let choice = "<optionset Name=\"fabrikam_size\"><options><option value=\"1\" /></options></optionset>";
    let own = "<optionset Name=\"contoso_size\"><options><option value=\"100000000\" /><option value=\"5\" /></options></optionset>";
    folder(
        &[
            "type=\"1\" schemaName=\"contoso_part\"",
            "type=\"1\" schemaName=\"contoso_part\"",
            "type=\"20\" id=\"{b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a}\"",
            "type=\"29\" id=\"{5e1d2c3b-0f6a-4b7c-8d9e-1a2b3c4d5e6f}\"",
            "type=\"61\" schemaName=\"contoso_/other.js\"",
            "type=\"61\" schemaName=\"contoso_/lost.js\"",
            "type=\"9\" schemaName=\"fabrikam_size\"",
        ],
        "",
    )
    .file("src/Entities/contoso_Part/Entity.xml", TABLE)
    .file("src/Entities/contoso_Part/FormXml/main/{6b1a7f0e-2d7f-4d8a-9a57-2a4f9d0c7e22}.xml", FORM)
    .file(
        "src/Other/Relationships.xml",
        "<EntityRelationships><EntityRelationship Name=\"fabrikam_order_contoso_part\" /></EntityRelationships>",
    )
    .file("src/Other/Relationships/fabrikam_order.xml", RELATIONSHIP)
    .file("src/OptionSets/fabrikam_size.xml", choice)
    .file("src/OptionSets/contoso_size.xml", own)
    .file("src/Workflows/Mail-5E1D2C3B-0F6A-4B7C-8D9E-1A2B3C4D5E6F.json", FLOW)
    .file("src/Workflows/Mail-5E1D2C3B-0F6A-4B7C-8D9E-1A2B3C4D5E6F.json.data.xml", FLOW_DATA)
    .file("src/SdkMessageProcessingSteps/{0a1b2c3d-0f6a-4b7c-8d9e-1a2b3c4d5e6f}.xml", STEP)
    .file("src/AppModules/contoso_Parts/AppModule.xml", APP)
    .file("src/WebResources/contoso_/other.js", format!("var a = 1;\nvar secret = '{secret}';\n"))
    .file("src/WebResources/contoso_/other.js.data.xml", script)
    .file("src/WebResources/contoso_/lost.js.data.xml", lost)
    .file("src/docs/notes.xlsx", "not meant to ship")
}

#[test]
fn every_mistake_is_told_at_once_with_file_and_line() {
    let ran = wrong().args("pack src out.zip").code(3);
    assert!(!ran.folder.path().join("out.zip").exists());
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn a_solution_that_declares_what_it_needs_is_packed_without_a_word() {
    let missing = r#"
      <MissingDependency>
        <Required type="1" schemaName="fabrikam_order" displayName="Order" solution="Fabrikam (1.0)" />
        <Dependent type="10" schemaName="fabrikam_order_contoso_part" displayName="fabrikam_order_contoso_part" parentSchemaName="contoso_part" />
      </MissingDependency>
    "#;
    let ran = folder(&["type=\"1\" schemaName=\"contoso_part\""], missing)
        .file(
            "src/Entities/contoso_Part/Entity.xml",
            "<Entity><Name>contoso_Part</Name><EntityInfo><entity Name=\"contoso_Part\" /></EntityInfo></Entity>",
        )
        .file(
            "src/Other/Relationships.xml",
            "<EntityRelationships><EntityRelationship Name=\"fabrikam_order_contoso_part\" /></EntityRelationships>",
        )
        .file("src/Other/Relationships/fabrikam_order.xml", RELATIONSHIP)
        .args("pack src out.zip")
        .success();
    assert_eq!(ran.stderr, "", "{}", ran.stderr);
}

#[test]
fn build_writes_the_dependencies_that_nobody_declared() {
    let manifest = "dvpack: 1\npublisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }\n\
        solution: { name: Parts, displayName: Parts, version: 1.0.0.0 }\nrequires: { solutions: [ { name: Fabrikam, version: 2.1 } ] }\n\
        components: { source: [src] }\n";
    let ran = folder(&["type=\"1\" schemaName=\"contoso_part\""], "")
        .file(
            "src/Entities/contoso_Part/Entity.xml",
            "<Entity><Name>contoso_Part</Name><EntityInfo><entity Name=\"contoso_Part\" /></EntityInfo></Entity>",
        )
        .file(
            "src/Other/Relationships.xml",
            "<EntityRelationships><EntityRelationship Name=\"fabrikam_order_contoso_part\" /></EntityRelationships>",
        )
        .file("src/Other/Relationships/fabrikam_order.xml", RELATIONSHIP)
        .file("dvpack.yaml", manifest)
        .args("build .")
        .success();
    let package = read_zip(&ran.read("dist/Parts_1_0_0_0_managed.zip"), "Parts").expect("a solution");
    let list = package.manifest.path(&["SolutionManifest", "MissingDependencies"]).expect("the list");
    let text: Vec<String> =
        list.elements().flat_map(Element::elements).map(|e| format!("{} {:?}", e.name, e.attributes)).collect();
    assert_eq!(
        text,
        [
            r#"Required [("type", "1"), ("schemaName", "fabrikam_order"), ("displayName", "fabrikam_order"), ("solution", "Fabrikam (2.1)")]"#,
            r#"Dependent [("type", "10"), ("schemaName", "fabrikam_order_contoso_part"), ("displayName", "fabrikam_order_contoso_part"), ("parentSchemaName", "contoso_part")]"#,
        ]
    );
}

/// What is computed and no export declares, and why.
const UNDECLARED: [(&str, &str); 5] = [
    ("msdyn_/ContractBilling/Scripts/ContractView.js", PROJECT),
    ("msdyn_/Libraries/SDK.Rest/SDK.REST.js", PROJECT),
    ("msdyn_/Libraries/require/require.js", PROJECT),
    ("msdyn_/Opportunity/Scripts/OpportunityInitialization.js", PROJECT),
    ("msdyn_/SalesInsightsConfig/SiteMap/DigitalSales.svg", "an icon of a site map that the exporter did not follow"),
];
const PROJECT: &str = "libraries of a form of Microsoft's project app, which the unmanaged export does not list";

#[test]
fn real_exports_declare_what_is_computed() {
    let Some(corpus) = corpus() else { return };
    let mut paths: Vec<_> =
        fs::read_dir(corpus.join("exported")).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let (mut solutions, mut codes, mut foreign) = (0, BTreeMap::<String, usize>::new(), Vec::new());
    let mut errors = Vec::new();
    let mut known = 0;
    for path in paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "zip")) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let package = read_zip(&fs::read(&path).expect("bytes"), &name).expect("a solution");
        solutions += 1;
        for finding in check::check(&package) {
            *codes.entry(format!("{:?} {}", finding.severity, finding.code)).or_default() += 1;
            if finding.severity == dvpack::diagnostic::Severity::Error {
                errors.push(format!("{name}: {finding}"));
            }
            if finding.code == "undeclared-dependency" || finding.code == "dangling-reference" {
                foreign.push(format!("{name}: {finding}"));
            }
        }
        // The same with the declarations taken away: what is found again?
        let mut bare = package.clone();
        if let Some(list) = bare.manifest.find_mut("SolutionManifest").and_then(|m| m.find_mut("MissingDependencies")) {
            list.children.clear();
        }
        let found = check::Facts::of(&bare).missing(&bare);
        let before = check::Facts::of(&package).missing(&package).len();
        known += found.len() - before;
    }
    println!("{solutions} solutions; findings by code: {codes:#?}");
    println!(
        "{known} dependencies are computed that the exports declare; computed and not declared: {}",
        foreign.len()
    );
    for line in &foreign {
        println!("  {line}");
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(known >= 31, "only {known} of the declared dependencies are found again");
    let unlike: Vec<_> =
        foreign.iter().filter(|line| !UNDECLARED.iter().any(|(key, _)| line.contains(&format!("`{key}`")))).collect();
    let stale: Vec<_> =
        UNDECLARED.iter().filter(|(key, _)| !foreign.iter().any(|line| line.contains(&format!("`{key}`")))).collect();
    assert!(unlike.is_empty() && stale.is_empty(), "not explained: {unlike:#?}, explained but gone: {stale:#?}");
}
