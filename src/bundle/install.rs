//! `INSTALL.html`: what a subscriber's administrator and security reviewer read before applying.
//!
//! Self-contained: no script, no request. Every value is escaped by the template engine.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde::Serialize;
use url::Url;

use super::descriptor::{Application, Descriptor, Role};
use super::sha256;
use crate::archive::Entry;
use crate::catalog::{Level, Right};

/// The page, as text.
pub(super) fn render(descriptor: &Descriptor, entries: &[Entry]) -> Result<String, String> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    engine
        .add_template("INSTALL.html", include_str!("../../templates/INSTALL.html"))
        .map_err(|error| error.to_string())?;
    let files: Vec<_> =
        entries.iter().map(|entry| context! { name => entry.name.as_str(), sha256 => sha256(&entry.bytes) }).collect();
    let roles: Vec<_> = descriptor.roles.iter().map(matrix).collect();
    let value = context! {
        bundle => Serde(descriptor),
        rights => Right::ALL.map(Right::name),
        levels => Level::ALL.map(|level| context! { mark => mark(level), title => level.title() }),
        roles => Serde(&roles),
        consent => descriptor.application.as_ref().and_then(consent_link).map(String::from),
        files => files,
    };
    let template = engine.get_template("INSTALL.html").map_err(|error| error.to_string())?;
    template.render(value).map_err(|error| format!("{error:#}"))
}

#[derive(Serialize)]
struct Matrix {
    name: String,
    id: String,
    tables: Vec<Row>,
    others: Vec<Other>,
}

#[derive(Serialize)]
struct Row {
    table: String,
    cells: Vec<Option<Cell>>,
    because: Option<String>,
}

#[derive(Clone, Serialize)]
struct Cell {
    mark: &'static str,
    title: &'static str,
}

#[derive(Serialize)]
struct Other {
    name: String,
    cell: Cell,
    because: Option<String>,
}

/// A circle that fills as the level goes deeper; the words always stand beside it.
fn mark(level: Level) -> &'static str {
    match level {
        Level::Basic => "◔",
        Level::Local => "◑",
        Level::Deep => "◕",
        Level::Global => "●",
    }
}

/// Tables by rights, from the names of privileges (`prv<Right><Table>`).
fn matrix(role: &Role) -> Matrix {
    let mut tables: BTreeMap<String, Row> = BTreeMap::new();
    let mut others = Vec::new();
    for privilege in &role.privileges {
        let cell = Cell { mark: mark(privilege.level), title: privilege.level.title() };
        match right_and_table(&privilege.name) {
            Some((index, table)) => {
                let row = tables.entry(table.to_lowercase()).or_insert_with(|| Row {
                    table: table.to_owned(),
                    cells: vec![None; Right::ALL.len()],
                    because: None,
                });
                row.cells[index] = Some(cell);
                if row.because.is_none() {
                    row.because.clone_from(&privilege.because);
                }
            }
            None => others.push(Other { name: privilege.name.clone(), cell, because: privilege.because.clone() }),
        }
    }
    Matrix { name: role.name.clone(), id: role.id.to_string(), tables: tables.into_values().collect(), others }
}

fn right_and_table(privilege: &str) -> Option<(usize, &str)> {
    let rest = privilege.strip_prefix("prv")?;
    Right::ALL
        .iter()
        .enumerate()
        .filter_map(|(index, right)| Some((index, rest.strip_prefix(right.name())?)))
        // `AppendTo` also begins with `Append`: the longer right leaves the shorter table.
        .min_by_key(|(_, table)| table.len())
        .filter(|(_, table)| !table.is_empty())
}

/// The link by which an administrator of a subscriber lets the application into the tenant.
fn consent_link(application: &Application) -> Option<Url> {
    if !application.multi_tenant {
        return None;
    }
    let mut link = Url::parse("https://login.microsoftonline.com/common/adminconsent").ok()?;
    link.query_pairs_mut().append_pair("client_id", &application.client_id.to_string());
    if let Some(redirect) = application.redirect_uris.first() {
        link.query_pairs_mut().append_pair("redirect_uri", redirect.as_str());
    }
    Some(link)
}
