//! Variables and files of a machine that contain credentials, and names that look as if they did.
//!
//! Facts: `manifests/catalog/credentials.tsv`. Expressions of a manifest never see such a variable; a bundle never
//! takes the value of one, or such a file, from the machine that applies it.

mod texts;

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

pub use texts::Texts;

/// Something that contains a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The variable's name, the folder or the file, as the table has it.
    pub name: &'static str,
    /// What it contains.
    pub what: &'static str,
}

/// By kind: a name is looked up in several kinds, and a document has thousands of names.
static ROWS: LazyLock<HashMap<&str, Vec<Credential>>> = LazyLock::new(|| {
    let mut rows: HashMap<&str, Vec<Credential>> = HashMap::new();
    for line in include_str!("../../manifests/catalog/credentials.tsv").lines().skip(1) {
        let mut cells = line.split('\t');
        if let (Some(kind), Some(name), Some(what)) = (cells.next(), cells.next(), cells.next()) {
            rows.entry(kind).or_default().push(Credential { name, what });
        }
    }
    rows
});

fn of(kind: &'static str) -> impl Iterator<Item = &'static Credential> {
    ROWS.get(kind).into_iter().flatten()
}

/// The credential of dvpack itself, of a pipeline or of a tool that an environment variable of this name contains. Case
/// does not matter: on Windows it is the same variable.
#[must_use]
pub fn variable(name: &str) -> Option<&'static Credential> {
    matching("variable", name).filter(|_| matching("harmlessVariable", name).is_none())
}

/// The same, and also credentials of services, which an application may need: never as text, but possibly as a setting.
#[must_use]
pub fn secret_variable(name: &str) -> Option<&'static Credential> {
    variable(name).or_else(|| matching("serviceVariable", name))
}

fn matching(kind: &'static str, name: &str) -> Option<&'static Credential> {
    let name = name.to_ascii_uppercase();
    of(kind).find(|known| fits(known.name, &name))
}

/// Whether a name matches the pattern; `*` matches any text that is not empty.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else { return pattern == name };
    name.len() > start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
}

/// The names of all such variables, except those that are known by a pattern.
pub fn variable_names() -> impl Iterator<Item = &'static str> {
    of("variable").map(|it| it.name).filter(|name| !name.contains('*'))
}

/// Variables whose value is the path of a file or folder with credentials.
pub fn path_variables() -> impl Iterator<Item = &'static str> {
    of("pathVariable").map(|it| it.name)
}

/// Where files and folders with credentials are on a machine whose variables (`XDG_CONFIG_HOME`, `APPDATA`,
/// `CARGO_HOME`) move what else belongs into a home folder.
#[must_use]
pub fn moved_files(environment: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let moved = |folder: &'static Credential| Some((folder.what, PathBuf::from(environment(folder.name)?)));
    let folders = of("folderVariable").filter_map(moved).filter(|(_, to)| to.is_absolute());
    folders
        .flat_map(|(from, to)| {
            let below = |rest: &'static str| if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') };
            let known = of("path").filter_map(move |known| known.name.strip_prefix(from).and_then(below));
            known.map(move |rest| if rest.is_empty() { to.clone() } else { to.join(rest) })
        })
        .collect()
}

/// Whether a name (of a variable, a setting, a key) looks as if its value were a secret: `CONTOSO_API_KEY`,
/// `clientSecret`. `TOKEN_URL` and `PUBLIC_KEY` do not, nor does a variable whose value is a path.
#[must_use]
pub fn looks_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    if words.iter().any(|word| is("harmlessWord", word))
        || (words.len() > 1 && is("harmlessLastWord", last))
        || path_variables().any(|known| known.eq_ignore_ascii_case(name))
    {
        return false;
    }
    let ends_so = |word: &String| {
        of("wordEnd").any(|known| word.ends_with(known.name)) && !of("harmlessWord").any(|it| word.starts_with(it.name))
    };
    let pairs = words.windows(2).map(<[String]>::concat);
    words.iter().any(|word| is("word", word) || ends_so(word))
        || pairs.into_iter().any(|pair| is("word", &pair))
        || (words.len() > 1 && is("lastWord", last) && !is("harmlessBeforeKey", &words[words.len() - 2]))
}

/// Whether the value of such a key is certainly not a secret, whatever is beside it: `clientId`, `endpoint`.
fn is_harmless(key: &str) -> bool {
    !looks_secret(key) && words(key).last().is_some_and(|last| is("harmlessLastWord", last))
}

fn is(kind: &'static str, word: &str) -> bool {
    of(kind).any(|known| known.name == word)
}

/// The words of `contoso_ApiKey`, `API_KEY`, `apiKey2`, `SASKey` in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        // The last capital of an acronym begins the next word.
        let ends_acronym = before.is_uppercase() && characters.peek().is_some_and(|next| next.is_lowercase());
        let begins = character.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit() || ends_acronym);
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

