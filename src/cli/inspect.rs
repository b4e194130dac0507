//! `dvpack inspect`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::archive::Timestamp;
use crate::bundle::descriptor::{BusinessUnit, Descriptor, Setting, SettingKind, SettingValue};
use crate::bundle::{self, Bundle, LIMIT, sha256};
use crate::cli::check::pair;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files;
use crate::manifest::{self, FILE_NAME, Request};
use crate::solution::role::{Matrix, Role, look_twice, matrix_with, render_terminal, summary};
use crate::solution::{self, Contents};

/// Show what a bundle, a solution or a manifest holds
///
/// A manifest is built in memory; nothing is written.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A bundle, a solution zip, an unpacked solution, or a manifest or its folder
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
    /// The environment whose settings are laid over a manifest
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// A value for `${{ set.NAME }}` of a manifest; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

/// What is shown.
struct Subject {
    kind: &'static str,
    /// Digest and size, where there is a file.
    file: Option<(String, usize)>,
    descriptor: Option<Descriptor>,
    solutions: Vec<Contents>,
}

/// A role with what people read of it.
struct Shown {
    role: Role,
    properties: Vec<(String, String)>,
    matrix: Matrix,
}

/// What every role has, with its value, or `*` for any.
const USUAL: [(&str, &str); 3] = [("Description", "*"), ("IsCustomizable", "1"), ("IsAutoAssigned", "0")];

/// Runs `dvpack inspect`.
pub fn run(args: InspectArgs, shell: &Shell) -> Result<Exit, Failure> {
    let subject = read(&args.path, args.environment, args.set)?;
    let roles = subject.roles();
    for solution in &subject.solutions {
        // Such a solution can be looked at; a bundle of it is refused.
        let warnings = solution.deviations.iter().cloned().map(|it| Diagnostic { severity: Severity::Warning, ..it });
        shell.findings(&warnings.collect::<Vec<_>>());
    }
    shell.json(&subject.json(&roles));
    shell.result(&subject.text(&roles, shell.color(), shell.width()));
    Ok(Exit::Done)
}

fn read(path: &Path, environment: Option<String>, set: Vec<(String, String)>) -> Result<Subject, Failure> {
    let name = path.display().to_string();
    let is_manifest = path.is_dir() && path.join(FILE_NAME).exists()
        || path.is_file() && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_manifest {
        let request = Request { environment, set, ..Request::new(path) };
        let package = manifest::load(&request).map_err(Failure::invalid)?.package;
        let assembled = solution::assemble(&package).map_err(Failure::invalid)?;
        let built = bundle::build(&package, &assembled.zip, Timestamp::FIRST)
            .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        let solutions = vec![Contents::read(&assembled.zip, &name).map_err(Failure::invalid)?];
        return Ok(Subject { kind: "manifest", file: None, descriptor: Some(built.descriptor), solutions });
    }
    if environment.is_some() {
        return Err(Failure::usage(format!("`{name}` is no manifest, so it has no environments")));
    }
    if !set.is_empty() {
        return Err(Failure::usage(format!("`{name}` is no manifest, so it takes no values by `--set`")));
    }
    if path.is_dir() {
        let package = solution::read_folder(path).map_err(Failure::invalid)?;
        let solutions = vec![Contents::of(&package).map_err(Failure::invalid)?];
        return Ok(Subject { kind: "folder", file: None, descriptor: None, solutions });
    }
    let bytes = files::read(path, LIMIT)?;
    let file = Some((sha256(&bytes), bytes.len()));
    let names = crate::archive::names(&bytes, &crate::archive::Limits::default()).map_err(|refusal| {
        let help = "give a manifest, a bundle, a solution zip, or an unpacked folder";
        Failure::invalid(vec![
            Diagnostic::error("cannot-inspect", refusal.to_string()).in_file(name.clone(), None).help(help),
        ])
    })?;
    if names.iter().any(|name| name == "bundle.json") {
        let bundle = Bundle::from_bytes(&bytes, &name).map_err(Failure::invalid)?;
        let zips = bundle.descriptor().solutions.iter();
        let solutions = zips
            .filter_map(|solution| Some((bundle.solution_zip(solution)?, &solution.file)))
            .map(|(bytes, file)| Contents::read(bytes, file))
            .collect::<Result<_, _>>()
            .map_err(Failure::invalid)?;
        return Ok(Subject { kind: "bundle", file, descriptor: Some(bundle.descriptor().clone()), solutions });
    }
    let solutions = vec![Contents::read(&bytes, &name).map_err(Failure::invalid)?];
    Ok(Subject { kind: "solution", file, descriptor: None, solutions })
}

