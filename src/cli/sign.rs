//! `dvpack sign`

use std::path::{Path, PathBuf};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use walkdir::WalkDir;

use crate::archive::Timestamp;
use crate::bundle::provenance::{Builder, Inputs, Statement, Subject, statement};
use crate::bundle::signature::{self, SigningKey};
use crate::bundle::{self, Bundle, sha256};
use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::manifest_args::pair;
use crate::cli::shell::Shell;
use crate::cli::trust::{SIGNATURE_LIMIT, read_root};
use crate::cli::wrong_file;
use crate::process_env;
use crate::secret::Secret;
use crate::{files, manifest, solution};

/// More input files than this are not listed.
const MAXIMUM_INPUTS: usize = 20_000;
const INPUT_LIMIT: u64 = 1 << 30;

/// Sign a bundle with your key, or attach a keyless signature
///
/// Puts a signature and its public key into the bundle, after all other files. The signed statement says where the
/// bundle comes from: its digest, the digest of every file, the pipeline that runs this, and with --source the manifest
/// and the files that it was built from. The key is ECDSA P-256 or Ed25519 in PEM; the passphrase of an encrypted key
/// is read from `DVPACK_KEY_PASSPHRASE`, or asked for at the terminal. With --attach, checks a keyless signature that
/// another tool made, and puts it into the bundle.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The private key (PEM)
    #[arg(long, value_name = "FILE", required_unless_present = "attach")]
    key: Option<PathBuf>,
    /// Attach a keyless signature that another tool made: a Sigstore bundle for the unsigned bundle
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "source"])]
    attach: Option<PathBuf>,
    /// The trusted root of another Sigstore instance; only with --attach
    #[arg(long, value_name = "FILE", requires = "attach")]
    trusted_root: Option<PathBuf>,
    /// Build again from this manifest or folder, refuse to sign if the files differ, and record all input files
    #[arg(long, value_name = "DIR|FILE")]
    source: Option<PathBuf>,
    /// A value for `${{ set.NAME }}`; repeatable; only with --source
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, requires = "source")]
    set: Vec<(String, String)>,
    /// Where to write the signed bundle; by default, it replaces the bundle
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file that --output names even if it is not a bundle
    #[arg(long)]
    force: bool,
}

/// A bundle that was signed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignDocument {
    /// The signed bundle.
    file: PathBuf,
    /// Its SHA-256.
    sha256: String,
    /// The SHA-256 of the bundle without signatures, where a key signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    unsigned_sha256: Option<String>,
    /// The SHA-256 of the public key, where a key signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Who signed, where a signature was attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
    /// The in-toto statement; absent where only the file itself was signed.
    statement: Option<Statement>,
}

impl Document for SignDocument {
    const VERB: &'static str = "sign";
}

/// Runs `dvpack sign`.
pub fn run(args: SignArgs, shell: &Shell) -> Result<Exit, Failure> {
    let bytes = files::read(&args.bundle, bundle::LIMIT)?;
    if let Some(output) = args.output.as_ref().filter(|_| !args.force)
        && !files::replaceable(output, bundle::LIMIT, |there| Bundle::from_bytes(there, "").is_ok())?
    {
        let message = format!("`{}` already exists and is not a bundle", output.display());
        return Err(Failure::new(Exit::Failed, message)
            .help("move it away, choose another file with `--output`, or replace it with `--force`"));
    }
    let name = args.bundle.display().to_string();
    let bundle = Bundle::from_bytes(&bytes, &name).map_err(Failure::invalid)?;
    let unsigned = signature::unsigned(&bytes).map_err(|error| Failure::new(Exit::Invalid, error.to_string()))?;
    let Some(key_file) = &args.key else { return attach(&args, &bytes, shell) };
    let inputs = match &args.source {
        Some(source) => inputs(source, &args.set, &bundle)?,
        None => Inputs::default(),
    };
    let key = SigningKey::read(key_file, &mut || passphrase(shell, key_file))?;
    let builder = Builder::detect(&process_env::text);
    let statement = statement(&bundle, &unsigned, &inputs, &builder);
    let signed =
        signature::sign(&bytes, &statement, &key).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    // Never write what dvpack itself would not accept.
    Bundle::from_bytes(&signed, &name).map_err(Failure::invalid)?;
    let output = args.output.unwrap_or(args.bundle);
    files::replace(&output, &signed)?;

    let digest = key.public().digest();
    shell.json(&SignDocument {
        file: output.clone(),
        sha256: sha256(&signed),
        unsigned_sha256: Some(sha256(&unsigned)),
        key: Some(digest.clone()),
        signer: None,
        statement: Some(statement),
    });
    let mut text = format!("signed    {}\n", output.display());
    text.push_str(&format!("key       sha256:{digest}\n"));
    text.push_str(&format!("builder   {}\n", builder.id));
    match inputs.manifest {
        Some(_) => text
            .push_str(&format!("source    built again and equal; {} files besides the manifest\n", inputs.files.len())),
        None => text.push_str("source    not stated; give --source to have it built again, compared and stated\n"),
    }
    text.push_str(&format!("next:     dvpack verify {} --key PUBLIC-KEY.pem\n", output.display()));
    shell.result(&text);
    Ok(Exit::Done)
}

