//! Changing a row once: when the answer is lost, the row itself shows whether it was changed.

use serde_json::Value;

use crate::dataverse::{ApiError, Client, Request};

/// How often a change is sent that turns out not to have been made.
const ATTEMPTS: u32 = 3;

/// Sets columns of the row at `path`, which must exist. The body's members are plain columns, no lookups.
pub async fn change(client: &Client, path: &str, body: Value, doing: &str) -> Result<(), ApiError> {
    let mut attempt = 0;
    let mut before: Option<ApiError> = None;
    loop {
        let lost = match client.send(Request::patch(path, body.clone(), doing)).await {
            Err(error @ ApiError::Ambiguous { .. }) => error,
            other => return other.map(drop).map_err(|error| error.after_a_loss(before)),
        };
        match is_so(client, path, &body).await {
            Ok(Some(true)) => return Ok(()),
            Ok(Some(false)) if attempt + 1 < ATTEMPTS => {
                attempt += 1;
                before = Some(client.before_another(lost).await?);
            }
            Ok(_) => return Err(lost),
            Err(look) => return Err(lost.looked_in_vain(&look)),
        }
    }
}

/// A change that also activates the row, where that is inactive. 1 is Active of both tables that this is for, environment
/// variable values and connection references; an import creates their rows so.
pub fn activating(mut body: Value, inactive: bool) -> Value {
    if inactive {
        body["statecode"] = 0.into();
        body["statuscode"] = 1.into();
    }
    body
}

/// Whether the row has these values; `None` where the answer does not say.
async fn is_so(client: &Client, path: &str, body: &Value) -> Result<Option<bool>, ApiError> {
    let wanted: Vec<(&String, &Value)> = body.as_object().into_iter().flatten().collect();
    let names: Vec<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
    let path = format!("{path}?$select={}", names.join(","));
    let answer = client.send(Request::get(path, "see whether the change was made").strong()).await?;
    let told = wanted.iter().map(|(name, value)| Some(same(answer.body.get(name.as_str())?, value)));
    Ok(told.collect::<Option<Vec<bool>>>().map(|told| told.into_iter().all(|same| same)))
}

/// The service writes GUIDs in lower case, whatever was sent.
fn same(found: &Value, wanted: &Value) -> bool {
    match (found.as_str(), wanted.as_str()) {
        (Some(found), Some(wanted)) => {
            found == wanted || (uuid::Uuid::try_parse(wanted).is_ok() && found.eq_ignore_ascii_case(wanted))
        }
        _ => found == wanted,
    }
}
