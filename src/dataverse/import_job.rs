//! The log of an import. Its progress is not a proof of success.

use uuid::Uuid;

use crate::dataverse::error::clean;
use crate::dataverse::{ApiError, Client, Request};

/// The largest log that is read. It is one text, and that of a large solution has some megabytes.
const LOG: usize = 32 << 20;

/// A line of the log that is not a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The section and the component.
    pub component: String,
    /// The message.
    pub message: String,
}

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Whether the log itself says that the import failed; `None` where it says nothing.
    pub failed: Option<bool>,
    /// Failures, in order.
    pub failures: Vec<Trouble>,
    /// Warnings, in order.
    pub warnings: Vec<Trouble>,
}

/// How far an import is; `None` while the row is not there yet.
pub async fn progress(client: &Client, id: Uuid) -> Result<Option<f64>, ApiError> {
    let path = format!("importjobs({id})?$select=importjobid,progress,completedon");
    match client.send(Request::get(path, "read the progress of the import")).await {
        Ok(answer) => Ok(answer.body.get("progress").and_then(serde_json::Value::as_f64)),
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The log; `None` when there is none (yet).
pub async fn findings(client: &Client, id: Uuid) -> Result<Option<Findings>, ApiError> {
    let request = Request::get(format!("importjobs({id})?$select=data"), "read the import log").most(LOG);
    match client.send(request).await {
        Ok(answer) => Ok(answer.row().raw("data").and_then(read)),
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads `importexportxml`.
#[must_use]
pub fn read(xml: &str) -> Option<Findings> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let root = document.root_element();
    let mut findings = Findings::default();
    match root.attribute("succeeded") {
        Some("failure") => {
            findings.failed = Some(true);
        }
        Some("success") => findings.failed = Some(false),
        _ => {}
    }
    for node in document.descendants().filter(|node| node.has_tag_name("result")) {
        let list = match node.attribute("result") {
            Some("failure" | "error") => &mut findings.failures,
            Some("warning") => &mut findings.warnings,
            _ => continue,
        };
        let holder = node.parent().filter(roxmltree::Node::is_element).unwrap_or(node);
        let name = ["LocalizedName", "name", "id"].iter().find_map(|name| holder.attribute(*name)).unwrap_or("");
        let component = clean(format!("{} {name}", holder.tag_name().name()).trim());
        list.push(Trouble { component, message: clean(node.attribute("errortext").unwrap_or("no message")) });
    }
    if findings.failures.is_empty() && findings.failed == Some(true) {
        let message = clean(root.attribute("status").unwrap_or("no message"));
        findings.failures.push(Trouble { component: "solution".into(), message });
    }
    Some(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failing_component_and_its_message_are_found() {
        let xml = r#"<importexportxml progress="0" processed="true" succeeded="failure" status="Some dependencies are missing.">
            <securityroles><securityrole id="{1}" LocalizedName="Widgets" processed="true">
            <result result="failure" errorcode="0x80048017" errortext="Privilege prvX not found" /></securityrole></securityroles>
            <nodes><node name="ok"><result result="success" errorcode="0" errortext="" /></node></nodes></importexportxml>"#;
        let findings = read(xml).expect("a log");
        assert_eq!(findings.failed, Some(true));
        assert_eq!(findings.failures.len(), 1);
        assert_eq!(findings.failures[0].component, "securityrole Widgets");
        assert_eq!(findings.failures[0].message, "Privilege prvX not found");
        assert_eq!(read("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), None);
    }
}
