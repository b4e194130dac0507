//! Whether a bundle is applied to the environment that it was built for.
//!
//! A bundle that was built for an environment has that environment's settings, connections and Key Vault paths. In
//! another one they are wrong, or lead to the wrong data; so somebody has to confirm that this is intended.

use url::Url;

use crate::deploy::desired::Desired;
use crate::deploy::failure::{Failure, FailureKind};
use crate::entra::environment_url;

/// The environment that the bundle was built for, where `url` is another one.
#[must_use]
pub fn built_for_another(desired: &Desired, url: &Url) -> Option<Url> {
    let built_for = desired.descriptor.environment.as_ref()?.url.as_ref()?;
    (!is_same(built_for, url)).then(|| built_for.clone())
}

/// Whether two addresses lead to the same environment: letters' case, a default port, a path, a dot at the end of the
/// name and the Web API's own host (`contoso.api.crm.dynamics.com`) make no difference.
#[must_use]
pub fn is_same(one: &Url, other: &Url) -> bool {
    let place = |url: &Url| {
        let url = environment_url(url.as_str()).unwrap_or_else(|_| url.clone());
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        (host, url.port_or_known_default())
    };
    place(one) == place(other)
}

/// Host, and port if it is not the usual one: what a person types to agree.
#[must_use]
pub fn name(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The refusal.
#[must_use]
pub fn refusal(built_for: &Url, url: &Url) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("the bundle was built for `{}`, and this is `{}`", name(built_for), name(url)),
    )
    .detail("its settings, connections and Key Vault paths are those of the other environment")
    .help("take the bundle for this environment: `dvpack build --environment NAME` makes it")
    .help("if this is intended, add `--other-environment`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_environment_is_recognized_however_it_is_written() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        let contoso = url("https://contoso.crm4.dynamics.com/");
        for same in [
            "https://contoso.crm4.dynamics.com",
            "https://CONTOSO.crm4.Dynamics.com/",
            "https://contoso.crm4.dynamics.com:443",
            "https://contoso.crm4.dynamics.com/main.aspx?appid=1#x",
            "https://contoso.api.crm4.dynamics.com/api/data/v9.2/",
            "https://contoso.crm4.dynamics.com./",
        ] {
            assert!(is_same(&contoso, &url(same)) && is_same(&url(same), &contoso), "{same}");
        }
        for other in [
            "https://contoso.crm.dynamics.com/",
            "https://contoso-uat.crm4.dynamics.com/",
            "https://contoso.crm4.dynamics.com:8443/",
            "https://contoso.crm4.dynamics.com.evil.example/",
            "http://127.0.0.1:5000/",
        ] {
            assert!(!is_same(&contoso, &url(other)), "{other}");
        }
        assert!(!is_same(&url("http://127.0.0.1:5000/"), &url("http://127.0.0.1:5001/")));
        assert_eq!(name(&url("http://127.0.0.1:5000/")), "127.0.0.1:5000");
    }
}
