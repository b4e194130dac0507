//! `dvpack diff`

use std::path::{Path, PathBuf};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::archive::Timestamp;
use crate::bundle::diff::{BUNDLE, Change, Difference, Side, compare, human, markdown};
use crate::bundle::{self, Bundle, LIMIT, sha256};
use crate::cli::document::{Document, Ending};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::manifest_args::OverlayArgs;
use crate::cli::running;
use crate::cli::shell::Shell;
use crate::cli::target::{LiveArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::cli::wrong_file;
use crate::deploy::{live, report};
use crate::files;
use crate::manifest::{self, FILE_NAME};
use crate::solution::{self, Contents};

/// Compare two manifests, bundles or solutions, or one of them with an environment
///
/// `dvpack diff OLD NEW`, or `dvpack diff NEW --url https://contoso.crm.dynamics.com`. Exit code 10: a
/// privilege was gained or goes deeper than before, so that a pipeline can ask a reviewer; 0: none was, whatever else
/// changed.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The old side: a manifest or its folder, a bundle, a solution zip, an unpacked solution; with `--url`, what would
    /// be applied
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The new side, in any of these forms
    #[arg(value_name = "NEW", required_unless_present_any = ["url", "sandbox"], conflicts_with_all = ["url", "sandbox"])]
    new: Option<PathBuf>,
    #[command(flatten)]
    overlay: OverlayArgs,
    /// Print Markdown, for a comment on a pull request
    #[arg(long)]
    markdown: bool,
    #[command(flatten)]
    live: LiveArgs,
}

/// What changed.
#[derive(Serialize, JsonSchema)]
pub struct DiffDocument {
    /// Everything that differs, as one list.
    differences: Vec<Change>,
    /// The same by roles, components, settings and facts.
    difference: Difference,
}

impl Document for DiffDocument {
    const VERB: &'static str = "diff";

    fn ending(&self) -> Ending {
        Ending::of(if self.difference.gained { Exit::Pending } else { Exit::Done }, "")
    }
}

/// Runs `dvpack diff`.
pub fn run(args: DiffArgs, shell: &Shell) -> Result<Exit, Failure> {
    if !args.overlay.set.is_empty()
        && ![Some(&args.old), args.new.as_ref()].into_iter().flatten().any(|path| is_manifest(path))
    {
        return Err(Failure::usage("`--set` belongs to a manifest, and none is compared"));
    }
    let mut heading = String::new();
    let difference = match &args.new {
        Some(new) => compare(&side(&args.old, &args.overlay)?, &side(new, &args.overlay)?),
        None => {
            let new = side(&args.old, &args.overlay)?;
            let there = environment_side(args.old, args.overlay, args.live, &new, shell)?;
            shell.status("Compared", &format!("with {}", there.label));
            if args.markdown {
                heading = format!("Compared with {}\n\n", report::cell(&there.label));
            }
            compare(&there, &new)
        }
    };
    let text = if args.markdown { markdown(&difference) } else { human(&difference, shell.color()) };
    shell.result(&(heading + &text));
    let document = DiffDocument { differences: difference.changes(), difference };
    shell.json(&document);
    Ok(document.ending().exit)
}

fn is_manifest(path: &Path) -> bool {
    files::is_dir(path) && files::exists(&path.join(FILE_NAME))
        || files::is_file(path) && wrong_file::is_manifest_file(path)
}

fn side(path: &Path, overlay: &OverlayArgs) -> Result<Side, Failure> {
    let label = path.display().to_string();
    if is_manifest(path) {
        let package = manifest::load(&overlay.request(path)).map_err(Failure::invalid)?.package;
        let assembled = solution::assemble(&package).map_err(Failure::invalid)?;
        let built = bundle::build(&package, &assembled.zip, &assembled.roles, Timestamp::FIRST)
            .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        let contents = Contents::read(&assembled.zip, &label).map_err(Failure::invalid)?;
        let entries = crate::archive::read(&built.bytes, &crate::archive::Limits::default())
            .map_err(|refusal| Failure::new(Exit::Failed, refusal.to_string()))?;
        return Ok(Side::of_bundle(&label, &built.descriptor, &[contents], &entries));
    }
    if files::is_dir(path) {
        let package = solution::read_folder(path).map_err(Failure::invalid)?;
        let zip = solution::write_zip(&package).map_err(Failure::invalid)?;
        let contents = Contents::read(&zip, &package.origin).map_err(Failure::invalid)?;
        return Ok(Side::of_solution(&label, &contents, None).with_original(&zip, &contents));
    }
    let bytes = files::read(path, LIMIT)?;
    let named = path.extension().is_some_and(|extension| extension == "dvpack");
    if named || wrong_file::is_bundle(&bytes) {
        let bundle = Bundle::from_bytes(&bytes, &label).map_err(Failure::invalid)?;
        let mut side = Side::of_bundle(&label, bundle.descriptor(), bundle.solutions(), bundle.entries());
        side.archives.get_or_insert_default().insert(BUNDLE.to_owned(), sha256(&bytes));
        return Ok(side);
    }
    Ok(Side::of_solution(&label, &Contents::read(&bytes, &label).map_err(Failure::invalid)?, Some(&bytes)))
}

/// What the environment has of the bundle or manifest at `path`; `new` is that one's side.
fn environment_side(
    path: PathBuf,
    overlay: OverlayArgs,
    live: LiveArgs,
    new: &Side,
    shell: &Shell,
) -> Result<Side, Failure> {
    running::run(async {
        let timeout = live.look.timeout;
        let target = TargetArgs::of(path, overlay, live);
        let session = target.session_within(timeout, shell, &Voice::new(shell)).await?;
        let packages = session.desired.packages.iter();
        let packages: Result<Vec<_>, _> =
            packages.map(|package| Contents::read(&package.zip, &package.solution.file)).collect();
        let packages = packages.map_err(Failure::invalid)?;
        let organization = session.organization().await.and_then(|organization| organization.name);
        let label = report::place(&session.url, organization.as_deref());
        Ok(live::side(&session.client, &label, &session.desired, &packages, new).await?)
    })
}
