//! `components.steps`: messages resolved, and what Dataverse refuses at registration refused here.

pub mod image;
pub mod stage;

use uuid::Uuid;

use crate::catalog::{self, Message};
use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::names::check_unique;
use crate::manifest::components::plugin_type::{
    ColumnName, PluginTypeReference, RowName, TypeKey, TypeName, plugin_type,
};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::components::service_endpoint::never_shipped;
use crate::manifest::components::step::image::{StepImage, WrittenStepImage, columns, image};
use crate::manifest::components::step::stage::{Configuration, MessageName, Mode, Rank, RunsOn, Stage};
use crate::manifest::leaf::{Flag, Guid, Paragraph, TableName};
use crate::yaml::leaf::{Given, Words};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, head};

record! {
    /// A step: what runs when a message arrives (a plug-in type or a service endpoint).
    pub struct WrittenStep => {
        /// Name. Default: `Class: Message of table`, as the registration tool names it.
        "name" optional name: At<RowName> => "Rate a widget on update",
        /// GUID of the step. Default: derived from publisher, what runs, message, table, stage and name.
        "id" optional id: At<Guid>,
        /// The plug-in type that runs, of an assembly or package of this solution.
        "pluginType" optional plugin_type: At<TypeName>,
        /// The plug-in type of another solution that runs: its key, as an exported solution names it.
        "pluginTypeKey" optional plugin_type_key: At<TypeKey>,
        /// The service endpoint or webhook to notify, by its name under `serviceEndpoints`.
        "endpoint" optional endpoint: At<RowName> => "Widget events",
        /// The message, such as Create, Update or Delete.
        "message" required message: At<MessageName>,
        /// GUID of the message, for one that dvpack does not know.
        "messageId" optional message_id: At<Guid>,
        /// The table. Default: any table.
        "table" optional table: At<TableName>,
        /// The second table, for messages that have two.
        "secondaryTable" optional secondary_table: At<TableName>,
        /// When: preValidation, preOperation or postOperation.
        "stage" required stage: At<Stage>,
        /// sync or async (after the operation, in a separate job). Default: sync.
        "mode" optional mode: At<Mode>,
        /// Order among the steps of the same message and stage. Default: 1.
        "rank" optional rank: At<Rank>,
        /// For Update: the columns that start it. Default: any column.
        "columns" optional columns: List<At<ColumnName>>,
        /// Text that the plug-in gets. It is readable by everyone: no secrets.
        "configuration" optional configuration: At<Configuration>,
        /// Not possible: Dataverse never exports secure configuration in a solution.
        "secureConfiguration" optional secure_configuration: At<Words>,
        /// Description. Default: the name.
        "description" optional description: At<Paragraph>,
        /// For async: whether a successful job is deleted.
        "deleteJob" optional delete_job: At<Flag>,
        /// Where it runs: server, offline (the Outlook client) or both. Default: server.
        "runsOn" optional runs_on: At<RunsOn>,
        /// Full name of the user as whom it runs. Default: the calling user.
        "runAs" optional run_as: At<RowName> => "Ada Brown",
        /// Whether lists hide it.
        "hidden" optional hidden: At<Flag>,
        /// Whether others can change it. Default: true.
        "customizable" optional customizable: At<Flag>,
        /// Copies of the row that the plug-in gets.
        "images" optional images: List<WrittenStepImage>,
        /// Parts of the step's XML without a key here.
        "xml" optional extra: Extra,
    }
}

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
    /// Full name of the user as whom it runs.
    pub run_as: Option<String>,
    /// Whether lists hide it.
    pub hidden: bool,
    /// Whether others can change it.
    pub customizable: bool,
    /// Copies of the row.
    pub images: Vec<StepImage>,
    /// What is merged into its XML.
    pub extra: Extra,
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

impl Kind for Step {
    type Written = WrittenStep;

