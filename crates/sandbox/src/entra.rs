//! Entra ID: token endpoint, device code, authorization code with PKCE, admin consent, discovery.
//! Facts: the identity platform's protocol documents; error numbers of its published list.

mod person;

use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::certificate;
use super::exchange::{Reply, Request};
use super::options::{Options, Scenario};
use super::tokens::{self, Tokens};
use super::users;
use super::world::{ADMIN_CLIENT, TENANT, World};

/// The administration application's secret. It opens nothing but the sandbox.
pub(super) const ADMIN_SECRET: &str = "sandbox-secret-that-opens-nothing-else";

/// The tenant's one domain name.
const DOMAIN: &str = "sandbox.onmicrosoft.com";

/// Sign-ins that are under way; they end with the process.
#[derive(Default)]
pub(super) struct SignIns {
    devices: BTreeMap<String, Device>,
    codes: BTreeMap<String, Code>,
    /// Refresh token to client and scope.
    refresh: BTreeMap<String, (Uuid, String)>,
}

struct Device {
    user_code: String,
    client: Uuid,
    scope: String,
    approved: Option<bool>,
    polls: u32,
    expires: i64,
}

struct Code {
    client: Uuid,
    scope: String,
    redirect: String,
    challenge: String,
    nonce: Option<String>,
    expires: i64,
}

fn error(status: u16, name: &str, number: u32, text: &str) -> Reply {
    let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
    let time = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    Reply::plain_json(
        status,
        &json!({"error": name, "error_description": format!("AADSTS{number}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}"), "error_codes": [number], "timestamp": time, "trace_id": trace, "correlation_id": correlation}),
    )
}

/// Answers a request to the sign-in service, or nothing if the address is not one of its.
pub(super) fn answer(
    options: &Options,
    tokens: &Tokens,
    sign_ins: &mut SignIns,
    world: &mut World,
    url: &str,
    request: &Request,
) -> Option<Reply> {
    let (tenant, rest) = request.path.trim_start_matches('/').split_once('/')?;
    let entra = Entra { options, tokens, url, request };
    let known =
        [TENANT.to_string().as_str(), DOMAIN, "common", "organizations"].contains(&tenant.to_lowercase().as_str());
    let reply = match (request.method.as_str(), rest) {
        ("GET", "discovery/instance") => Reply::plain_json(
            200,
            &json!({"tenant_discovery_endpoint": format!("{url}/{TENANT}/v2.0/.well-known/openid-configuration"), "api-version": "1.1", "metadata": []}),
        ),
        (_, "v2.0/.well-known/openid-configuration" | "oauth2/v2.0/token" | "oauth2/v2.0/devicecode") if !known => {
            error(400, "invalid_request", 90_002, &format!("Tenant '{tenant}' not found."))
        }
        ("GET", "v2.0/.well-known/openid-configuration") => entra.discovery(tenant),
        ("GET", "discovery/v2.0/keys") => Reply::plain_json(200, &tokens.key_set()),
        ("POST", "oauth2/v2.0/token") => entra.token(sign_ins, world),
        ("POST", "oauth2/v2.0/devicecode") => entra.device_code(sign_ins),
        ("GET" | "POST", "oauth2/deviceauth") => entra.approve(sign_ins),
        ("GET", "oauth2/v2.0/authorize") => entra.authorize(sign_ins),
        ("GET", "v2.0/adminconsent") => entra.consent(world, true),
        ("GET", "adminconsent") => entra.consent(world, false),
        _ => return None,
    };
    Some(reply)
}

struct Entra<'a> {
    options: &'a Options,
    tokens: &'a Tokens,
    url: &'a str,
    request: &'a Request,
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

fn with_query(address: &str, pairs: &[(&str, &str)]) -> Option<String> {
    let mut address = url::Url::parse(address).ok()?;
    address.query_pairs_mut().extend_pairs(pairs);
    Some(address.to_string())
}

