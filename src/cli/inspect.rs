//! `dvpack inspect`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::archive::{self, Limits};
use crate::bundle::descriptor::{BusinessUnit, Descriptor, Role, Setting, SettingKind, SettingValue};
use crate::bundle::{Bundle, Facts, LIMIT, RoleView, sha256};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::solution::role::render_terminal;

/// Show what is in a bundle or a solution zip
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A bundle (.dvpack) or an exported solution (.zip)
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Runs `dvpack inspect`.
pub fn run(args: InspectArgs, shell: &Shell) -> Result<Exit, Failure> {
    let name = args.file.display().to_string();
    if args.file.is_dir() {
        return Err(Failure::usage(format!("`{name}` is a folder"))
            .help("give a .dvpack or .zip file; for a manifest, run `dvpack build` first"));
    }
    let bytes = files::read(&args.file, LIMIT)?;
    let refused =
        |why: String| Failure::invalid(vec![Diagnostic::error("cannot-inspect", why).in_file(name.clone(), None)]);
    let entries = archive::read(&bytes, &Limits::default()).map_err(|refusal| refused(refusal.to_string()))?;
    if entries.iter().any(|entry| entry.name == "bundle.json") {
        let bundle = Bundle::from_bytes(&bytes, &name).map_err(Failure::invalid)?;
        let zips = bundle.descriptor().solutions.iter().filter_map(|solution| bundle.solution_zip(solution));
        let facts: Vec<_> =
            zips.map(Facts::read).collect::<Result<_, _>>().map_err(|error| refused(error.to_string()))?;
        shell.json(&json!({
            "kind": "bundle",
            "sha256": sha256(&bytes),
            "size": bytes.len(),
            "bundle": bundle.descriptor(),
            "contents": facts.iter().map(files_by_folder).collect::<Vec<_>>(),
        }));
        shell.result(&show_bundle(bundle.descriptor(), &facts, &bytes, shell.width()));
    } else {
        let facts = Facts::read(&bytes).map_err(|error| refused(error.to_string()))?;
        shell.json(&json!({
            "kind": "solution",
            "sha256": sha256(&bytes),
            "size": bytes.len(),
            "solution": { "name": facts.name, "displayName": facts.display_name, "version": facts.version, "managed": facts.managed, "publisher": facts.publisher },
            "roles": facts.roles,
            "environmentVariables": facts.variables.iter().map(|it| &it.name).collect::<Vec<_>>(),
            "connectionReferences": facts.connections.iter().map(|it| &it.0).collect::<Vec<_>>(),
            "contents": files_by_folder(&facts),
        }));
        shell.result(&show_solution(&facts, &bytes, shell.width()));
    }
    Ok(Exit::Done)
}

/// How many files each folder at the top of a solution holds.
fn files_by_folder(facts: &Facts) -> Value {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &facts.files {
        if let Some((folder, _)) = file.name.split_once('/') {
            *folders.entry(folder).or_default() += 1;
        }
    }
    json!(folders)
}

fn show_bundle(descriptor: &Descriptor, facts: &[Facts], bytes: &[u8], width: usize) -> String {
    let mut text = String::new();
    for facts in facts {
        text.push_str(&heading(facts));
    }
    if let Some(environment) = &descriptor.environment {
        line(&mut text, "environment", &environment.name);
    }
    if let Some(application) = &descriptor.application {
        line(
            &mut text,
            "application",
            &format!("{} {}", application.client_id, application.name.as_deref().unwrap_or_default()),
        );
    }
    if let Some(user) = &descriptor.application_user {
        let unit = match &user.business_unit {
            BusinessUnit::Root => "the root business unit".to_owned(),
            BusinessUnit::Id(id) => format!("business unit {id}"),
            BusinessUnit::Name(name) => format!("business unit {name}"),
        };
        let of_user = descriptor.roles.iter().filter(|role| user.roles.contains(&role.id));
        let names: Vec<_> = of_user.map(|role| role.name.as_str()).collect();
        line(&mut text, "user", &format!("{} in {unit}", names.join(", ")));
    }
    if let Some(version) = descriptor.requires.server_version {
        line(&mut text, "requires", &format!("server {version}"));
    }
    for solution in &descriptor.requires.solutions {
        let version = solution.version.map(|version| format!(" {version}")).unwrap_or_default();
        line(&mut text, "requires", &format!("{}{version}", solution.name));
    }
    line(&mut text, "sha256", &sha256(bytes));
    show_roles(&mut text, &descriptor.roles, &descriptor.publisher.prefix, width);
    if !descriptor.settings.is_empty() {
        text.push_str("\nSettings\n");
    }
    for setting in &descriptor.settings {
        text.push_str(&format!("  {} = {}\n", clean(&setting.name), clean(&value(setting))));
    }
    text
}

fn show_solution(facts: &Facts, bytes: &[u8], width: usize) -> String {
    let mut text = heading(facts);
    line(&mut text, "sha256", &sha256(bytes));
    show_roles(&mut text, &facts.roles, "", width);
    text
}

fn heading(facts: &Facts) -> String {
    let managed = if facts.managed { "managed" } else { "unmanaged" };
    let mut text = format!("{} {} ({managed})\n", clean(&facts.display_name), facts.version);
    line(&mut text, "name", &facts.name);
    line(&mut text, "publisher", &facts.publisher);
    if let Value::Object(folders) = files_by_folder(facts) {
        let folders: Vec<_> = folders.iter().map(|(folder, count)| format!("{folder} {count}")).collect();
        if !folders.is_empty() {
            line(&mut text, "files", &folders.join(", "));
        }
    }
    for (count, what) in
        [(facts.roles.len(), "roles"), (facts.variables.len(), "variables"), (facts.connections.len(), "connections")]
    {
        if count > 0 {
            line(&mut text, what, &count.to_string());
        }
    }
    text
}

fn show_roles(text: &mut String, roles: &[Role], prefix: &str, width: usize) {
    for role in roles {
        let count = role.privileges.len();
        let noun = if count == 1 { "privilege" } else { "privileges" };
        text.push_str(&format!("\nRole {} ({}), {count} {noun}\n", clean(&role.name), role.id));
        let view = RoleView::new(role, prefix);
        text.push_str(&clean_lines(&render_terminal(&view.matrix, false, width)));
    }
}

fn value(setting: &Setting) -> String {
    match &setting.value {
        Some(SettingValue::Text(text) | SettingValue::Connection(text)) => text.clone(),
        Some(SettingValue::SecretFromEnv(name)) => format!("a secret, from the environment variable {name}"),
        Some(SettingValue::SecretFromFile(path)) => format!("a secret, from the file {path}"),
        Some(SettingValue::SecretFromKeyVault(id)) => format!("a secret, from Key Vault {id}"),
        None if setting.required && setting.kind == SettingKind::ConnectionReference => {
            "(a connection is to be given)".into()
        }
        None if setting.required => "(to be given)".into(),
        None => "(the default)".into(),
    }
}

fn line(text: &mut String, label: &str, value: &str) {
    text.push_str(&format!("  {label:<12} {}\n", clean(value).trim_end()));
}

/// What a file says must not reach the terminal as a control sequence.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

fn clean_lines(text: &str) -> String {
    text.lines().map(|line| clean(line) + "\n").collect::<Vec<_>>().concat()
}
