//! Real solutions: all are read, and come back from a zip and from a folder exactly as they were;
//! packs equal the incumbent's; folders come back file by file. What cannot be equal is listed by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dvpack::solution::xml::{Element, Node, canonical, first_difference, parse};
use dvpack::solution::{PackageType, SolutionPackage, Unpacked, read_folder, read_folder_as, read_zip, write_zip};
use rayon::prelude::*;

use crate::support::{by_day, corpus};

/// Sections that the incumbent wrote in the order in which its disk listed the files (it says so itself:
/// the order differs between machines), and that are compared without their order therefore. dvpack
/// takes the order of the names, as the incumbent does on Windows. `FormXml`: the types of forms.
/// All other sections of all folders are compared with their order.
const DISK_ORDER: &[(&str, &[&str])] = &[
    (
        "Capgemini+powerapps-packagedeployer-template__tests_pdt_PackageDeployerTemplate_MockSolution_src",
        &["Workflows"],
    ),
    ("Neamidea+Mini-CRM-Solution__MiniCrmUnpackaged", &["FormXml", "Workflows"]),
    ("OneWeekBreathe+Breathe__src", &["FormXml"]),
    ("austin-slayton+coe-starter-kit__ALMAcceleratorSampleSolution_SolutionPackage_src", &["FormXml", "Workflows"]),
    ("austin-slayton+coe-starter-kit__CenterofExcellenceAuditLogs__SolutionPackage__src", &["Workflows"]),
    ("brendon-colburn+powerplatform-rules-engine__ROOT", &["FormXml", "Workflows"]),
    ("microsoft+CopilotStudioSamples__infrastructure__manage-paygo__sourcecode", &["Workflows"]),
    ("microsoft+Nonprofits__Fundraising_Solution", &["WebResources"]),
    ("microsoft+Power-CAT-Copilot-Studio-Kit__AgentReviewTool__SolutionPackage__src", &["FormXml"]),
    (
        "microsoft+powercat-automation-kit__AutomationKitControlCenter__SolutionPackage__src",
        &["AppModuleSiteMaps", "AppModules", "CanvasApps", "FormXml", "WebResources", "Workflows"],
    ),
    ("microsoft+powercat-creator-kit__CreatorKitCore__SolutionPackage__src", &["CustomControls", "FormXml"]),
    ("silviocortes+D365DevOps__", &["FormXml"]),
    ("tc-ca+Security-Screening-Requests-Demandes-de-filtrage-de-s-curit-__", &["Workflows"]),
];

/// Files of folders that are not the same after packing and unpacking: the folder, how the file's name
/// starts, and why.
const NOT_THE_SAME: &[(&str, &str, &str)] = &[
    ("brendon-colburn+", "LICENSE", LOOSE),
    ("brendon-colburn+", "OrganizationalPackageReview_1_0_0_4.zip", LOOSE),
    ("brendon-colburn+", "README.md", LOOSE),
    ("brendon-colburn+", "sampleRule.json", LOOSE),
    ("microsoft+powerapps-tools__Components__PCF__Base64Download__", ".gitignore", LOOSE),
    ("microsoft+powerapps-tools__Components__PCF__Base64Download__", "Base64Download_sln.cdsproj", LOOSE),
    ("microsoft+powerapps-tools__Components__PCF__SVGEditor__", ".gitignore", LOOSE),
    ("microsoft+powerapps-tools__Components__PCF__SVGEditor__", "SVGEditor_sln.cdsproj", LOOSE),
    ("silviocortes+D365DevOps__", "README.md", LOOSE),
    ("silviocortes+D365DevOps__", "azure-pipelines.yml", LOOSE),
    ("tc-ca+Security-Screening-", "Applications_Static.xlsx", LOOSE),
    ("tc-ca+Security-Screening-", "README.md", LOOSE),
    ("austin-slayton+coe-starter-kit__ALMAcceleratorSampleSolution_", "CanvasApps/src/", CANVAS_SOURCE),
    ("brendon-colburn+", "CanvasApps/src/", CANVAS_SOURCE),
    ("microsoft+powercat-creator-kit__", "CanvasApps/src/", CANVAS_SOURCE),
    ("microsoft+Nonprofits__Fundraising_", "Resources/en-US/resources.en-US.resx", RESOURCES),
    ("microsoft+Nonprofits__GrantManagement_", "Resources/en-US/resources.en-US.resx", RESOURCES),
    ("microsoft+Nonprofits__OutcomeManagement_", "Resources/en-US/resources.en-US.resx", RESOURCES),
    ("microsoft+powerapps-tools__Components__PCF__Base64Download__", "Other/Relationships.xml", NO_RELATIONSHIPS),
    ("microsoft+powerapps-tools__Components__PCF__SVGEditor__", "Other/Relationships.xml", NO_RELATIONSHIPS),
    ("microsoft+powercat-code-components__", "Other/Relationships.xml", NO_RELATIONSHIPS),
    (INLINE_TABLES, "Entities/", INLINE),
    (INLINE_TABLES, "Other/Customizations.xml", INLINE),
    (INLINE_TABLES, "Relationships/", MISPLACED),
    (INLINE_TABLES, "Other/Parts/Relationships/", MISPLACED),
    ("ls5986+DRACRM_Dataverse__DebtResolutionSolution_", "Relationships/", MISPLACED),
    ("ls5986+DRACRM_Dataverse__DebtResolutionSolution_", "Other/Parts/Relationships/", MISPLACED),
    ("tyler-hogsett-microsoft+portals-modularization-solution__", "Entities/", NO_TWINS),
    ("tyler-hogsett-microsoft+portals-modularization-solution__", "AppModuleSiteMaps/", NO_TWINS),
];
const LOOSE: &str = "a loose file of the project beside the folders, which is not packed (by the incumbent neither)";
const CANVAS_SOURCE: &str = "sources of a canvas app, whose .msapp is packed; the incumbent ignores them, too";
const RESOURCES: &str =
    "localised strings, which only SolutionPackager's /localize merges; dvpack says that it does not";
