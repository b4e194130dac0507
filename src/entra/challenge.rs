//! What an environment says about itself before anyone has signed in: its tenant, cloud and resource.
//!
//! An unauthenticated read is answered with 401 and `WWW-Authenticate: Bearer authorization_uri=…,
//! resource_id=…`; Microsoft's own client goes by it (PowerPlatform-DataverseServiceClient,
//! `AuthorityResolver.cs`). Grammar: RFC 9110 §11.6.1, read tolerantly.

use crate::http::Method;
use crate::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::Value;
use url::Url;

use crate::catalog::error_codes::error_code;
use crate::entra::SignInError;
use crate::http::{Call, Http, PROXY_SIGN_IN, is_loopback};
use crate::secret;

/// Entra's hosts in the clouds that have Dataverse. A credential goes to these, or to a host that the person
/// named (`AZURE_AUTHORITY_HOST`): else a mistyped environment URL could collect client secrets.
const AUTHORITY_HOSTS: &[&str] = &[
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login.microsoftonline.eaglex.ic.gov",
    "login.microsoftonline.microsoft.scloud",
];

/// What the environment's own 401 challenge says about who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// `https://login.microsoftonline.com/{tenant}`, without a trailing slash.
    pub authority: Url,
    /// The tenant, a GUID as a rule, as the challenge has it.
    pub tenant: String,
    /// The resource that tokens are for, without a trailing slash.
    pub resource: String,
}

impl Challenge {
    /// The same challenge, for another tenant.
    pub fn with_tenant(mut self, tenant: &str) -> Result<Self, SignInError> {
        check_tenant(tenant)?;
        self.authority.set_path(tenant);
        tenant.clone_into(&mut self.tenant);
        Ok(self)
    }

    /// `{resource}/.default`.
    #[must_use]
    pub fn default_scope(&self) -> String {
        format!("{}/.default", self.resource)
    }

    /// A page or endpoint of the authority.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> Url {
        let mut url = self.authority.clone();
        url.set_path(&format!("{}/{path}", self.tenant));
        url
    }
}

/// The origin of an environment out of what people paste: `contoso.crm.dynamics.com`,
/// `https://contoso.api.crm4.dynamics.com/api/data/v9.2/`, `https://…/main.aspx?appid=…`.
///
/// # Errors
/// Where it is no address of an environment, or one that no credential may go to.
pub fn environment_url(text: &str) -> Result<Url, SignInError> {
    let text = text.trim().trim_matches(['"', '\'', '<', '>']);
    let wrong = |why: &str| {
        SignInError::new(format!("`{}` is not a Dataverse environment URL: {why}", shown(text)))
            .help("write the environment's address, for example https://contoso.crm.dynamics.com")
    };
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&full).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong("it starts with another scheme than `https://`"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(wrong("`http://` is allowed on loopback only"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it contains user information"));
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    let host = url.host_str().unwrap_or_default().to_owned();
    // `org.api.crm4.dynamics.com` is the same organization as `org.crm4.dynamics.com`; tokens are for the latter.
    let labels: Vec<&str> = host.split('.').collect();
    if let [org, "api", cloud, rest @ ..] = labels.as_slice()
        && (cloud.starts_with("crm") && !rest.is_empty())
    {
        let plain = format!("{org}.{cloud}.{}", rest.join("."));
        url.set_host(Some(&plain)).map_err(|error| wrong(&error.to_string()))?;
    }
    Ok(url)
}

/// Without what may be private: user information and query.
fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let text = match text.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://{host}"),
            None => text.to_owned(),
        },
        None => text.rsplit_once('@').map_or(text, |(_, host)| host).to_owned(),
    };
    secret::cut(&text, |c| !c.is_control(), 200)
}

/// The value of `AZURE_AUTHORITY_HOST`, checked: an origin, `https` save on loopback.
///
/// # Errors
/// Where it is not an `https` address; `http` on loopback is.
pub fn authority_host(text: &str) -> Result<Url, SignInError> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    match Url::parse(&full) {
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => Ok(url),
        _ => Err(SignInError::new("`AZURE_AUTHORITY_HOST` is not an `https://` address")
            .help("write Entra's address in your cloud, for example https://login.microsoftonline.us")),
    }
}

/// Asks an environment for its challenge.
///
/// # Errors
/// Where no environment answers there, or its challenge names an authority that is not Entra's.
pub async fn probe(http: &Http, environment: &Url) -> Result<Challenge, SignInError> {
    probe_with(http, environment, None).await
}

/// Asks an environment for its challenge; `authority_host` replaces the authority's scheme, host and port.
///
/// # Errors
/// Those of [`probe`].
pub async fn probe_with(
    http: &Http,
    environment: &Url,
    authority_host: Option<&Url>,
) -> Result<Challenge, SignInError> {
    let environment = environment_url(environment.as_str())?;
    let mut url = environment.clone();
    url.set_path("/api/data/v9.2/");
    let reply = http.send_patiently(Call::new(Method::GET, url).header("accept", "application/json")).await?;
    let wrong = |why: &str| {
        SignInError::new(format!(
            "`{}` is not a Dataverse environment URL: {why}",
            environment.as_str().trim_end_matches('/')
        ))
        .help("open the environment in the Power Platform admin center and copy `Environment URL`")
    };
    match reply.status {
        401 => {}
        408 | 429 | 500..=599 => {
            let shown = environment.as_str().trim_end_matches('/');
            let message = format!("the environment `{shown}` answered {} before sign-in", reply.status);
            return Err(SignInError::busy(&reply, message));
        }
        407 => {
            let shown = environment.as_str().trim_end_matches('/');
            return Err(SignInError::new(format!("`{shown}` cannot be reached: a proxy answered 407 in its place"))
                .help(PROXY_SIGN_IN));
        }
        status => {
            let shown = environment.as_str().trim_end_matches('/');
            if let Some(error) = refusal(shown, status, &reply.body) {
                return Err(error);
            }
            let error = wrong(&format!("it answered {status} where a sign-in challenge was due"));
            let page = reply.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
            return Err(if page {
                error.help("or a proxy or firewall on the way answered with a page of its own (HTTPS_PROXY, NO_PROXY)")
            } else {
                error
            });
        }
    }
    let headers = reply.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let parameters: Vec<_> = headers.flat_map(parse_challenges).collect();
    let bearer = parameters
        .iter()
        .find(|challenge| challenge.0 == "bearer" && challenge.get("authorization_uri").is_some())
        .ok_or_else(|| wrong("its sign-in challenge names no authority"))?;
    let authority = bearer.get("authorization_uri").unwrap_or_default();
    let resource = bearer.get("resource_id").ok_or_else(|| wrong("its sign-in challenge names no resource"))?;
    checked(&environment, authority, resource, authority_host).map_err(|why| wrong(&why))
}

