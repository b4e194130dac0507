//! `docs/states.md`: what each verb ends with in each state, and what it says first. The program itself makes it.

use dvpack::deploy::plan::{Mode, Options};
use dvpack::sandbox::{self, Scenario};
use reqwest::Method;
use serde_json::json;

use super::bundle::{EARLIER, EARLIER_WITH_TABLE, LATER, WANTED};
use super::stage::Stage;
use crate::support::{dvpack, repository};

const HEAD: &str = "# States, verbs, exit codes

The exit code of each verb in each state of an environment, and the first line of its result. A test creates this
table with the program and the [sandbox](sandbox.md) and compares it with this page (`DVPACK_UPDATE_DOCS=1` rewrites it). The bundle
contains a solution with two flows, a plug-in step, a variable, a connection, a role and a column security profile, and an
application user.

The rules, for the same options and while no other solution operation runs:

- `plan` 0, `status` 0 and `apply` 0 without a write mean the same: nothing differs.
- Where only differences are left that `apply` does not mend, all three end with 9, and `apply` writes nothing. Each names
  who can mend them, why dvpack does not, and how.
- Where some can be mended, `plan` ends with 10 and names what will remain; `apply` then ends with 0, or with 9 and just those.
- Where an upgrade deletes something, `plan` lists it and ends with 10; `apply` ends with 6 before anything is written,
  until somebody has agreed to it (`--yes` does not).
- Where something has to be written and something prevents an apply, `plan` and `apply` end with 7 (or 6, or 3)
  before anything is written: the environment is not ready. `status`, which writes nothing and so needs no readiness, ends with
  9 and lists it among the differences. What only a write needs (a server version, another solution, a value for a setting)
  and does not find is a difference like others where nothing has to be written: 9 for all.
- What is accepted (`--accepted FILE`) counts as if it did not differ, and changes no step. Only what `apply` does not mend can be
  accepted; the rules apply to the rest.

Missing consent, missing rights of the caller, missing dependencies, a server without an operation that an import needs, and files over the upload limit are not states of the comparison:
`plan` and `status` do not detect them. `doctor` reads them (7), and so does `apply` before it writes anything (7). Whether consent is
missing shows only when the user is created, which `apply` does first (5).

| state | verb | exit | first line |
|---|---|---|---|
";

/// With what `status --write-accepted` has just written.
const ACCEPTED: &str = "--accepted accepted.yaml";

/// A state: its name, the world it begins in, how it comes about, and the options that each verb gets.
type State = (&'static str, &'static [Scenario], &'static [Change], &'static str);