const NO_RELATIONSHIPS: &str = "an empty list, as `pac solution init` writes it; the zip has no trace of it";
/// Its tables are in Customizations.xml, and others of the same names in `Entities/`. The incumbent copies that folder.
const INLINE_TABLES: &str = "ls5986+DRACRM_Dataverse__temp_src";
const INLINE: &str =
    "hand-made: two different forms of each table, of which those in Customizations.xml are packed, and said";
const MISPLACED: &str = "hand-made: a relationship where nothing reads it, which `pack` refuses; carried in memory as the incumbent \
                         carries it, and unpacked to Other/Parts";
const NO_TWINS: &str = "says that it is both, but has no managed twins; unpacking both writes them";

/// How two packages differ, in content and in order. Names of parts are compared as they are.
fn difference(left: &SolutionPackage, right: &SolutionPackage) -> Option<String> {
    let names = |package: &SolutionPackage| package.files.keys().cloned().collect::<Vec<_>>();
    let (a, b) = (names(left), names(right));
    if a != b {
        let only = |one: &[String], other: &[String]| {
            one.iter().filter(|n| !other.contains(n)).take(3).cloned().collect::<Vec<_>>()
        };
        return Some(format!("parts differ: only left {:?}, only right {:?}", only(&a, &b), only(&b, &a)));
    }
    for ((name, bytes), other) in left.files.iter().zip(right.files.values()) {
        if other != bytes {
            return Some(format!("the bytes of {name} differ"));
        }
    }
    first_difference(&left.manifest, &right.manifest)
        .or_else(|| first_difference(&left.customizations, &right.customizations))
}

fn sort(element: &mut Element) {
    element.children.sort_by_cached_key(|node| format!("{node:?}"));
}

/// The same package with the tables, the forms of each, and the root components in a fixed order.
fn with_fixed_tables(mut package: SolutionPackage) -> SolutionPackage {
    let manifest = package.manifest.find_mut("SolutionManifest").expect("a manifest");
    if let Some(roots) = manifest.find_mut("RootComponents") {
        *roots = canonical(roots);
        sort(roots);
    }
    if let Some(tables) = package.customizations.find_mut("Entities") {
        *tables = canonical(tables);
        sort(tables);
    }
    package
}

/// Sections whose elements are the same in another order; they are then put in a fixed one in both.
fn settle_order(left: &mut SolutionPackage, right: &mut SolutionPackage) -> BTreeSet<String> {
    let mut settled = BTreeSet::new();
    let (ours, theirs) = (&mut left.customizations, &mut right.customizations);
    let mut settle = |name: &str, ours: &mut Element, theirs: &mut Element| {
        let (mut a, mut b) = (canonical(ours), canonical(theirs));
        if a != b {
            sort(&mut a);
            sort(&mut b);
            if a == b {
                settled.insert(name.to_owned());
                (*ours, *theirs) = (a, b);
            }
        }
    };
    for section in ours.elements_mut() {
        let Some(other) = theirs.find_mut(&section.name) else { continue };
        let name = section.name.clone();
        if name == "Entities" {
            let pairs = section.elements_mut().zip(other.elements_mut());
            for (table, other) in pairs.filter(|(a, b)| a.child_text("Name") == b.child_text("Name")) {
                if let (Some(forms), Some(others)) = (table.find_mut("FormXml"), other.find_mut("FormXml")) {
                    settle("FormXml", forms, others);
                }
            }
        } else {
            settle(&name, section, other);
        }
    }
    settled
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// A word for the table, and the failure noted where there is one.
fn outcome(name: &str, what: &str, found: Option<String>, failures: &mut Vec<String>) -> &'static str {
    match found {
        None => "equal",
        Some(text) => {
            failures.push(format!("{name}: {what}: {text}"));
            "DIFFERS"
        }
    }
}

