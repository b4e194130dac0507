//! `--accepted FILE` and `status --write-accepted FILE`: the list of accepted differences as a file.

use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::deploy::accepted::{LIMIT, List};
use crate::diagnostic::Source;
use crate::files;

/// Reads a list.
pub(super) fn read(path: &Path) -> Result<List, Failure> {
    let source = Source::new(path.display().to_string(), files::read_text(path, LIMIT)?);
    List::parse(&source).map_err(Failure::invalid)
}

/// The list in a file that may be replaced; nothing, if the file does not exist. Anything else is not replaced: another
/// file, a list with mistakes, and one with comments that would be lost.
pub(super) fn replaceable(path: &Path) -> Result<List, Failure> {
    const MOVE: &str = "move it away, or name another file";
    let refuse = |why: &str| {
        let message = format!("`{}` already exists, and {why}", path.display());
        Failure::new(Exit::Failed, message).help(MOVE)
    };
    let mut found = None;
    let is_list = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let is_list = List::is_meant(&text);
        found = is_list.then(|| (List::parse(&Source::new(path.display().to_string(), text.as_str())), text));
        is_list
    };
    if !files::replaceable(path, LIMIT, is_list)? {
        return Err(refuse("is not a list of accepted differences"));
    }
    match found {
        // Its reasons are read, so it is an input as well.
        Some((Err(findings), _)) => Err(Failure::invalid(findings).help(format!("mend the list, or {MOVE}"))),
        Some((Ok(list), text)) if list.leaves_comments(&text) => {
            Err(refuse("has comments, which would be lost").help("write them as `why` of an entry"))
        }
        Some((Ok(list), _)) => Ok(list),
        None => Ok(List::default()),
    }
}

/// Writes a list, completely or not at all.
pub(super) fn write(path: &Path, list: &List) -> Result<(), Failure> {
    let text = list.render();
    // Names of roles in an environment must not make the list unreadable.
    let again = List::parse(&Source::new("", text.as_str()));
    if u64::try_from(text.len()).is_ok_and(|size| size > LIMIT) || !again.is_ok_and(|again| again == *list) {
        let message = "the differences do not fit into a list: there are too many, or names that a file cannot contain";
        return Err(Failure::new(Exit::Failed, message));
    }
    Ok(files::replace(path, text.as_bytes())?)
}

/// What was written, for people.
pub(super) fn wrote(path: &Path, list: &List, before: &List) -> String {
    let (count, gone) = (list.entries().count(), before.entries().filter(|old| !list.has(old)).count());
    let plural = if count == 1 { "" } else { "s" };
    let more = list.entries().filter(|entry| entry.code.grants_more()).count();
    let mut text = format!("{}: {count} accepted difference{plural}", path.display());
    if more > 0 {
        let lets = if more == 1 { "lets" } else { "let" };
        text.push_str(&format!(", {more} of which {lets} the application do more than the bundle says"));
    }
    if gone > 0 {
        text.push_str(&format!(
            "; {gone} of the previous list left out: they no longer exist, or an apply resolves them"
        ));
    }
    text
}

/// The refusal of a list that differs from the approved one.
pub(super) fn changed() -> Failure {
    Failure::new(Exit::Refused, "the list of accepted differences is not the one that was approved with the plan")
        .help("leave `--accepted` out, or make a new plan with `dvpack plan -o FILE`, and have it approved")
}
