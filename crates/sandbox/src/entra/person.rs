//! How a person signs in: by a device code, or in a browser that returns with a code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use uuid::Uuid;

use super::{Code, Device, Entra, SignIns, error, field, with_query};
use crate::exchange::Reply;
use crate::tokens;
use crate::world::{PERSON, TENANT};

impl Entra<'_> {
    /// Tokens for the sandbox's administrator.
    pub(super) fn person(
        &self,
        sign_ins: &mut SignIns,
        client: Uuid,
        scope: &str,
        nonce: Option<&str>,
    ) -> Result<Reply, Reply> {
        let resource = self.resource(scope)?;
        let mut body = json!({"token_type": "Bearer", "scope": format!("{resource}/user_impersonation"), "expires_in": self.tokens.lifetime(), "ext_expires_in": self.tokens.lifetime(), "access_token": self.tokens.access(self.url, &resource, client, true)});
        let asks = |name: &str| scope.split(' ').any(|word| word == name);
        if asks("offline_access") {
            let refresh = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
            body["refresh_token"] = json!(refresh);
            sign_ins.refresh.insert(refresh, (client, scope.to_owned()));
        }
        if asks("openid") {
            body["id_token"] = json!(self.tokens.identity(self.url, client, nonce));
            body["client_info"] = json!(URL_SAFE_NO_PAD.encode(json!({"uid": PERSON, "utid": TENANT}).to_string()));
        }
        Ok(Reply::plain_json(200, &body))
    }

    pub(super) fn device_code(&self, sign_ins: &mut SignIns) -> Reply {
        let form = self.request.form();
        let Ok(client) = Uuid::try_parse(field(&form, "client_id")) else {
            return error(400, "unauthorized_client", 700_016, "Application was not found in the directory 'sandbox'.");
        };
        let code = Uuid::new_v4().simple().to_string();
        let user_code = code[..9].to_uppercase();
        let page = format!("{}/common/oauth2/deviceauth", self.url);
        let device = Device {
            user_code: user_code.clone(),
            client,
            scope: field(&form, "scope").to_owned(),
            approved: None,
            polls: 0,
            expires: tokens::seconds() + 900,
        };
        sign_ins.devices.insert(code.clone(), device);
        Reply::plain_json(
            200,
            &json!({"user_code": user_code, "device_code": code, "verification_uri": page, "expires_in": 900, "interval": self.options.device_interval, "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate.")}),
        )
    }

    /// The page where a person approves a device code.
    pub(super) fn approve(&self, sign_ins: &mut SignIns) -> Reply {
        let form = if self.request.method == "POST" { self.request.form() } else { self.request.query.clone() };
        let code = field(&form, "code").to_uppercase();
        let approve = field(&form, "answer") != "decline";
        let device = sign_ins.devices.values_mut().find(|device| device.user_code == code);
        let text = match device {
            Some(device) => {
                device.approved = Some(approve);
                if approve { "Signed in. You may close this page." } else { "Declined." }
            }
            None => {
                "<form method=post>Code: <input name=code> <button name=answer value=approve>Approve</button> <button name=answer value=decline>Decline</button></form>"
            }
        };
        Reply::text(
            200,
            "text/html; charset=utf-8",
            format!("<!doctype html><title>dvpack sandbox</title><p>{text}</p>"),
        )
    }

    pub(super) fn redeem_device(&self, sign_ins: &mut SignIns, form: &[(String, String)]) -> Result<Reply, Reply> {
        let code = field(form, "device_code");
        let Some(device) = sign_ins.devices.get_mut(code) else {
            return Err(error(400, "bad_verification_code", 70_019, "The device code is not known."));
        };
        device.polls += 1;
        if device.expires <= tokens::seconds() {
            return Err(error(400, "expired_token", 70_020, "The provided value for the 'device_code' has expired."));
        }
        let approved = device.approved.or((self.options.auto_approve && device.polls > 1).then_some(true));
        match approved {
            None => Err(error(
                400,
                "authorization_pending",
                70_016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            )),
            Some(false) => Err(error(400, "authorization_declined", 70_017, "The person declined.")),
            Some(true) => {
                let (client, scope) = (device.client, device.scope.clone());
                sign_ins.devices.remove(code);
                self.person(sign_ins, client, &scope, None)
            }
        }
    }

    pub(super) fn authorize(&self, sign_ins: &mut SignIns) -> Reply {
        let read = |name: &str| self.request.parameter(name).unwrap_or_default();
        let redirect = read("redirect_uri");
        let local = url::Url::parse(redirect)
            .is_ok_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1")));
        if !local {
            return error(
                400,
                "invalid_request",
                50_011,
                &format!(
                    "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application."
                ),
            );
        }
        let Ok(client) = Uuid::try_parse(read("client_id")) else {
            return error(400, "unauthorized_client", 700_016, "Application was not found in the directory 'sandbox'.");
        };
        if read("response_type") != "code"
            || read("code_challenge_method") != "S256"
            || read("code_challenge").is_empty()
        {
            return error(
                400,
                "invalid_request",
                900_144,
                "The sandbox serves response_type=code with a code_challenge of method S256.",
            );
        }
        let code = Uuid::new_v4().simple().to_string();
        sign_ins.codes.insert(
            code.clone(),
            Code {
                client,
                scope: read("scope").into(),
                redirect: redirect.into(),
                challenge: read("code_challenge").into(),
                nonce: self.request.parameter("nonce").map(str::to_owned),
                expires: tokens::seconds() + 600,
            },
        );
        match with_query(redirect, &[("code", &code), ("state", read("state"))]) {
            Some(location) => Reply::redirect(&location),
            None => error(400, "invalid_request", 50_011, "The redirect URI cannot be read."),
        }
    }

    pub(super) fn redeem_code(&self, sign_ins: &mut SignIns, form: &[(String, String)]) -> Result<Reply, Reply> {
        // A code is valid once, whatever the result of the attempt.
        let code = sign_ins.codes.remove(field(form, "code")).filter(|code| code.expires > tokens::seconds());
        let code = code.ok_or_else(|| {
            error(400, "invalid_grant", 70_008, "The provided authorization code is expired or was already redeemed.")
        })?;
        let digest = ring::digest::digest(&ring::digest::SHA256, field(form, "code_verifier").as_bytes());
        if URL_SAFE_NO_PAD.encode(digest.as_ref()) != code.challenge {
            return Err(error(
                400,
                "invalid_grant",
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ));
        }
        if field(form, "redirect_uri") != code.redirect || field(form, "client_id") != code.client.to_string() {
            return Err(error(
                400,
                "invalid_grant",
                50_011,
                "The redirect URI or the client does not match the authorization request.",
            ));
        }
        self.person(sign_ins, code.client, &code.scope, code.nonce.as_deref())
    }
}
