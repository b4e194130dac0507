//! Roles: names, identifiers, and the check that none has the name of a built-in role.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::catalog::{self, Level, Right, tables};
use crate::diagnostic::{Diagnostic, Span};
use crate::guid;
use crate::manifest::components::names::check_unique;
use crate::manifest::leaf::{Guid, Paragraph, RoleName};
use crate::yaml::leaf::{Given, Words, choice, length, text};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Map, Reader, Shape, Unknown, head};

text!(
    /// A reason.
    Reason, "reason", "a reason", "Widgets are linked to accounts.",
    |text| length(text.trim(), 1000),
    json!({ "minLength": 1, "maxLength": 1000 })
);
choice!(
    /// How deep a right goes: a manifest's word or Dataverse's own.
    LevelWord(Level), "access-level", "an access level",
    Level::ALL.map(|level| (level.key(), level)).into_iter().chain(Level::ALL.map(|level| (level.name(), level)))
);
choice!(
    /// The member's privilege inheritance.
    for Inheritance, "inheritance", "an inheritance",
    [("team", Inheritance::Team), ("userAndTeam", Inheritance::UserAndTeam)]
);

record! {
    /// A custom security role.
    pub struct WrittenRole => {
        /// Name, at most 100 characters, unique in the manifest.
        "name" required name: At<RoleName>,
        /// GUID of the role. Default: derived from publisher and name, and never changes.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Member's privilege inheritance when a team has the role: team, or userAndTeam (Direct User access level and
        /// Team privileges).
        "inheritance" optional inheritance: At<Inheritance>,
        /// Rights by table (schema or logical name).
        "grants" optional grants: ByTable<Rights>,
        /// Privileges that belong to no table, by name.
        "privileges" optional privileges: Map<PrivilegeLevel>,
        /// Findings of the role's review that are accepted, each with the reason.
        "allow" optional allow: List<Allowed>,
    }
}

record! {
    /// A finding that is accepted.
    pub struct Allowed => {
        /// Code of the finding.
        "rule" required rule: At<Words> => "grant-without-use",
        /// Why it is accepted, for a reviewer.
        "because" required because: At<Reason>,
    }
}

/// Something by table: editors offer those that are known.
#[derive(Clone, Debug)]
pub struct ByTable<T>(pub Map<T>);

impl<T: Shape> Shape for ByTable<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Map::read(node, reader).map(Self)
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let mut schema = Map::<T>::schema(definitions);
        let each = schema["additionalProperties"].clone();
        let known = tables().iter().map(|table| (table.logical.to_owned(), each.clone()));
        schema["properties"] = Value::Object(known.collect());
        schema
    }
}

/// Rights on a table: right → access level, and why.
#[derive(Clone, Debug)]
pub struct Rights {
    /// Right, level.
    pub rights: Vec<(Right, Level)>,
    /// Why it is needed.
    pub because: Option<At<Reason>>,
}

pub const ALL: &str = "all";

pub const BECAUSE: &str = "because";

