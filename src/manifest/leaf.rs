//! Single values: what each may be, in one place for reader and schema.
//!
//! Lengths and forms of publisher and solution fields: Microsoft's table reference (`solution`,
//! `publisher`: `MaxLength`, `MinValue`, `MaxValue`) and the texts of error codes 0x8004f002, 0x80048402.

use jiff::civil::Date;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::catalog::{is_language, tables};
use crate::text::check_name;
use crate::yaml::leaf::{Plain, integer, length, no_controls, parsed, pattern, text, word};
use crate::yaml::node::Scalar;
use crate::yaml::shape::Leaf;

text!(
    /// A publisher's unique name.
    PublisherName, "publisher-name", "a publisher name", "contoso",
    |text| { length(text, 256)?; if word(text) { Ok(()) } else { Err("letters, digits and underscores, no digit first".into()) } },
    pattern("^[A-Za-z_][A-Za-z0-9_]*$")
);
text!(
    /// A solution's unique name.
    SolutionName, "solution-name", "a solution name", "ContosoWidgets",
    |text| {
        length(text, 65)?;
        // A real solution is called `1stSolution`.
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') { return Err("letters, digits and underscores".into()); }
        if text.to_ascii_lowercase().ends_with("_upgrade") { return Err("names that end in `_upgrade` are kept for upgrades in progress".into()); }
        Ok(())
    },
    pattern("^[A-Za-z0-9_]{1,65}$")
);
text!(
    /// A publisher's customization prefix.
    Prefix, "publisher-prefix", "a publisher prefix", "contoso",
    |text| {
        let count = text.chars().count();
        if !(2..=8).contains(&count) { return Err(format!("it has {count} characters, 2 to 8 are allowed")); }
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) { return Err("it must start with a letter".into()); }
        // Dataverse does not accept `_` for a new publisher, but a real solution has the prefix `pre_`.
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') { return Err("only letters and digits are allowed".into()); }
        if text.to_ascii_lowercase().starts_with("mscrm") { return Err("prefixes that start with `mscrm` belong to Microsoft".into()); }
        Ok(())
    },
    pattern("^(?![mM][sS][cC][rR][mM])[A-Za-z][A-Za-z0-9_]{1,7}$")
);
text!(
    /// A display name.
    Title, "display-name", "a display name", "Contoso Widgets",
    |text| { length(text, 256)?; if text.contains(['\n', '\r']) { Err("it must be one line".into()) } else { Ok(()) } },
    json!({ "minLength": 1, "maxLength": 256 })
);
text!(
    /// A description.
    Paragraph, "description", "a description", "Keeps track of widgets.",
    |text| length(text, 2000),
    json!({ "minLength": 1, "maxLength": 2000 })
);
text!(
    /// A role's name.
    RoleName, "role-name", "a role name", "Contoso Widgets Service",
    |text| { length(text, 100)?; check_name(text) },
    json!({ "minLength": 1, "maxLength": 100 })
);
text!(
    /// An e-mail address.
    Email, "email", "an e-mail address", "support@contoso.com",
    |text| {
        length(text, 100)?;
        let good = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.contains('@') && domain.contains('.')
                && domain.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b >= 128))
        });
        if good && !text.contains(char::is_whitespace) { Ok(()) } else { Err("the form is `name@domain`".into()) }
    },
    pattern("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$")
);
text!(
    /// A publisher's web site. Real solutions have it without `https://`, too.
    Website, "website", "a web site", "https://contoso.com",
    |text| {
        length(text, 200)?;
        web_address(&with_scheme(text)).map(|_| ())
    },
    pattern("^(https?://)?[^\\s]+$")
);
text!(
    /// The schema name of an environment variable, or the logical name of a connection reference.
    SchemaName, "schema-name", "a schema name", "contoso_ApiBase",
    |text| {
        length(text, 100)?;
        match text.split_once('_') {
            Some((prefix, rest)) if word(prefix) && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => Ok(()),
            _ => Err("the form is `prefix_Name`: letters, digits, underscores".into()),
        }
    },
    pattern("^[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]+$")
);
text!(
    /// A web resource's name, in which `{path}` and `{file}` are parts of the file's path.
    WebResourceName, "web-resource-name", "a web resource name", "contoso_/app.js",
    |text| {
        length(text, 256)?;
        let plain = text.replace("{path}", "p").replace("{file}", "f");
        let good = plain.split_once('_').is_some_and(|(prefix, rest)| word(prefix) && !rest.is_empty());
        if !good { return Err("the form is `prefix_name` or `prefix_/folder/file.js`".into()); }
        if plain.contains("//") || !plain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-')) {
            return Err("letters, digits, `_`, `.`, `-` and single `/` are allowed".into());
        }
        Ok(())
    },
    pattern("^[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_./{}-]+$")
);
text!(
    /// A connector's id.
    ConnectorId, "connector", "a connector id", "/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps",
    |text| {
        let rest = text.strip_prefix("/providers/Microsoft.PowerApps/apis/");
        if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', ' '])) { Ok(()) } else { Err("the form is `/providers/Microsoft.PowerApps/apis/shared_…`".into()) }
    },
    pattern("^/providers/Microsoft\\.PowerApps/apis/[^/\\s]+$")
);
text!(
    /// A path below the manifest's folder, with `/` between its parts.
    RelativePath, "path", "a path", "web/app.js",
    |text| { length(text, 1000)?; if text.contains('\\') { Err("write `/` between folders: it works everywhere".into()) } else { Ok(()) } },
    json!({ "minLength": 1 })
);
text!(
    /// The name of an environment variable of the process.
    VariableName, "variable-name", "the name of an environment variable", "CONTOSO_API_KEY",
    |text| { if word(text) { Ok(()) } else { Err("letters, digits and underscores, no digit first".into()) } },
    pattern("^[A-Za-z_][A-Za-z0-9_]*$")
);

