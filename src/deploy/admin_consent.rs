//! The tenant does not know the application: who has to open which link.

use url::Url;

use crate::bundle::descriptor::Application;
use crate::dataverse::{ApiError, Client};
use crate::deploy::failure::{Failure, FailureKind};
use crate::entra::consent::{Request, new_state};

/// The consent link of the package's application for the tenant of the environment. Nobody waits for its answer here,
/// so its `state` has no meaning.
pub(super) fn link(client: &Client, application: &Application) -> Option<Url> {
    let mut request = Request::for_challenge(client.challenge()?, &application.client_id.to_string());
    request.redirect_uri = application.redirect_uris.all().find_map(|uri| Url::parse(uri).ok());
    Some(request.url(&new_state().unwrap_or_default()))
}

/// The failure to create the user because consent is missing.
pub(super) fn missing(link: Option<&Url>, application: &Application, refused: ApiError) -> Failure {
    let mut failure = Failure::from(refused);
    let id = application.client_id;
    failure.kind = FailureKind::ConsentMissing;
    failure.message = format!("application {id} is not known in the tenant: an administrator must consent to it first");
    failure.help = match link {
        Some(link) => vec![format!("an administrator of the tenant opens this link once: {link}")],
        None => vec!["run `dvpack consent`, and open the link that it prints as an administrator of the tenant".into()],
    };
    if !application.multi_tenant {
        let only = "the application is single-tenant: only its own tenant can let it in; for other tenants, its publisher sets `application.audience: multiTenant`, in Entra ID as well";
        failure.help.push(only.into());
    }
    failure.help.push(
        "then run again; a consent can take a minute until the environment knows of it: `--wait-for-consent 5m` waits for that".into(),
    );
    failure
}
