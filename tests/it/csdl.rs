//! What the client sends, against Microsoft's published service description. A request that the description
//! does not have would be refused by a real environment, whatever the sandbox makes of it.

use std::collections::BTreeMap;

use dvpack::sandbox::Scenario;
use serde_json::{Value, json};

use crate::csdl_description::{Csdl, violations};
use crate::support::Test;

const ID: &str = "1360fdcb-b6e1-ee11-904c-002248dad9c1";

#[test]
fn a_wrong_set_property_navigation_property_and_parameter_are_each_reported() {
    let Some(csdl) = Csdl::published() else { return };
    let check = |method: &str, path: &str, body: Value| {
        let target = format!("/api/data/v9.2/{}", path.replace("ID", ID));
        csdl.check(method, &target, &body).join("; ")
    };
    let get = |path: &str| check("GET", path, Value::Null);
    for (path, why) in [
        ("systemuser?$select=fullname", "there is no entity set or operation `systemuser`"),
        ("systemusers?$select=fullnam", "$select: `systemuser` has no property `fullnam`"),
        ("systemusers?$filter=applicationI eq ID", "$filter: `systemuser` has no property `applicationI`"),
        ("systemusers?$filter=businessunitid/nam eq 'x'", "$filter: `businessunit` has no property `nam`"),
        ("systemusers?$orderby=fulname desc", "$orderby: `systemuser` has no property `fulname`"),
        ("systemusers?$expand=roles", "$expand: `systemuser` has no navigation property `roles`"),
        (
            "systemusers?$expand=systemuserroles_association($select=rolename)",
            "$select: `role` has no property `rolename`",
        ),
        ("systemusers?$skip=1", "there is no query option `$skip`"),
        ("systemusers(nam='x')", "`nam` is no key of `systemuser`"),
        (
            "systemusers(ID)/Microsoft.Dynamics.CRM.RetrieveRolePrivilegesRole()",
            "no operation `RetrieveRolePrivilegesRole` is bound to `systemuser`",
        ),
        ("RetrieveRolePrivilegesRole(Role=ID)", "function `RetrieveRolePrivilegesRole` has no parameter `Role`"),
        ("RetrieveSolutionImportResult()", "parameter `ImportJobId` of `RetrieveSolutionImportResult` is missing"),
        (
            "RetrieveSolutionImportResult(ImportJobId='ID')",
            "parameter `ImportJobId` of `RetrieveSolutionImportResult` is 'ID', and no GUID",
        ),
    ] {
        assert!(get(path).contains(&why.replace("ID'", &format!("{ID}'"))), "{path}: {}", get(path));
    }
    let post = |path: &str, body: Value| check("POST", path, body);
    for (path, body, why) in [
        ("systemusers", json!({"applicationId": ID}), "`systemuser` has no property `applicationId`"),
        ("systemusers", json!({"applicationid": 7}), "`applicationid` of `systemuser` is 7, and not Edm.Guid"),
        ("systemusers", json!({"_businessunitid_value": ID}), "can only be read"),
        (
            "systemusers",
            json!({"BusinessUnitId@odata.bind": format!("/businessunits({ID})")}),
            "`systemuser` has no navigation property `BusinessUnitId`",
        ),
        ("systemusers", json!({"businessunitid@odata.bind": format!("/roles({ID})")}), "and not to a row of"),
        ("systemusers(ID)/systemuserroles/$ref", json!({"@odata.id": "x"}), "no navigation property"),
        ("systemusers(ID)/systemuserroles_association/$ref", json!({"@odata.ref": "x"}), "and not `@odata.id`"),
        ("StageSolution", json!({"CustomizationsFile": "x"}), "there is no parameter `CustomizationsFile`"),
        ("StageSolution", json!({}), "parameter `CustomizationFile` is missing"),
        (
            "ImportSolutionAsync",
            json!({"OverwriteUnmanagedCustomizations": "no", "PublishWorkflows": true}),
            "parameter `OverwriteUnmanagedCustomizations` is \"no\", and not Edm.Boolean",
        ),
        (
            "ImportSolutionAsync",
            json!({"OverwriteUnmanagedCustomizations": false, "PublishWorkflows": true,
                "SolutionParameters": {"StageSolutionUpload": ID}}),
            "`SolutionParameters` has no property `StageSolutionUpload`",
        ),
        (
            "ImportSolutionAsync",
            json!({"OverwriteUnmanagedCustomizations": false, "PublishWorkflows": true, "ComponentParameters":
                [{"@odata.type": "Microsoft.Dynamics.CRM.connectionreference", "connectionreferencename": "x"}]}),
            "`connectionreference` has no property `connectionreferencename`",
        ),
    ] {
        assert!(post(path, body.clone()).contains(why), "{path} {body}: {}", post(path, body.clone()));
    }
    // And what is right is left alone.
    assert_eq!(get("systemusers?$filter=applicationid eq ID and startswith(fullname,'# a')"), "");
    assert_eq!(get("solutions?$select=version&$expand=publisherid($select=uniquename)"), "");
    assert_eq!(post("systemusers", json!({"applicationid": ID, "accessmode": 4})), "");
}