impl Shape for Rights {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = reader.mapping(node, "rights, such as `{ read: organization }`")?;
        let known: Vec<&str> = Right::ALL.iter().map(|right| right.key()).chain([ALL, BECAUSE]).collect();
        let words = Unknown { code: "unknown-right", noun: "right", help: "" };
        let mut all = None;
        let mut rights = Vec::new();
        let mut because = None;
        let mut any = false;
        for entry in entries {
            if entry.key == BECAUSE {
                because = At::<Reason>::read(&entry.value, reader);
                continue;
            }
            any = true;
            let right = Right::from_key(&entry.key);
            if right.is_none() && entry.key != ALL {
                reader.unknown(entry, &words, &known);
            } else if let Some(level) = At::<LevelWord>::read(&entry.value, reader) {
                match right {
                    Some(right) => rights.push((right, level.value.0)),
                    None => all = Some(level.value.0),
                }
            }
        }
        if !any {
            reader.report(
                Diagnostic::error("empty-grant", "a grant without a right")
                    .at(&head(&node.span))
                    .help("write for example `{ read: organization }`, or remove the table"),
            );
        }
        // `all` fills what is not named beside it.
        let level = |right: Right| rights.iter().find(|(named, _)| *named == right).map(|(_, level)| *level).or(all);
        let rights = Right::ALL.into_iter().filter_map(|right| Some((right, level(right)?))).collect();
        Some(Self { rights, because })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let level = At::<LevelWord>::schema(definitions);
        let mut properties = serde_json::Map::new();
        for right in Right::ALL {
            let mut schema = level.clone();
            schema["description"] = format!("How deep the right to {} goes.", right.key()).into();
            properties.insert(right.key().into(), schema);
        }
        let mut schema = level;
        schema["description"] = "All eight rights at this level, except those named beside it.".into();
        properties.insert(ALL.into(), schema);
        let mut reason = At::<Reason>::schema(definitions);
        reason["description"] = "Why it is needed, for a reviewer.".into();
        properties.insert(BECAUSE.into(), reason);
        let rights = json!({
            "description": "Rights on a table: how deep each goes.",
            "type": "object",
            "additionalProperties": false,
            "minProperties": 1,
            "properties": properties,
        });
        definitions.insert("Rights".into(), rights);
        json!({ "$ref": "#/$defs/Rights" })
    }
}

record! {
    /// A privilege's level and why it is needed.
    pub struct ReasonedLevel => {
        /// How deep it goes.
        "level" required level: At<LevelWord>,
        /// Why it is needed, for a reviewer.
        "because" optional because: At<Reason>,
    }
}

/// The level of a privilege, alone or with the reason.
#[derive(Clone, Debug)]
pub struct PrivilegeLevel {
    /// How deep.
    pub level: Level,
    /// Why.
    pub because: Option<At<Reason>>,
}

impl Shape for PrivilegeLevel {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(node.content, Content::Mapping(_)) {
            let read = ReasonedLevel::read(node, reader)?;
            return Some(Self { level: read.level?.value.0, because: read.because });
        }
        let level = At::<LevelWord>::read(node, reader)?;
        Some(Self { level: level.value.0, because: None })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<LevelWord>::schema(definitions), ReasonedLevel::schema(definitions)] })
    }
}

/// One of `roles:`
#[derive(Clone, Debug)]
pub struct Role {
    /// The GUID of the root copy, as in the solution.
    pub id: Uuid,
    /// Display name, at most 100 characters.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// The member's privilege inheritance; absent means the element is not written.
    pub inheritance: Option<Inheritance>,
    /// Rights on tables.
    pub grants: Vec<Grant>,
    /// Privileges that belong to no table.
    pub privileges: Vec<PrivilegeGrant>,
    /// Lint rules that the author allows, with the reason.
    pub allow: Vec<(String, String)>,
    /// Where the role starts.
    pub span: Span,
}

/// The member's privilege inheritance of a role that is assigned to a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inheritance {
    /// Team privileges only (`isinherited="0"`).
    Team,
    /// Direct User (Basic) access level and Team privileges (`isinherited="1"`).
    UserAndTeam,
}

/// Rights of a role on one table.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The table as written: schema or logical name.
    pub table: String,
    /// The rights and how deep each goes, in the order of [`Right`].
    pub rights: Vec<(Right, Level)>,
    /// Why it is needed, for a reviewer.
    pub because: Option<String>,
    /// Where the table's name is.
    pub span: Span,
}

/// A privilege by its own name.
#[derive(Clone, Debug)]
pub struct PrivilegeGrant {
    /// Such as `prvActOnBehalfOfAnotherUser`.
    pub name: String,
    /// How deep.
    pub level: Level,
    /// Why it is needed, for a reviewer.
    pub because: Option<String>,
    /// Where the name is.
    pub span: Span,
}

/// Whether a role of this name or id comes with Dataverse.
pub fn is_built_in(name: &str) -> bool {
    catalog::built_in_role(Uuid::try_parse(name.trim_matches(['{', '}'])).ok(), name).is_some()
}

