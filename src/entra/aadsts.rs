//! What Entra's error numbers mean for the person in front of dvpack.
//!
//! Entra promises neither numbers nor texts, only the word in `error`; a number chooses better words and
//! the exit code of missing consent, and an unknown one is shown as it is. Facts: `manifests/catalog/aadsts.tsv`,
//! whose last column says where each row is from (`manifests/catalog/README.md`).

use std::sync::LazyLock;

use crate::entra::error::SignInErrorKind::{self, ConsentMissing, Failed, Unreachable};

/// What one `AADSTS` number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The number.
    pub code: u32,
    /// What the command line makes of it.
    pub kind: SignInErrorKind,
    /// What happened.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

const TABLE: &str = include_str!("../../manifests/catalog/aadsts.tsv");

static ADVICE: LazyLock<Vec<Advice>> = LazyLock::new(|| TABLE.lines().skip(1).filter_map(read).collect());

fn read(line: &'static str) -> Option<Advice> {
    let mut cells = line.split('\t');
    let code = cells.next()?.parse().ok()?;
    let kind = match cells.next()? {
        "failed" => Failed,
        "consent" => ConsentMissing,
        "unreachable" => Unreachable,
        _ => return None,
    };
    Some(Advice { code, kind, message: cells.next()?, help: cells.next()? })
}

/// What a number means, if it is known here.
#[must_use]
pub fn advice(code: u32) -> Option<&'static Advice> {
    ADVICE.binary_search_by_key(&code, |row| row.code).ok().and_then(|index| ADVICE.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood_and_found() {
        assert_eq!(ADVICE.len(), TABLE.lines().count() - 1);
        assert!(ADVICE.iter().all(|row| advice(row.code) == Some(row)));
        assert!(TABLE.lines().all(|line| line.split('\t').filter(|cell| !cell.is_empty()).count() == 5));
        assert!(advice(1).is_none());
        assert_eq!(advice(7_000_229).map(|row| row.kind), Some(ConsentMissing));
    }
}
