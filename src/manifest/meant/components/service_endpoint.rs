//! A service endpoint or webhook.

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

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
    /// Merged into its XML last.
    pub xml: Extra,
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
