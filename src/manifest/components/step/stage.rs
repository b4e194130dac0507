//! Single values of steps: the message, and when, how and where they run.

use serde_json::json;

use crate::yaml::leaf::{choice, integer, parsed, pattern, text};

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
    for Stage, "stage", "a stage",
    [("preValidation", Stage::PreValidation), ("preOperation", Stage::PreOperation), ("postOperation", Stage::PostOperation)]
);
choice!(
    /// How a step runs.
    for Mode, "mode", "a mode", [("sync", Mode::Sync), ("async", Mode::Async)]
);
choice!(
    /// Where a step runs.
    for RunsOn, "runs-on", "a place to run",
    [("server", RunsOn::Server), ("offline", RunsOn::Offline), ("both", RunsOn::Both)]
);

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
