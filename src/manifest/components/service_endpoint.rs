//! `components.serviceEndpoints`: an address that fits the contract, and no secret anywhere.

use serde_json::json;
use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::plugin_type::RowName;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Flag, Guid, Paragraph, WebAddress};
use crate::yaml::leaf::{Given, Words, choice, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, head};

record! {
    /// A service endpoint: a webhook, or a queue, topic or hub of Azure, that steps call. Its secrets are set in each
    /// environment.
    pub struct WrittenServiceEndpoint => {
        /// Name.
        "name" required name: At<RowName> => "Widget events",
        /// GUID. Default: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// What it is: webhook, queue, topic, eventHub and so on.
        "contract" required contract: At<Contract>,
        /// For a webhook or event grid: its address, without secrets in it.
        "url" optional url: At<WebAddress> => "https://contoso.com/events",
        /// For Azure Service Bus: the namespace's address, such as `sb://contoso.servicebus.windows.net/`.
        "namespace" optional namespace: At<NamespaceAddress>,
        /// For Azure Service Bus: name of the queue, topic or hub.
        "path" optional path: At<EndpointPath>,
        /// How calls are authenticated. The secret itself is never in a solution.
        "auth" required auth: At<EndpointAuth>,
        /// For sasKey: the key's name.
        "sasKeyName" optional sas_key_name: At<RowName> => "RootManageSharedAccessKey",
        /// Which information about the user is sent: none, userId or userInfo. Default: none.
        "userClaim" optional user_claim: At<UserClaim>,
        /// Form of the message: json, textXml or binaryXml. Default: json.
        "format" optional format: At<MessageFormat>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Whether others can change it. Default: true.
        "customizable" optional customizable: At<Flag>,
        /// Not possible: a solution never contains the value that a webhook checks.
        "authValue" optional auth_value: At<Words>,
        /// Not possible: a solution never contains the key.
        "sasKey" optional sas_key: At<Words>,
        /// Not possible: a solution never contains the token.
        "sasToken" optional sas_token: At<Words>,
        /// Parts of the endpoint's XML without a key here.
        "xml" optional extra: Extra,
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
    for Contract, "contract", "a kind of endpoint", Contract::ALL.map(|(contract, word)| (word, contract))
);
choice!(
    /// How an endpoint knows who calls.
    EndpointAuth(u32), "endpoint-auth", "a way to prove who calls",
    [("acs", 1), ("sasKey", 2), ("sasToken", 3), ("webhookKey", 4), ("httpHeader", 5), ("httpQueryString", 6), ("connectionString", 7), ("accessKey", 8)]
);
choice!(
    /// Which information about the user is sent.
    UserClaim(u32), "user-claim", "a user claim", [("none", 1), ("userId", 2), ("userInfo", 3)]
);
choice!(
    /// The form of a message.
    MessageFormat(u32), "message-format", "a form of message", [("binaryXml", 1), ("json", 2), ("textXml", 3)]
);

/// One service endpoint. The numbers are Dataverse's.
#[derive(Clone, Debug)]
pub struct ServiceEndpoint {
    /// Name.
    pub name: String,
    /// GUID; absent means a derived one.
    pub id: Option<Uuid>,
    /// What it is.
    pub contract: Contract,
    /// Address of a webhook or event grid.
    pub url: Option<String>,
    /// Address of a Service Bus namespace.
    pub namespace: Option<String>,
    /// Queue, topic or hub.
    pub path: Option<String>,
    /// `authtype`
    pub auth: u32,
    /// Name of the shared access key.
    pub sas_key_name: Option<String>,
    /// `userclaim`
    pub user_claim: u32,
    /// `messageformat`
    pub format: u32,
    /// Description.
    pub description: Option<String>,
    /// Whether others can change it.
    pub customizable: bool,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// What an endpoint is; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// 1
    OneWay = 1,
    /// 2
    Queue = 2,
    /// 3
    Rest = 3,
    /// 4
    TwoWay = 4,
    /// 5
    Topic = 5,
    /// 6
    PersistentQueue = 6,
    /// 7
    EventHub = 7,
    /// 8
    Webhook = 8,
    /// 9
    EventGrid = 9,
    /// 10
    ManagedDataLake = 10,
}

impl Contract {
    /// All of them, with the word that manifests use.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::OneWay, "oneWay"),
        (Self::Queue, "queue"),
        (Self::Rest, "rest"),
        (Self::TwoWay, "twoWay"),
        (Self::Topic, "topic"),
        (Self::PersistentQueue, "persistentQueue"),
        (Self::EventHub, "eventHub"),
        (Self::Webhook, "webhook"),
        (Self::EventGrid, "eventGrid"),
        (Self::ManagedDataLake, "managedDataLake"),
    ];

