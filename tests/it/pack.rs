//! `dvpack pack`: folders become zips, mistakes are named.

use dvpack::solution::{FolderOptions, PackageType, check, pack_folder, read_folder_as, role, write_zip};

use crate::support::{Test, corpus, repository};

#[test]
fn packs_the_example_as_both() {
    let test = Test::new().copy("examples/contoso-widgets");
    let ran = test.args("pack solution/src out/widgets.zip --type both --format json").success();
    let packages = ran.json()["packages"].as_array().expect("a list").len();
    assert_eq!(packages, 2);
    let one = dvpack::solution::read_zip(&ran.read("out/widgets.zip"), "one").expect("a solution");
    let two = dvpack::solution::read_zip(&ran.read("out/widgets_managed.zip"), "two").expect("a solution");
    assert!(!one.managed() && two.managed());
}

#[test]
fn a_malformed_file_is_named_with_its_line() {
    let ran = Test::new()
        .file("src/Other/Solution.xml", "<ImportExportXml>\n  <a>\n  </b>\n</ImportExportXml>")
        .file("src/Other/Customizations.xml", "<ImportExportXml />")
        .args("pack src out.zip")
        .code(3);
    assert!(ran.stderr.contains("src/Other/Solution.xml:3"), "{}", ran.stderr);
    assert!(!ran.folder.path().join("out.zip").exists());
}

#[test]
fn a_folder_that_is_no_solution_says_what_to_give() {
    let ran = Test::new().file("src/readme.txt", "").args("pack src out.zip").code(3);
    assert!(ran.stderr.contains("Other/Solution.xml"), "{}", ran.stderr);
    let ran = Test::new().args("pack none out.zip").code(3);
    let wanted = "there is no such folder\n--> none\n = help: name the folder that contains `Other/Solution.xml`\n";
    assert!(ran.stderr.contains(wanted), "{}", ran.stderr);
}

#[test]
fn a_missing_payload_stops_the_pack() {
    let ran = Test::new()
        .file("s/Other/Solution.xml", "<ImportExportXml><SolutionManifest><UniqueName>a</UniqueName><Managed>0</Managed></SolutionManifest></ImportExportXml>")
        .file("s/Other/Customizations.xml", "<ImportExportXml><WebResources /></ImportExportXml>")
        .file("s/WebResources/a_x.js.data.xml", "<WebResource><Name>a_x.js</Name><FileName>/WebResources/a_xjs1</FileName></WebResource>")
        .args("pack s out.zip")
        .code(3);
    assert!(ran.stderr.contains("missing-component-source") && ran.stderr.contains("a_x.js"), "{}", ran.stderr);
}

const SOLUTION: &str = "<ImportExportXml><SolutionManifest><UniqueName>a</UniqueName><Version>1.0</Version>\
    <Managed>2</Managed></SolutionManifest></ImportExportXml>";

#[test]
fn a_text_that_xml_cannot_hold_is_named_with_its_line() {
    let templates = "<EmailTemplates><emailtemplate><templateid>1</templateid><languagecode>1033</languagecode><body></body>\
        </emailtemplate></EmailTemplates>";
    let ran = Test::new()
        .file("s/Other/Solution.xml", SOLUTION)
        .file("s/Other/Customizations.xml", "<ImportExportXml><Templates /></ImportExportXml>")
        .file("s/Templates/EmailTemplates.xml", templates)
        .file("s/Templates/EmailDocuments/1033/1/body.xsl", "<a>\n\u{15}</a>")
        .args("pack s out.zip")
        .code(3);
    let wanted = "`'\\u{15}'` is not a character of XML, which the text becomes part of\n--> s/Templates/EmailDocuments/1033/1/body.xsl:2:1";
    assert!(ran.stderr.contains(wanted), "{}", ran.stderr);
    assert!(!ran.folder.path().join("out.zip").exists());
}