    fn mean(written: &WrittenStep, scope: &mut Scope<'_>) -> Option<Self> {
        let findings = &mut *scope.findings;
        if let Some(secret) = &written.secure_configuration {
            findings.push(never_shipped(
                "secure configuration",
                &secret.span,
                "remove it: it is set in each environment after the import, or use an environment variable of type `secret`",
            ));
        }
        let handler = handler(written, findings);
        let stage = written.stage.value();
        let mode = written.mode.value().unwrap_or(Mode::Sync);
        if let (Mode::Async, Some(written_mode), Some(Stage::PreValidation | Stage::PreOperation)) =
            (mode, &written.mode, stage)
        {
            findings.push(
                Diagnostic::error("async-before-operation", "an asynchronous step runs after the operation")
                    .at(&written_mode.span)
                    .help("write `stage: postOperation`, or `mode: sync`"),
            );
        }
        if let (Mode::Sync, Some(delete)) = (mode, written.delete_job.as_ref().filter(|flag| flag.value.0)) {
            findings.push(
                Diagnostic::error("job-of-sync-step", "a synchronous step has no job that could be deleted")
                    .at(&delete.span)
                    .help("remove `deleteJob`, or write `mode: async`"),
            );
        }
        let message = written.message.as_ref()?;
        let known = catalog::message(&message.value.0);
        let message_id = message_id(message, written.message_id.as_ref(), known.as_ref(), findings);
        let update = known.as_ref().is_none_or(|message| message.name == "Update");
        if let (false, Some(columns)) = (update, written.columns.as_ref().and_then(|list| list.items.first())) {
            findings.push(
                Diagnostic::error("columns-of-other-message", "only Update starts by the columns that change")
                    .at(&columns.span)
                    .help("remove `columns`, or write `message: Update`"),
            );
        }
        let images = written.images.iter().flat_map(|list| &list.items);
        let images: Vec<_> = images.filter_map(|it| image(it, message, known.as_ref(), stage, findings)).collect();
        check_unique("image", images.iter().map(|it| (it.alias.as_str(), &it.span)), findings);
        Some(Step {
            name: written.name.value(),
            id: written.id.value(),
            handler: handler?,
            message: known.map_or_else(|| message.value.0.clone(), |known| known.name.to_owned()),
            message_id: message_id?,
            table: written.table.as_ref().map(|table| table.value.0.to_lowercase()),
            secondary_table: written.secondary_table.as_ref().map(|table| table.value.0.to_lowercase()),
            stage: stage?,
            mode,
            rank: written.rank.value().unwrap_or(1),
            columns: columns(written.columns.as_ref()),
            configuration: written.configuration.value(),
            description: written.description.value(),
            delete_job: written.delete_job.value().unwrap_or(false),
            runs_on: written.runs_on.value().unwrap_or(RunsOn::Server),
            run_as: written.run_as.value(),
            hidden: written.hidden.value().unwrap_or(false),
            customizable: written.customizable.value().unwrap_or(true),
            images,
            extra: extra(written.extra.as_ref()),
            span: message.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        None
    }
}

fn handler(written: &WrittenStep, findings: &mut Vec<Diagnostic>) -> Option<StepHandler> {
    let by_type = plugin_type(written.plugin_type.as_ref(), written.plugin_type_key.as_ref(), findings);
    let type_span = written.plugin_type.as_ref().map(|it| &it.span);
    let type_span = type_span.or_else(|| written.plugin_type_key.as_ref().map(|it| &it.span));
    match (by_type, type_span, &written.endpoint) {
        (Some(_), Some(span), Some(endpoint)) => {
            findings.push(
                Diagnostic::error("two-handlers", "a step runs either a plug-in type or a service endpoint, not both")
                    .at(&endpoint.span)
                    .related(span, "a plug-in type")
                    .help("make two steps of it"),
            );
            None
        }
        (Some(found), ..) => Some(StepHandler::PluginType(found)),
        (None, _, Some(endpoint)) => Some(StepHandler::Endpoint(endpoint.value.0.clone(), endpoint.span.clone())),
        (None, ..) => {
            findings.push(
                Diagnostic::error("no-handler", "the step does not say what runs")
                    .at(&head(&written.span))
                    .help("add `pluginType: Namespace.Class`, or `endpoint: …`"),
            );
            None
        }
    }
}

fn message_id(
    message: &At<MessageName>,
    given: Option<&At<Guid>>,
    known: Option<&Message>,
    findings: &mut Vec<Diagnostic>,
) -> Option<uuid::Uuid> {
    match (given, known.and_then(|known| known.id)) {
        (Some(given), Some(id)) if given.value.0 != id => {
            findings.push(
                Diagnostic::error("message-id", format!("the message `{}` has another GUID", message.shown))
                    .at(&given.span)
                    .help("remove `messageId`: this message is known"),
            );
            None
        }
        (Some(given), _) => Some(given.value.0),
        (None, Some(id)) => Some(id),
        (None, None) => {
            let finding =
                Diagnostic::error("unknown-message", format!("the GUID of the message `{}` is unknown", message.shown))
                    .at(&message.span);
            let finding = match catalog::nearest_message(&message.value.0) {
                Some(near) if known.is_none() => finding.label(format!("did you mean `{near}`?")),
                _ => finding,
            };
            findings.push(finding.help(format!(
                "add `messageId: …`; an environment has it: `sdkmessages?$filter=name eq '{}'&$select=sdkmessageid`",
                message.shown
            )));
            None
        }
    }
}