#[derive(Clone, Copy, Debug)]
enum Change {
    Apply,
    ApplyEarlier,
    ApplyEarlierWithTable,
    ApplyLater,
    Stage,
    Installed(bool),
    Version(&'static str),
    Privilege(&'static str, Option<&'static str>),
    Assign(&'static str),
    Unassign,
    Disable,
    DeleteUser,
    Move,
    Variable(bool),
    Connection,
    /// Of a variable's value, or else of a connection reference.
    Inactive(bool),
    FlowOff,
    FlowGone,
    Profile(&'static str, bool),
    ProfileGone,
}

const STATES: &[State] = &[
    ("nothing is installed", &[], &[], ""),
    ("nothing is installed, and nobody has consented", &[Scenario::NoConsent], &[], ""),
    ("nothing is installed, and the signed-in user may not create users", &[Scenario::CallerLacksPrivilege], &[], ""),
    ("nothing is installed, and a dependency is missing", &[Scenario::MissingDependency], &[], ""),
    ("nothing is installed, and the server is too old", &[Scenario::OldServerVersion], &[], ""),
    ("as the bundle says", &[], &[Change::Apply], ""),
    ("an earlier version is installed", &[], &[Change::ApplyEarlier], ""),
    ("an earlier version is installed, `--mode update`", &[], &[Change::ApplyEarlier], "--mode update"),
    ("an earlier version is installed, `--mode stage`", &[], &[Change::ApplyEarlier], "--mode stage"),
    ("an earlier version has a table more", &[], &[Change::ApplyEarlierWithTable], ""),
    (
        "an earlier version has a table more, `apply --allow-delete`",
        &[],
        &[Change::ApplyEarlierWithTable],
        "--allow-delete",
    ),
    ("an earlier version has a table more, `--mode update`", &[], &[Change::ApplyEarlierWithTable], "--mode update"),
    ("an upgrade is staged", &[], &[Change::ApplyEarlier, Change::Stage], ""),
    ("an upgrade is staged, `--mode stage`", &[], &[Change::ApplyEarlier, Change::Stage], "--mode stage"),
    ("a later version is installed", &[], &[Change::ApplyLater], ""),
    ("a later version is installed, without its components", &[], &[Change::Version("9.0.0.0")], ""),
    ("the solution is installed unmanaged", &[], &[Change::Installed(false)], ""),
    ("the solution is installed without its components", &[], &[Change::Installed(true)], ""),
    ("the application user is disabled", &[], &[Change::Apply, Change::Disable], ""),
    ("the application user was deleted", &[], &[Change::Apply, Change::Disable, Change::DeleteUser], ""),
    ("the application has two users", &[Scenario::TwoUsers], &[Change::Apply], ""),
    ("the user is in another business unit", &[Scenario::ChildBusinessUnit], &[Change::Apply, Change::Move], ""),
    ("the role is not assigned", &[], &[Change::Apply, Change::Unassign], ""),
    ("the user also is System Administrator", &[], &[Change::Apply, Change::Assign("System Administrator")], ""),
    (
        "the user also is System Administrator, `--only-declared-roles`",
        &[],
        &[Change::Apply, Change::Assign("System Administrator")],
        "--only-declared-roles",
    ),
    ("the user also has Basic User", &[], &[Change::Apply, Change::Assign("Basic User")], ""),
    (
        "the user also has Basic User, and the role is not assigned",
        &[],
        &[Change::Apply, Change::Unassign, Change::Assign("Basic User")],
        "",
    ),
    ("a privilege was taken from the role", &[], &[Change::Apply, Change::Privilege("prvReadAccount", None)], ""),
    ("a privilege was made shallower", &[], &[Change::Apply, Change::Privilege("prvReadAccount", Some("Basic"))], ""),
    ("a privilege was made deeper", &[], &[Change::Apply, Change::Privilege("prvWriteAccount", Some("Global"))], ""),
    ("a privilege to write was added", &[], &[Change::Apply, Change::Privilege("prvDeleteAccount", Some("Basic"))], ""),
    ("a privilege to read was added", &[], &[Change::Apply, Change::Privilege("prvReadTeam", Some("Global"))], ""),
    (
        "an earlier version, with a layer over its role",
        &[],
        &[Change::ApplyEarlier, Change::Privilege("prvReadAccount", None)],
        "",
    ),
    ("the environment lacks a privilege, nothing is installed", &[Scenario::FewerPrivileges], &[], ""),
    ("the environment lacks a privilege", &[Scenario::FewerPrivileges], &[Change::Apply], ""),
    ("the environment lacks a level", &[Scenario::FewerLevels], &[], ""),
    ("a variable has another value", &[], &[Change::Apply, Change::Variable(true)], ""),
    ("the value of a variable is inactive", &[], &[Change::Apply, Change::Inactive(true)], ""),
    ("a connection reference is inactive", &[], &[Change::Apply, Change::Inactive(false)], ""),
    ("a variable has lost its value", &[], &[Change::Apply, Change::Variable(false)], ""),
    ("a connection was taken away", &[], &[Change::Apply, Change::Connection], ""),
    ("a column security profile was taken away", &[], &[Change::Apply, Change::Profile("Credit Desk", false)], ""),
    ("the user also has another column security profile", &[], &[Change::Apply, Change::Profile("Auditors", true)], ""),
    ("a column security profile was deleted", &[], &[Change::Apply, Change::ProfileGone], ""),
    ("a flow is off", &[], &[Change::Apply, Change::FlowOff], ""),
    ("a flow was deleted", &[], &[Change::Apply, Change::FlowGone], ""),
    (
        "the user also has Basic User, and that is accepted",
        &[],
        &[Change::Apply, Change::Assign("Basic User")],
        ACCEPTED,
    ),
    (
        "a flow is off, and a privilege was taken, and all is accepted",
        &[],
        &[Change::Apply, Change::FlowOff, Change::Privilege("prvReadAccount", None)],
        ACCEPTED,
    ),
    ("a later version is installed, and all is accepted", &[], &[Change::ApplyLater], ACCEPTED),
    (
        "a flow is off, and a privilege was taken",
        &[],
        &[Change::Apply, Change::FlowOff, Change::Privilege("prvReadAccount", None)],
        "",
    ),
];

async fn prepare(scenarios: &[Scenario], changes: &[Change]) -> Stage {
    let installed = changes.iter().find_map(|change| match change {
        Change::Installed(managed) => Some(("ContosoFlows".into(), "1.4.0.0".parse().expect("a version"), *managed)),
        Change::Version(version) => Some(("ContosoFlows".into(), version.parse().expect("a version"), true)),
        _ => None,
    });
    let installed = installed.into_iter().collect();
    let stage = Stage::new(sandbox::Options { scenarios: scenarios.to_vec(), installed, ..Default::default() }).await;
    let none = Options::default();
    for change in changes {
        let done = match *change {
            Change::Apply => {
                stage.apply(&WANTED, none).await;
                true
            }
            Change::ApplyEarlier => {
                stage.apply(&EARLIER, none).await;
                true
            }
            Change::ApplyEarlierWithTable => {
                stage.apply(&EARLIER_WITH_TABLE, none).await;
                true
            }
            Change::ApplyLater => {
                stage.apply(&LATER, none).await;
                true
            }
            Change::Stage => {
                stage.apply(&WANTED, Options { mode: Some(Mode::Stage), ..none }).await;
                true
            }
            Change::Installed(_) | Change::Version(_) => true,
            Change::Privilege(name, depth) => stage.privilege(name, depth).await,
            Change::Assign(role) => stage.assign(role).await,
            Change::Unassign => stage.unassign("Flow Service").await,
            Change::Disable => stage.patch_user(&json!({"isdisabled": true})).await,
            Change::DeleteUser => {
                let user = stage.user().await.expect("a user");
                stage.send(Method::DELETE, &format!("systemusers({user})"), &json!(null)).await.0 == 204
            }
            Change::Move => {
                let user = stage.user().await.expect("a user");
                let unit = stage.find("businessunits", "businessunitid", "name eq 'sandbox-child'").await;
                let body =
                    json!({"BusinessUnit": {"businessunitid": unit}, "ReassignPrincipal": {"systemuserid": user}});
                let path = format!("systemusers({user})/Microsoft.Dynamics.CRM.SetBusinessSystemUser");
                stage.send(Method::POST, &path, &body).await.0 == 204
            }
            Change::Variable(changed) => {
                let key = "environmentvariablevalueid";
                let id = stage.find("environmentvariablevalues", key, "statecode eq 0").await.expect("a value");
                let path = format!("environmentvariablevalues({id})");
                let method = if changed { Method::PATCH } else { Method::DELETE };
                stage.send(method, &path, &json!({"value": "https://other"})).await.0 == 204
            }
            Change::Connection => {
                let key = "connectionreferenceid";
                let id = stage.find("connectionreferences", key, "statecode eq 0").await.expect("a reference");
                let path = format!("connectionreferences({id})");
                stage.send(Method::PATCH, &path, &json!({"connectionid": null})).await.0 == 204
            }
            Change::Inactive(variable) => {
                let (set, key) = if variable {
                    ("environmentvariablevalues", "environmentvariablevalueid")
                } else {
                    ("connectionreferences", "connectionreferenceid")
                };
                let id = stage.find(set, key, "statecode eq 0").await.expect("a row");
                let body = json!({"statecode": 1, "statuscode": 2});
                stage.send(Method::PATCH, &format!("{set}({id})"), &body).await.0 == 204
            }
            Change::Profile(name, add) => stage.profile(name, add).await,
            Change::ProfileGone => stage.delete_profile("Credit Desk").await,
            Change::FlowOff | Change::FlowGone => {
                let id = stage.find("workflows", "workflowid", "name eq 'Nightly'").await.expect("a flow");
                let gone = matches!(change, Change::FlowGone);
                let method = if gone { Method::DELETE } else { Method::PATCH };
                let path = format!("workflows({id})");
                stage.send(method, &path, &json!({"statecode": 0, "statuscode": 1})).await.0 == 204
            }
        };
        assert!(done, "refused: {change:?}");
    }
    stage
}

/// What a verb says first, apart from headings and from what is as it should be.
fn first_line(verb: &str, stdout: &str, stderr: &str) -> String {
    let lines = || stdout.lines().filter(|line| !line.trim().is_empty());
    let line = match verb {
        // Who signed and the values of the settings come first, the same in every state.
        "plan" => lines().skip(1).find(|line| !line.contains(" ← ") && !line.starts_with("  not signed")),
        "status" => lines().find(|line| line.starts_with("  differs")).or_else(|| lines().next_back()),
        _ => lines().next_back(),
    };
    let refusal = stderr.lines().find(|line| line.starts_with("error"));
    refusal.or(line).unwrap_or_default().trim().replace("differs  ", "").replace('|', "\\|")
}

#[test]
fn the_table_of_states_is_as_the_program_ends() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let mut table = HEAD.to_owned();
    for (name, scenarios, changes, options) in STATES {
        let stage = runtime.block_on(prepare(scenarios, changes));
        let mut codes = Vec::new();
        let _gone = std::fs::remove_file(folder.path().join("accepted.yaml"));
        let first = ("status", "--write-accepted accepted.yaml");
        let verbs = ["plan", "status", "doctor", "apply"].map(|verb| (verb, *options));
        for (verb, options) in (*options == ACCEPTED).then_some(first).into_iter().chain(verbs) {
            let mut command = dvpack(folder.path());
            command
                .arg(verb)
                .arg(&WANTED.path)
                // A consent, which only `apply` takes.
                .args(options.split_whitespace().filter(|it| verb == "apply" || *it != "--allow-delete"))
                .args(["--url", stage.sandbox.url().as_str()])
                .args((verb == "apply").then_some("--yes"))
                .env("AZURE_CLIENT_ID", stage.sandbox.admin_client_id().to_string())
                .env("AZURE_CLIENT_SECRET", stage.sandbox.admin_secret())
                .env("DVPACK_TEST_PACE", "1000");
            let output = command.output().expect("run");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let code = output.status.code().unwrap_or(-1);
            if options == first.1 {
                assert!(matches!(code, 0 | 9), "{name}: {}", text(&output.stderr));
                continue;
            }
            let line = first_line(verb, &text(&output.stdout), &text(&output.stderr));
            codes.push(code);
            table.push_str(&format!("| {name} | {verb} | {code} | {line} |\n"));
        }
        let [plan, status, doctor, apply] = codes[..] else { unreachable!("four verbs") };
        let lawful = match plan {
            0 => (status, doctor, apply) == (0, 0, 0),
            9 => (status, doctor, apply) == (9, 9, 9),
            // What needs a consent that nobody has given.
            10 if apply == 6 => (status, doctor) == (9, 0),
            10 => status == 9 && (matches!(doctor, 0 | 7 | 9) && doctor == apply || (doctor, apply) == (0, 5)),
            other => status == 9 && doctor == 7 && apply == other,
        };
        assert!(lawful, "{name}: plan {plan}, status {status}, doctor {doctor}, apply {apply}");
    }
    assert!(STATES.len() >= 25);
    let path = repository().join("docs/states.md");
    if std::env::var_os("DVPACK_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &table).expect("written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, table, "run the test once with DVPACK_UPDATE_DOCS=1");
}