/// Runs the verbs in every situation, and checks all that the sandboxes were asked.
#[test]
fn every_request_of_every_verb_is_in_the_published_description() {
    let Some(csdl) = Csdl::published() else { return };
    let mut seen = BTreeMap::new();
    let mut collect = |arguments: &str| {
        let test = Test::new()
            .copy("examples/contoso-widgets")
            .env("DVPACK_TEST_PACE", "10000")
            .env("DVPACK_SANDBOX_LOG", "requests.jsonl")
            .args(arguments);
        let ran = test.run();
        let log = String::from_utf8(ran.read("requests.jsonl")).expect("UTF-8");
        for line in log.lines() {
            let entry: Value = serde_json::from_str(line).expect("JSON");
            seen.insert(format!("{} {} {}", entry["method"], entry["path"], entry["body"]), entry);
        }
    };
    for verb in ["plan", "status", "doctor", "remove --yes"] {
        let (verb, flags) = verb.split_once(' ').unwrap_or((verb, ""));
        collect(&format!("{verb} . --sandbox --environment uat {flags}"));
    }
    let slow = [Scenario::JobNeverEnds];
    for scenario in Scenario::ALL.iter().filter(|scenario| !slow.contains(scenario)) {
        collect(&format!("apply . --sandbox --environment uat --scenario {scenario}"));
    }
    assert!(seen.len() > 30, "{}", seen.len());
    let wrong = violations(&csdl, seen.values());
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{} different requests, no violation", seen.len());
}

/// The log of all sandboxes of a whole run of the tests, where there is one (`tests/run` makes it).
#[test]
fn every_request_of_all_tests_is_in_the_published_description() {
    let (Some(csdl), Some(path)) = (Csdl::published(), std::env::var_os("DVPACK_SANDBOX_LOG_TO_CHECK")) else {
        println!("skipped: no log of a run of all tests");
        return;
    };
    let log = std::fs::read_to_string(path).expect("readable");
    let entries: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|entry| {
            // Ours; tests ask the sandbox this and that by themselves, too.
            let agent = entry["headers"]["user-agent"].as_str().unwrap_or_default();
            agent.starts_with("dvpack/") || agent.starts_with("curl/")
        })
        .collect();
    assert!(entries.len() > 1000, "{}", entries.len());
    let mut wrong = violations(&csdl, &entries);
    // Rows are counted in the package's own tables, which no published description has.
    wrong.retain(|it| !(it.contains("&$top=1&$count=true") && it.contains("there is no entity set")));
    // Nobody has published this table (an assumption): dvpack only asks it for the number of a kind of component, to say what
    // still uses one, and does without an answer.
    wrong.retain(|it| !it.ends_with("there is no entity set or operation `solutioncomponentdefinitions`"));
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{} requests, no violation", entries.len());
}
