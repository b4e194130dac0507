//! `dvpack inspect`

pub(super) mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::archive::Timestamp;
use crate::bundle::column_security::unreadable;
use crate::bundle::descriptor::{BusinessUnit, Descriptor, Setting, SettingKind, SettingValue};
use crate::bundle::{self, Bundle, LIMIT, RoleView, role_views, secrets, sha256};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::inspect::document::InspectDocument;
use crate::cli::manifest_args::OverlayArgs;
use crate::cli::shell::Shell;
use crate::cli::wrong_file;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files;
use crate::manifest::{self, FILE_NAME};
use crate::solution::role::render_terminal;
use crate::solution::{self, Contents};

/// Show what a bundle, a solution or a manifest contains
///
/// Builds a manifest in memory first; writes nothing.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A bundle, a solution zip, an unpacked solution, or a manifest or its folder
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
    #[command(flatten)]
    overlay: OverlayArgs,
}

/// What is shown.
struct Subject {
    kind: &'static str,
    /// Digest and size, where there is a file.
    file: Option<(String, usize)>,
    descriptor: Option<Descriptor>,
    solutions: Vec<Contents>,
}

/// Runs `dvpack inspect`.
pub fn run(args: InspectArgs, shell: &Shell) -> Result<Exit, Failure> {
    let mut subject = read(&args.path, &args.overlay)?;
    let secrets = secrets::find(subject.descriptor.as_ref(), &subject.solutions, &args.path.display().to_string());
    subject.descriptor = subject.descriptor.map(secrets::shown);
    subject.solutions.iter_mut().for_each(secrets::hide_in);
    let roles = role_views(subject.descriptor.as_ref(), subject.solutions.iter());
    for solution in &subject.solutions {
        // Such a solution can be inspected, but not bundled.
        let warnings = solution.deviations.iter().cloned().map(|it| Diagnostic { severity: Severity::Warning, ..it });
        shell.findings(&warnings.collect::<Vec<_>>());
        shell.findings(&solution.lookalikes());
    }
    shell.findings(&secrets);
    shell.json(&subject.document(&roles, &secrets));
    shell.result(&subject.text(&roles, shell.color(), shell.width()));
    Ok(Exit::Done)
}

fn read(path: &Path, overlay: &OverlayArgs) -> Result<Subject, Failure> {
    let name = path.display().to_string();
    let is_manifest = files::is_dir(path) && files::exists(&path.join(FILE_NAME))
        || files::is_file(path) && wrong_file::is_manifest_file(path);
    if is_manifest {
        let package = manifest::load(&overlay.request(path)).map_err(Failure::invalid)?.package;
        let assembled = solution::assemble(&package).map_err(Failure::invalid)?;
        let built = bundle::build(&package, &assembled.zip, &assembled.roles, Timestamp::FIRST)
            .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        let solutions = vec![Contents::read(&assembled.zip, &name).map_err(Failure::invalid)?];
        return Ok(Subject { kind: "manifest", file: None, descriptor: Some(built.descriptor), solutions });
    }
    if overlay.environment.is_some() {
        return Err(Failure::usage(format!("`{name}` is not a manifest, so it has no environments")));
    }
    if !overlay.set.is_empty() {
        return Err(Failure::usage(format!("`{name}` is not a manifest, so `--set` does not apply")));
    }
    if files::is_dir(path) {
        let package = solution::read_folder(path).map_err(Failure::invalid)?;
        let solutions = vec![Contents::of(&package).map_err(Failure::invalid)?];
        return Ok(Subject { kind: "folder", file: None, descriptor: None, solutions });
    }
    let bytes = files::read(path, LIMIT)?;
    let file = Some((sha256(&bytes), bytes.len()));
    let names = crate::archive::names(&bytes, &crate::archive::Limits::of_solutions()).map_err(|refusal| {
        let help = "give a manifest, a bundle, a solution zip, or an unpacked folder";
        Failure::invalid(vec![
            Diagnostic::error("cannot-inspect", refusal.to_string()).in_file(name.clone(), None).help(help),
        ])
    })?;
    if names.iter().any(|name| name == "bundle.json") {
        let bundle = Bundle::from_bytes(&bytes, &name).map_err(Failure::invalid)?;
        let (descriptor, solutions) = bundle.into_contents();
        return Ok(Subject { kind: "bundle", file, descriptor: Some(descriptor), solutions });
    }
    let solutions = vec![Contents::read(&bytes, &name).map_err(Failure::invalid)?];
    Ok(Subject { kind: "solution", file, descriptor: None, solutions })
}