fn web_resource(name: &str) -> String {
    format!(
        "<WebResource><Name>{name}</Name><FileName>/WebResources/{}1</FileName></WebResource>",
        name.replace(['.', '/'], "")
    )
}

#[test]
fn files_come_from_where_the_map_says() {
    let test = || {
        Test::new()
            .file("s/Other/Solution.xml", SOLUTION)
            .file("s/Other/Customizations.xml", "<ImportExportXml><WebResources /></ImportExportXml>")
            .file("s/WebResources/a_/x.js.data.xml", web_resource("a_/x.js"))
            .file("s/WebResources/a_/y.css.data.xml", web_resource("a_/y.css"))
            .file("s/WebResources/a_/y.css", "stale")
            .file(
                "map.xml",
                "<Mapping><FileToFile map='x.js' to='..\\%OUT%\\**\\bundle.js' />\
                 <FileToPath map='WebResources\\**\\*.*' to='..\\web\\**' /></Mapping>",
            )
            .file("dist/deep/bundle.js", "built")
            .env("OUT", "dist")
            .args("pack s out.zip --map map.xml")
    };
    let ran = test().file("web/css/y.css", "fresh").success();
    let package = dvpack::solution::read_zip(&ran.read("out.zip"), "out").expect("a solution");
    assert_eq!(package.files["WebResources/a_xjs1"], b"built");
    assert_eq!(package.files["WebResources/a_ycss1"], b"fresh");
    let ran = test().code(3);
    assert!(ran.stderr.contains("missing-mapped-file") && ran.stderr.contains("y.css"), "{}", ran.stderr);
    assert!(!ran.folder.path().join("out.zip").exists());
}

#[test]
fn a_folder_without_its_element_is_packed_and_said() {
    let ran = Test::new()
        .file("s/OTHER/solution.xml", SOLUTION)
        .file("s/OTHER/customizations.xml", "<ImportExportXml><Entities /><Languages /></ImportExportXml>")
        .file("s/optionsets/a_kind.xml", "<optionset Name='a_kind' />")
        .file("s/Resources/en/resources.en.resx", "<root />")
        .file("s/Workflows/orphan.json", "{}")
        .args("pack s out.zip")
        .success();
    let package = dvpack::solution::read_zip(&ran.read("out.zip"), "out").expect("a solution");
    let names: Vec<_> = package.customizations.elements().map(|section| section.name.as_str()).collect();
    assert_eq!(names, ["Entities", "optionsets", "Languages"]);
    assert!(ran.stderr.contains("unlisted-section") && ran.stderr.contains("`OptionSets/`"), "{}", ran.stderr);
    for name in ["resources.en.resx", "Workflows/orphan.json"] {
        assert!(ran.stderr.contains("not-packed") && ran.stderr.contains(name), "{}", ran.stderr);
    }
}

#[test]
fn a_folder_and_a_filled_element_of_one_kind_are_not_mixed_in_silence() {
    let ran = Test::new()
        .file("s/Other/Solution.xml", SOLUTION)
        .file(
            "s/Other/Customizations.xml",
            "<ImportExportXml><Roles><Role name='b' id='{3d5f7a91-24b6-4c8d-9e0f-1a2b3c4d5e6f}' /></Roles></ImportExportXml>",
        )
        .file("s/Roles/a.xml", "<Role name='a' id='{2}' />")
        .args("pack s out.zip")
        .success();
    assert!(ran.stderr.contains("section-not-empty") && ran.stderr.contains("`Roles/`"), "{}", ran.stderr);
}