/// What an environment says that does not even ask for a sign-in, such as its IP firewall: an error of Dataverse.
fn refusal(environment: &str, status: u16, body: &[u8]) -> Option<SignInError> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let error = value.get("error")?;
    let code = error.get("code")?.as_str()?.trim().to_ascii_lowercase();
    let number = u32::from_str_radix(code.strip_prefix("0x")?, 16).ok()?;
    let words = error.get("message").and_then(Value::as_str).unwrap_or("it gave no reason");
    let words = secret::cut(words, |c| !c.is_control(), 400);
    let text =
        format!("`{environment}` refuses this before sign-in: {} ({code}, HTTP {status})", words.trim_end_matches('.'));
    let advice = error_code(number).map(|known| known.advice);
    Some(SignInError::new(text).help(advice.unwrap_or("ask an administrator of the environment, with this text")))
}

/// Checks what a challenge says against the environment that was asked.
fn checked(environment: &Url, authority: &str, resource: &str, host: Option<&Url>) -> Result<Challenge, String> {
    let mut authority = Url::parse(authority).map_err(|_| "its authority is not a URL".to_owned())?;
    let segments: Vec<String> = authority.path_segments().into_iter().flatten().map(str::to_owned).collect();
    let tenant = match segments.first().map(String::as_str) {
        Some("common") => "organizations".to_owned(),
        Some(tenant) if check_tenant(tenant).is_ok() => tenant.to_owned(),
        _ => return Err("its authority names no tenant".to_owned()),
    };
    if let Some(host) = host {
        authority = host.clone();
    } else {
        let known =
            authority.host_str().is_some_and(|host| AUTHORITY_HOSTS.contains(&host)) && authority.port().is_none();
        let local = is_loopback(&authority) && is_loopback(environment);
        if !known && !local {
            return Err(format!(
                "it sends sign-ins to `{}`, which is not a known Entra host (set AZURE_AUTHORITY_HOST to trust it)",
                authority.host_str().unwrap_or_default()
            ));
        }
    }
    let private = authority.scheme() == "https" || (authority.scheme() == "http" && is_loopback(&authority));
    if !private || !authority.username().is_empty() || authority.password().is_some() {
        return Err("its authority is not an `https://` address".to_owned());
    }
    authority.set_path(&tenant);
    authority.set_query(None);
    authority.set_fragment(None);
    let resource_url = Url::parse(resource).map_err(|_| "its resource is not a URL".to_owned())?;
    if resource_url.origin() != environment.origin() {
        return Err(format!(
            "its sign-in challenge is for another host, `{}`",
            resource_url.host_str().unwrap_or_default()
        ));
    }
    Ok(Challenge { authority, tenant, resource: resource.trim_end_matches('/').to_owned() })
}

/// Checks that a tenant is a GUID, a domain name, or `organizations`: never anything that changes a URL's shape.
pub fn check_tenant(tenant: &str) -> Result<(), SignInError> {
    let fits = !tenant.is_empty()
        && tenant.len() <= 255
        && !tenant.starts_with('.')
        && tenant.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if fits {
        Ok(())
    } else {
        Err(SignInError::new(format!("`{}` is not a tenant", shown(tenant)))
            .help("write the tenant's id or domain name"))
    }
}

/// One challenge: its scheme in lower case, and its parameters with names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(pub String, pub Vec<(String, String)>);

impl Parameters {
    /// The first value of that name (in lower case).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.1.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Splits one `WWW-Authenticate` value into its challenges. Values may be quoted or not.
#[must_use]
pub fn parse_challenges(header: &str) -> Vec<Parameters> {
    let mut challenges: Vec<Parameters> = Vec::new();
    for item in split_items(header) {
        let item = item.trim();
        let name_end = item.find(|c: char| !is_token(c)).unwrap_or(item.len());
        let (word, rest) = item.split_at(name_end);
        if word.is_empty() {
            continue;
        }
        let after = rest.trim_start();
        let parameter = if after.starts_with('=') && !challenges.is_empty() {
            item
        } else {
            challenges.push(Parameters(word.to_ascii_lowercase(), Vec::new()));
            after
        };
        if let Some((name, value)) = parameter.split_once('=')
            && let Some(challenge) = challenges.last_mut()
        {
            challenge.1.push((name.trim().to_ascii_lowercase(), unquote(value.trim())));
        }
    }
    challenges
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// Splits at commas outside quotes.
fn split_items(header: &str) -> Vec<&str> {
    let (mut items, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, c) in header.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                items.push(&header[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    items.push(&header[start..]);
    items
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let (mut text, mut escaped) = (String::new(), false);
    for c in inner.chars() {
        match c {
            _ if escaped => {
                text.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => break,
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests;
