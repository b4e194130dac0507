//! Planning and verification as tables: what is, what shall be, what follows.

mod accepted;
mod beyond;

use uuid::Uuid;

use super::difference::{Check, Code, compare};
use super::machine::{Allowed, Machine, Value};
use super::plan::{Action, Gain, Mode, Options, plan};
use super::{Desired, Failure, FailureKind, Observed, Plan};
use crate::archive::{Entry, Timestamp, write_at};
use crate::bundle::descriptor::Descriptor;
use crate::catalog::Level;
use crate::dataverse::business_unit::BusinessUnit;
use crate::dataverse::role::{Copy, Held};
use crate::dataverse::solution::Installed;
use crate::dataverse::system_user::{AssignedRole, SystemUser};
use crate::version::Version;

const ROLE: Uuid = Uuid::from_u128(0x10);
const COPY: Uuid = Uuid::from_u128(0x11);
const UNIT: Uuid = Uuid::from_u128(0x20);
const USER: Uuid = Uuid::from_u128(0x30);
const READ: Uuid = Uuid::from_u128(0x40);

fn descriptor(role: &str) -> Descriptor {
    serde_json::from_value(serde_json::json!({
        "format": 2,
        "templates": 1,
        "tool": {"name": "dvpack", "version": "0"},
        "publisher": {"name": "contoso", "displayName": "Contoso", "prefix": "contoso"},
        "solutions": [{"file": "solutions/a.zip", "sha256": "00", "size": 1, "name": "Widgets",
            "displayName": "Widgets", "version": "1.4.0.0", "managed": true}],
        "application": {"clientId": Uuid::from_u128(1), "multiTenant": true},
        "roles": [{"id": ROLE, "name": role, "privileges": [{"name": "prvReadAccount", "level": "Local"}]}],
        "applicationUser": {"roles": [ROLE], "businessUnit": "root"},
        "settings": [{"name": "contoso_Api", "kind": "environmentVariable", "required": false, "value": {"text": "https://a"}}],
    }))
    .expect("a descriptor")
}

/// A solution file that says nothing but its name.
fn zip() -> Vec<u8> {
    let solution =
        "<ImportExportXml><SolutionManifest><UniqueName>Widgets</UniqueName></SolutionManifest></ImportExportXml>";
    let part = |name: &str, text: &str| Entry { name: name.into(), bytes: text.as_bytes().to_vec() };
    let parts = [part("solution.xml", solution), part("customizations.xml", "<ImportExportXml />")];
    write_at(&parts, Timestamp::FIRST).expect("a zip")
}

fn desired() -> Desired {
    Desired::new(descriptor("Widgets Service"), vec![zip()]).expect("desired")
}

fn installed(version: &str, managed: bool) -> Installed {
    Installed { id: None, name: "Widgets".into(), version: version.parse().ok(), managed }
}

fn user(disabled: bool, deleted: bool) -> SystemUser {
    SystemUser {
        id: USER,
        name: "# Widgets".into(),
        disabled,
        deleted,
        business_unit: Some(UNIT),
        in_root: Some(true),
        business_unit_name: Some("contoso".into()),
        roles: vec![AssignedRole { id: COPY, root: Some(ROLE), template: None, name: "Widgets Service".into() }],
        profiles: None,
    }
}

/// An environment where nothing is to be done.
fn applied() -> Observed {
    let variable = crate::dataverse::environment_variable::Variable {
        definition: UNIT,
        name: "contoso_Api".into(),
        default: None,
        value_id: Some(UNIT),
        value: Some("https://a".into()),
        inactive: false,
        others: Vec::new(),
    };
    Observed {
        solutions: vec![installed("1.4.0.0", true)],
        users: vec![user(false, false)],
        business_units: vec![BusinessUnit { id: UNIT, name: "contoso".into() }],
        copies: [(ROLE, Copy { id: COPY, root: ROLE, name: "Widgets Service".into(), template: None })].into(),
        held: [(ROLE, vec![Held { id: READ, level: Some(Level::Local), name: None }])].into(),
        privilege_names: [(READ, "prvReadAccount".to_owned())].into(),
        privilege_ids: [("prvreadaccount".to_owned(), READ)].into(),
        variables: vec![variable],
        ..Observed::default()
    }
}

fn with_mode(mode: Option<Mode>) -> Options {
    Options { mode, ..Options::default() }
}

/// What was looked at.
fn verify(observed: &Observed) -> Vec<Check> {
    compare(&desired(), observed, Options::default()).checks
}

fn plan_with(observed: &Observed, options: Options) -> Result<Plan, Failure> {
    plan(&"https://contoso.crm.dynamics.com".parse().expect("a URL"), &desired(), observed, options)
}