/// The refusal of a built-in role.
pub fn built_in(name: &At<RoleName>) -> Diagnostic {
    Diagnostic::error("built-in-role", format!("`{}` is a role of Dataverse itself", name.shown))
        .at(&name.span)
        .help("a package brings its own role with just the rights it needs: give it a name of its own")
        .help("Dataverse wants it so, and so does Microsoft's certification for the Marketplace")
}

/// All roles that could be read.
pub fn roles(written: Option<&List<WrittenRole>>, publisher: &str, findings: &mut Vec<Diagnostic>) -> Vec<Role> {
    let roles = written.map_or(&[][..], |list| &list.items[..]);
    check_unique(
        "role",
        roles.iter().filter_map(|role| role.name.as_ref()).map(|name| (name.value.0.as_str(), &name.span)),
        findings,
    );
    let ids: Vec<_> =
        roles.iter().filter_map(|role| role.id.as_ref()).map(|id| (id.value.0.to_string(), &id.span)).collect();
    check_unique("role id", ids.iter().map(|(id, span)| (id.as_str(), *span)), findings);
    roles.iter().filter_map(|role| self::role(role, publisher, findings)).collect()
}

fn role(written: &WrittenRole, publisher: &str, findings: &mut Vec<Diagnostic>) -> Option<Role> {
    let grants = written.grants.as_ref().map_or(&[][..], |grants| &grants.0.entries[..]);
    let privileges = written.privileges.as_ref().map_or(&[][..], |map| &map.entries[..]);
    check_unique("grant", grants.iter().map(|(table, span, _)| (table.as_str(), span)), findings);
    check_unique("privilege", privileges.iter().map(|(name, span, _)| (name.as_str(), span)), findings);
    for (table, span, _) in grants.iter().filter(|(table, ..)| !is_word(table)) {
        findings.push(
            Diagnostic::error("table-name", format!("`{table}` is not a table name"))
                .at(span)
                .help("write the schema or logical name, for example `account` or `contoso_Widget`"),
        );
    }
    for (privilege, span, _) in privileges.iter().filter(|(name, ..)| !name.starts_with("prv") || !is_word(name)) {
        findings.push(
            Diagnostic::error("privilege-name", format!("`{privilege}` is not a privilege name"))
                .at(span)
                .help("names of privileges start with `prv`, for example `prvActOnBehalfOfAnotherUser`"),
        );
    }
    let name = written.name.as_ref()?;
    if is_built_in(&name.value.0) {
        findings.push(built_in(name));
    } else if let Some(id) = &written.id
        && let Some(role) = catalog::built_in_role(Some(id.value.0), "")
    {
        findings.push(
            Diagnostic::error("built-in-role", format!("`{}` is the identifier of `{}`", id.shown, role.name))
                .at(&id.span)
                .help("leave `id` out: it is then made from publisher and name"),
        );
    }
    if grants.is_empty() && privileges.is_empty() {
        findings.push(
            Diagnostic::warning("empty-role", format!("role `{}` grants nothing", name.shown))
                .at(&name.span)
                .help("add `grants`, for example `account: { read: organization }`"),
        );
    }
    let allow = written.allow.iter().flat_map(|list| &list.items);
    Some(Role {
        id: written.id.as_ref().map_or_else(|| guid::role(publisher, &name.value.0), |id| id.value.0),
        name: name.value.0.clone(),
        description: written.description.value(),
        inheritance: written.inheritance.value(),
        grants: grants
            .iter()
            .map(|(table, span, rights)| Grant {
                table: table.clone(),
                rights: rights.rights.clone(),
                because: rights.because.value(),
                span: span.clone(),
            })
            .collect(),
        privileges: privileges
            .iter()
            .map(|(name, span, level)| PrivilegeGrant {
                name: name.clone(),
                level: level.level,
                because: level.because.value(),
                span: span.clone(),
            })
            .collect(),
        allow: allow
            .filter_map(|it| Some((it.rule.as_ref()?.value.0.clone(), it.because.as_ref()?.value.0.clone())))
            .collect(),
        span: head(&written.span),
    })
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
