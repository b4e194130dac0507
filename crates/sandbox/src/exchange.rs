//! One request and one reply, as the sandbox sees them: no framework types, so that every rule is a
//! plain function. The error shape follows the Web API documentation (`{"error":{"code","message"}}`).

use serde_json::{Value, json};
use uuid::Uuid;

/// A complete request.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// Decoded query parameters, in order.
    pub query: Vec<(String, String)>,
    /// Header names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// `scheme://host:port` as the client wrote it.
    pub origin: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body is said to be JSON.
    pub fn is_json(&self) -> bool {
        let said = self.header("content-type").and_then(|text| text.split(';').next()).unwrap_or_default();
        said.trim().eq_ignore_ascii_case("application/json")
    }

    /// Why this is a request that the page of another site makes, or may make; nothing for a program's request.
    ///
    /// Browsers say where a request comes from (Fetch Metadata, and `Origin` except with some plain GETs), and a page
    /// can send only the content types of forms to another site without asking before.
    pub fn cross_site(&self) -> Option<&'static str> {
        let values =
            |name: &'static str| self.headers.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim());
        if values("sec-fetch-site").any(|site| !matches!(site.to_ascii_lowercase().as_str(), "same-origin" | "none")) {
            return Some("The control pages take no requests from other sites.");
        }
        if values("origin").any(|origin| !origin.eq_ignore_ascii_case(&self.origin)) {
            return Some("The control pages take no requests from other origins.");
        }
        let simple = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
        let form = |said: &str| {
            let said = said.split(';').next().unwrap_or_default().trim();
            simple.iter().any(|simple| said.eq_ignore_ascii_case(simple))
        };
        if values("content-type").any(form) {
            return Some("The control pages take no forms; the content type is application/json.");
        }
        None
    }

    /// Whether one of the `Prefer` headers has this preference.
    pub fn prefers(&self, preference: &str) -> bool {
        self.preferences().any(|item| item.eq_ignore_ascii_case(preference))
    }

    /// The value of a preference such as `odata.maxpagesize`.
    pub fn preference(&self, name: &str) -> Option<String> {
        self.preferences()
            .find_map(|item| item.split_once('=').filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim()))
            .map(|value| value.trim_matches('"').to_owned())
    }

    fn preferences(&self) -> impl Iterator<Item = &str> {
        let values = self.headers.iter().filter(|(key, _)| key == "prefer").map(|(_, value)| value.as_str());
        // A list of annotations contains commas, too, within quotes.
        values
            .flat_map(|value| {
                let mut quoted = false;
                value.split(move |c| {
                    quoted ^= c == '"';
                    c == ',' && !quoted
                })
            })
            .map(str::trim)
    }

    /// The body as a JSON object; an absent body is an empty object.
    pub fn json(&self) -> Result<serde_json::Map<String, Value>, Fault> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(serde_json::Map::new());
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(Fault::new(
                400,
                "0x80048d19",
                "Error identified in Payload provided by the user: an object is expected",
            )),
            Err(error) => Err(Fault::new(
                400,
                "0x80048d19",
                format!(
                    "Error identified in Payload provided by the user for Entity :'', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : {error}"
                ),
            )),
        }
    }

    /// The body as form fields.
    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
    }
}

/// A reply.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// JSON as Entra ID and the control pages send it.
    pub fn plain_json(status: u16, value: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", value.to_string())
    }

    /// JSON as the Web API sends it.
    pub fn odata(status: u16, value: &Value) -> Self {
        Self::text(status, "application/json; odata.metadata=minimal", value.to_string())
    }

    pub fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("Content-Type".into(), content_type.into())], body: body.into() }
    }

    pub fn redirect(location: &str) -> Self {
        Self::empty(302).with("Location", location)
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// A refusal of the Web API.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub status: u16,
    pub code: String,
    pub message: String,
    pub headers: Vec<(String, String)>,
}

impl Fault {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), headers: Vec::new() }
    }

    /// A row that is not there.
    pub fn absent(table: &str, id: Uuid) -> Self {
        Self::new(404, "0x80040217", format!("Entity '{table}' With Id = {id} Does Not Exist"))
    }

    /// A request that names something the service does not have.
    pub fn unknown_segment(segment: &str) -> Self {
        Self::new(404, "0x8006088a", format!("Resource not found for the segment '{segment}'."))
    }

    pub fn unknown_property(name: &str, table: &str) -> Self {
        Self::new(
            400,
            "0x80060888",
            format!("Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'."),
        )
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "0x80060888", message)
    }

    pub fn reply(&self) -> Reply {
        let mut reply = Reply::odata(self.status, &json!({"error": {"code": self.code, "message": self.message}}));
        reply.headers.extend(self.headers.iter().cloned());
        reply
    }
}

impl Fault {
    /// The same with what a caller gets that asks for annotations.
    pub fn annotated_reply(&self) -> Reply {
        let prefix = "@Microsoft.PowerApps.CDS";
        let mut error = json!({"code": self.code, "message": self.message});
        error[format!("{prefix}.ErrorDetails.OperationStatus")] = json!("1");
        error[format!("{prefix}.HelpLink")] = json!(format!(
            "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a{}&client=platform",
            self.code.trim_start_matches("0x")
        ));
        error[format!("{prefix}.InnerError.Message")] = json!(self.message);
        let mut reply = Reply::odata(self.status, &json!({"error": error}));
        reply.headers.extend(self.headers.iter().cloned());
        reply
    }
}

pub(super) type Answer = Result<Reply, Fault>;