/// Prints a table and the failures, and fails if there are any.
fn report(head: &str, rows: Vec<(String, Vec<String>)>) {
    println!("{head}");
    let mut failures = Vec::new();
    for (row, failed) in rows {
        println!("{row}");
        failures.extend(failed);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn short(name: &str) -> String {
    let (repository, solution) = name.split_once("__").unwrap_or(("", name));
    let solution = if solution.is_empty() { repository } else { solution };
    solution.trim_end_matches(".zip").chars().take(58).collect()
}

#[test]
fn every_export_comes_back_exactly_from_a_zip_and_from_a_folder() {
    let Some(corpus) = corpus() else { return };
    let is_zip = |path: &PathBuf| path.extension().is_some_and(|it| it == "zip") && by_day(path);
    let zips: Vec<_> = listed(&corpus.join("exported")).into_iter().filter(is_zip).collect();
    let rows: Vec<_> = zips
        .par_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let mut failures = Vec::new();
            let package = match read_zip(&fs::read(path).expect("read"), &name) {
                Ok(package) => package,
                Err(findings) => return (format!("{name:58} is not read"), vec![format!("{name}: {}", findings[0])]),
            };
            assert!(!package.unique_name().is_empty(), "{name}");
            let again = read_zip(&write_zip(&package).expect("written"), &name).expect("read again");
            let zip = outcome(&name, "zip", difference(&package, &again), &mut failures);
            let folder = tempfile::tempdir().expect("a folder");
            let unpacked = Unpacked::new(&package);
            let files: BTreeMap<_, _> =
                unpacked.files().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
            unpacked.write(folder.path()).expect("written");
            let found = match read_folder(folder.path()) {
                Ok(again) => difference(&package, &again),
                Err(findings) => Some(findings[0].to_string()),
            };
            let through_folder = outcome(&name, "folder", found, &mut failures);
            let whole = whole_sections(&package, &files);
            let kind = if package.managed() { "managed" } else { "unmanaged" };
            let parts = package.files.len() + 3;
            let row = format!(
                "{:58} {kind:9} {parts:5} {:5}  {zip:7} {through_folder:7} {}",
                short(&name),
                files.len(),
                whole.join(" ")
            );
            (row, failures)
        })
        .collect();
    println!("{} exports", rows.len());
    report(
        &format!(
            "{:58} {:9} {:>5} {:>5}  {:7} {:7} sections without files",
            "solution", "type", "parts", "files", "zip", "folder"
        ),
        rows,
    );
}

/// The sections that stayed in `Other/Customizations.xml`.
fn whole_sections(package: &SolutionPackage, files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let skeleton = parse(&files["Other/Customizations.xml"], "skeleton").expect("a skeleton");
    let filled = |section: &&Element| !section.is_empty() && package.section(&section.name).next().is_some();
    skeleton.elements().filter(filled).map(|section| section.name.clone()).filter(|name| name != "Languages").collect()
}

#[test]
fn every_folder_is_packed_as_the_incumbent_packs_it() {
    let Some(corpus) = corpus() else { return };
    let folders: Vec<_> = listed(&corpus.join("unpacked")).into_iter().filter(|path| path.is_dir()).collect();
    let rows: Vec<_> = folders
        .par_iter()
        .flat_map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            [("packed.managed.zip", PackageType::Managed), ("packed.unmanaged.zip", PackageType::Unmanaged)]
                .into_par_iter()
                .filter_map(move |(file, package_type)| {
                    let bytes = fs::read(path.join(file)).ok()?;
                    let mut failures = Vec::new();
                    let mut settled = BTreeSet::new();
                    let mut parts = 0;
                    let found = match read_folder_as(&path.join("src"), package_type) {
                        Err(findings) => Some(findings[0].to_string()),
                        Ok(ours) => {
                            let theirs = read_zip(&bytes, file).expect("their zip");
                            let ours = read_zip(&write_zip(&ours).expect("written"), file).expect("read again");
                            parts = ours.files.len() + 3;
                            let (mut ours, mut theirs) = (ours, theirs);
                            if name.starts_with(INLINE_TABLES) {
                                theirs.files.retain(|part, _| !part.starts_with("Entities/"));
                            }
                            sort_tables_by_name(&mut ours);
                            sort_tables_by_name(&mut theirs);
                            // It leaves blanks in names, so that Dataverse ignores those parts.
                            theirs.files =
                                theirs.files.into_iter().map(|(name, it)| (name.replace(' ', "%20"), it)).collect();
                            settled = settle_order(&mut ours, &mut theirs);
                            difference(&with_fixed_tables(ours), &with_fixed_tables(theirs))
                        }
                    };
                    let word = outcome(&name, file, found, &mut failures);
                    let listed =
                        DISK_ORDER.iter().find(|(folder, _)| *folder == name).map_or(&[][..], |(_, list)| list);
                    if settled.iter().ne(listed.iter()) {
                        failures.push(format!("{name} {file}: the order differs in {settled:?}, listed is {listed:?}"));
                    }
                    let row = format!(
                        "{:58} {file:20} {parts:5}  {word:7} {}",
                        short(&name),
                        Vec::from_iter(settled).join(" ")
                    );
                    Some((row, failures))
                })
        })
        .collect();
    println!("{} reference packs", rows.len());
    report(&format!("{:58} {:20} {:>5}  {:7} in the order of their disk", "folder", "pack", "parts", "content"), rows);
}