fn planned(observed: &Observed, mode: Option<Mode>) -> Result<Plan, Failure> {
    plan_with(observed, with_mode(mode))
}

fn modes(observed: &Observed, mode: Option<Mode>) -> Vec<Mode> {
    let plan = planned(observed, mode).expect("a plan");
    let mode = |action: &Action| match action {
        Action::ImportSolution { mode, .. } => Some(*mode),
        _ => None,
    };
    plan.steps.iter().filter_map(|step| mode(&step.action)).collect()
}

#[test]
fn what_is_applied_already_is_left_alone() {
    assert_eq!(planned(&applied(), None).expect("a plan").steps, []);
    assert!(verify(&applied()).iter().all(|check| check.ok));
}

#[test]
fn a_first_install_does_everything_in_order() {
    let observed = Observed { business_units: applied().business_units, ..Observed::default() };
    let plan = planned(&observed, None).expect("a plan");
    let words: Vec<&str> = plan.steps.iter().map(|step| step.what.as_str()).collect();
    assert_eq!(
        words,
        [
            "create the application user of 00000000-0000-0000-0000-000000000001 in business unit `contoso`",
            "install solution `Widgets` 1.4.0.0",
            "assign security role `Widgets Service`",
        ]
    );
    let gained = Gain { privilege: "prvReadAccount".into(), level: Level::Local, unusual: None };
    assert_eq!(plan.steps[2].privileges, [gained]);
    let Action::ImportSolution { settings, .. } = &plan.steps[1].action else { panic!("{:?}", plan.steps[1]) };
    assert_eq!(settings, &["contoso_Api"]);
}

