//! The sandbox's Web API as somebody else's client uses it: queries, navigation, keys, conditions, batches, actions.

use dvpack::sandbox::{Options, Sandbox, start};
use reqwest::{Method, Response};
use serde_json::{Value, json};

struct Client {
    http: reqwest::Client,
    root: String,
    token: String,
    _sandbox: Sandbox,
}

impl Client {
    async fn new() -> Self {
        // Another test may have set the provider already.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let sandbox = start(Options::default()).await.expect("started");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let address = sandbox.url().join(&format!("{}/oauth2/v2.0/token", sandbox.tenant_id())).expect("an address");
        let form = [
            ("client_id", sandbox.admin_client_id().to_string()),
            ("client_secret", sandbox.admin_secret().to_owned()),
            ("grant_type", "client_credentials".into()),
            ("scope", format!("{}.default", sandbox.url())),
        ];
        let answer: Value = http.post(address).form(&form).send().await.expect("an answer").json().await.expect("JSON");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Self { http, root: format!("{}api/data/v9.2/", sandbox.url()), token, _sandbox: sandbox }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<String>) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.root)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.into();
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        request.body(body).send().await.expect("an answer")
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, &[], "").await;
        let status = answer.status();
        let text = answer.text().await.expect("text");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    async fn status(&self, method: Method, path: &str, body: &Value) -> u16 {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, &[], body).await.status().as_u16()
    }

    /// Creates a row; its identifier.
    async fn create(&self, set: &str, row: Value) -> String {
        let answer = self.send(Method::POST, set, &[], row.to_string()).await;
        assert_eq!(answer.status(), 204, "{set}");
        let address = answer.headers()["odata-entityid"].to_str().expect("text").to_owned();
        address.rsplit_once('(').expect("a key").1.trim_end_matches(')').to_owned()
    }

    /// Four accounts, the last with two contacts.
    async fn with_rows(&self) -> (String, String) {
        let mut account = String::new();
        for number in 1..=4 {
            let row = json!({"name": format!("Acc {number}"), "accountnumber": format!("N{number}"), "numberofemployees": number});
            account = self.create("accounts", row).await;
        }
        let bound = format!("/accounts({account})");
        self.create("contacts", json!({"lastname": "Li", "parentcustomerid_account@odata.bind": bound})).await;
        let contact = json!({"lastname": "Roe", "parentcustomerid_account@odata.bind": bound});
        (account, self.create("contacts", contact).await)
    }
}