impl Subject {
    /// The roles of all solutions, with the reasons that the bundle gives.
    fn roles(&self) -> Vec<Shown> {
        let mut shown = Vec::new();
        for solution in &self.solutions {
            for facts in &solution.roles {
                let mut role = facts.role.clone();
                let described =
                    self.descriptor.as_ref().and_then(|bundle| bundle.roles.iter().find(|it| it.id == role.id));
                for row in &mut role.rows {
                    let privilege = described.and_then(|it| it.privileges.iter().find(|p| p.name == row.name));
                    row.because = privilege.and_then(|privilege| privilege.because.as_deref()).map(clean);
                    row.name = clean(&row.name);
                }
                let matrix = matrix_with(&role.rows, &solution.own_tables);
                shown.push(Shown { properties: facts.properties.clone(), role, matrix });
            }
        }
        shown
    }

    fn json(&self, roles: &[Shown]) -> Value {
        json!({
            "kind": self.kind,
            "sha256": self.file.as_ref().map(|(digest, _)| digest),
            "size": self.file.as_ref().map(|(_, size)| size),
            "bundle": self.descriptor,
            "solutions": self.solutions.iter().map(solution_json).collect::<Vec<_>>(),
            "roles": roles.iter().map(|shown| json!({
                "id": shown.role.id,
                "name": shown.role.name,
                "description": shown.role.description,
                "properties": shown.properties.iter().cloned().collect::<BTreeMap<_, _>>(),
                "privileges": shown.role.rows.iter()
                    .map(|row| json!({ "name": row.name, "level": row.level, "because": row.because }))
                    .collect::<Vec<_>>(),
                "matrix": shown.matrix,
                "summary": summary(&shown.matrix),
                "lookTwice": look_twice(&shown.matrix),
            })).collect::<Vec<_>>(),
        })
    }

    fn text(&self, roles: &[Shown], color: bool, width: usize) -> String {
        let mut text = self.solutions.iter().map(heading).collect::<String>();
        if let Some(descriptor) = &self.descriptor {
            release(&mut text, descriptor);
        }
        if let Some((digest, _)) = &self.file {
            line(&mut text, "sha256", digest);
        }
        for Shown { role, properties, matrix } in roles {
            let noun = if role.rows.len() == 1 { "privilege" } else { "privileges" };
            text.push_str(&format!("\nRole {} ({}), {} {noun}\n", clean(&role.name), role.id, role.rows.len()));
            let joiners = crate::text::joiners(&role.name);
            if !joiners.is_empty() {
                text.push_str(&format!("  the name contains {joiners}\n"));
            }
            if let Some(description) = role.description.as_deref().filter(|it| !it.trim().is_empty()) {
                text.push_str(&format!("  {}\n", clean(description)));
            }
            // `Description` stands above; that it is customizable is so in all of them.
            for (name, value) in
                properties.iter().filter(|it| !USUAL.iter().any(|(n, v)| it.0 == *n && (*v == "*" || it.1 == *v)))
            {
                text.push_str(&format!("  {} = {}\n", clean(name), clean(value)));
            }
            text.push_str(&render_terminal(matrix, color, width));
        }
        match &self.descriptor {
            Some(descriptor) if !descriptor.settings.is_empty() => {
                text.push_str("\nSettings\n");
                for setting in &descriptor.settings {
                    text.push_str(&format!(
                        "  {} = {}\n",
                        clean(&setting.name),
                        clean(&value(setting, &self.solutions))
                    ));
                }
            }
            _ => {}
        }
        for solution in &self.solutions {
            components(&mut text, solution);
        }
        text
    }
}

