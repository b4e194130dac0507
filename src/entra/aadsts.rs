//! What Entra's error numbers mean for the person in front of dvpack, as data.
//!
//! Only the numbers are a contract, never the text (Microsoft Entra, "Authentication and authorization
//! error codes").

#![allow(clippy::unreadable_literal, reason = "AADSTS numbers are searched for as they are written")]

use crate::entra::error::SignInErrorKind::{self, ConsentMissing, Failed, Unreachable};

/// What one `AADSTS` number means.
#[derive(Clone, Copy, Debug)]
pub struct Advice {
    /// The number.
    pub code: u32,
    /// What the command line makes of it.
    pub kind: SignInErrorKind,
    /// What happened.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

const fn row(code: u32, kind: SignInErrorKind, message: &'static str, help: &'static str) -> Advice {
    Advice { code, kind, message, help }
}

const CONSENT: &str = "an administrator of the tenant opens the link of `dvpack consent` once, then run again";
const POLICY: &str = "sign in with `--browser` or `--device-code`, or as an application (client secret or certificate)";

/// Sorted by number.
const ADVICE: &[Advice] = &[
    row(
        50011,
        Failed,
        "the redirect URI is not registered with the application",
        "add `http://localhost` as a `Mobile and desktop applications` redirect URI of the application",
    ),
    row(
        50020,
        Failed,
        "the account does not belong to the environment's tenant",
        "sign in with an account of that tenant",
    ),
    row(
        50034,
        Failed,
        "the account does not exist in the tenant",
        "check the account, or sign in with one of the environment's tenant",
    ),
    row(50053, Failed, "the account is locked", "wait, or ask an administrator to unlock it"),
    row(50057, Failed, "the account is disabled", "ask an administrator to enable it, or sign in with another one"),
    row(50076, Failed, "multi-factor authentication is required", POLICY),
    row(50079, Failed, "the account must enrol in multi-factor authentication", POLICY),
    row(
        50105,
        Failed,
        "the account is not assigned to the application",
        "assign it under Entra ID > Enterprise applications > Users and groups",
    ),
    row(50126, Failed, "wrong user name or password", "sign in again"),
    row(
        53003,
        Failed,
        "a conditional access policy of the tenant blocks this sign-in",
        "ask the tenant's administrator which policy it is; the sign-in log shows it by the correlation id",
    ),
    row(65001, ConsentMissing, "the application has no consent in the tenant", CONSENT),
    row(65004, ConsentMissing, "consent was refused", CONSENT),
    row(70008, Failed, "the sign-in has expired", "sign in again"),
    row(
        70011,
        Failed,
        "the scope is not valid",
        "check `--url`: it must be the environment's own address, https://org.crm.dynamics.com",
    ),
    row(70016, Failed, "the device code was not entered yet", "enter the code on the page shown, then run again"),
    row(
        70021,
        Failed,
        "no federated credential of the application matches this token",
        "compare issuer, subject and audience of the application's federated credential with the pipeline's",
    ),
    row(90002, Failed, "the tenant does not exist", "check the tenant id, and the cloud (`AZURE_AUTHORITY_HOST`)"),
    row(90033, Unreachable, "Entra is not available at the moment", "run again in a minute"),
    row(
        500011,
        Failed,
        "the environment is not known in this tenant",
        "check `--url` and `--tenant`: the environment must belong to the tenant that is signed in to",
    ),
    row(
        530003,
        Failed,
        "a conditional access policy requires a managed device",
        "sign in from a managed device, or as an application",
    ),
    row(700016, ConsentMissing, "the application is not known in the tenant", CONSENT),
    row(
        700024,
        Failed,
        "the client assertion is outside its time of validity",
        "check this machine's clock; renew the federated token",
    ),
    row(
        700027,
        Failed,
        "the client assertion was not accepted: the certificate is not registered with the application",
        "upload the certificate's public part under the application's `Certificates & secrets`",
    ),
    row(700082, Failed, "the sign-in has expired", "sign in again"),
    row(
        700211,
        Failed,
        "no federated credential of the application has this issuer",
        "compare the issuer of the application's federated credential with the pipeline's",
    ),
    row(
        700213,
        Failed,
        "no federated credential of the application has this subject",
        "compare the subject of the application's federated credential with the pipeline's",
    ),
    row(900023, Failed, "the tenant is neither an id nor a domain name", "check `--tenant`"),
    row(
        7000112,
        Failed,
        "the application is disabled in the tenant",
        "an administrator enables it under Entra ID > Enterprise applications > Properties",
    ),
    row(
        7000215,
        Failed,
        "the client secret is wrong",
        "use the secret's value, not its id, and check that it belongs to this application",
    ),
    row(
        7000218,
        Failed,
        "the application asks for a client secret or an assertion",
        "set `Allow public client flows` on the application for interactive sign-in, or sign in as the application",
    ),
    row(
        7000222,
        Failed,
        "the client secret has expired",
        "create a new one under the application's `Certificates & secrets`",
    ),
    row(7000229, ConsentMissing, "the application has no service principal in the tenant", CONSENT),
];

/// What a number means, if it is known here.
#[must_use]
pub fn advice(code: u32) -> Option<&'static Advice> {
    ADVICE.binary_search_by_key(&code, |row| row.code).ok().and_then(|index| ADVICE.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found() {
        assert!(ADVICE.iter().all(|row| advice(row.code).is_some_and(|found| found.message == row.message)));
        assert!(advice(1).is_none());
        assert_eq!(advice(7_000_229).map(|row| row.kind), Some(ConsentMissing));
    }
}