fn sort_tables_by_name(package: &mut SolutionPackage) {
    if let Some(tables) = package.customizations.find_mut("Entities") {
        tables.children.sort_by_cached_key(|node| match node {
            Node::Element(table) => table.child_text("Name").unwrap_or_default(),
            _ => String::new(),
        });
    }
}

/// All files of a folder by relative name.
fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("an entry");
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).expect("below").to_str().expect("Unicode").to_owned();
            files.insert(name, fs::read(entry.path()).expect("read"));
        }
    }
    files
}

#[test]
fn every_folder_comes_back_from_its_pack_file_by_file() {
    let Some(corpus) = corpus() else { return };
    let folders: Vec<_> = listed(&corpus.join("unpacked")).into_iter().filter(|path| path.is_dir()).collect();
    let rows: Vec<_> = folders
        .par_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let folder = path.join("src");
            let theirs = files_of(&folder);
            let pack = |package_type| {
                let package = read_folder_as(&folder, package_type).expect("read");
                read_zip(&write_zip(&package).expect("written"), &name).expect("read again")
            };
            let (unmanaged, managed) = (pack(PackageType::Unmanaged), pack(PackageType::Managed));
            let source = parse(&theirs["Other/Solution.xml"], "source").expect("a manifest");
            let flag = source.path(&["SolutionManifest", "Managed"]).expect("a flag").content();
            let unpacked = match flag.as_str() {
                "0" => Unpacked::new(&unmanaged),
                "1" => Unpacked::new(&managed),
                _ => Unpacked::both(&unmanaged, &managed),
            };
            let ours: BTreeMap<_, _> =
                unpacked.files().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
            let mut failures: Vec<String> = unpacked.findings.iter().map(|f| format!("{name}: {f}")).collect();
            let mut differing: BTreeMap<String, String> = BTreeMap::new();
            for file in theirs.keys().filter(|file| !ours.contains_key(*file)) {
                differing.insert(file.clone(), "is lost".to_owned());
            }
            for (file, bytes) in &ours {
                let found = match theirs.get(file) {
                    None => Some("is new".to_owned()),
                    Some(other) if other == bytes => None,
                    Some(other) => match (parse(bytes, file), parse(other, file)) {
                        (Ok(a), Ok(b)) => first_difference(&b, &a),
                        _ => Some("has other bytes".to_owned()),
                    },
                };
                differing.extend(found.map(|text| (file.clone(), text)));
            }
            let listed: Vec<_> = NOT_THE_SAME.iter().filter(|(folder, ..)| name.starts_with(folder)).collect();
            let mut reasons = BTreeSet::new();
            for (_, file, why) in &listed {
                let before = differing.len();
                differing.retain(|name, _| !name.starts_with(file));
                if differing.len() == before {
                    failures.push(format!("{name}: `{file}` is listed, but nothing differs there"));
                }
                reasons.insert(format!("    {} {}: {why}", before - differing.len(), file));
            }
            failures.extend(differing.into_iter().map(|(file, text)| format!("{name}: {file}: {text}")));
            let word = if failures.is_empty() { "equal" } else { "DIFFERS" };
            let head = format!("{:58} {flag} {:5} {word}", short(&name), theirs.len());
            (std::iter::once(head).chain(reasons).collect::<Vec<_>>().join("\n"), failures)
        })
        .collect();
    println!("{} folders", rows.len());
    report(&format!("{:58} Managed, files, and what is not the same, with its reason", "folder"), rows);
}
