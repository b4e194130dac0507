//! Variables and files of a machine that hold credentials, and names that look so.
//!
//! Facts: `manifests/catalog/credentials.tsv`. Expressions of a manifest never see such a variable; a bundle never takes
//! the value of one, or such a file, from the machine that applies it.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

/// Something that holds a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The variable's name, the folder or the file, as the table has it.
    pub name: &'static str,
    /// What it holds.
    pub what: &'static str,
}

struct Row {
    kind: &'static str,
    credential: Credential,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    include_str!("../../manifests/catalog/credentials.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some(Row { kind: cells.next()?, credential: Credential { name: cells.next()?, what: cells.next()? } })
        })
        .collect()
});

fn of(kind: &'static str) -> impl Iterator<Item = &'static Credential> {
    ROWS.iter().filter(move |row| row.kind == kind).map(|row| &row.credential)
}

/// The credential of dvpack itself, of a pipeline or of a tool that an environment variable of this name holds. Case
/// does not matter: on Windows it is the same variable.
#[must_use]
pub fn variable(name: &str) -> Option<&'static Credential> {
    matching("variable", name)
}

/// The same, and credentials of services too, which an application may need: never text, but perhaps a setting.
#[must_use]
pub fn secret_variable(name: &str) -> Option<&'static Credential> {
    variable(name).or_else(|| matching("serviceVariable", name))
}

fn matching(kind: &'static str, name: &str) -> Option<&'static Credential> {
    let name = name.to_ascii_uppercase();
    of(kind).find(|known| match known.name.split_once('*') {
        Some((start, end)) => name.len() > start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
        None => known.name == name,
    })
}

/// The names of all such variables, except those that are known by a pattern.
pub fn variable_names() -> impl Iterator<Item = &'static str> {
    of("variable").map(|it| it.name).filter(|name| !name.contains('*'))
}

/// Variables whose value is the path of a file or folder with credentials.
pub fn path_variables() -> impl Iterator<Item = &'static str> {
    of("pathVariable").map(|it| it.name)
}

/// Whether a name (of a variable, a setting, a key) looks as if its value were a secret: `CONTOSO_API_KEY`,
/// `clientSecret`. `TOKEN_URL` and `PUBLIC_KEY` do not.
#[must_use]
pub fn looks_secret(name: &str) -> bool {
    let words = words(name);
    let is = |kind: &'static str, word: &str| of(kind).any(|known| known.name == word);
    let Some(last) = words.last() else { return false };
    if words.iter().any(|word| is("harmlessWord", word)) || (words.len() > 1 && is("harmlessLastWord", last)) {
        return false;
    }
    let pairs = words.windows(2).map(<[String]>::concat);
    words.iter().any(|word| is("word", word))
        || pairs.into_iter().any(|pair| is("word", &pair))
        || (words.len() > 1 && is("lastWord", last))
}

/// The words of `contoso_ApiKey`, `API_KEY`, `apiKey2` in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in name.chars() {
        let begins = character.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if !character.is_alphabetic() || begins {
            words.push(String::new());
        }
        if character.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The credentials that a file holds, by its place: `path` is absolute and has no links in it. `home` may be more than
/// one folder.
#[must_use]
pub fn file(path: &Path, homes: &[PathBuf]) -> Option<&'static Credential> {
    let parts = parts(path);
    let below = |folder: &[String]| parts.len() >= folder.len() && parts[..folder.len()] == *folder;
    let by_place = of("path").find(|known| match known.name.strip_prefix("~/") {
        Some(rest) => homes.iter().any(|home| below(&self::parts(&home.join(rest)))),
        None => below(&self::parts(Path::new(known.name))),
    });
    by_place
        .or_else(|| of("fileName").find(|known| parts.last().is_some_and(|last| *last == known.name.to_lowercase())))
}

/// The parts of a path without regard to case: where case matters, a folder that differs only by it is refused, too.
fn parts(path: &Path) -> Vec<String> {
    let part = |component: Component<'_>| match component {
        Component::RootDir | Component::CurDir => None,
        Component::Prefix(prefix) => {
            Some(prefix.as_os_str().to_string_lossy().trim_start_matches(r"\\?\").to_lowercase())
        }
        other => Some(other.as_os_str().to_string_lossy().to_lowercase()),
    };
    path.components().filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood() {
        let text = include_str!("../../manifests/catalog/credentials.tsv");
        assert_eq!(ROWS.len(), text.lines().count() - 1);
        for line in text.lines().skip(1) {
            let cells: Vec<_> = line.split('\t').collect();
            assert_eq!(cells.len(), 4, "{line}");
            assert!(!cells[3].is_empty(), "a source: {line}");
        }
        assert!(of("variable").chain(of("serviceVariable")).all(|it| it.name == it.name.to_ascii_uppercase()));
    }

    #[test]
    fn variables_are_known_in_any_case_and_by_pattern() {
        for name in [
            "AZURE_CLIENT_SECRET",
            "azure_client_secret",
            "servicePrincipalKey",
            "ENDPOINT_AUTH_X",
            "CARGO_REGISTRIES_X_TOKEN",
        ] {
            assert!(variable(name).is_some(), "{name}");
        }
        for name in ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "PATH", "SECRET_SANTA", "CONTOSO_API_KEY", "GITHUB_SHA"] {
            assert!(variable(name).is_none(), "{name}");
        }
    }

    #[test]
    fn names_that_look_secret_are_told_from_those_that_do_not() {
        for name in [
            "CONTOSO_API_KEY",
            "contoso_ApiKey",
            "clientSecret",
            "DB_PASSWORD",
            "DbPassword",
            "MY_PAT",
            "BEARER_TOKEN",
            "SQL_CONNECTION_STRING",
            "connectionString",
            "STORAGE_ACCOUNTKEY",
            "SMTP_PWD",
            "secret",
            "KEY_PASSPHRASE",
            "contoso_Key2",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in [
            "PATH",
            "TOKEN_URL",
            "PUBLIC_KEY",
            "PublicKeyToken",
            "SECRET_NAME",
            "keyVault",
            "secretExpires",
            "API_BASE",
            "KEYBOARD",
            "MONKEY",
            "patch",
            "PATTERN",
            "key",
            "compass",
            "displayName",
            "parameterName",
            "version",
            "TOKEN_LIFETIME_MINUTES",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }

    #[test]
    fn files_with_credentials_are_known_by_their_place() {
        let homes = [PathBuf::from("/home/me")];
        for path in [
            "/home/me/.ssh/id_rsa",
            "/home/me/.azure/msal_token_cache.json",
            "/proc/self/environ",
            "/proc/1/environ",
            "/home/me/.AWS/credentials",
            "/srv/keys/id_ed25519",
            "/dev/stdin",
            "/home/me/.npmrc",
            "/etc/shadow",
        ] {
            assert!(file(Path::new(path), &homes).is_some(), "{path}");
        }
        for path in
            ["/home/me/api-key.txt", "/run/secrets/contoso", "/home/you/.npmrc.bak", "/srv/proc/x", "/home/me/.sshd/x"]
        {
            assert!(file(Path::new(path), &homes).is_none(), "{path}");
        }
    }
}