    /// Whether it is reached by a web address rather than in a Service Bus namespace.
    #[must_use]
    pub const fn has_url(self) -> bool {
        matches!(self, Self::Webhook | Self::EventGrid | Self::ManagedDataLake)
    }
}

/// A secret that a solution never contains. The line is named but not shown, because the secret is in it.
pub fn never_shipped(what: &str, span: &Span, help: &str) -> Diagnostic {
    Diagnostic::error("secret-in-plain-text", format!("a solution never carries {what}"))
        .in_file(span.source.name.as_str(), Some(span.source.line_column(span.range.start)))
        .help(help.to_owned())
}

/// Names of query parameters that contain a secret, for example an Azure function's key.
const SECRET_PARAMETERS: [&str; 9] =
    ["code", "sig", "key", "apikey", "api_key", "token", "access_token", "secret", "password"];

impl Kind for ServiceEndpoint {
    type Written = WrittenServiceEndpoint;

    fn mean(written: &WrittenServiceEndpoint, scope: &mut Scope<'_>) -> Option<Self> {
        let findings = &mut *scope.findings;
        for (what, value) in [
            ("the value that a webhook checks", &written.auth_value),
            ("a shared access key", &written.sas_key),
            ("a shared access token", &written.sas_token),
        ] {
            if let Some(value) = value {
                let help = "remove it: it is set in each environment after the import, by the registration tool or the Web API";
                findings.push(never_shipped(what, &value.span, help));
            }
        }
        let url = written.url.as_ref().and_then(|url| address(url, findings));
        let (name, contract, auth) = (written.name.as_ref()?, written.contract.as_ref()?, written.auth.as_ref()?);
        let by_url = contract.value.has_url();
        let needed = if by_url {
            [("url", written.url.is_none()), ("url", false)]
        } else {
            [("namespace", written.namespace.is_none()), ("path", written.path.is_none())]
        };
        for (key, _) in needed.into_iter().filter(|(_, missing)| *missing) {
            findings.push(
                Diagnostic::error("missing-key", format!("key `{key}` is missing"))
                    .at(&head(&written.span))
                    .help(format!("an endpoint with `contract: {}` needs `{key}: …`", contract.shown)),
            );
        }
        let others = if by_url {
            [
                ("namespace", written.namespace.as_ref().map(|it| &it.span)),
                ("path", written.path.as_ref().map(|it| &it.span)),
            ]
        } else {
            [("url", written.url.as_ref().map(|it| &it.span)), ("url", None)]
        };
        for (key, span) in others.into_iter().filter_map(|(key, span)| Some((key, span?))) {
            findings.push(
                Diagnostic::error(
                    "key-of-other-type",
                    format!("`{key}` does not belong to `contract: {}`", contract.shown),
                )
                .at(span)
                .help("remove it, or write another contract"),
            );
        }
        Some(ServiceEndpoint {
            name: name.value.0.clone(),
            id: written.id.value(),
            contract: contract.value,
            url,
            namespace: written.namespace.value(),
            path: written.path.value(),
            auth: auth.value.0,
            sas_key_name: written.sas_key_name.value(),
            user_claim: written.user_claim.value().unwrap_or(1),
            format: written.format.value().unwrap_or(2),
            description: written.description.value(),
            customizable: written.customizable.value().unwrap_or(true),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}

fn address(url: &At<WebAddress>, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let secret = url.value.0.query_pairs().find(|(name, _)| SECRET_PARAMETERS.contains(&name.to_lowercase().as_str()));
    if let Some((name, _)) = secret {
        url.span.source.hide(url.span.range.clone());
        findings.push(never_shipped(
            &format!("an address with a secret in it (`{name}=…`)"),
            &url.span,
            "remove the parameter and write `auth: httpQueryString` or `webhookKey`: its value is set in each environment",
        ));
        return None;
    }
    let as_written = url.shown == url.span.text().trim_matches(['"', '\'']);
    Some(if url.shown.contains("${{") || !as_written { url.value.0.to_string() } else { url.shown.clone() })
}
