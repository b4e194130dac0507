//! Files that the manifest names: below its folder, one by one or by pattern.
//!
//! Paths stay below the manifest's folder: a checkout must be enough to build, on any machine.

use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;

use crate::catalog::credentials::{self, Credential};
use crate::diagnostic::{Diagnostic, nearest};
use crate::files::{self, FoundKind, is_tools_own, walk};
use crate::manifest::leaf::RelativePath;
use crate::yaml::shape::At;

const MAXIMUM_FILES: usize = 20_000;

/// Whether a path is a pattern for several files.
pub fn is_pattern(path: &At<RelativePath>) -> bool {
    path.value.0.contains(['*', '?', '[', '{'])
}

/// The path below the folder, or a finding when it leaves it.
pub fn inside(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    let mut inside = true;
    for part in Path::new(&path.value.0).components() {
        match part {
            Component::Normal(part) => clean.push(part),
            Component::CurDir => {}
            Component::ParentDir => inside &= clean.pop(),
            Component::RootDir | Component::Prefix(_) => inside = false,
        }
    }
    let full = folder.join(&clean);
    if inside && within(&full, folder) {
        if let Some(known) = credential(&full, folder) {
            findings.push(
                Diagnostic::error("credential-file", format!("`{}` is {}", path.shown, known.what))
                    .at(&path.span)
                    .help("whoever has the bundle would have it too: a bundle never contains such a file"),
            );
            return None;
        }
        return Some(full);
    }
    findings.push(
        Diagnostic::error("path-outside", format!("`{}` leaves the manifest's folder", path.shown))
            .at(&path.span)
            .help("put the files below the folder of the manifest, so that a checkout is enough to build"),
    );
    None
}

/// A file of a folder that the manifest names. It can be a link.
pub fn below(path: &At<RelativePath>, name: &str) -> At<RelativePath> {
    let join = |folder: &str| format!("{}/{name}", folder.trim_end_matches('/'));
    At { value: RelativePath(join(&path.value.0)), span: path.span.clone(), shown: join(&path.shown) }
}

/// The credentials that a file below the folder contains, by its place: as it is written, and after following links.
fn credential(full: &Path, folder: &Path) -> Option<&'static Credential> {
    let base = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let real = |path: &Path| {
        files::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
    };
    let (written, real_full, real_base) = (full.strip_prefix(folder).unwrap_or(full), real(full), real(base));
    // The project itself can be in a place that would not count, for example the system's folder for temporary files.
    let whole = credentials::file(&real_base).is_none().then_some(real_full.as_path());
    let below = real_full.strip_prefix(&real_base).ok();
    [Some(written), below, whole].into_iter().flatten().find_map(credentials::file)
}

/// Whether an existing path is below the folder once links are followed.
fn within(full: &Path, folder: &Path) -> bool {
    let base = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match (files::canonicalize(full), files::canonicalize(base)) {
        (Ok(full), Ok(base)) => full.starts_with(base),
        _ => true, // It does not exist, which is reported elsewhere.
    }
}

/// The one file of that path, with its last name.
pub fn one(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Vec<(PathBuf, String)> {
    let Some(full) = inside(path, folder, findings) else { return Vec::new() };
    if files::is_file(&full) {
        let last = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return vec![(full, last)];
    }
    let mut finding = Diagnostic::error("file-missing", format!("`{}` is not a file", path.shown)).at(&path.span);
    let siblings: Vec<String> = full
        .parent()
        .and_then(|parent| files::entries(parent).ok())
        .map(|entries| entries.iter().filter_map(|entry| Some(entry.name().to_str()?.to_owned())).take(1000).collect())
        .unwrap_or_default();
    let name = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    finding = match nearest(&name, siblings.iter().map(String::as_str)) {
        Some(near) if !files::is_dir(&full) => finding.help(format!("there is `{near}` beside it")),
        _ if files::is_dir(&full) => finding.help(format!(
            "for all files of the folder write `{}/**` and a name with `{{path}}`",
            path.shown.trim_end_matches('/')
        )),
        _ => finding.help("check the path; it starts at the manifest's folder"),
    };
    findings.push(finding);
    Vec::new()
}

/// The files of a pattern, sorted, each with its path below the folder before the first wildcard.
pub fn matches(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Vec<(PathBuf, String)> {
    let text = path.value.0.trim_start_matches("./");
    let fixed: Vec<&str> = text.split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let root = At { value: RelativePath(fixed.join("/")), span: path.span.clone(), shown: path.shown.clone() };
    let Some(root) = inside(&root, folder, findings) else { return Vec::new() };
    let rest = text.split('/').skip(fixed.len()).collect::<Vec<_>>().join("/");
    if rest.split('/').any(|part| part == "..") {
        findings.push(
            Diagnostic::error("path-outside", format!("`..` behind a wildcard in `{}`", path.shown))
                .at(&path.span)
                .help("write the folder out"),
        );
        return Vec::new();
    }
    let matcher = match GlobBuilder::new(&rest).literal_separator(true).build() {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => {
            findings.push(
                Diagnostic::error("pattern", format!("`{}` is not a pattern: {}", path.shown, error.kind()))
                    .at(&path.span)
                    .help("use `*`, `?` and `**`"),
            );
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    let visible = |name: &str| !name.starts_with('.') && !is_tools_own(name);
    for (index, entry) in walk(&root, visible).enumerate() {
        if index == MAXIMUM_FILES {
            let message =
                format!("more than {MAXIMUM_FILES} files and folders are looked through for `{}`", path.shown);
            findings.push(
                Diagnostic::error("pattern", message)
                    .at(&path.span)
                    .help("write more of the folder's path before the first wildcard"),
            );
            return Vec::new();
        }
        let Ok(below) = entry.path.strip_prefix(&root) else { continue };
        let below = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        if entry.kind == FoundKind::File && matcher.is_match(&below) && credential(&entry.path, folder).is_none() {
            found.push((entry.path, below));
        }
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    if found.is_empty() {
        findings.push(
            Diagnostic::error("pattern-empty", format!("no file matches `{}`", path.shown))
                .at(&path.span)
                .help("check the path; it starts at the manifest's folder"),
        );
    }
    found
}
