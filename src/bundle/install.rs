//! `INSTALL.html`: what a subscriber's administrator and security reviewer read before applying.
//!
//! Self-contained: no script, no request. Every value is escaped by the template engine.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use url::Url;

use super::column_security::unreadable;
use super::contents::Contents;
use super::descriptor::Descriptor;
use super::matrix::role_views;
use super::secrets;
use crate::catalog::{Right, clouds, secret_forms};
use crate::solution::contents::{Act, Dependency, Process};
use crate::solution::role::{Profile, right_title};

/// In place of an environment, if the bundle is for none.
pub const PLACEHOLDER: &str = "https://YOUR-ORG.crm.dynamics.com";

/// The page, as text: `template` with what `bundle.json` and the solutions say.
pub(super) fn render(template: &'static str, descriptor: &Descriptor, contents: &[Contents]) -> Result<String, String> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    engine.add_template("INSTALL.html", template).map_err(|error| error.to_string())?;
    let roles = role_views(Some(descriptor), contents.iter().map(|it| &it.solution));
    let shown = secrets::shown(descriptor.clone());
    let value = context! {
        bundle => Serde(&shown),
        rights => Right::ALL.map(right_title),
        roles => Serde(&roles),
        consent => consent_link(descriptor).map(String::from),
        // Nothing in it needs to be escaped.
        url => Value::from_safe_string(environment(descriptor).unwrap_or_else(|| PLACEHOLDER.to_owned())),
        processes => contents.iter().flat_map(|it| &it.solution.processes).map(process).collect::<Vec<_>>(),
        acting => contents.iter().flat_map(|it| &it.solution.acting).map(act).collect::<Vec<_>>(),
        organization => contents.iter().flat_map(|it| it.solution.organization_settings.clone()).collect::<Vec<_>>(),
        foreign => contents.iter().flat_map(|it| it.solution.foreign_tables()).collect::<Vec<_>>(),
        needs => contents.iter().flat_map(|it| &it.solution.dependencies).map(need).collect::<Vec<_>>(),
        profiles => contents.iter().flat_map(|it| &it.solution.column_security.profiles).map(profile).collect::<Vec<_>>(),
        unreadable => unreadable(descriptor, contents.iter().map(|it| &it.solution.column_security))
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        unseen => contents.iter().flat_map(|it| it.solution.hosts.unseen.clone()).collect::<Vec<_>>(),
        signers => descriptor.signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
    };
    let template = engine.get_template("INSTALL.html").map_err(|error| error.to_string())?;
    template.render(value).map_err(|error| format!("{error:#}"))
}

fn profile(profile: &Profile) -> Value {
    let columns: Vec<Value> = profile
        .permissions
        .iter()
        .map(|it| context! { column => format!("{}.{}", it.table, it.column), rights => it.rights.join(", ") })
        .collect();
    context! { name => profile.name.as_str(), id => profile.id.to_string(), columns => columns }
}

fn act(act: &Act) -> Value {
    let words = secret_forms::shown(&act.words()).into_owned();
    context! { kind => act.kind, name => act.name.as_str(), words => words }
}

fn need(need: &Dependency) -> Value {
    let version = need.version.map(|version| version.to_string()).unwrap_or_default();
    context! { solution => need.solution.as_str(), version => version, components => need.components.join(", ") }
}

fn process(process: &Process) -> Value {
    let state = [process.state().to_owned()].into_iter().chain(process.remarks()).collect::<Vec<_>>().join(", ");
    context! { name => process.name.as_str(), kind => process.kind.word(), state => state }
}

/// The environment that the bundle is for, as it is in the commands of the page: what people copy into a shell has
/// no character that a shell reads.
fn environment(descriptor: &Descriptor) -> Option<String> {
    let origin = descriptor.environment.as_ref()?.url.as_ref()?.origin().ascii_serialization();
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:/[]".contains(c);
    (origin.contains("://") && origin.chars().all(plain)).then_some(origin)
}

/// The link by which an administrator of a subscriber lets the application into the tenant.
/// A single-tenant application has none: other tenants cannot let it in.
fn consent_link(descriptor: &Descriptor) -> Option<Url> {
    let application = descriptor.application.as_ref().filter(|application| application.multi_tenant)?;
    let host = descriptor.environment.as_ref().and_then(|environment| environment.url.as_ref()?.host_str());
    let authority = clouds::authority_of_host(host);
    let mut link = Url::parse(&format!("https://{authority}/common/adminconsent")).ok()?;
    link.query_pairs_mut().append_pair("client_id", &application.client_id.to_string());
    if let Some(redirect) = application.redirect_uris.all().next() {
        link.query_pairs_mut().append_pair("redirect_uri", redirect);
    }
    Some(link)
}
