//! `components.serviceEndpoints`: an address that fits the contract, and no secret anywhere.

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::custom_api::flag;
use crate::manifest::components::extra::extra;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::written::components::service_endpoint::ServiceEndpoint;
use crate::manifest::written::leaf::WebAddress;
use crate::yaml::shape::{At, head};

/// A secret that a solution never carries. The line is named and not shown: it holds the secret.
pub fn never_shipped(what: &str, span: &Span, help: &str) -> Diagnostic {
    Diagnostic::error("secret-in-plain-text", format!("a solution never carries {what}"))
        .in_file(span.source.name.as_str(), Some(span.source.line_column(span.range.start)))
        .help(help.to_owned())
}

/// Names of query parameters that hold a secret, such as an Azure function's key.
const SECRET_PARAMETERS: [&str; 9] =
    ["code", "sig", "key", "apikey", "api_key", "token", "access_token", "secret", "password"];

/// The endpoint that one entry stands for.
pub fn service_endpoint(written: &ServiceEndpoint, scope: &mut Scope<'_>) -> Option<meant::ServiceEndpoint> {
    let findings = &mut *scope.findings;
    for (what, value) in [
        ("the value that a webhook checks", &written.auth_value),
        ("a shared access key", &written.sas_key),
        ("a shared access token", &written.sas_token),
    ] {
        if let Some(value) = value {
            let help =
                "remove it: it is set in each environment after the import, by the registration tool or the Web API";
            findings.push(never_shipped(what, &value.span, help));
        }
    }
    let url = written.url.as_ref().and_then(|url| address(url, findings));
    let (name, contract, auth) = (written.name.as_ref()?, written.contract.as_ref()?, written.auth.as_ref()?);
    let by_url = contract.value.0.has_url();
    let needed = if by_url {
        [("url", written.url.is_none()), ("url", false)]
    } else {
        [("namespace", written.namespace.is_none()), ("path", written.path.is_none())]
    };
    for (key, _) in needed.into_iter().filter(|(_, missing)| *missing) {
        findings.push(
            Diagnostic::error("missing-key", format!("key `{key}` is missing"))
                .at(&head(&written.span))
                .help(format!("an endpoint with `contract: {}` needs `{key}: …`", contract.shown)),
        );
    }
    let others = if by_url {
        [
            ("namespace", written.namespace.as_ref().map(|it| &it.span)),
            ("path", written.path.as_ref().map(|it| &it.span)),
        ]
    } else {
        [("url", written.url.as_ref().map(|it| &it.span)), ("url", None)]
    };
    for (key, span) in others.into_iter().filter_map(|(key, span)| Some((key, span?))) {
        findings.push(
            Diagnostic::error(
                "key-of-other-type",
                format!("`{key}` does not belong to `contract: {}`", contract.shown),
            )
            .at(span)
            .help("remove it, or write another contract"),
        );
    }
    Some(meant::ServiceEndpoint {
        name: name.value.0.clone(),
        id: written.id.as_ref().map(|id| id.value.0),
        contract: contract.value.0,
        url,
        namespace: written.namespace.as_ref().map(|it| it.value.0.clone()),
        path: written.path.as_ref().map(|it| it.value.0.clone()),
        auth: auth.value.0,
        sas_key_name: written.sas_key_name.as_ref().map(|it| it.value.0.clone()),
        user_claim: written.user_claim.as_ref().map_or(1, |it| it.value.0),
        format: written.format.as_ref().map_or(2, |it| it.value.0),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        customizable: flag(written.customizable.as_ref(), true),
        xml: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

fn address(url: &At<WebAddress>, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let secret = url.value.0.query_pairs().find(|(name, _)| SECRET_PARAMETERS.contains(&name.to_lowercase().as_str()));
    if let Some((name, _)) = secret {
        url.span.source.hide(url.span.range.clone());
        findings.push(never_shipped(
            &format!("an address with a secret in it (`{name}=…`)"),
            &url.span,
            "remove the parameter and write `auth: httpQueryString` or `webhookKey`: its value is set in each environment",
        ));
        return None;
    }
    let as_written = url.shown == url.span.text().trim_matches(['"', '\'']);
    Some(if url.shown.contains("${{") || !as_written { url.value.0.to_string() } else { url.shown.clone() })
}
