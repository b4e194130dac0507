//! What a reply of the Web API says, and what of an exchange is written to the log.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::dataverse::error::{ApiError, ServerError, clean};
use crate::dataverse::log::redact;
use crate::dataverse::request::{Answer, Request};
use crate::http;
use crate::http::header::HeaderMap;
use crate::secret;

/// What a reply of success says. `root`: where the Web API lives.
pub(super) fn answer(root: &Url, request: &Request, reply: http::Reply) -> Result<Answer, ApiError> {
    let body = if reply.body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&reply.body).map_err(|error| {
            if request.writes() && !request.repeatable {
                // It was done, but what it made is not known.
                let what = if error.is_eof() { "the answer is cut short" } else { "the answer is not JSON" };
                ApiError::ambiguous(&request.doing, format!("{what}: {error}"))
            } else {
                malformed(request, &error.to_string())
            }
        })?
    };
    // What is read has an answer, unless the status says that there is none. An empty one, from a proxy or cut
    // short at its start, must not pass for a row without the value that was looked for.
    if !request.writes() && reply.status != 204 && !body.is_object() {
        return Err(malformed(request, "the answer has nothing in it"));
    }
    let entity_id = reply.headers.get("odata-entityid").and_then(|value| value.to_str().ok()).and_then(|text| {
        let url = Url::parse(text).ok().filter(|url| url.origin() == root.origin())?;
        let path = url.path();
        Uuid::parse_str(path.rsplit_once('(')?.1.strip_suffix(')')?).ok()
    });
    let weight = http::weight(&reply.body);
    Ok(Answer { status: reply.status, body, entity_id, request_id: request_id(&reply.headers), weight })
}

/// The server sends the client elsewhere, where no credential goes.
pub(super) fn redirect(reply: &http::Reply) -> ApiError {
    let location = reply.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or("nowhere");
    let to = Url::parse(location)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| secret::cut(&clean(location), |_| true, 80));
    ApiError::Redirect { to }
}

/// The answer is not understood.
pub(super) fn malformed(request: &Request, why: &str) -> ApiError {
    ApiError::Malformed { doing: request.doing.clone(), why: clean(why) }
}

/// The body of a request as it is logged: without texts that are never written, and a file by its size.
pub(super) fn logged(request: &Request) -> Option<Value> {
    let mut shown = redact(request.body.as_ref()?);
    if let Some((name, file)) = &request.file {
        shown[*name] = format!("*** ({} bytes)", file.len()).into();
    }
    Some(shown)
}

/// The service's own id of a request.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-ms-service-request-id", "req_id"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .map(|text| secret::cut(&clean(text), |_| true, 100))
}

/// How an exchange ended, as it is logged.
pub(super) fn outcome(result: &Result<http::Reply, http::Failure>) -> Value {
    match result {
        Ok(reply) if reply.status < 400 => json!({"status": reply.status, "requestId": request_id(&reply.headers)}),
        Ok(reply) => {
            let error = ServerError::from_body(reply.status, &reply.body, request_id(&reply.headers));
            let code = error.code.map(|code| format!("0x{code:08x}"));
            json!({"status": reply.status, "code": code, "message": error.message, "requestId": error.request_id})
        }
        Err(failure) => json!({"failure": failure.to_string()}),
    }
}