/// Puts a keyless signature into the bundle.
fn attach(args: &SignArgs, bytes: &[u8], shell: &Shell) -> Result<Exit, Failure> {
    let Some(path) = &args.attach else { return Err(Failure::usage("which key?")) };
    let json = files::read_text(path, SIGNATURE_LIMIT)?;
    let root = read_root(args.trusted_root.as_ref())?;
    let (signed, signature) = signature::attach(bytes, &json, root.as_deref())?;
    let output = args.output.as_ref().unwrap_or(&args.bundle);
    Bundle::from_bytes(&signed, &output.display().to_string()).map_err(Failure::invalid)?;
    files::replace(output, &signed)?;
    shell.result(&format!("signed    {}\nsigner    {}\n", output.display(), signature.signer));
    shell.json(&SignDocument {
        file: output.clone(),
        sha256: sha256(&signed),
        unsigned_sha256: None,
        key: None,
        signer: Some(signature.signer.to_string()),
        statement: signature.statement,
    });
    Ok(Exit::Done)
}

/// The passphrase of an encrypted key.
fn passphrase(shell: &Shell, key: &Path) -> Option<Secret> {
    if let Some(text) = process_env::text("DVPACK_KEY_PASSPHRASE")
        && !text.is_empty()
    {
        return Some(Secret::new(text));
    }
    if !shell.can_ask() {
        return None;
    }
    let shown = shell.prompt(&format!("Passphrase of {}:", key.display()));
    shown.then(|| rpassword::read_password().ok().map(Secret::new)).flatten()
}

/// Builds again, and lists the inputs.
fn inputs(source: &Path, set: &[(String, String)], bundle: &Bundle) -> Result<Inputs, Failure> {
    wrong_file::for_manifest(source)?;
    let environment = bundle.descriptor().environment.as_ref().map(|environment| environment.name.clone());
    let request = manifest::Request { path: source.to_owned(), environment, set: set.to_vec(), today: None };
    let package = manifest::load(&request).map_err(Failure::invalid)?.package;
    let assembled = solution::assemble(&package).map_err(Failure::invalid)?;
    let built = bundle::build(&package, &assembled.zip, &assembled.roles, Timestamp::FIRST)
        .map_err(|error| Failure::invalid(error.findings()))?;
    let again = Bundle::from_bytes(&built.bytes, &built.name).map_err(Failure::invalid)?;
    let differs: Vec<_> = again
        .entries()
        .iter()
        .filter(|entry| bundle.file(&entry.name) != Some(&entry.bytes))
        .map(|entry| format!("`{}`", entry.name))
        .collect();
    if !differs.is_empty() {
        return Err(Failure::new(Exit::Invalid, format!("the source gives other files: {}", differs.join(", ")))
            .help("build the bundle again from this source, with this dvpack"));
    }
    let manifest = if files::is_dir(source) { source.join("dvpack.yaml") } else { source.to_owned() };
    let mut found = Vec::new();
    for resource in &package.components.web_resources {
        found.push(resource.path.clone());
    }
    for folder in &package.components.sources {
        let walk = WalkDir::new(&folder.path).into_iter().filter_map(Result::ok);
        found.extend(walk.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path));
    }
    found.sort();
    found.dedup();
    let folder = manifest.parent().unwrap_or(Path::new("")).to_owned();
    let subject = |path: &PathBuf| -> Result<Subject, Failure> {
        let name = path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        Ok(Subject::of(name, &files::read(path, INPUT_LIMIT)?))
    };
    Ok(Inputs {
        manifest: Some(subject(&manifest)?),
        files: found.iter().take(MAXIMUM_INPUTS).map(subject).collect::<Result<_, _>>()?,
    })
}
