//! A project that merges one solution zip with whatever parts a test gives it, and the bundle that is built of it.

use dvpack::archive::{self, Entry, Limits};

use crate::support::{Ran, Test};

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoFlows, displayName: Contoso Flows, version: 1.0.0.0 }
components: { source: [it.zip] }
";

/// The connection reference and the flow that every project here has.
pub const FLOW_ID: &str = "7C9E6679-7425-40DE-944B-E07FC1F90AE7";
pub const FLOW_PART: &str = "Workflows/Flow-7C9E6679-7425-40DE-944B-E07FC1F90AE7.json";
pub const FLOW: &str = r#"{"properties":{"connectionReferences":{"shared_sql":{"runtimeSource":"embedded","connection":{"connectionReferenceLogicalName":"contoso_Sql"},"api":{"name":"shared_sql"}}},"definition":{"triggers":{},"actions":{"Get":{"type":"OpenApiConnection","inputs":{"host":{"connectionName":"shared_sql","operationId":"GetItems","apiId":"/providers/Microsoft.PowerApps/apis/shared_sql"},"parameters":{}}}}},"templateName":""},"schemaVersion":"1.0.0.0"}"#;
pub const REFERENCE: &str = "<connectionreference connectionreferencelogicalname=\"contoso_Sql\"><connectionreferencedisplayname>SQL</connectionreferencedisplayname><connectorid>/providers/Microsoft.PowerApps/apis/shared_sql</connectorid><iscustomizable>1</iscustomizable></connectionreference>";

/// A definition of an environment variable, with these elements inside.
pub fn definition(name: &str, inside: &str) -> (String, String) {
    let text = format!(
        "<environmentvariabledefinition schemaname=\"{name}\"><displayname default=\"{name}\"><label description=\"{name}\" languagecode=\"1033\" /></displayname><introducedversion>1.0</introducedversion>{inside}</environmentvariabledefinition>"
    );
    (format!("environmentvariabledefinitions/{name}/environmentvariabledefinition.xml"), text)
}

/// The solution zip: a flow with its connection reference, more sections, and parts.
pub fn zip(sections: &str, references: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = format!(
        "<ImportExportXml languagecode=\"1033\"><SolutionManifest><UniqueName>Merged</UniqueName><Version>1.0</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName><CustomizationPrefix>contoso</CustomizationPrefix></Publisher><RootComponents><RootComponent type=\"29\" id=\"{{{}}}\" behavior=\"0\" /></RootComponents></SolutionManifest></ImportExportXml>",
        FLOW_ID.to_lowercase()
    );
    let customizations = format!(
        "<ImportExportXml><Workflows><Workflow WorkflowId=\"{{{}}}\" Name=\"Flow\"><JsonFileName>/{FLOW_PART}</JsonFileName><Category>5</Category><StateCode>1</StateCode><StatusCode>2</StatusCode></Workflow></Workflows>{sections}<connectionreferences>{REFERENCE}{references}</connectionreferences></ImportExportXml>",
        FLOW_ID.to_lowercase()
    );
    let mut entries = vec![Entry::new("customizations.xml", customizations), Entry::new("solution.xml", manifest)];
    if !parts.iter().any(|(name, _)| *name == FLOW_PART) {
        entries.push(Entry::new(FLOW_PART, FLOW));
    }
    entries.extend(parts.iter().map(|(name, bytes)| Entry::new(*name, *bytes)));
    entries.push(Entry::new("[Content_Types].xml", "<Types />"));
    archive::write(&entries).expect("written")
}

/// A project that merges it, to be built.
pub fn project(zip: &[u8], more: &str) -> Test {
    Test::new().file("dvpack.yaml", format!("{MANIFEST}{more}")).file("it.zip", zip)
}

/// The entries of the bundle of a project that can be built, and what the build said.
pub fn built(zip: &[u8], more: &str) -> (Vec<Entry>, Ran) {
    let ran = project(zip, more).args("build . -o made").success();
    let entries = archive::read(&ran.read("made/ContosoFlows_1_0_0_0.dvpack"), &Limits::default()).expect("read");
    (entries, ran)
}

/// The text of a file of a bundle.
pub fn text(bundle: &[Entry], name: &str) -> String {
    let entry = bundle.iter().find(|entry| entry.name == name).expect(name);
    String::from_utf8(entry.bytes.clone()).expect("UTF-8")
}

/// The page of a bundle, with its slashes as people see them.
pub fn page(bundle: &[Entry]) -> String {
    text(bundle, "INSTALL.html").replace("&#x2f;", "/")
}
