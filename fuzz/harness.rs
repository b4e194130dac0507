//! What must hold for any bytes at all. A panic in here is a finding.

use std::io::Cursor;

use dvpack::archive::{self, Entry, Limits};
use dvpack::diagnostic::has_errors;
use dvpack::solution::{self, Contents, FolderOptions, role, xml};
use quick_xml::events::Event;

/// An archive that is read can be written, and is then read the same; a solution zip is read or refused.
pub fn zip_reader(data: &[u8]) {
    let limits = Limits { entry_bytes: 32 << 20, total_bytes: 64 << 20, ..Limits::of_solutions() };
    let Ok(entries) = archive::read(data, &limits) else { return };
    let again = archive::write(&entries).expect("what was read can be written");
    assert_eq!(archive::read(&again, &limits).as_ref(), Ok(&entries));
    if let Ok(package) = solution::read_zip(data, "fuzzed.zip") {
        let zip = solution::write_zip(&package).expect("what was read can be written");
        let again = solution::read_zip(&zip, "fuzzed.zip").expect("what was written can be read");
        assert_eq!(again.files, package.files);
        assert_eq!(xml::first_difference(&again.customizations, &package.customizations), None);
        let contents = Contents::read(data, "fuzzed.zip").expect("what is read whole is read in pieces");
        assert_eq!(contents.identity.name, package.unique_name());
        assert_eq!(contents.components, solution::components::list(&package));
        let written = Contents::read(&zip, "fuzzed.zip").expect("what was written can be read");
        assert_eq!(written.form, [], "what is written is in normal form");
    }
}