impl Entra<'_> {
    fn discovery(&self, tenant: &str) -> Reply {
        let base = format!("{}/{tenant}", self.url);
        Reply::plain_json(
            200,
            &json!({"token_endpoint": format!("{base}/oauth2/v2.0/token"), "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"], "jwks_uri": format!("{base}/discovery/v2.0/keys"), "response_modes_supported": ["query", "fragment", "form_post"], "subject_types_supported": ["pairwise"], "id_token_signing_alg_values_supported": ["ES256"], "response_types_supported": ["code"], "scopes_supported": ["openid", "profile", "email", "offline_access"], "issuer": format!("{}/{TENANT}/v2.0", self.url), "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"), "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"), "tenant_region_scope": "NA", "cloud_instance_name": "sandbox"}),
        )
    }

    /// The resource of a scope, if it is this environment.
    fn resource(&self, scope: &str) -> Result<String, Reply> {
        let wanted = scope.split(' ').find(|s| s.contains("://")).ok_or_else(|| {
            error(
                400,
                "invalid_scope",
                70_011,
                &format!(
                    "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
                ),
            )
        })?;
        let resource = wanted.strip_suffix("/.default").or_else(|| wanted.strip_suffix("/user_impersonation"));
        let resource = resource.ok_or_else(|| {
            error(
                400,
                "invalid_scope",
                70_011,
                &format!(
                    "The provided value for the input parameter 'scope' is not valid. The scope {wanted} is not valid."
                ),
            )
        })?;
        let resource = resource.trim_end_matches('/');
        if resource == self.url {
            Ok(resource.to_owned())
        } else {
            Err(error(
                400,
                "invalid_resource",
                500_011,
                &format!("The resource principal named {resource} was not found in the tenant named sandbox."),
            ))
        }
    }

    fn token(&self, sign_ins: &mut SignIns, world: &World) -> Reply {
        let form = self.request.form();
        let result = match field(&form, "grant_type") {
            "client_credentials" => self.client_credentials(&form, world),
            "urn:ietf:params:oauth:grant-type:device_code" => self.redeem_device(sign_ins, &form),
            "authorization_code" => self.redeem_code(sign_ins, &form),
            "refresh_token" => match sign_ins.refresh.remove(field(&form, "refresh_token")) {
                Some((client, scope)) => self.person(sign_ins, client, &scope, None),
                None => Err(error(
                    400,
                    "invalid_grant",
                    70_000,
                    "The provided value for the 'refresh_token' parameter is not valid.",
                )),
            },
            other => Err(error(
                400,
                "unsupported_grant_type",
                70_003,
                &format!("The app requested an unsupported grant type '{other}'."),
            )),
        };
        result.unwrap_or_else(|reply| reply).with("Cache-Control", "no-store, no-cache")
    }

    fn client_credentials(&self, form: &[(String, String)], world: &World) -> Result<Reply, Reply> {
        let id = field(form, "client_id");
        let unknown = || {
            error(
                400,
                "unauthorized_client",
                700_016,
                &format!(
                    "Application with identifier '{id}' was not found in the directory 'sandbox'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
                ),
            )
        };
        let client = Uuid::try_parse(id).map_err(|_| unknown())?;
        let registered = self.options.applications.iter().find(|application| application.id == client);
        if client != ADMIN_CLIENT && registered.is_none() {
            return Err(unknown());
        }
        let secret = field(form, "client_secret");
        let assertion = field(form, "client_assertion");
        if assertion.is_empty() {
            let expected = registered
                .and_then(|a| a.secret.as_ref())
                .map_or(if client == ADMIN_CLIENT { ADMIN_SECRET } else { "" }, |s| s.expose_secret());
            if expected.is_empty() || secret != expected {
                return Err(error(
                    401,
                    "invalid_client",
                    7_000_215,
                    &format!(
                        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{id}'."
                    ),
                ));
            }
            if client == ADMIN_CLIENT && self.options.scenarios.contains(&Scenario::ExpiredSecret) {
                return Err(error(
                    401,
                    "invalid_client",
                    7_000_222,
                    &format!("The provided client secret keys for app '{id}' are expired."),
                ));
            }
        } else {
            let issuer = tokens::payload(assertion).and_then(|claims| claims["iss"].as_str().map(str::to_owned));
            if issuer.as_deref() == Some(id) {
                let certificates = registered.map(|a| a.certificates.as_slice()).unwrap_or_default();
                let audience = format!("{}{}", self.url, self.request.path);
                certificate::check(assertion, certificates, id, &audience)
                    .map_err(|(number, text)| error(401, "invalid_client", number, text))?;
            } else {
                let federated = registered.map(|a| a.federated.as_slice()).unwrap_or_default();
                Self::federated(client, assertion, federated)?;
            }
        }
        if !users::has_principal(world, self.options, client) {
            return Err(error(
                401,
                "invalid_client",
                7_000_229,
                &format!("The client application {id} is missing service principal in the tenant {TENANT}."),
            ));
        }
        let resource = self.resource(field(form, "scope"))?;
        let token = self.tokens.access(self.url, &resource, client, false);
        Ok(Reply::plain_json(
            200,
            &json!({"token_type": "Bearer", "expires_in": self.tokens.lifetime(), "ext_expires_in": self.tokens.lifetime(), "access_token": token}),
        ))
    }

    /// A federated assertion: issuer, subject, audience and time are compared with the registration. The
    /// external issuer's signature cannot be checked here.
    fn federated(client: Uuid, assertion: &str, trusted: &[(String, String)]) -> Result<(), Reply> {
        let claims = tokens::payload(assertion)
            .ok_or_else(|| error(401, "invalid_client", 50_027, "JWT token is invalid or malformed."))?;
        let text = |name: &str| claims[name].as_str().unwrap_or_default();
        if claims["exp"].as_i64().is_none_or(|exp| exp <= tokens::seconds()) {
            return Err(error(401, "invalid_client", 700_024, "Client assertion is not within its valid time range."));
        }
        let audience = match &claims["aud"] {
            Value::Array(list) => list.first().and_then(Value::as_str).unwrap_or_default().to_owned(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        if audience != "api://AzureADTokenExchange" {
            return Err(error(
                401,
                "invalid_client",
                700_212,
                &format!("No matching federated identity record found for presented assertion audience '{audience}'."),
            ));
        }
        if trusted.iter().any(|(issuer, subject)| issuer == text("iss") && subject == text("sub")) {
            Ok(())
        } else {
            Err(error(
                401,
                "invalid_client",
                70_021,
                &format!(
                    "No matching federated identity record found for presented assertion of application {client}. Assertion Issuer: '{}'. Assertion Subject: '{}'.",
                    text("iss"),
                    text("sub")
                ),
            ))
        }
    }

    fn consent(&self, world: &mut World, second: bool) -> Reply {
        let read = |name: &str| self.request.parameter(name).unwrap_or_default();
        let redirect = read("redirect_uri");
        let Ok(client) = Uuid::try_parse(read("client_id")) else {
            return error(400, "unauthorized_client", 700_016, "Application was not found in the directory 'sandbox'.");
        };
        if second && read("scope").is_empty() {
            return error(
                400,
                "invalid_request",
                900_144,
                "The request body must contain the following parameter: 'scope'.",
            );
        }
        let tenant = TENANT.to_string();
        let refused = self.options.scenarios.contains(&Scenario::ConsentRefused);
        let mut pairs: Vec<(&str, &str)> = match (refused, second) {
            (true, true) => vec![
                ("admin_consent", "True"),
                ("error", "consent_required"),
                ("error_description", "AADSTS65004: The resource owner or authorization server denied the request."),
            ],
            (true, false) => {
                vec![("error", "permission_denied"), ("error_description", "The admin canceled the request")]
            }
            (false, true) => vec![("admin_consent", "True"), ("tenant", &tenant), ("scope", read("scope"))],
            (false, false) => vec![("tenant", &tenant), ("admin_consent", "True")],
        };
        if second || !refused {
            pairs.push(("state", read("state")));
        }
        if !refused {
            world.principals.insert(client);
            world.version += 1;
        }
        match with_query(redirect, &pairs) {
            Some(location) => Reply::redirect(&location),
            None => Reply::text(
                200,
                "text/html; charset=utf-8",
                if refused { "The admin refused." } else { "Consent is recorded." },
            ),
        }
    }
}