/// The credentials that a file contains, by its place: `path` is absolute and has no links in it. What belongs in a
/// home folder is recognized in every folder: a home folder can be anywhere, and have another name than `HOME` says.
#[must_use]
pub fn file(path: &Path) -> Option<&'static Credential> {
    let parts = parts(path);
    let by_place = of("path").find(|known| match known.name.strip_prefix("~/") {
        Some(rest) => {
            let place = self::parts(Path::new(rest));
            parts.windows(place.len()).any(|run| run == place)
        }
        None => parts.starts_with(&self::parts(Path::new(known.name))),
    });
    let last = parts.last()?;
    by_place.or_else(|| of("fileName").find(|known| fits(&known.name.to_lowercase(), last)))
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
        assert_eq!(ROWS.values().map(Vec::len).sum::<usize>(), text.lines().count() - 1);
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
        for name in [
            "ENDPOINT_AUTH_SCHEME_X",
            "ENDPOINT_AUTH_PARAMETER_X_TENANTID",
            "endpoint_auth_parameter_x_serviceprincipalid",
        ] {
            assert!(variable(name).is_none() && matching("variable", name).is_some(), "{name}");
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
            "INPUT_CREDS",
            "AZURE_CREDS",
            "SP_JWT",
            "AZURE_PUBLISH_PROFILE",
            "ADMIN_PIN",
            "KUBECONFIG_DATA",
            "CLIENT_CERT_PFX",
            "dbpassword",
            "APITOKEN",
            "serviceAccountkey",
            "PRIMARY_SECRET",
            "BUILD_TOKEN",
            "RELEASE_PASSWORD",
            "RELEASE_SIGNING_KEY",
            "CACHE_ACCESS_KEY",
            "PRIMARY_ACCOUNT_KEY",
            "authValue",
            "AuthValue",
            "SASKey",
            "sasKey",
            "SASToken",
            "APIKey",
            "secureConfiguration",
            "SecureConfig",
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
            "BUILD_TAG_KEY",
            "CACHE_KEY",
            "ROUTING_KEY",
            "IDEMPOTENCY_KEY",
            "INSTRUMENTATION_KEY",
            "BUILD_KEY",
            "RELEASE_KEY",
            "PRODUCT_KEY",
            "TRANSLATION_KEY",
            "FEATURE_KEY",
            "primaryKey",
            "SECRETS_PROVIDER",
            "PASSWORD_POLICY",
            "USE_TOKEN_CACHE",
            "publickeytoken",
            "KUBECONFIG",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "PIN_VERSION",
            "SPIN",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }

    #[test]
    fn folders_that_a_variable_moves_keep_their_credentials() {
        let environment = |name: &str| match name {
            "XDG_CONFIG_HOME" => Some("/srv/settings".to_owned()),
            "CARGO_HOME" => Some("/srv/cargo".to_owned()),
            "PASSWORD_STORE_DIR" => Some("/srv/passwords".to_owned()),
            "XDG_DATA_HOME" => Some("relative".to_owned()),
            _ => None,
        };
        let moved = moved_files(&environment);
        for path in
            ["/srv/settings/gh", "/srv/settings/git/credentials", "/srv/cargo/credentials.toml", "/srv/passwords"]
        {
            assert!(moved.contains(&PathBuf::from(path)), "{path}: {moved:?}");
        }
        assert!(moved.iter().all(|path| path.starts_with("/srv")), "{moved:?}");
        assert!(!moved.contains(&PathBuf::from("/srv/settings")) && !moved.contains(&PathBuf::from("/srv/cargo")));
    }

    #[test]
    fn files_with_credentials_are_known_by_their_place() {
        for path in [
            "/srv/people/me/.ssh/id_rsa",
            "/srv/people/me/.azure/msal_token_cache.json",
            "/proc/self/environ",
            "/proc/1/environ",
            "/srv/people/me/.AWS/credentials",
            "/srv/keys/id_ed25519",
            "/dev/stdin",
            "/srv/people/me/.npmrc",
            "/etc/shadow",
            "/another/place/.aws/credentials",
            "/mnt/backup/me/.ssh/other_key",
            "/srv/.config/gh/hosts.yml",
            "/srv/people/me/project/.git/config",
            "/srv/people/me/project/.git/modules/x/config",
            "/opt/actions-runner/.credentials",
            "/opt/actions-runner/.credentials_rsaparams",
            "/srv/people/me/.bash_history",
            "/srv/people/me/.zsh_history",
            "/srv/people/me/project/.env",
            "/srv/people/me/project/.env.production",
            "/srv/people/me/.local/share/powershell/PSReadLine/ConsoleHost_history.txt",
            "/srv/people/me/.netrc",
            "/srv/people/me/.docker/config.json",
            "/srv/people/me/.config/rclone/rclone.conf",
            "/srv/people/me/.local/share/containers/auth.json",
            "/run/user/1000/containers/auth.json",
            "/srv/people/me/.local/share/uv/credentials/x",
            "/srv/people/me/AppData/Roaming/pip/pip.ini",
        ] {
            assert!(file(Path::new(path)).is_some(), "{path}");
        }
        for path in [
            "/srv/people/me/api-key.txt",
            "/run/secrets/contoso",
            "/srv/people/you/.npmrc.bak",
            "/srv/proc/x",
            "/srv/people/me/.sshd/x",
            "/srv/git/config",
            "/srv/.config/contoso/key",
            "/srv/environment",
            "/srv/credentials",
            "/",
        ] {
            assert!(file(Path::new(path)).is_none(), "{path}");
        }
    }
}
