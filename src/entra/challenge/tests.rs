//! Tests of reading the challenge.

use proptest::prelude::*;

use super::*;

const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

#[test]
fn understands_what_people_paste() {
    for text in [
        "contoso.crm4.dynamics.com",
        " https://contoso.crm4.dynamics.com/ ",
        "https://contoso.crm4.dynamics.com/main.aspx?appid=1#x",
        "https://contoso.api.crm4.dynamics.com/api/data/v9.2/accounts",
        "HTTPS://Contoso.crm4.dynamics.com:443",
    ] {
        let url = environment_url(text).expect(text);
        assert_eq!(url.as_str(), "https://contoso.crm4.dynamics.com/", "{text}");
    }
    assert!(environment_url("http://contoso.crm4.dynamics.com").is_err());
    let error = environment_url("https://me:hunter2@contoso.crm4.dynamics.com").expect_err("user information");
    assert!(!error.message.contains("hunter2"), "{error}");
}

#[test]
fn reads_quoted_and_unquoted_challenges_in_any_order() {
    let uri = format!("https://login.microsoftonline.com/{TENANT}/oauth2/authorize");
    for header in [
        format!("Bearer authorization_uri={uri}, resource_id=https://contoso.crm.dynamics.com/"),
        format!("Bearer resource_id=\"https://contoso.crm.dynamics.com/\",authorization_uri=\"{uri}\""),
        format!(
            "Negotiate, Basic realm=\"a, b\", bearer Authorization_Uri = \"{uri}\", resource_id=https://contoso.crm.dynamics.com/"
        ),
    ] {
        let all = parse_challenges(&header);
        let bearer = all.iter().find(|challenge| challenge.0 == "bearer").expect(&header);
        assert_eq!(bearer.get("authorization_uri"), Some(uri.as_str()), "{header}");
        assert_eq!(bearer.get("resource_id"), Some("https://contoso.crm.dynamics.com/"), "{header}");
    }
}

#[test]
fn a_challenge_cannot_send_credentials_elsewhere() {
    let environment: Url = "https://contoso.crm.dynamics.com/".parse().expect("a URL");
    let check = |authority: &str, resource: &str| checked(&environment, authority, resource, None);
    let good = "https://login.microsoftonline.com/common/oauth2/authorize";
    let challenge = check(good, "https://contoso.crm.dynamics.com/").expect("good");
    assert_eq!(challenge.authority.as_str(), "https://login.microsoftonline.com/organizations");
    assert_eq!(challenge.resource, "https://contoso.crm.dynamics.com");
    assert!(check(good, "https://evil.example/").is_err());
    assert!(check("http://login.microsoftonline.com/t/oauth2/authorize", "https://contoso.crm.dynamics.com/").is_err());
    assert!(check("https://login.evil.example/t/oauth2/authorize", "https://contoso.crm.dynamics.com/").is_err());
    assert!(check("http://127.0.0.1:1/t/oauth2/authorize", "https://contoso.crm.dynamics.com/").is_err());
    let host: Url = "https://login.microsoftonline.us".parse().expect("a URL");
    let moved = checked(&environment, good, "https://contoso.crm.dynamics.com", Some(&host)).expect("overridden");
    assert_eq!(moved.authority.as_str(), "https://login.microsoftonline.us/organizations");
}

proptest! {
    #[test]
    fn any_header_is_read_without_panic(header in ".{0,200}") {
        let _ = parse_challenges(&header);
    }

    #[test]
    fn a_quoted_value_comes_back_whole(value in "[ -~]{0,60}", other in "[a-z]{1,8}") {
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let all = parse_challenges(&format!("Bearer x=\"{quoted}\", {other}z=1"));
        prop_assert_eq!(all.len(), 1);
        prop_assert_eq!(all[0].get("x"), Some(value.as_str()));
    }
}
