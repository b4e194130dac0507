//! What the texts of a failed staging or import mean, where no error code says it.
//!
//! Facts: `manifests/catalog/import_texts.tsv`: regular expressions, the first that matches counts. `{name}` in a
//! meaning or an advice is what the group of that name matched.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexBuilder};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The package or the caller must change.
    Failed,
    /// The environment must change first.
    NotReady,
    /// The service failed: another attempt may succeed.
    Inconclusive,
}

/// What a text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its kind.
    pub kind: Kind,
    /// What happened, to follow “failed: ”.
    pub meaning: String,
    /// What to do.
    pub advice: String,
    /// A component by its kind and ID, if the text says that it is still used.
    pub in_use: Option<(String, uuid::Uuid)>,
}

struct Row {
    kind: Kind,
    pattern: Regex,
    meaning: &'static str,
    advice: &'static str,
}

const TABLE: &str = include_str!("../../manifests/catalog/import_texts.tsv");

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().skip(1).filter_map(row).collect());

fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split('\t');
    let kind = match cells.next()? {
        "failed" => Kind::Failed,
        "notReady" => Kind::NotReady,
        "inconclusive" => Kind::Inconclusive,
        _ => return None,
    };
    let pattern = RegexBuilder::new(cells.next()?).case_insensitive(true).build().ok()?;
    Some(Row { kind, pattern, meaning: cells.next()?, advice: cells.next()? })
}

/// What a text of the server means, if it is known.
#[must_use]
pub fn read(text: &str) -> Option<Reading> {
    ROWS.iter().find_map(|row| {
        let found = row.pattern.captures(text)?;
        let group = |name: &str| found.name(name).map(|found| found.as_str());
        let in_use = group("count").and(group("kind").zip(group("id").and_then(|id| id.parse().ok())));
        Some(Reading {
            kind: row.kind,
            meaning: filled(row.meaning, &found),
            advice: filled(row.advice, &found),
            in_use: in_use.map(|(kind, id)| (kind.to_owned(), id)),
        })
    })
}