/// XML that is read has one written form, which another reader takes, too.
pub fn xml_reader(data: &[u8]) {
    let Ok(tree) = xml::parse(data, "fuzzed.xml") else { return };
    let text = xml::write_document(&tree);
    let again = xml::parse(&text, "again.xml").expect("what was written can be read");
    assert_eq!(xml::first_difference(&tree, &again), None);
    assert_eq!(String::from_utf8_lossy(&xml::write_document(&again)), String::from_utf8_lossy(&text));
    let mut other = quick_xml::Reader::from_reader(text.as_slice());
    loop {
        match other.read_event().expect("XML") {
            Event::Start(tag) | Event::Empty(tag) => {
                assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{tag:?}");
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

/// A folder is packed or refused; packed in one pass it is the same as read and written.
pub fn folder_reader(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files(data) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }
    let mut zip = Cursor::new(Vec::new());
    let packed = solution::pack_folder(folder.path(), FolderOptions::default(), &mut zip);
    let zip = zip.into_inner();
    match (packed, solution::read_folder(folder.path())) {
        (Ok(_), Ok(model)) => {
            assert!(zip == solution::write_zip(&model).expect("written"));
            let again = solution::read_zip(&zip, "fuzzed.zip").expect("what was written can be read");
            assert_eq!(again.files, model.files);
            assert_eq!(xml::first_difference(&again.customizations, &model.customizations), None);
        }
        (Err(_), Err(_)) => {}
        // The checks come after the reading, and so does what a zip cannot hold.
        (Err(_), Ok(model)) => {
            let roles = role::review_solution(&role::Collected::of(&model), &model);
            let refused = has_errors(&solution::check::check(&model)) || has_errors(&roles);
            assert!(solution::write_zip(&model).is_err() || refused);
        }
        (Ok(_), Err(findings)) => panic!("packed, but not read: {findings:?}"),
    }
}

/// The names that the bytes of a folder choose from.
const NAMES: [&str; 24] = [
    "Other/Solution.xml",
    "Other/Customizations.xml",
    "Other/Relationships.xml",
    "Other/Relationships/a.xml",
    "Other/Order.txt",
    "Other/SiteMap.xml",
    "Other/Parts/loose.bin",
    "Entities/a_t/Entity.xml",
    "Entities/a_t/FormXml/main/{1}.xml",
    "Entities/a_t/FormXml/main/{1}_managed.xml",
    "Entities/a_t/SavedQueries/{2}.xml",
    "Entities/a_t/RibbonDiff.xml",
    "Entities/a_t/Formulas/f.yaml",
    "Roles/R.xml",
    "Workflows/f.json",
    "Workflows/f.json.data.xml",
    "WebResources/a_/s.js",
    "WebResources/a_/s.js.data.xml",
    "OptionSets/a_o.xml",
    "Templates/EmailTemplates.xml",
    "Templates/EmailDocuments/1033/1/body.xsl",
    "Reports/ReportSignatureIdMappings.xml",
    "CanvasApps/a.meta.xml",
    "environmentvariabledefinitions/a/environmentvariabledefinition.xml",
];

/// A name, two bytes of length, content; and so on.
fn files(mut data: &[u8]) -> Vec<(&'static str, &[u8])> {
    let mut files = Vec::new();
    while let [name, high, low, rest @ ..] = data {
        let (content, after) = rest.split_at(rest.len().min(usize::from(*high) << 8 | usize::from(*low)));
        files.push((NAMES[usize::from(*name) % NAMES.len()], content));
        data = after;
    }
    files
}

/// Inputs that are accepted, as a start: target and bytes.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    const SOLUTION: &str = "<ImportExportXml version=\"9.1\"><SolutionManifest><UniqueName>a</UniqueName><Version>1.0.0.0</Version><Managed>0</Managed><Publisher><UniqueName>p</UniqueName><CustomizationPrefix>a</CustomizationPrefix></Publisher><RootComponents><RootComponent type=\"61\" schemaName=\"a_/s.js\" behavior=\"0\" /></RootComponents><MissingDependencies /></SolutionManifest></ImportExportXml>";
    const SECTIONS: &str = "<ImportExportXml xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Entities /><Roles /><Workflows /><Templates /><SiteMap /><EntityRelationships /><optionsets /><WebResources /><CanvasApps /><Reports /></ImportExportXml>";
    const RESOURCE: &str = "<WebResource><WebResourceId>{1}</WebResourceId><Name>a_/s.js</Name><WebResourceType>3</WebResourceType><FileName>/WebResources/a_sjs1</FileName></WebResource>";
    let contents = [
        SOLUTION,
        SECTIONS,
        "<EntityRelationships><EntityRelationship Name=\"b\" /><EntityRelationship Name=\"a\" /></EntityRelationships>",
        "<EntityRelationships><EntityRelationship Name=\"a\"><x /></EntityRelationship><EntityRelationship Name=\"b\" /></EntityRelationships>",
        "# order\nWebResources/a_/s.js.data.xml\n",
        "<SiteMap><SiteMap><Area Id=\"a\" /></SiteMap></SiteMap>",
        "loose",
        "<Entity><Name>a_t</Name><EntityInfo><entity Name=\"a_t\"><attributes /></entity></EntityInfo><FormXml /></Entity>",
        "<forms><systemform><formid>{1}</formid></systemform></forms>",
        "<forms><systemform><formid>{1}</formid><managed /></systemform></forms>",
        "<savedqueries><savedquery><savedqueryid>{2}</savedqueryid></savedquery></savedqueries>",
        "<RibbonDiffXml><CustomActions /></RibbonDiffXml>",
        "f: 1",
        "<Role id=\"{3}\" name=\"R\"><RolePrivileges><RolePrivilege name=\"prvReadAccount\" level=\"Basic\" /></RolePrivileges></Role>",
        "{\"properties\":{\"connectionReferences\":{}}}",
        "<Workflow WorkflowId=\"{4}\" Name=\"f\"><JsonFileName>/Workflows/f.json</JsonFileName></Workflow>",
        "let a = 1;",
        RESOURCE,
        "<optionset Name=\"a_o\"><options /></optionset>",
        "<EmailTemplates><emailtemplate><templateid>1</templateid><languagecode>1033</languagecode><body></body></emailtemplate></EmailTemplates>",
        "<xsl>text</xsl>",
        "<ReportSignatureIdMappings />",
        "<CanvasApp><Name>a</Name></CanvasApp>",
        "<environmentvariabledefinition schemaname=\"a\"><type>100000000</type></environmentvariabledefinition>",
    ];
    let mut folder = Vec::new();
    for (name, content) in (0_u8..).zip(contents) {
        folder.push(name);
        folder.extend(u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes());
        folder.extend(content.bytes());
    }
    let merged = format!("<ImportExportXml><WebResources>{RESOURCE}</WebResources></ImportExportXml>");
    let zip = archive::write(&[
        Entry::new("customizations.xml", merged),
        Entry::new("solution.xml", SOLUTION),
        Entry::new("WebResources/a_sjs1", "let a = 1;"),
        Entry::new("[Content_Types].xml", "<Types />"),
    ]);
    let mut seeds = vec![("zip_reader", zip.unwrap_or_default()), ("folder_reader", folder)];
    let xml = [
        "<a><b><![CDATA[]]></b>1<![CDATA[]]>2<c> <![CDATA[]]><d/></c></a>",
        "<a :xmlns=\"urn:x\" xmlns=\"urn:y\" b=\":c\"><b xmlns=\"\" :c=\"\" xmlns=\"\" /></a>",
        "<?xml version=\"1.0\"?><a xmlns:x='urn:x' x:b=\"1 &lt; 2&#xA;\"><!--c--><x:d xml:space=\"preserve\"> <e/></x:d>t<![CDATA[<u>]]></a>",
        "<a><!--only--></a>",
        "<a><?p i?><b/>\r\n<b> </b></a>",
    ];
    seeds.extend(xml.iter().chain(&contents).map(|text| ("xml_reader", text.as_bytes().to_vec())));
    seeds
}
