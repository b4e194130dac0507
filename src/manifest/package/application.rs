//! `application:`

use jiff::civil::Date;
use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::meant;
use crate::manifest::written::{Application, RedirectUris, WebRedirect};
use crate::yaml::shape::{At, List};

/// The code of the finding about a client ID that `dvpack init` made up.
pub(crate) const PLACEHOLDER: &str = "placeholder-client-id";

/// Whether an id is made up: Entra ID never gives one whose digits before the last group are all zero.
fn is_placeholder(id: Uuid) -> bool {
    id.as_bytes().starts_with(&[0; 10])
}

/// The application.
pub fn application(written: &Application, today: Date, findings: &mut Vec<Diagnostic>) -> Option<meant::Application> {
    if let Some(day) = &written.secret_expires {
        let left = today.until(day.value.0).map_or(i32::MAX, |span| span.get_days());
        let finding = match left {
            ..0 => Some(Diagnostic::warning("secret-expiry", format!("the client secret expired on {}", day.value.0))),
            0..=30 => Some(Diagnostic::note("secret-expiry", format!("the client secret expires in {left} days"))),
            _ => None,
        };
        if let Some(finding) = finding {
            findings.push(finding.at(&day.span).help("make a new client secret in Entra ID, then write its day here"));
        }
    }
    if let Some(id) = written.client_id.as_ref().filter(|id| is_placeholder(id.value.0)) {
        findings.push(
            Diagnostic::error(PLACEHOLDER, format!("`{}` is the placeholder of `dvpack init`", id.value.0))
                .at(&id.span)
                .help("write the application (client) ID of your app registration: the Entra admin center shows it under App registrations > your application > Overview"),
        );
    }
    Some(meant::Application {
        client_id: written.client_id.as_ref()?.value.0,
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        audience: written.audience.as_ref().map_or_else(Default::default, |audience| audience.value.0),
        unique_name: written.unique_name.as_ref().map(|name| name.value.0.clone()),
        redirect_uris: written.redirect_uris.as_ref().map(|uris| redirect_uris(uris, findings)).unwrap_or_default(),
        secret_expires: written.secret_expires.as_ref().map(|day| day.value.0),
        uses: written
            .uses
            .as_ref()
            .map(|list| list.items.iter().map(|table| (table.value.0.clone(), table.span.clone())).collect()),
    })
}

/// The redirect URIs, by platform.
fn redirect_uris(written: &RedirectUris, findings: &mut Vec<Diagnostic>) -> meant::RedirectUris {
    let mut web = |list: Option<&List<At<WebRedirect>>>| {
        once(list.iter().flat_map(|list| &list.items).map(|it| (&it.value.0, &it.span)), findings)
    };
    match written {
        RedirectUris::Web(list) => meant::RedirectUris { web: web(Some(list)), ..meant::RedirectUris::default() },
        RedirectUris::ByPlatform(uris) => {
            let (web, spa) = (web(uris.web.as_ref()), web(uris.spa.as_ref()));
            let native = uris.public_client.iter().flat_map(|list| &list.items);
            let public_client = once(native.map(|it| (&it.value.0, &it.span)), findings);
            meant::RedirectUris { web, spa, public_client }
        }
    }
}

/// Addresses, none of which may be listed twice for one platform.
fn once<'a>(uris: impl Iterator<Item = (&'a String, &'a Span)>, findings: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut met: Vec<String> = Vec::new();
    for (uri, span) in uris {
        if met.contains(uri) {
            let message = format!("the redirect URI `{uri}` is listed twice");
            findings.push(Diagnostic::error("duplicate-redirect-uri", message).at(span).help("keep one of the two"));
        } else {
            met.push(uri.clone());
        }
    }
    met
}