/// Whether a text has the form of the resource id of a Key Vault secret.
#[must_use]
pub fn is_key_vault_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let is = |at: usize, expected: &str| parts.get(at).is_some_and(|part| part.eq_ignore_ascii_case(expected));
    parts.len() == 11
        && parts[0].is_empty()
        && parts[1..].iter().all(|part| !part.is_empty())
        && is(1, "subscriptions")
        && is(3, "resourceGroups")
        && is(5, "providers")
        && is(6, "Microsoft.KeyVault")
        && is(7, "vaults")
        && is(9, "secrets")
}

text!(
    /// A secret of Azure Key Vault, by its resource id.
    KeyVaultId, "key-vault", "the resource id of a Key Vault secret",
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/contoso/providers/Microsoft.KeyVault/vaults/contoso/secrets/ApiKey",
    |text| {
        if is_key_vault_id(text) { Ok(()) } else { Err("the form is `/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/…/secrets/…`".into()) }
    },
    pattern("^/subscriptions/[^/]+/resource[gG]roups/[^/]+/providers/Microsoft\\.KeyVault/vaults/[^/]+/secrets/[^/]+$")
);
text!(
    /// The name of an entity set.
    SetName, "table-name", "a table name", "contoso_widgets",
    table_name,
    pattern("^[A-Za-z_][A-Za-z0-9_]*$")
);

fn table_name(text: &str) -> Result<(), String> {
    length(text, 128)?;
    if word(text) { Ok(()) } else { Err("letters, digits and underscores, no digit first".into()) }
}

/// A table, by schema or logical name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName(pub String);

impl Leaf for TableName {
    const NOUN: &'static str = "a table name";
    const EXAMPLE: &'static str = "contoso_Widget";
    const CODE: &'static str = "table-name";
    const SHARED: Option<&'static str> = Some("TableName");
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        no_controls(&scalar.text)?;
        table_name(&scalar.text).map(|()| Self(scalar.text.clone()))
    }
    /// Editors offer the tables that Dataverse and Microsoft's apps bring; any other is as right.
    fn schema() -> Value {
        let known: Vec<&str> = tables().iter().map(|table| table.logical).collect();
        let mut form = pattern("^[A-Za-z_][A-Za-z0-9_]*$");
        form["type"] = "string".into();
        json!({
            "description": "A table, by schema or logical name: one of your own, or one that Dataverse, an app or another solution brings. Editors offer those that dvpack knows.",
            "anyOf": [form, { "enum": known }],
        })
    }
}