/// A folder in the YAML layout, as far as the documentation tells it.
fn yaml_source() -> Test {
    Test::new()
        .file(
            "s/solutions/One/solution.yml",
            "ImportExportXml:\n  '@version': 9.2.26035.182\n  '@languagecode': 1033\n  SolutionManifest:\n    UniqueName: One\n    \
             Descriptions:\n    Version: 1.0.0.2\n    Managed: 0\n    Publisher:\n      UniqueName: contoso\n",
        )
        .file(
            "s/solutions/One/rootcomponents.yml",
            "RootComponents:\n  RootComponent:\n  - '@type': 1\n    '@schemaName': contoso_thing\n    '@behavior': 0\n  - '@type': 61\n    \
             '@schemaName': contoso_app.js\n    '@behavior': 0\n",
        )
        .file("s/solutions/One/missingdependencies.yml", "MissingDependencies:\n")
        .file(
            "s/solutions/One/solutioncomponents.yml",
            "SolutionComponents:\n  Component:\n  - '@path': /entities/contoso_thing\n  - '@path': /webresources/55a4bea9\n  \
             - '@path': /environmentvariabledefinitions/contoso_url\n  - '@path': /publishers/contoso\n",
        )
        .file(
            "s/publishers/contoso/publisher.yml",
            "Publisher:\n  UniqueName: contoso\n  EMailAddress:\n    '@xsi:nil': 'true'\n    '@xmlns:xsi': \
             http://www.w3.org/2001/XMLSchema-instance\n  CustomizationPrefix: contoso\n",
        )
        .file(
            "s/entities/contoso_thing/entity.yml",
            "Entity:\n  Name:\n    '@OriginalName': Thing\n    '#text': contoso_Thing\n  EntityInfo:\n    entity:\n      '@Name': \
             contoso_Thing\n      LocalizedNames:\n      EntitySetName: contoso_things\n",
        )
        .file("s/entities/contoso_thing/attributes/contoso_b.yml", "attribute:\n  '@PhysicalName': contoso_b\n  Type: nvarchar\n")
        .file("s/entities/contoso_thing/formxml/quickcreate/1/systemform.yml", "systemform:\n  formid: '{1}'\n")
        .file("s/entities/contoso_other/entity.yml", "Entity:\n  Name: contoso_Other\n")
        .file("s/webresources/55a4bea9/webresource.yml", "WebResource:\n  Name: contoso_app.js\n  FileName: /WebResources/contoso_appjs55A4BEA9\n")
        .file("s/webresources/55a4bea9/contoso_appjs55A4BEA9", "let a;")
        .file("s/environmentvariabledefinitions/contoso_url/environmentvariabledefinition.xml", "<environmentvariabledefinition schemaname='contoso_url' />")
}

#[test]
fn the_yaml_layout_is_packed_as_far_as_it_is_documented() {
    let ran = yaml_source().args("pack s out.zip --type managed").success();
    let package = dvpack::solution::read_zip(&ran.read("out.zip"), "out").expect("a solution");
    assert!(package.managed());
    assert_eq!((package.unique_name(), package.publisher().prefix), ("One".to_owned(), "contoso".to_owned()));
    assert_eq!(package.root_components().count(), 2);
    assert_eq!(package.files["WebResources/contoso_appjs55A4BEA9"], b"let a;");
    assert!(package.files.contains_key("environmentvariabledefinitions/contoso_url/environmentvariabledefinition.xml"));
    let tables: Vec<_> = package.section("Entities").collect();
    insta::assert_snapshot!(dvpack::solution::xml::write_fragment(tables[0]).replace("\r\n", "\n"));
    assert_eq!(tables.len(), 1, "only what the solution lists");
    assert!(ran.stderr.contains("as far as it is documented"), "{}", ran.stderr);
}

#[test]
fn what_is_not_understood_of_the_yaml_layout_is_an_error() {
    let test = || yaml_source().file("s/entities/contoso_thing/secrets/x.yml", "hidden:\n  a: 1\n");
    let ran = test().args("pack s out.zip").code(3);
    assert!(ran.stderr.contains("not-understood") && ran.stderr.contains("secrets/x.yml"), "{}", ran.stderr);
    let several = || yaml_source().file("s/solutions/Two/solution.yml", "ImportExportXml:\n");
    let ran = several().args("pack s out.zip").code(3);
    assert!(ran.stderr.contains("--solution") && ran.stderr.contains("One, Two"), "{}", ran.stderr);
    several().args("pack s out.zip --solution One").success();
}

