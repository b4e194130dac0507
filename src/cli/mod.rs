//! The command line: one file per verb, each with its arguments, its help and one function.
//!
//! Only this module prints, and only through [`shell::Shell`].

mod accepted;
mod adopt;
mod allow_value;
mod apply;
mod belongs;
mod bug;
mod build;
pub mod check;
mod completions;
mod consent;
mod diff;
mod doctor;
mod document;
pub mod environment_variables;
pub mod exit;
pub mod failure;
mod init;
mod inspect;
mod manifest_args;
mod outputs;
mod pack;
mod pipeline;
mod plan;
mod question;
mod remove;
mod report;
mod request_log;
mod role_from;
mod running;
mod sandbox;
mod sarif;
mod schema;
pub mod shell;
mod sign;
pub mod sign_in;
mod sink;
mod source_line;
mod status;
mod stopped;
mod target;
mod target_guard;
mod trust;
mod unpack;
mod verify;
mod voice;
mod wrong_file;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand};

use crate::catalog::credentials;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::{Color, Format, Shell};
use crate::process_env;
use crate::secret::{self, Secret};

/// Package a Dataverse solution with its security role and application user, and apply it safely.
///
/// One YAML manifest (dvpack.yaml) describes role, components and application user; `build` makes the managed solution
/// and a release bundle; `apply` imports it into an environment and creates or adopts the application user with just
/// that role. Running it again changes nothing.
#[derive(Debug, Parser)]
#[command(name = "dvpack", version, propagate_version = true, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    /// Print the licences of dvpack and of every library in it
    #[arg(long, exclusive = true)]
    licenses: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// Made by `tests/tools/licenses.py`; a test compares it with `Cargo.lock`.
const LICENSES: &str = include_str!("../../THIRD-PARTY-LICENSES.txt");

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// The format of the result
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, global = true)]
    color: Color,
    /// Print only the result and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print more detail; repeat for still more
    #[arg(short, long, action = ArgAction::Count, global = true)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Build(build::BuildArgs),
    Pack(pack::PackArgs),
    Unpack(unpack::UnpackArgs),
    Inspect(inspect::InspectArgs),
    Diff(diff::DiffArgs),
    Verify(verify::VerifyArgs),
    Sign(sign::SignArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Status(status::StatusArgs),
    Remove(remove::RemoveArgs),
    Doctor(doctor::DoctorArgs),
    Consent(consent::ConsentArgs),
    Sandbox(sandbox::SandboxArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // None of them is printed, even if an argument or an excerpt of a manifest repeats it.
    let _credentials = credentials_of_environment();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => return usage(&belongs::named(message, &Cli::command())),
    };
    let verbosity = if cli.global.quiet { -1 } else { i8::try_from(cli.global.verbose).unwrap_or(i8::MAX) };
    let shell = Shell::new(cli.global.format, verbosity, cli.global.color);
    bug::watch(&shell);
    if cli.licenses {
        shell.raw(LICENSES.as_bytes());
        return sink::finish(Exit::Done).into();
    }
    let Some(verb) = cli.verb else {
        return usage(&Cli::command().error(ErrorKind::MissingSubcommand, "which verb? `dvpack --help` lists them"));
    };
    let exit = run(verb, &shell).unwrap_or_else(|failure| {
        shell.failure(&failure);
        failure.exit
    });
    secret::forget_unused();
    sink::finish(exit).into()
}

/// The texts of the variables that contain credentials of dvpack, of a pipeline or of a tool.
fn credentials_of_environment() -> Vec<Secret> {
    let texts = process_env::texts();
    texts.filter(|(name, _)| credentials::variable(name).is_some()).map(|(_, text)| Secret::new(text)).collect()
}

/// Whether a command line that cannot be understood asks for JSON.
fn asks_for_json(arguments: impl IntoIterator<Item = OsString>) -> bool {
    let arguments: Vec<OsString> = arguments.into_iter().skip(1).take_while(|argument| argument != "--").collect();
    let apart = arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    apart || arguments.iter().any(|argument| argument == "--format=json")
}

/// A usage error in the words of the parser: what is wrong; what belongs to it; then tips and how to call the verb.
fn misused(text: &str) -> Failure {
    let mut paragraphs = text.trim().split("\n\n").map(|paragraph| paragraph.lines().map(str::trim));
    let mut first = paragraphs.next().into_iter().flatten();
    let message = first.next().unwrap_or_default().trim_start_matches("error: ").trim_end_matches(':');
    let mut failure = Failure::usage(message);
    failure.details = first.map(str::to_owned).collect();
    failure.help = paragraphs.flatten().map(|line| line.trim_start_matches("tip: ").to_owned()).collect();
    failure
}

/// Help, a version, or a usage error.
fn usage(message: &clap::Error) -> ExitCode {
    let shell = Shell::new(Format::Human, 0, Color::Auto);
    shell.usage(message);
    if message.use_stderr() && asks_for_json(process_env::arguments()) {
        shell.document(&misused(&message.render().to_string()).to_document());
    }
    sink::finish(if message.use_stderr() { Exit::Usage } else { Exit::Done }).into()
}

fn run(verb: Verb, shell: &Shell) -> Result<Exit, Failure> {
    match verb {
        Verb::Init(args) => init::run(args, shell),
        Verb::Check(args) => check::run(args, shell),
        Verb::Build(args) => build::run(args, shell),
        Verb::Pack(args) => pack::run(args, shell),
        Verb::Unpack(args) => unpack::run(args, shell),
        Verb::Inspect(args) => inspect::run(args, shell),
        Verb::Diff(args) => diff::run(args, shell),
        Verb::Verify(args) => verify::run(args, shell),
        Verb::Sign(args) => sign::run(args, shell),
        Verb::Plan(args) => plan::run(args, shell),
        Verb::Apply(args) => apply::run(args, shell),
        Verb::Status(args) => status::run(args, shell),
        Verb::Remove(args) => remove::run(args, shell),
        Verb::Doctor(args) => doctor::run(args, shell),
        Verb::Consent(args) => consent::run(args, shell),
        Verb::Sandbox(args) => sandbox::run(args, shell),
        Verb::Schema(args) => schema::run(args, shell),
        Verb::Completions(args) => completions::run(args, &mut Cli::command(), shell),
    }
}
