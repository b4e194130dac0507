//! `dvpack inspect`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::archive::Timestamp;
use crate::bundle::descriptor::{BusinessUnit, Descriptor, Setting, SettingKind, SettingValue};
use crate::bundle::{self, Bundle, LIMIT, sha256};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::manifest::{self, FILE_NAME, Request};
use crate::solution::components::not_understood;
use crate::solution::role::{Matrix, Role, look_twice, matrix_with, render_terminal, summary};
use crate::solution::{self, SolutionPackage};

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
}

/// What is shown.
struct Subject {
    kind: &'static str,
    /// Digest and size, where there is a file.
    file: Option<(String, usize)>,
    descriptor: Option<Descriptor>,
    solutions: Vec<SolutionPackage>,
}

/// A role with what people read of it.
struct Shown {
    role: Role,
    matrix: Matrix,
}

/// Runs `dvpack inspect`.
pub fn run(args: InspectArgs, shell: &Shell) -> Result<Exit, Failure> {
    let subject = read(&args.path, args.environment)?;
    let roles = subject.roles()?;
    for solution in &subject.solutions {
        shell.findings(&solution.findings);
    }
    shell.json(&subject.json(&roles));
    shell.result(&subject.text(&roles, shell.color(), shell.width()));
    Ok(Exit::Done)
}

fn read(path: &Path, environment: Option<String>) -> Result<Subject, Failure> {
    let name = path.display().to_string();
    let is_manifest = path.is_dir() && path.join(FILE_NAME).exists()
        || path.is_file() && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_manifest {
        let request = Request { environment, ..Request::new(path) };
        let package = manifest::load(&request).map_err(Failure::invalid)?.package;
        let assembled = solution::assemble(&package).map_err(Failure::invalid)?;
        let built = bundle::build(&package, &assembled.zip, Timestamp::FIRST)
            .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        let solutions = vec![assembled.model];
        return Ok(Subject { kind: "manifest", file: None, descriptor: Some(built.descriptor), solutions });
    }
    if environment.is_some() {
        return Err(Failure::usage(format!("`{name}` is no manifest, so it has no environments")));
    }
    if path.is_dir() {
        let solutions = vec![solution::read_folder(path).map_err(Failure::invalid)?];
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
            .map(|(bytes, file)| solution::read_zip(bytes, file))
            .collect::<Result<_, _>>()
            .map_err(Failure::invalid)?;
        return Ok(Subject { kind: "bundle", file, descriptor: Some(bundle.descriptor().clone()), solutions });
    }
    let solutions = vec![solution::read_zip(&bytes, &name).map_err(Failure::invalid)?];
    Ok(Subject { kind: "solution", file, descriptor: None, solutions })
}

impl Subject {
    /// The roles of all solutions, with the reasons that the bundle gives.
    fn roles(&self) -> Result<Vec<Shown>, Failure> {
        let mut shown = Vec::new();
        for solution in &self.solutions {
            let own = solution.own_tables();
            for mut role in solution.roles().map_err(Failure::invalid)? {
                let described =
                    self.descriptor.as_ref().and_then(|bundle| bundle.roles.iter().find(|it| it.id == role.id));
                for row in &mut role.rows {
                    let privilege = described.and_then(|it| it.privileges.iter().find(|p| p.name == row.name));
                    row.because = privilege.and_then(|privilege| privilege.because.as_deref()).map(clean);
                    row.name = clean(&row.name);
                }
                let matrix = matrix_with(&role.rows, &own);
                shown.push(Shown { role, matrix });
            }
        }
        Ok(shown)
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
        for Shown { role, matrix } in roles {
            let noun = if role.rows.len() == 1 { "privilege" } else { "privileges" };
            text.push_str(&format!("\nRole {} ({}), {} {noun}\n", clean(&role.name), role.id, role.rows.len()));
            if let Some(description) = role.description.as_deref().filter(|it| !it.trim().is_empty()) {
                text.push_str(&format!("  {}\n", clean(description)));
            }
            text.push_str(&render_terminal(matrix, color, width));
        }
        match &self.descriptor {
            Some(descriptor) if !descriptor.settings.is_empty() => {
                text.push_str("\nSettings\n");
                for setting in &descriptor.settings {
                    text.push_str(&format!("  {} = {}\n", clean(&setting.name), clean(&value(setting))));
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

fn solution_json(solution: &SolutionPackage) -> Value {
    let publisher = solution.publisher();
    json!({
        "name": solution.unique_name(),
        "displayName": solution.display_name(),
        "version": solution.version_text(),
        "managed": solution.managed(),
        "publisher": {
            "name": publisher.name,
            "displayName": publisher.display_name,
            "prefix": publisher.prefix,
            "optionValuePrefix": publisher.option_value_prefix,
        },
        "components": solution.components().iter()
            .map(|it| json!({ "kind": it.kind, "name": it.name, "id": it.id }))
            .collect::<Vec<_>>(),
        "environmentVariables": solution.environment_variables().iter()
            .map(|it| json!({ "name": it.name, "displayName": it.display_name, "default": it.default, "required": it.required }))
            .collect::<Vec<_>>(),
        "connectionReferences": solution.connection_references().iter()
            .map(|it| json!({ "name": it.name, "displayName": it.display_name, "connector": it.connector }))
            .collect::<Vec<_>>(),
        "notUnderstood": not_understood(solution),
    })
}

fn heading(solution: &SolutionPackage) -> String {
    let managed = if solution.managed() { "managed" } else { "unmanaged" };
    let mut text = format!("{} {} ({managed})\n", clean(&solution.display_name()), clean(&solution.version_text()));
    line(&mut text, "name", &solution.unique_name());
    let publisher = solution.publisher();
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
fn components(text: &mut String, solution: &SolutionPackage) {
    let components = solution.components();
    if !components.is_empty() {
        text.push_str("\nComponents\n");
    }
    for of_kind in components.chunk_by(|a, b| a.kind == b.kind) {
        text.push_str(&format!("  {} ({})\n", of_kind[0].kind, of_kind.len()));
        for component in of_kind {
            text.push_str(&format!("    {}\n", clean(&component.name)));
        }
    }
    let others = not_understood(solution);
    if !others.is_empty() {
        text.push_str("\nCarried as it is, not shown here\n");
        for other in others {
            text.push_str(&format!("  {}\n", clean(&other)));
        }
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