/// A folder whose parts need more than one piece of the compressor: a table of 2.5 MB, a payload of 3 MB.
fn large() -> Test {
    let columns: String = (0..30_000)
        .map(|n| format!("<attribute PhysicalName=\"a_{n}\"><Type>nvarchar</Type><Name>a_{n}</Name></attribute>\n"))
        .collect();
    let mut payload = String::new();
    while payload.len() < 3_000_000 {
        payload.push_str(&format!(
            "line {} of {}\n",
            payload.len().wrapping_mul(2_654_435_761) % 100_003,
            payload.len()
        ));
    }
    let mut roots = String::from("<RootComponent type=\"1\" schemaName=\"a_t\" behavior=\"0\" />");
    let mut test = Test::new();
    for n in 0..40 {
        let name = format!("a_/w{n}.js");
        roots.push_str(&format!("<RootComponent type=\"61\" schemaName=\"{name}\" behavior=\"0\" />"));
        let xml = format!("<WebResource><Name>{name}</Name><FileName>/WebResources/a_w{n}js</FileName></WebResource>");
        test = test.file(&format!("s/WebResources/{name}.data.xml"), xml);
        test = test
            .file(&format!("s/WebResources/{name}"), if n == 7 { payload.clone() } else { format!("let a = {n};") });
    }
    test.file("s/Other/Customizations.xml", "<ImportExportXml xmlns:xsi=\"urn:x\"><!-- c --><Entities /><WebResources><!-- d --></WebResources><EntityRelationships /><Languages><Language>1033</Language></Languages></ImportExportXml>")
        .file("s/Other/Solution.xml", format!("<ImportExportXml><SolutionManifest><UniqueName>a</UniqueName><Version>1.0</Version><Managed>2</Managed><RootComponents>{roots}</RootComponents></SolutionManifest></ImportExportXml>"))
        .file("s/Other/Relationships/b.xml", "<EntityRelationships><EntityRelationship Name=\"b\" /><EntityRelationship Name=\"a\" /></EntityRelationships>")
        .file("s/Entities/a_t/Entity.xml", format!("<Entity><Name>a_t</Name><EntityInfo><entity Name=\"a_t\"><attributes>{columns}</attributes></entity></EntityInfo></Entity>"))
        .file("s/Entities/a_t/FormXml/main/{1}.xml", "<forms><systemform><formid>{1}</formid></systemform></forms>")
        .file("s/Entities/a_t/FormXml/main/{1}_managed.xml", "<forms><systemform><formid>{1}</formid><x>managed</x></systemform></forms>")
}

/// Bytes that do not shrink; the size is a multiple of eight.
fn noise(size: usize) -> Vec<u8> {
    let mut noise = vec![0_u8; size];
    let mut state = 1_u64;
    for chunk in noise.chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes());
    }
    noise
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let mixed = [noise(1_500_000), b"it is said again; ".repeat(60_000), noise(300_000)].concat();
    let packed = ["1", "4"].map(|threads| {
        let test = large().file("s/WebResources/a_/w9.js", &mixed);
        let ran = test.env("RAYON_NUM_THREADS", threads).args("pack s out.zip").success();
        ran.read("out.zip")
    });
    assert!(packed[0] == packed[1]);
}