#[test]
fn the_installed_version_decides_how_a_solution_is_imported() {
    let with = |solutions: Vec<Installed>| Observed { solutions, ..applied() };
    let holding = |version: Version| Installed {
        name: "Widgets_Upgrade".into(),
        version: Some(version),
        id: None,
        managed: true,
    };
    let lower = || installed("1.3.9.9", true);
    assert_eq!(modes(&with(vec![]), None), [Mode::Install]);
    assert_eq!(modes(&with(vec![lower()]), None), [Mode::Upgrade]);
    assert_eq!(modes(&with(vec![lower()]), Some(Mode::Update)), [Mode::Update]);
    assert_eq!(modes(&with(vec![lower()]), Some(Mode::Stage)), [Mode::Stage]);
    let staged = with(vec![lower(), holding(Version::new(1, 4, 0, 0))]);
    assert_eq!(modes(&staged, None), [Mode::Promote]);
    assert_eq!(modes(&staged, Some(Mode::Stage)), []);

    for (solutions, words) in [
        (vec![installed("1.5.0.0", true)], "version 1.5.0.0, which is higher than 1.4.0.0"),
        (vec![installed("1.3.0.0", false)], "is installed unmanaged, and the bundle contains it managed"),
        (vec![lower(), holding(Version::new(1, 3, 9, 10))], "another version is staged"),
    ] {
        let failure = planned(&with(solutions), None).expect_err(words);
        assert_eq!(failure.kind, FailureKind::NotReady);
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[test]
fn the_one_active_user_is_adopted_and_two_are_refused() {
    let with = |users: Vec<SystemUser>| Observed { users, ..applied() };
    let steps =
        |users| planned(&with(users), None).expect("a plan").steps.into_iter().map(|s| s.action).collect::<Vec<_>>();
    assert_eq!(steps(vec![user(true, false)]), [Action::EnableUser { user: USER }]);
    // A deleted one beside an active one is nobody's trouble.
    assert_eq!(steps(vec![user(false, false), user(false, true)]), []);
    assert_eq!(
        steps(vec![user(true, true)]),
        [
            Action::PurgeUser { user: USER },
            Action::CreateUser { application: Uuid::from_u128(1), business_unit: UNIT },
            Action::AssignRole { role: ROLE },
        ]
    );
    let two = planned(&with(vec![user(false, false), user(true, false)]), None).expect_err("refused");
    assert!(two.message.ends_with("has 2 users here"), "{}", two.message);

    let mut moved = user(false, false);
    moved.business_unit = Some(USER);
    moved.in_root = Some(false);
    let failure = planned(&with(vec![moved]), None).expect_err("refused");
    assert!(failure.message.contains("the bundle wants `contoso`"), "{}", failure.message);
}

#[test]
fn another_role_on_the_user_is_told_and_the_administrator_loudly() {
    let mut extra = user(false, false);
    let template = Some(crate::catalog::SYSTEM_ADMINISTRATOR);
    for (name, template) in [("Basic User", None), ("Systemadministrator", template), ("Environment Maker", None)] {
        extra.roles.push(AssignedRole { id: UNIT, root: Some(UNIT), template, name: name.into() });
    }
    let observed = Observed { users: vec![extra], ..applied() };
    let plan = planned(&observed, None).expect("a plan");
    assert_eq!(plan.steps, []);
    let found: Vec<&str> = plan.differences.iter().map(|difference| difference.found.as_str()).collect();
    assert_eq!(found.len(), 3);
    assert!(plan.differences.iter().all(|it| it.code == Code::RoleNotDeclared && !it.has_step()), "{plan:?}");
    assert!(found[1].contains("it can customize") || found[1].contains("can customize"), "{found:?}");
    assert!(found[2].contains("SYSTEM ADMINISTRATOR"), "{found:?}");
    // Asked for, they are taken away, each by name.
    let options = Options { only_declared_roles: true, ..Options::default() };
    let plan = plan_with(&observed, options).expect("a plan");
    assert_eq!(plan.taken_roles(), ["Basic User", "Environment Maker", "Systemadministrator"]);
    assert!(plan.differences.iter().all(super::difference::Difference::has_step), "{plan:?}");
}

#[test]
fn a_built_in_role_is_refused_with_the_rule() {
    let failure = Desired::new(descriptor("System Administrator"), vec![zip()]).expect_err("refused");
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.details[0].contains("custom security role"), "{failure:?}");
    let mut observed = applied();
    observed.copies.get_mut(&ROLE).expect("a copy").template = Some(UNIT);
    assert_eq!(planned(&observed, None).expect_err("refused").kind, FailureKind::Refused);
}

#[test]
fn a_shallower_privilege_or_another_value_is_a_difference() {
    let mut observed = applied();
    observed.held.insert(ROLE, vec![Held { id: READ, level: Some(Level::Basic), name: None }]);
    observed.variables[0].value = Some("https://b".into());
    let differs: Vec<_> = verify(&observed).into_iter().filter(|check| !check.ok).collect();
    assert_eq!(differs[0].found, "missing: prvReadAccount (Basic instead of Local)");
    assert_eq!(differs[1].found, "`https://b`");
    assert_eq!(differs.len(), 2);
}

/// Every role that the catalog knows, under whatever name the bundle gives it.
#[test]
fn every_built_in_role_is_refused_by_id_template_and_name() {
    let mut tried = 0;
    for role in crate::catalog::built_in_roles() {
        let named = Desired::new(descriptor(role.name), vec![zip()]).expect_err(role.name);
        assert_eq!(named.kind, FailureKind::Refused, "{}", role.name);
        for id in [role.id, role.template].into_iter().flatten() {
            let mut descriptor = descriptor("Widgets Service");
            descriptor.roles[0].id = id;
            descriptor.application_user.as_mut().expect("a user").roles = vec![id];
            let failure = Desired::new(descriptor, vec![zip()]).expect_err(role.name);
            assert_eq!(failure.kind, FailureKind::Refused, "{}", role.name);
            tried += 1;
        }
        // In the environment it has an id that nobody can know: its template tells, or its name.
        let copy = Copy { id: COPY, root: ROLE, name: "Rolle".into(), template: role.template };
        let copy = if role.template.is_none() { Copy { name: role.name.into(), ..copy } } else { copy };
        let installed = Observed { copies: [(ROLE, copy.clone())].into(), ..applied() };
        let fresh = Observed { built_in: vec![copy], copies: [].into(), solutions: vec![], users: vec![], ..applied() };
        for observed in [installed, fresh] {
            assert_eq!(planned(&observed, None).expect_err(role.name).kind, FailureKind::Refused, "{}", role.name);
        }
    }
    assert!(tried >= 100, "{tried}");
}

/// A bundle whose solution has a role that no import would take.
#[test]
fn a_role_that_dataverse_refuses_is_found_before_anything_is_sent() {
    let with = |rows: &str| {
        let mut desired = desired();
        let part = |name: &str, text: &str| Entry { name: name.into(), bytes: text.as_bytes().to_vec() };
        let text = format!(
            "<ImportExportXml><Roles><Role id=\"{{{ROLE}}}\" name=\"R\"><RolePrivileges>{rows}</RolePrivileges></Role></Roles></ImportExportXml>"
        );
        let parts = [
            part(
                "solution.xml",
                "<ImportExportXml><SolutionManifest><UniqueName>Widgets</UniqueName></SolutionManifest></ImportExportXml>",
            ),
            part("customizations.xml", &text),
        ];
        desired.packages[0].zip = write_at(&parts, Timestamp::FIRST).expect("a zip").into();
        desired
    };
    let row = |name: &str, level: &str| format!("<RolePrivilege name=\"{name}\" level=\"{level}\" />");
    let url = "https://contoso.crm.dynamics.com".parse().expect("a URL");
    let fresh = Observed { business_units: applied().business_units, ..Observed::default() };
    for (rows, words) in [
        (row("prvReadTransactionCurrency", "Basic"), "cannot be granted at level `Basic`"),
        (row("prvReadRole", "Basic"), "cannot be granted at level `Basic`"),
        (row("prvReadAccount", "None"), "level `None`"),
        (row("", "Global"), "has no `name`"),
        (row("prvReadAccount", "Global") + &row("prvreadaccount", "Basic"), "is declared twice"),
        (row("prvRead\u{200b}Account", "Global"), "is not a privilege name"),
    ] {
        let failure = plan(&url, &with(&rows), &fresh, Options::default()).expect_err(words);
        assert_eq!(failure.kind, FailureKind::Invalid);
        assert!(failure.details.iter().any(|detail| detail.contains(words)), "{failure:?}");
        // Nothing is imported where the version is there already.
        assert!(plan(&url, &with(&rows), &applied(), Options::default()).is_ok());
    }
    assert!(plan(&url, &with(&row("prvReadAccount", "Basic")), &fresh, Options::default()).is_ok());
}

#[test]
fn an_approved_plan_is_refused_when_the_environment_has_changed() {
    let approved = planned(&Observed { solutions: vec![], ..applied() }, None).expect("a plan");
    let text = serde_json::to_string(&approved).expect("JSON");
    let approved: Plan = serde_json::from_str(&text).expect("the same plan");
    let now = planned(&Observed { solutions: vec![installed("1.3.0.0", true)], ..applied() }, None).expect("a plan");
    assert!(approved.check_approved(&approved).is_ok());
    let failure = approved.check_approved(&now).expect_err("refused");
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(
        failure.details,
        [
            "needed, but not approved: upgrade solution `Widgets` to 1.4.0.0",
            "solution `Widgets`: not installed then, 1.3.0.0, managed now",
        ]
    );
}

#[test]
fn a_secret_that_cannot_be_read_is_named_and_never_shown() {
    let mut descriptor = descriptor("Widgets Service");
    descriptor.settings[0].value = Some(crate::bundle::descriptor::SettingValue::SecretFromEnv("WIDGETS_KEY".into()));
    let mut desired = Desired::new(descriptor, vec![zip()]).expect("desired");
    let value = Value::Env("WIDGETS_KEY".into());
    let allowed = Allowed([value.clone()].into());
    let none = |_: &str| None;
    let failure = desired.read(&Machine::new(&none, [], None), &allowed).expect_err("no value");
    assert!(failure.details[0].contains("WIDGETS_KEY"));
    let environment = |_: &str| Some("hunter2".to_owned());
    desired.read(&Machine::new(&environment, [], None), &Allowed::default()).expect("nothing is read");
    assert_eq!(desired.unread(), [(desired.settings[0].name.clone(), value)]);
    assert_eq!(desired.settings[0].to_send().expect_err("not read").kind, FailureKind::Refused);
    let some = |name: &str| (name == "WIDGETS_KEY").then(|| "hunter2".to_owned());
    desired.read(&Machine::new(&some, [], None), &allowed).expect("read");
    assert!(desired.unread().is_empty());
    assert!(!format!("{desired:?}").contains("hunter2"));
    let plan = plan(&"https://a.crm.dynamics.com".parse().expect("a URL"), &desired, &applied(), Options::default());
    assert!(!serde_json::to_string(&plan.expect("a plan")).expect("JSON").contains("hunter2"));
}

/// What is shown as `***` is not shown where a server repeats it, either.
#[test]
fn a_setting_of_the_form_of_a_secret_is_hidden_everywhere() {
    let key = ["AccountKey=", &"Zm9vYmFyYmF6".repeat(7), "=="].concat();
    let text = format!("DefaultEndpointsProtocol=https;AccountName=contoso;{key};EndpointSuffix=core.windows.net");
    let mut descriptor = descriptor("Widgets Service");
    descriptor.settings[0].value = Some(crate::bundle::descriptor::SettingValue::Text(text.clone()));
    let desired = Desired::new(descriptor, vec![zip()]).expect("desired");
    assert!(desired.settings[0].concealed);
    let said = format!("the value {text} is not valid");
    assert_eq!(crate::secret::hide(&said), "the value *** is not valid");
}