#[tokio::test]
async fn filters_look_behind_navigation_properties() {
    let client = Client::new().await;
    client.with_rows().await;
    for (filter, wanted) in [
        ("contact_customer_accounts/any()", 1),
        ("not contact_customer_accounts/any()", 3),
        ("contact_customer_accounts/any(c:c/lastname eq 'Li')", 1),
        ("contact_customer_accounts/any(c:c/lastname eq 'Li' and numberofemployees eq 1)", 0),
        ("contact_customer_accounts/all(c: c/lastname eq 'Li')", 3),
        ("contact_customer_accounts/any(c:c/lastname eq 'Nobody') or numberofemployees lt 2", 1),
        ("Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['Acc 1','Acc 3'])", 2),
        ("createdon gt 2020-01-01T00:00:00Z", 4),
    ] {
        let found = client.get(&format!("accounts?$select=name&$filter={filter}")).await;
        assert_eq!(found["value"].as_array().map(Vec::len), Some(wanted), "{filter}: {found}");
        let count = client.get(&format!("accounts/$count?$filter={filter}")).await;
        assert_eq!(count, json!(wanted), "{filter}");
    }
    let admins = client
        .get("systemusers?$select=fullname&$filter=systemuserroles_association/any(r:r/name eq 'System Administrator')")
        .await;
    assert_eq!(admins["value"].as_array().map(Vec::len), Some(2));
    for wrong in [
        "contact_customer_accounts/any(c:c/nope eq 1)",
        "contact_customer_accounts/all()",
        "nope/any()",
        "contact_customer_accounts/any(c:c/lastname eq 'Li'",
        "Microsoft.Dynamics.CRM.In(PropertyName='name')",
    ] {
        let status = client.status(Method::GET, &format!("accounts?$filter={wrong}"), &Value::Null).await;
        assert_eq!(status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn navigation_leads_to_rows_their_number_and_references() {
    let client = Client::new().await;
    let (account, contact) = client.with_rows().await;
    let expanded = format!(
        "accounts({account})?$select=name&$expand=contact_customer_accounts($select=lastname;$orderby=lastname desc;$top=1)"
    );
    let last = client.get(&expanded).await;
    assert_eq!(last["contact_customer_accounts"][0]["lastname"], "Roe", "{last}");
    assert_eq!(last["contact_customer_accounts"].as_array().map(Vec::len), Some(1));
    let behind = format!("accounts({account})/contact_customer_accounts");
    assert_eq!(client.get(&format!("{behind}/$count")).await, json!(2));
    let references = client.get(&format!("{behind}/$ref")).await;
    assert_eq!(references["value"].as_array().map(Vec::len), Some(2), "{references}");
    let one = client.get(&format!("contacts({contact})/parentcustomerid_account/$ref")).await;
    assert_eq!(one["@odata.id"], format!("{}accounts({account})", client.root));
    assert_eq!(client.get(&format!("accounts({account})/name/$value")).await, "Acc 4");
    // Taken away, and given back.
    let link = format!("{behind}({contact})/$ref");
    assert_eq!(client.status(Method::DELETE, &link, &Value::Null).await, 204);
    assert_eq!(client.get(&format!("{behind}/$count")).await, json!(1));
    let reference = json!({"@odata.id": format!("{}contacts({contact})", client.root)});
    assert_eq!(client.status(Method::POST, &format!("{behind}/$ref"), &reference).await, 204);
    assert_eq!(client.get(&format!("{behind}/$count")).await, json!(2));
    // What is not served says so, instead of answering something else.
    assert_eq!(client.status(Method::GET, "accounts?fetchXml=<fetch/>", &Value::Null).await, 400);
}

#[tokio::test]
async fn a_row_is_found_and_made_by_an_alternate_key() {
    let client = Client::new().await;
    client.with_rows().await;
    let key = "accounts(accountnumber='N2',name='Acc 2')";
    assert_eq!(client.get(&format!("{key}?$select=numberofemployees")).await["numberofemployees"], 2);
    assert_eq!(client.status(Method::GET, "accounts(accountnumber='N2',name='Acc 3')", &Value::Null).await, 404);
    assert_eq!(client.status(Method::GET, "accounts(nope='N2')", &Value::Null).await, 400);
    let name = json!({"name": "by key"});
    let refused = client.send(Method::PATCH, "accounts(accountnumber='N9')", &[("if-match", "*")], name.to_string());
    assert_eq!(refused.await.status(), 404);
    for _ in 0..2 {
        assert_eq!(client.status(Method::PATCH, "accounts(accountnumber='N9')", &name).await, 204);
    }
    assert_eq!(client.get("accounts/$count?$filter=accountnumber eq 'N9' and name eq 'by key'").await, json!(1));
    assert_eq!(client.status(Method::DELETE, "accounts(accountnumber='N9')/name", &Value::Null).await, 204);
    assert_eq!(client.get("accounts/$count?$filter=accountnumber eq 'N9' and name eq null").await, json!(1));
}

fn batch(second: &str, bound: &str) -> String {
    let part = |id: &str, request: &str, body: &str| {
        format!(
            "--changeset_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n\
             {request} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
        )
    };
    let contact = format!("{{\"lastname\":\"B\",\"{second}\":\"{bound}\"}}");
    format!(
        "--batch_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET WhoAmI HTTP/1.1\r\n\r\n\r\n\
         --batch_1\r\nContent-Type: multipart/mixed; boundary=\"changeset_1\"\r\n\r\n{}{}--changeset_1--\r\n\r\n--batch_1--\r\n",
        part("1", "POST /api/data/v9.2/accounts", "{\"name\":\"batched\"}"),
        part("2", "POST /api/data/v9.2/contacts", &contact),
    )
}

#[tokio::test]
async fn a_change_set_of_a_batch_is_done_whole_or_not_at_all() {
    let client = Client::new().await;
    let kind = ("content-type", "multipart/mixed; boundary=batch_1");
    let sent = |body: String, more: Option<(&'static str, &'static str)>| {
        let headers: Vec<_> = [kind].into_iter().chain(more).collect();
        let client = &client;
        async move {
            let answer = client.send(Method::POST, "$batch", &headers, body).await;
            let status = answer.status().as_u16();
            (status, answer.text().await.expect("text"))
        }
    };
    let (status, text) = sent(batch("parentcustomerid_account@odata.bind", "$1"), None).await;
    assert_eq!(status, 200, "{text}");
    for wanted in ["--batchresponse_", "--changesetresponse_", "Content-ID: 2", "HTTP/1.1 204 No Content", "\"UserId\""]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert_eq!(client.get("contacts/$count?$filter=parentcustomerid_account/name eq 'batched'").await, json!(1));

    let (status, text) = sent(batch("nope", "$1"), None).await;
    assert_eq!(status, 400, "{text}");
    let (status, text) = sent(batch("nope", "$1"), Some(("prefer", "odata.continue-on-error"))).await;
    assert_eq!(status, 200, "{text}");
    let (status, text) = sent(batch("parentcustomerid_account@odata.bind", "$7"), None).await;
    assert!(
        status == 400 && text.contains("Content-ID Reference: '$7' does not exist in the batch context."),
        "{text}"
    );
    assert_eq!(client.get("accounts/$count").await, json!(1), "what failed left something behind");
    let (status, _) = sent("--batch_1\r\nrubbish".into(), None).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_role_is_edited_and_a_user_is_moved() {
    let client = Client::new().await;
    let root = client.get("WhoAmI").await["BusinessUnitId"].as_str().expect("an id").to_owned();
    let unit = client.create("businessunits", json!({"name": "below"})).await;
    let bound = format!("/businessunits({root})");
    let role = client.create("roles", json!({"name": "mine", "businessunitid@odata.bind": bound})).await;
    let read = client.get("privileges?$select=privilegeid&$filter=name eq 'prvReadAccount'").await;
    let privilege = &read["value"][0]["privilegeid"];
    let action = |name: &str| format!("roles({role})/Microsoft.Dynamics.CRM.{name}");
    let depth = async || {
        let held = client.get(&format!("RetrieveRolePrivilegesRole(RoleId={role})")).await;
        let held = held["RolePrivileges"].as_array().expect("a list").clone();
        held.iter().find(|held| held["PrivilegeId"] == *privilege).map(|held| held["Depth"].clone())
    };
    for (name, body, wanted) in [
        ("AddPrivilegesRole", json!({"Privileges": [{"PrivilegeId": privilege, "Depth": "Local"}]}), Some("Local")),
        (
            "ReplacePrivilegesRole",
            json!({"Privileges": [{"PrivilegeId": privilege, "Depth": "Global"}]}),
            Some("Global"),
        ),
        ("RemovePrivilegeRole", json!({"PrivilegeId": privilege}), None),
    ] {
        assert_eq!(client.status(Method::POST, &action(name), &body).await, 204, "{name}");
        assert_eq!(depth().await, wanted.map(Value::from), "{name}");
    }
    assert_eq!(client.status(Method::POST, &action("AddPrivilegesRole"), &json!({"Privileges": [{}]})).await, 400);

    let application = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
    let user =
        client.create("systemusers", json!({"applicationid": application, "businessunitid@odata.bind": bound})).await;
    let reference = json!({"@odata.id": format!("{}roles({role})", client.root)});
    let roles = format!("systemusers({user})/systemuserroles_association");
    assert_eq!(client.status(Method::POST, &format!("{roles}/$ref"), &reference).await, 204);
    let pairs = client.get(&format!("systemuserrolescollection/$count?$filter=systemuserid eq {user}")).await;
    assert_eq!(pairs, json!(1));
    let body = json!({"BusinessUnit": {"businessunitid": unit}, "ReassignPrincipal": {"systemuserid": user}});
    let moved = format!("systemusers({user})/Microsoft.Dynamics.CRM.SetBusinessSystemUser");
    assert_eq!(client.status(Method::POST, &moved, &body).await, 204);
    assert_eq!(client.get(&format!("{roles}/$count")).await, json!(0), "a moved user keeps no role");
    // The role's copy below cannot be edited.
    let copy = client
        .get(&format!(
            "roles?$select=roleid&$filter=_parentrootroleid_value eq {role} and _businessunitid_value eq {unit}"
        ))
        .await;
    let copy = copy["value"][0]["roleid"].as_str().expect("a copy").to_owned();
    let action = format!("roles({copy})/Microsoft.Dynamics.CRM.RemovePrivilegeRole");
    assert_eq!(client.status(Method::POST, &action, &json!({"PrivilegeId": privilege})).await, 400);
}

#[tokio::test]
async fn preferences_are_applied_and_said_to_be() {
    let client = Client::new().await;
    client.with_rows().await;
    let prefer =
        [("prefer", "odata.maxpagesize=3,odata.include-annotations=\"*,OData.Community.Display.V1.FormattedValue\"")];
    let answer = client.send(Method::GET, "accounts?$select=name,_ownerid_value", &prefer, "").await;
    let applied = answer.headers()["preference-applied"].to_str().expect("text").to_owned();
    assert!(applied.contains("odata.maxpagesize=3") && applied.contains("odata.include-annotations="), "{applied}");
    let page: Value = answer.json().await.expect("JSON");
    assert_eq!(page["value"].as_array().map(Vec::len), Some(3));
    assert!(page["value"][0]["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"].is_string(), "{page}");
    let absent = format!("accounts({})", uuid::Uuid::nil());
    let refused: Value = client.send(Method::GET, &absent, &prefer, "").await.json().await.expect("JSON");
    assert_eq!(refused["error"]["code"], "0x80040217");
    assert!(refused["error"]["@Microsoft.PowerApps.CDS.InnerError.Message"].is_string(), "{refused}");
    let counts = client.get("RetrieveTotalRecordCount(EntityNames=['account','contact'])").await;
    assert_eq!(counts["EntityRecordCountCollection"]["Values"], json!([4, 2]));
    let counts = client.get("RetrieveTotalRecordCount(EntityNames=@names)?@names=[\"contact\"]").await;
    assert_eq!(counts["EntityRecordCountCollection"]["Values"], json!([2]));
}