impl Subject {
    fn document(&self, roles: &[RoleView], secrets: &[Diagnostic]) -> InspectDocument {
        InspectDocument {
            kind: self.kind,
            sha256: self.file.as_ref().map(|(digest, _)| digest.clone()),
            size: self.file.as_ref().map(|(_, size)| *size),
            bundle: self.descriptor.clone(),
            solutions: self.solutions.iter().map(document::solution::Solution::from).collect(),
            roles: roles.iter().map(document::Role::from).collect(),
            secrets: secrets.iter().map(|it| it.message.clone()).collect(),
        }
    }

    fn text(&self, roles: &[RoleView], color: bool, width: usize) -> String {
        let mut text = self.solutions.iter().map(heading).collect::<String>();
        if let Some(descriptor) = &self.descriptor {
            release(&mut text, descriptor);
            for unreadable in unreadable(descriptor, self.solutions.iter().map(|it| &it.column_security)) {
                line(&mut text, "", &format!("! {unreadable} for the application user"));
            }
        }
        if let Some((digest, _)) = &self.file {
            line(&mut text, "sha256", digest);
        }
        for role in roles {
            let noun = if role.rows.len() == 1 { "privilege" } else { "privileges" };
            text.push_str(&format!("\nRole {} ({}), {} {noun}\n", clean(&role.name), role.id, role.rows.len()));
            let joiners = crate::text::joiners(&role.name);
            if !joiners.is_empty() {
                text.push_str(&format!("  the name contains {joiners}\n"));
            }
            if let Some(description) = &role.description {
                text.push_str(&format!("  {}\n", clean(description)));
            }
            for (name, value) in &role.unusual {
                text.push_str(&format!("  {} = {}\n", clean(name), clean(value)));
            }
            text.push_str(&render_terminal(&role.matrix, color, width));
            text.push_str(&reasons(role));
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

/// Why the author grants what: a line for each reason.
fn reasons(role: &RoleView) -> String {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &role.rows {
        if let Some(because) = &row.because {
            reasons.entry(because).or_default().push(&row.name);
        }
    }
    let line = |(because, names): (&str, Vec<&str>)| format!("  {} because: {}\n", names.join(", "), clean(because));
    reasons.into_iter().map(line).collect()
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
        let url = environment.url.as_ref().map(|url| format!(" ({url})")).unwrap_or_default();
        line(text, "environment", &format!("{}{url}", environment.name));
    }
    if let Some(application) = &descriptor.application {
        let name = application.name.as_deref().unwrap_or_default();
        line(text, "application", &format!("{} {name}", application.client_id));
        if application.multi_tenant {
            line(text, "", "any tenant can consent to it");
        }
        if let Some(date) = application.secret_expires {
            line(text, "", &format!("its secret expires on {date}"));
        }
        for uri in application.redirect_uris.all() {
            line(text, "", &format!("sends people and their sign-in to {uri}"));
        }
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
        if let Some(email) = &user.email {
            line(text, "", &format!("has the e-mail address {email}"));
        }
        for profile in &user.column_security_profiles {
            line(text, "", &format!("with the column security profile {} ({})", profile.name, profile.id));
        }
        if user.only_declared_roles {
            line(text, "", "any other role is taken away");
        }
    }
    if let Some(version) = descriptor.requires.server_version {
        line(text, "requires", &format!("server {version}"));
    }
    for solution in &descriptor.requires.solutions {
        let version = solution.version.map(|version| format!(" {version}")).unwrap_or_default();
        line(text, "requires", &format!("{}{version}", solution.name));
    }
    for (at, signer) in descriptor.signers.iter().enumerate() {
        line(text, if at == 0 { "signers" } else { "" }, &format!("expected: {signer}"));
    }
    let tool = &descriptor.tool;
    let compression = tool.compressor.as_ref().map(|name| format!(", compressed by {name}")).unwrap_or_default();
    line(text, "built by", &format!("{} {}{compression}", tool.name, tool.version));
    for solution in &descriptor.solutions {
        line(text, "solution", &format!("sha256 {}", solution.sha256));
    }
}

/// The components by kind, and what has no name here.
fn components(text: &mut String, solution: &Contents) {
    // The names in the base language are in the heading.
    let identity = &solution.identity;
    let heading = [&identity.display_name, &identity.publisher.display_name];
    let others = solution.labels.iter().filter(|it| !it.of.ends_with("Names") || !heading.contains(&&it.text));
    let labels = others.map(|it| format!("{} {}: {}", it.of, it.language, it.text));
    list(text, "Names and descriptions by language", &labels.collect::<Vec<_>>());
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
    let settings = solution.organization_settings.iter().map(|(name, value)| format!("{name} = {value}"));
    list(text, "Settings of the organization that it changes", &settings.collect::<Vec<_>>());
    let permissions = solution.column_security.profiles.iter().flat_map(|profile| {
        let none = profile.permissions.is_empty().then(|| "nothing".to_owned());
        let all = profile.permissions.iter().map(ToString::to_string).chain(none);
        all.map(|permission| format!("{} ({}) allows {permission}", profile.name, profile.id))
    });
    list(text, "Column security profiles", &permissions.collect::<Vec<_>>());
    list(text, "Secured columns", &solution.column_security.secured_columns().collect::<Vec<_>>());
    let processes = solution.processes.iter().map(|it| {
        let remarks = it.remarks().into_iter().map(|remark| format!(", {remark}")).collect::<String>();
        format!("{:<3}  {} {}{remarks}", it.state(), it.kind.word(), it.name)
    });
    list(text, "Flows, workflows and plug-in steps", &processes.collect::<Vec<_>>());
    let acting = solution.acting.iter().map(|it| format!("{}: {}", it.called(), it.words()));
    list(text, "What acts, and how", &acting.collect::<Vec<_>>());
    let endpoints: Vec<String> = solution.endpoints.iter().map(|it| format!("{} → {}", it.name, it.address)).collect();
    list(text, "Endpoints", &endpoints);
    let users = |from: &BTreeSet<String>| from.iter().cloned().collect::<Vec<_>>().join(", ");
    let hosts = solution.hosts.hosts.iter().map(|(host, from)| format!("{host} ({})", users(from)));
    let connectors = solution.hosts.connectors.iter().map(|(name, from)| format!("connector {name} ({})", users(from)));
    list(text, "Where data may go", &hosts.chain(connectors).collect::<Vec<_>>());
    list(text, "Not looked into for addresses", &solution.hosts.unseen.iter().cloned().collect::<Vec<_>>());
    let page: Vec<String> = solution.configuration_page().into_iter().collect();
    list(text, "Opens as its configuration page", &page);
    let needs = solution.dependencies.iter().map(|it| {
        let version = it.version.map(|version| format!(" {version}")).unwrap_or_default();
        format!("{}{version}: {}", it.solution, it.components.join(", "))
    });
    list(text, "Needs of other solutions", &needs.collect::<Vec<_>>());
    let roots = solution.root_components.iter().map(|it| {
        let name = it.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{}{name}, {}", it.title(), it.extent())
    });
    list(text, "Root components", &roots.collect::<Vec<_>>());
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
    let brought = solutions.iter().find_map(|it| it.value_of(&setting.name));
    let default = || solutions.iter().flat_map(|it| &it.variables).find(|it| is_it(&it.name))?.default.as_ref();
    match &setting.value {
        Some(SettingValue::Text(text) | SettingValue::Connection(text)) => text.clone(),
        Some(SettingValue::SecretFromEnv(name)) => format!("a secret, from the environment variable {name}"),
        Some(SettingValue::SecretFromFile(path)) => format!("a secret, from the file {path}"),
        Some(SettingValue::SecretFromKeyVault(id)) => format!("a secret, from Key Vault {id}"),
        None if brought.is_some() => format!("(the solution sets it: {})", brought.unwrap_or_default()),
        None if setting.required && setting.kind == SettingKind::ConnectionReference => {
            "(a connection must be given)".into()
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

/// Text from a file must not reach the terminal as a control sequence.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
