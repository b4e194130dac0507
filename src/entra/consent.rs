//! Admin consent: the link that a tenant's administrator opens once, and the answer that comes back.
//!
//! For a server-to-server application what consent brings about is its service principal in the tenant;
//! rights in Dataverse come from the application user's roles alone. Source: Microsoft identity platform,
//! admin consent endpoint (v2.0), and the client credentials flow (v1 form).

#[cfg(feature = "native")]
mod wait;

use serde_json::Value;
use url::Url;
use uuid::Uuid;

#[cfg(feature = "native")]
pub use wait::{Answer, Wait, open};

use crate::entra::random::random_text;
use crate::entra::{Challenge, SignInError, check_tenant};
use crate::http::{Call, Http, Method, shown_host};

/// What the link asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Entra's address, such as `https://login.microsoftonline.com`.
    pub authority: Url,
    /// Tenant id or domain name; without one, the administrator's own tenant.
    pub tenant: Option<String>,
    /// The application.
    pub client_id: String,
    /// The environment's resource, when it is known.
    pub resource: Option<String>,
    /// A redirect URI of the application.
    pub redirect_uri: Option<Url>,
}

impl Request {
    /// For the tenant and the resource of an environment.
    #[must_use]
    pub fn for_challenge(challenge: &Challenge, client_id: &str) -> Self {
        Self {
            authority: challenge.authority.clone(),
            tenant: Some(challenge.tenant.clone()),
            client_id: client_id.to_owned(),
            resource: Some(challenge.resource.clone()),
            redirect_uri: None,
        }
    }

    /// The link. With a known resource it is the v2.0 form (`scope` is required there, and a refusal comes
    /// back with its `state`); else the v1 form, which needs no scope and takes `common`.
    #[must_use]
    pub fn url(&self, state: &str) -> Url {
        let mut url = self.authority.clone();
        url.set_query(None);
        url.set_fragment(None);
        let tenant = self.tenant.as_deref();
        if self.resource.is_some() {
            url.set_path(&format!("{}/v2.0/adminconsent", tenant.unwrap_or("organizations")));
        } else {
            url.set_path(&format!("{}/adminconsent", tenant.unwrap_or("common")));
        }
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", &self.client_id);
            if let Some(resource) = &self.resource {
                query.append_pair("scope", &format!("{resource}/.default"));
            }
            // Documented as required. Assumption: without it Entra takes the first one that is registered.
            if let Some(redirect) = &self.redirect_uri {
                // A slash that `Url` put behind the bare host was not registered; one behind a path was.
                let text = redirect.as_str();
                let text = if redirect.path() == "/" { text.trim_end_matches('/') } else { text };
                query.append_pair("redirect_uri", text);
            }
            query.append_pair("state", state);
        }
        url
    }
}

/// The tenant that should consent: as it was asked for, and by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// What the person wrote: an id or one of the tenant's domain names.
    pub asked: String,
    /// Its id.
    pub id: Uuid,
}

impl Tenant {
    /// Finds the id of a tenant. `None` for the names that stand for every tenant.
    pub async fn find(http: &Http, authority: &Url, asked: &str) -> Result<Option<Self>, SignInError> {
        if ["common", "organizations", "consumers"].iter().any(|any| any.eq_ignore_ascii_case(asked)) {
            return Ok(None);
        }
        let id = tenant_id(http, authority, asked).await?;
        Ok(Some(Self { asked: asked.to_owned(), id }))
    }
}

/// The id of a tenant that is named by its id or a domain. The authority is asked for a domain: the issuer of its OpenID
/// metadata names the id. Source: OpenID Connect on the Microsoft identity platform, “Find your app's OpenID configuration
/// document URI”.
async fn tenant_id(http: &Http, authority: &Url, tenant: &str) -> Result<Uuid, SignInError> {
    if let Ok(id) = Uuid::try_parse(tenant) {
        return Ok(id);
    }
    check_tenant(tenant)?;
    let mut url = authority.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(&format!("{tenant}/v2.0/.well-known/openid-configuration"));
    let host = shown_host(&url);
    let reply = http.send_patiently(Call::new(Method::GET, url).header("accept", "application/json")).await?;
    let unknown = |why: &str| {
        SignInError::new(format!("cannot find the tenant `{tenant}` at `{host}`: {why}"))
            .help("check the domain name, or give the tenant's id (Entra admin center, Overview)")
    };
    match reply.status {
        200 => {}
        408 | 429 | 500..=599 => {
            let message = format!("`{host}` answered {} to a look-up of `{tenant}`", reply.status);
            return Err(SignInError::busy(&reply, message));
        }
        400 | 404 => return Err(unknown("no such tenant")),
        status => return Err(unknown(&format!("the answer was {status}"))),
    }
    let metadata: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let issuer = metadata["issuer"].as_str().and_then(|issuer| Url::parse(issuer).ok());
    issuer
        .and_then(|issuer| Uuid::try_parse(issuer.path_segments()?.next()?).ok())
        .ok_or_else(|| unknown("its OpenID metadata does not name the tenant's id"))
}

/// A `state`: 128 random bits.
pub fn new_state() -> Result<String, SignInError> {
    random_text::<16>()
}