fn solution_json(solution: &Contents) -> Value {
    let identity = &solution.identity;
    let uses = |map: &BTreeMap<String, BTreeSet<String>>, key: &str| {
        map.iter().map(|(name, from)| json!({ key: name, "from": from })).collect::<Vec<_>>()
    };
    json!({
        "name": identity.name,
        "displayName": identity.display_name,
        "version": identity.version_text,
        "managed": identity.managed,
        "publisher": {
            "name": identity.publisher.name,
            "displayName": identity.publisher.display_name,
            "prefix": identity.publisher.prefix,
            "optionValuePrefix": identity.publisher.option_value_prefix,
        },
        "components": solution.components.iter()
            .map(|it| json!({ "kind": it.kind, "name": it.name, "id": it.id }))
            .collect::<Vec<_>>(),
        "others": solution.others.iter()
            .map(|(section, name)| json!({ "section": section, "name": name }))
            .collect::<Vec<_>>(),
        "environmentVariables": solution.variables.iter()
            .map(|it| json!({
                "name": it.name,
                "displayName": it.display_name,
                "type": it.kind,
                "default": it.default,
                "value": solution.values.iter().find(|value| value.variable.eq_ignore_ascii_case(&it.name)).map(|value| &value.value),
                "required": it.required,
            }))
            .collect::<Vec<_>>(),
        "environmentVariableValues": solution.values.iter()
            .map(|it| json!({ "name": it.variable, "value": it.value }))
            .collect::<Vec<_>>(),
        "connectionReferences": solution.connections.iter()
            .map(|it| json!({ "name": it.name, "displayName": it.display_name, "connector": it.connector }))
            .collect::<Vec<_>>(),
        "processes": solution.processes.iter()
            .map(|it| json!({ "id": it.id, "name": it.name, "kind": it.kind.word(), "on": it.on }))
            .collect::<Vec<_>>(),
        "endpoints": solution.endpoints.iter()
            .map(|it| json!({ "name": it.name, "address": it.address }))
            .collect::<Vec<_>>(),
        "hosts": uses(&solution.hosts.hosts, "host"),
        "connectors": uses(&solution.hosts.connectors, "connector"),
        "requires": solution.dependencies.iter()
            .map(|it| json!({ "solution": it.solution, "version": it.version, "components": it.components }))
            .collect::<Vec<_>>(),
        "parts": solution.parts.iter()
            .map(|it| json!({ "name": it.name, "size": it.size, "sha256": it.sha256 }))
            .collect::<Vec<_>>(),
        "unclaimed": solution.unclaimed,
        "unread": solution.unread.iter()
            .map(|it| json!({ "path": it.path, "sha256": sha256(it.content.as_bytes()) }))
            .collect::<Vec<_>>(),
        "notUnderstood": solution.not_understood,
        // Readers could see different things there; a bundle of such a solution is refused.
        "ambiguities": solution.deviations.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn heading(solution: &Contents) -> String {
    let identity = &solution.identity;
    let managed = if identity.managed { "managed" } else { "unmanaged" };
    let mut text = format!("{} {} ({managed})\n", clean(&identity.display_name), clean(&identity.version_text));
    line(&mut text, "name", &identity.name);
    let publisher = &identity.publisher;
    let prefix = if publisher.prefix.is_empty() { String::new() } else { format!(", prefix {}", publisher.prefix) };
    line(&mut text, "publisher", &format!("{} ({}){prefix}", publisher.display_name, publisher.name));
    text
}

fn release(text: &mut String, descriptor: &Descriptor) {
    if let Some(environment) = &descriptor.environment {
        line(text, "environment", &environment.name);
    }
    if let Some(application) = &descriptor.application {
        let name = application.name.as_deref().unwrap_or_default();
        line(text, "application", &format!("{} {name}", application.client_id));
    }
    if let Some(user) = &descriptor.application_user {
        let unit = match &user.business_unit {
            BusinessUnit::Root => "the root business unit".to_owned(),
            BusinessUnit::Id(id) => format!("business unit {id}"),
            BusinessUnit::Name(name) => format!("business unit {name}"),
        };
        let of_user = descriptor.roles.iter().filter(|role| user.roles.contains(&role.id));
        let names: Vec<_> = of_user.map(|role| role.name.as_str()).collect();
        line(text, "user", &format!("{} in {unit}", names.join(", ")));
    }
    if let Some(version) = descriptor.requires.server_version {
        line(text, "requires", &format!("server {version}"));
    }
    for solution in &descriptor.requires.solutions {
        let version = solution.version.map(|version| format!(" {version}")).unwrap_or_default();
        line(text, "requires", &format!("{}{version}", solution.name));
    }
    for solution in &descriptor.solutions {
        line(text, "solution", &format!("sha256 {}", solution.sha256));
    }
}

/// The components by kind, and what has no name here.
fn components(text: &mut String, solution: &Contents) {
    if !solution.components.is_empty() {
        text.push_str("\nComponents\n");
    }
    for of_kind in solution.components.chunk_by(|a, b| a.kind == b.kind) {
        text.push_str(&format!("  {} ({})\n", of_kind[0].kind, of_kind.len()));
        for component in of_kind {
            text.push_str(&format!("    {}\n", clean(&component.name)));
        }
    }
    let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (section, name) in solution.others.iter().filter(|(section, _)| section != "Languages") {
        others.entry(section).or_default().push(name);
    }
    for (section, names) in others {
        text.push_str(&format!("  {} ({})\n", clean(section), names.len()));
        for name in names {
            text.push_str(&format!("    {}\n", clean(name)));
        }
    }
    let variables: Vec<String> = solution
        .variables
        .iter()
        .filter_map(|it| Some(format!("{} = {}", it.name, it.default.as_deref().filter(|text| !text.is_empty())?)))
        .collect();
    list(text, "Default values", &variables);
    let values: Vec<String> = solution.values.iter().map(|it| format!("{} = {}", it.variable, it.value)).collect();
    list(text, "Values that the solution sets", &values);
    let endpoints: Vec<String> = solution.endpoints.iter().map(|it| format!("{} → {}", it.name, it.address)).collect();
    list(text, "Endpoints", &endpoints);
    let users = |from: &BTreeSet<String>| from.iter().cloned().collect::<Vec<_>>().join(", ");
    let hosts = solution.hosts.hosts.iter().map(|(host, from)| format!("{host} ({})", users(from)));
    let connectors = solution.hosts.connectors.iter().map(|(name, from)| format!("connector {name} ({})", users(from)));
    list(text, "Where data may go", &hosts.chain(connectors).collect::<Vec<_>>());
    list(text, "Files that no component names", &solution.unclaimed);
    let unread = solution.unread.iter().map(|it| format!("{} (sha256 {})", it.path, sha256(it.content.as_bytes())));
    list(text, "Not understood, compared by digest", &unread.collect::<Vec<_>>());
    list(text, "Carried as it is, not shown here", &solution.not_understood);
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        text.push_str(&format!("\n{title}\n"));
        for line in lines {
            text.push_str(&format!("  {}\n", clean(line)));
        }
    }
}

fn value(setting: &Setting, solutions: &[Contents]) -> String {
    let is_it = |name: &str| name.eq_ignore_ascii_case(&setting.name);
    let brought = solutions.iter().flat_map(|it| &it.values).find(|it| is_it(&it.variable)).map(|it| &it.value);
    let default = || solutions.iter().flat_map(|it| &it.variables).find(|it| is_it(&it.name))?.default.as_ref();
    match &setting.value {
        Some(SettingValue::Text(text) | SettingValue::Connection(text)) => text.clone(),
        Some(SettingValue::SecretFromEnv(name)) => format!("a secret, from the environment variable {name}"),
        Some(SettingValue::SecretFromFile(path)) => format!("a secret, from the file {path}"),
        Some(SettingValue::SecretFromKeyVault(id)) => format!("a secret, from Key Vault {id}"),
        None if brought.is_some() => {
            format!("(the solution sets it: {})", brought.map(String::as_str).unwrap_or_default())
        }
        None if setting.required && setting.kind == SettingKind::ConnectionReference => {
            "(a connection is to be given)".into()
        }
        None if setting.required => "(to be given)".into(),
        None => match default().filter(|text| !text.is_empty()) {
            Some(text) => format!("(the default: {text})"),
            None => "(no value)".into(),
        },
    }
}

fn line(text: &mut String, label: &str, value: &str) {
    text.push_str(&format!("  {label:<12} {}\n", clean(value).trim_end()));
}

/// What a file says must not reach the terminal as a control sequence.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
