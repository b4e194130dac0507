//! `components.serviceEndpoints`

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::plugin::RowName;
use crate::manifest::written::leaf::{Flag, Guid, Paragraph, WebAddress};
use crate::yaml::leaf::{Words, choice, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::At;
use serde_json::json;

record! {
    /// A service endpoint: a webhook, or a queue, topic or hub of Azure, that steps tell. Its secrets are set in each environment.
    pub struct ServiceEndpoint => {
        /// Name.
        "name" required name: At<RowName>,
        /// GUID. Left out: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// What it is: webhook, queue, topic, eventHub and so on.
        "contract" required contract: At<Contract>,
        /// For a webhook or event grid: its address, without secrets in it.
        "url" optional url: At<WebAddress>,
        /// For Azure Service Bus: the namespace's address, such as `sb://contoso.servicebus.windows.net/`.
        "namespace" optional namespace: At<NamespaceAddress>,
        /// For Azure Service Bus: name of the queue, topic or hub.
        "path" optional path: At<EndpointPath>,
        /// How it is proved who calls. The secret itself is never in a solution.
        "auth" required auth: At<EndpointAuth>,
        /// For sasKey: the key's name.
        "sasKeyName" optional sas_key_name: At<RowName>,
        /// What of the user is told: none, userId or userInfo. Left out: none.
        "userClaim" optional user_claim: At<UserClaim>,
        /// Form of the message: json, textXml or binaryXml. Left out: json.
        "format" optional format: At<MessageFormat>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Whether others can change it. Left out: true.
        "customizable" optional customizable: At<Flag>,
        /// Not possible: a solution never carries the value that a webhook checks.
        "authValue" optional auth_value: At<Words>,
        /// Not possible: a solution never carries the key.
        "sasKey" optional sas_key: At<Words>,
        /// Not possible: a solution never carries the token.
        "sasToken" optional sas_token: At<Words>,
        /// Parts of the endpoint's XML without a key here.
        "xml" optional xml: Extra,
    }
}

text!(
    /// The address of a Service Bus namespace.
    NamespaceAddress, "namespace", "the address of a namespace", "sb://contoso.servicebus.windows.net/",
    |text| {
        length(text, 255)?;
        let rest = text.strip_prefix("sb://").or_else(|| text.strip_prefix("https://"));
        if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains([' ', '@', '?', '#'])) { Ok(()) } else { Err("the form is `sb://….servicebus.windows.net/`".into()) }
    },
    pattern("^(sb|https)://[^\\s@?#]+$")
);
text!(
    /// The name of a queue, topic or hub.
    EndpointPath, "endpoint-path", "the name of a queue, topic or hub", "widgets",
    |text| length(text, 160),
    json!({ "minLength": 1, "maxLength": 160 })
);
choice!(
    /// What an endpoint is.
    Contract(meant::Contract), "contract", "a kind of endpoint", meant::Contract::ALL.map(|(contract, word)| (word, contract))
);
choice!(
    /// How an endpoint knows who calls.
    EndpointAuth(u32), "endpoint-auth", "a way to prove who calls",
    [("acs", 1), ("sasKey", 2), ("sasToken", 3), ("webhookKey", 4), ("httpHeader", 5), ("httpQueryString", 6), ("connectionString", 7), ("accessKey", 8)]
);
choice!(
    /// What of the user is told.
    UserClaim(u32), "user-claim", "a user claim", [("none", 1), ("userId", 2), ("userInfo", 3)]
);
choice!(
    /// The form of a message.
    MessageFormat(u32), "message-format", "a form of message", [("binaryXml", 1), ("json", 2), ("textXml", 3)]
);
