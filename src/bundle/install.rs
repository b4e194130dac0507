//! `INSTALL.html`: what a subscriber's administrator and security reviewer read before applying.
//!
//! Self-contained: no script, no request. Every value is escaped by the template engine.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use url::Url;

use super::descriptor::{Application, Descriptor};
use super::matrix::RoleView;
use crate::catalog::Right;
use crate::solution::role::right_title;

/// The page, as text: `template` with what `bundle.json` says.
pub(super) fn render(template: &'static str, descriptor: &Descriptor) -> Result<String, String> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    engine.add_template("INSTALL.html", template).map_err(|error| error.to_string())?;
    let roles: Vec<_> = descriptor.roles.iter().map(|role| RoleView::new(role, &descriptor.publisher.prefix)).collect();
    let value = context! {
        bundle => Serde(descriptor),
        rights => Right::ALL.map(right_title),
        roles => Serde(&roles),
        consent => descriptor.application.as_ref().and_then(consent_link).map(String::from),
        signers => descriptor.signers.iter().map(ToString::to_string).collect::<Vec<_>>(),
    };
    let template = engine.get_template("INSTALL.html").map_err(|error| error.to_string())?;
    template.render(value).map_err(|error| format!("{error:#}"))
}

/// The link by which an administrator of a subscriber lets the application into the tenant.
fn consent_link(application: &Application) -> Option<Url> {
    if !application.multi_tenant {
        return None;
    }
    let mut link = Url::parse("https://login.microsoftonline.com/common/adminconsent").ok()?;
    link.query_pairs_mut().append_pair("client_id", &application.client_id.to_string());
    if let Some(redirect) = application.redirect_uris.all().next() {
        link.query_pairs_mut().append_pair("redirect_uri", redirect);
    }
    Some(link)
}
