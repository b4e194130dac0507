//! A step of an SDK message.

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::custom_api::PluginTypeReference;
use crate::manifest::meant::components::extra::Extra;

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Name; absent means one of handler, message and table.
    pub name: Option<String>,
    /// GUID; absent means a derived one.
    pub id: Option<Uuid>,
    /// What runs.
    pub handler: StepHandler,
    /// The message's name.
    pub message: String,
    /// The message's GUID.
    pub message_id: Uuid,
    /// The table's logical name; absent means any.
    pub table: Option<String>,
    /// The second table's.
    pub secondary_table: Option<String>,
    /// When it runs.
    pub stage: Stage,
    /// How it runs.
    pub mode: Mode,
    /// Order among its like.
    pub rank: u32,
    /// The columns that start it; empty means any.
    pub columns: Vec<String>,
    /// Text that the plug-in gets.
    pub configuration: Option<String>,
    /// Description; absent means the name.
    pub description: Option<String>,
    /// Whether a job that went well is deleted.
    pub delete_job: bool,
    /// Where it runs.
    pub runs_on: RunsOn,
    /// Full name of the user in whose name it runs.
    pub run_as: Option<String>,
    /// Whether lists leave it out.
    pub hidden: bool,
    /// Whether others can change it.
    pub customizable: bool,
    /// Copies of the row.
    pub images: Vec<StepImage>,
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// What a step runs.
#[derive(Clone, Debug)]
pub enum StepHandler {
    /// A plug-in type.
    PluginType(PluginTypeReference),
    /// A service endpoint or webhook, by name.
    Endpoint(String, Span),
}

/// A copy of the row.
#[derive(Clone, Debug)]
pub struct StepImage {
    /// From before or after.
    pub kind: ImageKind,
    /// Name under which the plug-in finds it.
    pub alias: String,
    /// Name.
    pub name: String,
    /// GUID; absent means a derived one.
    pub id: Option<Uuid>,
    /// Columns; empty means all.
    pub columns: Vec<String>,
    /// The parameter of the message that holds the row.
    pub property: String,
    /// Description.
    pub description: Option<String>,
    /// Whether others can change it.
    pub customizable: bool,
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// When a step runs; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// 10: before the transaction.
    PreValidation = 10,
    /// 20: in the transaction, before the row is written.
    PreOperation = 20,
    /// 40: after the row is written.
    PostOperation = 40,
}

/// How a step runs; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 0
    Sync = 0,
    /// 1
    Async = 1,
}

/// Where a step runs; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsOn {
    /// 0
    Server = 0,
    /// 1
    Offline = 1,
    /// 2
    Both = 2,
}

/// From when an image is; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// 0
    Pre = 0,
    /// 1
    Post = 1,
    /// 2
    Both = 2,
}