/// A template with what the groups matched; what a group did not match leaves no gap. `{{` and `}}` are braces.
fn filled(template: &str, found: &Captures<'_>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
        } else if let Some((name, after)) = rest.split_once('}') {
            match found.name(name).map(|found| found.as_str().trim()).filter(|value| !value.is_empty()) {
                Some(value) => {
                    if text.ends_with(char::is_alphanumeric) {
                        text.push(' ');
                    }
                    text.push_str(value);
                }
                None if text.ends_with(' ') => {
                    text.pop();
                }
                None => {}
            }
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood_and_has_its_source() {
        assert_eq!(ROWS.len(), TABLE.lines().count() - 1);
        assert!(TABLE.lines().all(|line| line.split('\t').filter(|cell| !cell.is_empty()).count() == 5));
        for row in ROWS.iter() {
            let groups: BTreeSet<&str> = row.pattern.capture_names().flatten().collect();
            for template in [row.meaning, row.advice] {
                let plain = template.replace("{{", "").replace("}}", "");
                for name in plain.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                    assert!(groups.contains(name), "{name}: {template}");
                }
            }
        }
    }

    /// Texts as people quote them in public, with other ids.
    #[test]
    fn real_texts_are_read() {
        use Kind::{Failed, Inconclusive, NotReady};
        let cases: [(&str, Kind, &str); 34] = [
            (
                "SecLib::CheckPrivilege failed. User: 08036b99-7f03-ef11-9f89-6045bd40bd67, PrivilegeName: prvCreateEntity, PrivilegeId: 341e3ebf-74b8-4335-84f3-7f617bb7d081, Required Depth: Basic, BusinessUnitId: 16e57910-89ee-ec11-bb3e-002248156477",
                NotReady,
                "lacks the privilege `prvCreateEntity`",
            ),
            (
                "OptionSets import: FAILURE: SecLib::CheckPrivilege failed. User: 1, PrivilegeName: prvCreateOptionSet, PrivilegeId: 2",
                NotReady,
                "`prvCreateOptionSet`",
            ),
            (
                "ImportAsHolding failed with exception :SecLib::CheckPrivilege failed. User: 1, PrivilegeName: prvWriteRole, PrivilegeId: 2",
                NotReady,
                "`prvWriteRole`",
            ),
            (
                "CustomControl with name Sample.Grid failed to import with error: Principal user (Id=1, type=8, roleCount=3, privilegeCount=2358, accessMode=0), is missing prvCreateWebResource privilege (Id=2) on OTC=9333 for entity 'webresource'",
                NotReady,
                "`prvCreateWebResource`",
            ),
            (
                "Principal user (Id=1, type=8), is missing prvReadcontoso_Widget privilege",
                NotReady,
                "`prvReadcontoso_Widget`",
            ),
            (
                "ImportAsHolding failed with exception :The connectionreference(f8552cc9-5c12-4568-b06c-17eca9a2d11c) component cannot be deleted because it is referenced by 17 other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest.",
                NotReady,
                "17 other components",
            ),
            (
                "The EnvironmentVariableDefinition(6134eeaa-ef91-44b3-82a9-5c8febe312d3) component cannot be deleted because it is referenced by 1 other components.",
                NotReady,
                "EnvironmentVariableDefinition 6134eeaa",
            ),
            (
                "The Entity(6134eeaa-ef91-44b3-82a9-5c8febe312d3) component cannot be deleted because it is referenced by 2 other components.",
                NotReady,
                "Entity 6134eeaa",
            ),
            (
                "The uninstall operation will delete the base layer for the component 'EntityRelationship' with id 'e7c088e5-d204-ec11-94ee-000d3a474707' and name 'admin_FlowResource_Flow'. The operation cannot continue because there are other managed layers over the base layer.",
                NotReady,
                "EntityRelationship admin_FlowResource_Flow e7c088e5",
            ),
            (
                "SLAItem delete operation encountered some errors, The uninstall operation will delete the base layer for the component ‘SLA’ with id 'x', The operation cannot continue because there are other managed layers over the base layer.",
                NotReady,
                "no longer has SLA x, and another",
            ),
            (
                "Flow client error returned with status code \"Forbidden\" and details \"{\"error\":{\"code\":\"ConnectionAuthorizationFailed\",\"message\":\"The caller object id is '1'. Connection '/x' to 'shared_office365' cannot be used to activate this flow\"}}\".",
                NotReady,
                "a connection is not shared",
            ),
            (
                "The caller with object id '1' does not have permission for connection '/providers/x' under Api 'shared_x'.",
                NotReady,
                "a connection is not shared",
            ),
            ("Role import: FAILURE (0x8004140b)", Failed, "at a level that the privilege does not have here"),
            ("Invalid privilege depth.", Failed, "at a level that the privilege does not have here"),
            (
                "Import Solution Failed: CustomControl with name CV.ConnectionViewer failed to import with error: Webresource content size is too big.",
                NotReady,
                "a file of the solution CV.ConnectionViewer is larger",
            ),
            ("Error: WebResource content size is too big.", NotReady, "a file of the solution is larger"),
            (
                "The language code 1033 is not a valid language for this organization (correlation ID: 1)",
                NotReady,
                "language 1033",
            ),
            (
                "The language specified is not supported in your Dynamics 365 install.",
                NotReady,
                "does not have the solution's language",
            ),
            (
                "Translated labels for the following languages could not be imported because they have not been enabled for this organization: 1036",
                NotReady,
                "languages 1036",
            ),
            (
                "There are missing dependencies. Install the following solutions before installing this one: \"msdyn_ProjectServiceCore (1.0.0.87)\".",
                NotReady,
                "msdyn_ProjectServiceCore",
            ),
            (
                "The following solution cannot be imported: X. Some dependencies are missing.",
                NotReady,
                "components that the solution needs",
            ),
            (
                "The dependent component Attribute (Id=new_x) does not exist. Failure trying to associate it with SavedQuery (Id=1) as a dependency.",
                NotReady,
                "refers to Attribute new_x",
            ),
            (
                "The import solution must have a higher version than the existing solution it is upgrading.",
                NotReady,
                "same as or higher",
            ),
            (
                "Solution manifest import: FAILURE: Holding solution CenterofExcellenceCoreComponents_Upgrade already exists.",
                NotReady,
                "CenterofExcellenceCoreComponents_Upgrade is there",
            ),
            (
                "The imported solution and the existing solution must both be managed for upgrade.",
                NotReady,
                "installed unmanaged",
            ),
            (
                "Microsoft.Crm.CrmException: A managed solution cannot overwrite the SavedQuery component with Id=b925c093-77c6-474e-b7ac-dae44d569c53 which has an unmanaged base instance.",
                NotReady,
                "SavedQuery b925c093",
            ),
            (
                "A managed solution cannot overwrite the Entity component new_order with Id=b925c093-77c6-474e-b7ac-dae44d569c53 which has an unmanaged base instance.",
                NotReady,
                "Entity new_order b925c093",
            ),
            (
                "Attribute admin_rpamodifiedon is a String, but a DateTime type was specified.",
                NotReady,
                "column `admin_rpamodifiedon` exists here as String",
            ),
            (
                "PluginType [AutoCoE.Plugins.Sync] not found in PluginAssembly [AutoCoE.Plugins, Version=0.1.0.0] which has a total of [3] plugin/workflow activity types.",
                NotReady,
                "`AutoCoE.Plugins.Sync`",
            ),
            (
                "User is not authorized to read secrets from '/subscriptions/3/resourceGroups/RG/providers/Microsoft.KeyVault/vaults/V/secrets/S' resource.",
                NotReady,
                "secret /subscriptions/3",
            ),
            (
                "CanvasApp import: FAILURE: Code: CodeAppOperationNotAllowedInEnvironment Message: The environment",
                NotReady,
                "does not allow code apps",
            ),
            (
                "The following managed solution cannot be imported: X. The publisher name cannot be changed from fabrikam to contoso.",
                Failed,
                "publisher `fabrikam`",
            ),
            (
                "The DELETE statement conflicted with the REFERENCE constraint \"solution_solutioncomponent\".",
                Inconclusive,
                "database",
            ),
            (
                "Import Solution Failed with following error: Publisher prefix contoso for this control test01.test01 does not match the prefix ya for the solution with Id 1",
                Failed,
                "prefix `contoso`",
            ),
        ];
        for (text, kind, words) in cases {
            let reading = read(text).unwrap_or_else(|| panic!("not read: {text}"));
            assert_eq!(reading.kind, kind, "{text}");
            assert!(reading.meaning.contains(words), "{text}: {}", reading.meaning);
            for text in [&reading.meaning, &reading.advice] {
                assert!(!text.contains("  ") && !text.contains(['\n', '\t']) && !text.contains("{}"), "{text}");
            }
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in [
            "",
            "An unexpected error occurred.",
            "The given key was not present in the dictionary.",
            "privilege",
            "version",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(read("no {braces}").is_none());
    }
}
