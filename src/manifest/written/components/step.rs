//! `components.steps`

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::plugin::{ColumnName, RowName, TypeKey, TypeName};
use crate::manifest::written::leaf::{Flag, Guid, Paragraph, TableName};
use crate::yaml::leaf::{Words, choice, integer, parsed, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};
use serde_json::json;

record! {
    /// A step: what runs when a message comes (a plug-in type, or a service endpoint that is told).
    pub struct Step => {
        /// Name. Left out: `Class: Message of table`, as the registration tool names it.
        "name" optional name: At<RowName>,
        /// GUID of the step. Left out: derived from publisher, what runs, message, table, stage and name.
        "id" optional id: At<Guid>,
        /// The plug-in type that runs, of an assembly or package of this solution.
        "pluginType" optional plugin_type: At<TypeName>,
        /// The plug-in type that runs, of elsewhere: its key, as an exported solution names it.
        "pluginTypeKey" optional plugin_type_key: At<TypeKey>,
        /// The service endpoint or webhook that is told, by its name under `serviceEndpoints`.
        "endpoint" optional endpoint: At<RowName>,
        /// The message, such as Create, Update or Delete.
        "message" required message: At<MessageName>,
        /// GUID of the message, for one that dvpack does not know.
        "messageId" optional message_id: At<Guid>,
        /// The table. Left out: any table.
        "table" optional table: At<TableName>,
        /// The second table, for messages that have two.
        "secondaryTable" optional secondary_table: At<TableName>,
        /// When: preValidation, preOperation or postOperation.
        "stage" required stage: At<Stage>,
        /// sync or async (after the operation, in a job of its own). Left out: sync.
        "mode" optional mode: At<Mode>,
        /// Order among the steps of the same message and stage. Left out: 1.
        "rank" optional rank: At<Rank>,
        /// For Update: the columns that start it. Left out: any column.
        "columns" optional columns: List<At<ColumnName>>,
        /// Text that the plug-in gets. It is readable by everyone: no secrets.
        "configuration" optional configuration: At<Configuration>,
        /// Not possible: Dataverse never carries secure configuration in a solution.
        "secureConfiguration" optional secure_configuration: At<Words>,
        /// Description. Left out: the name.
        "description" optional description: At<Paragraph>,
        /// For async: whether a job that went well is deleted.
        "deleteJob" optional delete_job: At<Flag>,
        /// Where it runs: server, offline (the Outlook client) or both. Left out: server.
        "runsOn" optional runs_on: At<RunsOn>,
        /// Full name of the user in whose name it runs. Left out: the calling user.
        "runAs" optional run_as: At<RowName>,
        /// Whether lists leave it out.
        "hidden" optional hidden: At<Flag>,
        /// Whether others can change it. Left out: true.
        "customizable" optional customizable: At<Flag>,
        /// Copies of the row that the plug-in gets.
        "images" optional images: List<StepImage>,
        /// Parts of the step's XML without a key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A copy of the row, from before or after the operation.
    pub struct StepImage => {
        /// pre (before), post (after) or both.
        "type" required kind: At<ImageKind>,
        /// Name under which the plug-in finds it. Left out: `PreImage` or `PostImage`.
        "alias" optional alias: At<RowName>,
        /// Name. Left out: the alias.
        "name" optional name: At<RowName>,
        /// GUID of the image. Left out: derived from the step and the alias.
        "id" optional id: At<Guid>,
        /// Its columns. Left out: all, which costs time.
        "columns" optional columns: List<At<ColumnName>>,
        /// The parameter of the message that holds the row. Left out: the message's usual one.
        "property" optional property: At<RowName>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Whether others can change it. Left out: true.
        "customizable" optional customizable: At<Flag>,
        /// Parts of the image's XML without a key here.
        "xml" optional xml: Extra,
    }
}

text!(
    /// A message.
    MessageName, "message", "the name of a message", "Update",
    |text| {
        let good = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if good && text.len() <= 256 { Ok(()) } else { Err("letters, digits and underscores".into()) }
    },
    pattern("^[A-Za-z][A-Za-z0-9_]*$")
);
text!(
    /// A step's configuration.
    Configuration, "configuration", "a text", "strict",
    // MaxLength of sdkmessageprocessingstep.configuration.
    |text| if text.chars().count() > 1_073_741_823 { Err("it is too long".into()) } else { Ok(()) },
    json!({})
);
parsed!(
    /// A rank.
    Rank(u32), "rank", "a rank", "1",
    |text| integer(text, 0, 2_147_483_647),
    json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 0, "maximum": 2_147_483_647 })
);
choice!(
    /// When a step runs.
    Stage(meant::Stage), "stage", "a stage",
    [("preValidation", meant::Stage::PreValidation), ("preOperation", meant::Stage::PreOperation), ("postOperation", meant::Stage::PostOperation)]
);
choice!(
    /// How a step runs.
    Mode(meant::Mode), "mode", "a mode", [("sync", meant::Mode::Sync), ("async", meant::Mode::Async)]
);
choice!(
    /// Where a step runs.
    RunsOn(meant::RunsOn), "runs-on", "a place to run",
    [("server", meant::RunsOn::Server), ("offline", meant::RunsOn::Offline), ("both", meant::RunsOn::Both)]
);
choice!(
    /// From when an image is.
    ImageKind(meant::ImageKind), "image-type", "a type of image",
    [("pre", meant::ImageKind::Pre), ("post", meant::ImageKind::Post), ("both", meant::ImageKind::Both)]
);