impl Plain for TableName {
    type Value = String;
    fn value(&self) -> String {
        self.0.clone()
    }
}
parsed!(
    /// A GUID.
    Guid(Uuid), "guid", "a GUID", "6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10",
    |text| {
        let id = Uuid::try_parse(text).map_err(|_| String::from("32 hexadecimal digits in the form 8-4-4-4-12 are expected"))?;
        if id.is_nil() { Err("all zeros are not a GUID".into()) } else { Ok(id) }
    },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^\\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\\}?$" })
);

/// The address of a web site that may be without `https://`.
#[must_use]
pub fn with_scheme(website: &str) -> String {
    if website.contains("://") { website.to_owned() } else { format!("https://{website}") }
}

pub(crate) fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err("it must start with `https://`".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain a user name or password".into());
    }
    Ok(url)
}

parsed!(
    /// A web address.
    WebAddress(Url), "url", "a web address", "https://contoso.com",
    web_address,
    json!({ "type": "string", "pattern": "\\$\\{\\{|^https?://[^\\s]+$" })
);
parsed!(
    /// A day.
    Day(Date), "date", "a date", "2027-03-01",
    |text| text.parse().map_err(|_| "the form is year-month-day".into()),
    json!({ "type": "string", "pattern": "\\$\\{\\{|^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
);
parsed!(
    /// A language code.
    Language(u32), "language", "a language code (LCID)", "1033",
    |text| {
        let known = |code: &u32| is_language(*code);
        let none = || "Dataverse has no such language: English is 1033, for example".to_owned();
        integer(text, 1024, 65535).and_then(|code| Some(code).filter(known).ok_or_else(none))
    },
    json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 1024, "maximum": 65535 })
);
parsed!(
    /// An option value prefix.
    OptionValuePrefix(u32), "option-value-prefix", "an option value prefix", "10000",
    |text| integer(text, 10_000, 99_999),
    json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 10000, "maximum": 99999 })
);
parsed!(
    /// The version of the manifest language.
    LanguageVersion(u32), "language-version", "a version of the manifest language", "1",
    |text| if text == "1" { Ok(1) } else { Err("this dvpack reads version 1".into()) },
    json!({ "const": 1 })
);

/// `true` or `false`.
#[derive(Clone, Copy, Debug)]
pub struct Flag(pub bool);

impl Leaf for Flag {
    const NOUN: &'static str = "`true` or `false`";
    const EXAMPLE: &'static str = "true";
    const CODE: &'static str = "flag";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        match scalar.text.as_str() {
            "true" if scalar.plain || scalar.template.is_some() => Ok(Self(true)),
            "false" if scalar.plain || scalar.template.is_some() => Ok(Self(false)),
            "true" | "false" => Err("write it without quotes".into()),
            _ => Err("only these two words are known".into()),
        }
    }
    fn schema() -> Value {
        json!({ "type": ["boolean", "string"], "pattern": "^\\$\\{\\{" })
    }
}

impl Plain for Flag {
    type Value = bool;
    fn value(&self) -> bool {
        self.0
    }
}

/// Text as Dataverse stores a value: text, a number, `true` or `false`.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The text.
    pub text: String,
}

impl Leaf for Stored {
    const NOUN: &'static str = "a value";
    const EXAMPLE: &'static str = "https://api.contoso.com";
    const CODE: &'static str = "value";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        no_controls(&scalar.text)?;
        // MaxLength of environmentvariablevalue.value and of the definition's default value.
        if scalar.text.chars().count() > 2000 {
            return Err("Dataverse stores at most 2000 characters".into());
        }
        Ok(Self { text: scalar.text.clone() })
    }
    fn schema() -> Value {
        json!({ "type": ["string", "number", "boolean"], "maxLength": 2000 })
    }
}

impl Plain for Stored {
    type Value = String;
    fn value(&self) -> String {
        self.text.clone()
    }
}