#[test]
fn the_zip_is_the_one_of_the_model() {
    let test = large();
    let mut folders = vec![test.path().join("s"), repository().join("examples/contoso-widgets/solution/src")];
    let unpacked = corpus().map(|corpus| corpus.join("unpacked"));
    for folder in unpacked.iter().flat_map(|folder| std::fs::read_dir(folder).expect("a folder")) {
        folders.push(folder.expect("an entry").path());
        folders.push(folders[folders.len() - 1].join("src"));
    }
    let mut compared = 0;
    for folder in folders.iter().filter(|folder| folder.join("Other/Solution.xml").exists()) {
        for package_type in [PackageType::Managed, PackageType::Unmanaged] {
            let options = FolderOptions { package_type: Some(package_type), ..FolderOptions::default() };
            let mut zip = std::io::Cursor::new(Vec::new());
            let packed = pack_folder(folder, options, &mut zip);
            match read_folder_as(folder, package_type) {
                Ok(model) => {
                    let mut findings = model.findings.clone();
                    findings.extend(check::check(&model));
                    findings.extend(role::review_solution(&role::Collected::of(&model), &model));
                    match packed {
                        Ok(packed) => {
                            assert!(zip.into_inner() == write_zip(&model).expect("written"), "{}", folder.display());
                            assert_eq!(packed.findings, findings);
                            assert_eq!(
                                (packed.unique_name, packed.parts),
                                (model.unique_name(), model.files.len() + 3)
                            );
                            compared += 1;
                        }
                        Err(found) => assert_eq!(found, findings, "{}", folder.display()),
                    }
                }
                Err(findings) => assert_eq!(packed.expect_err("the same findings"), findings),
            }
        }
    }
    assert!(compared >= 4, "{compared}");
}

#[test]
fn a_solution_that_dataverse_would_not_take_is_told() {
    let noise = noise(96 << 20);
    let test = large().file("s/Blobs/noise.bin", &noise);
    let ran = test.args("pack s out.zip").success();
    assert!(ran.stderr.contains("warning[solution-too-large]"), "{}", ran.stderr);
    assert!(ran.read("out.zip").len() > 95 << 20);
}

#[test]
fn a_failed_pack_leaves_the_old_zip_and_nothing_else() {
    let test = large()
        .file("out.zip", "old")
        .file("s/Entities/a_t/SavedQueries/v.xml", "<savedqueries>\n<a></b>")
        .file("s/Roles/r.xml", "<Role");
    let folder = test.path().to_owned();
    let ran = test.args("pack s out.zip").code(3);
    assert!(ran.stderr.contains("SavedQueries/v.xml:2"), "{}", ran.stderr);
    assert_eq!(std::fs::read(folder.join("out.zip")).expect("read"), b"old");
    let mut left: Vec<_> =
        std::fs::read_dir(folder).expect("listed").map(|entry| entry.expect("an entry").file_name()).collect();
    left.sort();
    assert_eq!(left, ["out.zip", "s"], "something was left behind");
}

/// A folder with an empty solution of that version.
fn of_version(version: &str) -> Test {
    let head = "<ImportExportXml><SolutionManifest><UniqueName>a</UniqueName><LocalizedNames />";
    let text = format!("{head}<Version>{version}</Version><Managed>0</Managed></SolutionManifest></ImportExportXml>");
    Test::new().file("s/Other/Solution.xml", text).file("s/Other/Customizations.xml", "<ImportExportXml />")
}

#[test]
fn an_older_version_in_the_place_of_a_newer_one_is_said() {
    let newer = of_version("1.10").args("pack s out.zip").success().read("out.zip");
    let ran = of_version("1.9.0.1").file("out.zip", newer.as_slice()).args("pack s out.zip").success();
    let said = "warning[version-downgrade]: version 1.9.0.1 takes the place of version 1.10";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    assert!(ran.read("out.zip") != newer, "it is written all the same");
    for (version, there) in [("1.10.0.0", newer.as_slice()), ("1.11", &newer), ("1.9", b"not a zip")] {
        let ran = of_version(version).file("out.zip", there).args("pack s out.zip").success();
        assert!(!ran.stderr.contains("version-downgrade"), "{version}: {}", ran.stderr);
    }
}

#[test]
fn an_option_of_the_other_layout_is_refused() {
    let ran = of_version("1.0").args("pack s out.zip --solution Two").code(3);
    assert!(
        ran.stderr.contains("contains one solution") && ran.stderr.contains("leave `--solution` out"),
        "{}",
        ran.stderr
    );
}
