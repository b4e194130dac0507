//! The result of a run as text, JSON, Markdown and `JUnit` XML: the same facts in each.

use serde::Serialize;

use crate::deploy::plan::Plan;
use crate::deploy::verify::Check;

/// A finished run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether it ended well.
    pub ok: bool,
    /// One line.
    pub verdict: String,
    /// How the run signed in.
    pub signed_in: String,
    /// The plan; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// What was read back.
    pub verification: Vec<Check>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// What went wrong, the root cause first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// The service's id of the request that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Requests to the Web API.
    pub requests: u32,
    /// Those of them that write.
    pub writes: u32,
}

/// The plan as people read it.
#[must_use]
pub fn plan_text(plan: &Plan) -> String {
    let mut text = format!("Plan for {}\n", plan.environment);
    if plan.is_empty() {
        text.push_str("  nothing to do: the environment is as the bundle says\n");
    }
    for (index, step) in plan.steps.iter().enumerate() {
        text.push_str(&format!("  {}. {}\n     because {}\n", index + 1, step.what, step.why));
        if !step.privileges.is_empty() {
            text.push_str(&format!(
                "     gains {} privileges: {}\n",
                step.privileges.len(),
                step.privileges.join(", ")
            ));
        }
    }
    for warning in &plan.warnings {
        text.push_str(&format!("  warning: {warning}\n"));
    }
    text
}

/// The verification as people read it.
#[must_use]
pub fn checks_text(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let mark = if check.ok { "ok     " } else { "differs" };
        text.push_str(&format!("  {mark}  {}: {}\n", check.what, check.found));
    }
    text
}

impl Report {
    /// For CI summaries.
    #[must_use]
    pub fn markdown(&self) -> String {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;");
        let mut text = format!("# dvpack: {}\n", self.verdict);
        if let Some(plan) = &self.plan {
            text.push_str(&format!("\nEnvironment: {}\n\n| Step | Why |\n|---|---|\n", plan.environment));
            for step in &plan.steps {
                text.push_str(&format!("| {} | {} |\n", cell(&step.what), cell(&step.why)));
            }
        }
        if !self.verification.is_empty() {
            text.push_str("\n| Verified | | Found |\n|---|---|---|\n");
            for check in &self.verification {
                let mark = if check.ok { "ok" } else { "**differs**" };
                text.push_str(&format!("| {} | {mark} | {} |\n", cell(&check.what), cell(&check.found)));
            }
        }
        for (title, lines) in [("Warnings", &self.warnings), ("Errors", &self.errors), ("What to do", &self.help)] {
            if !lines.is_empty() {
                text.push_str(&format!("\n## {title}\n\n"));
                text.extend(lines.iter().map(|line| format!("- {}\n", cell(line))));
            }
        }
        text
    }

    /// For test reports of CI: a case for each check, and one for the run.
    #[must_use]
    pub fn junit(&self) -> String {
        let failed = self.verification.iter().filter(|check| !check.ok).count() + usize::from(!self.errors.is_empty());
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"dvpack\" tests=\"{}\" failures=\"{failed}\">\n",
            self.verification.len() + 1
        );
        let mut case = |name: &str, failure: Option<String>| {
            text.push_str(&format!("  <testcase classname=\"dvpack\" name=\"{}\"", escape(name)));
            match failure {
                None => text.push_str("/>\n"),
                Some(why) => text.push_str(&format!("><failure message=\"{}\"/></testcase>\n", escape(&why))),
            }
        };
        case("apply", (!self.errors.is_empty()).then(|| self.errors.join("; ")));
        for check in &self.verification {
            case(&check.what, (!check.ok).then(|| check.found.clone()));
        }
        text.push_str("</testsuite>\n");
        text
    }
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
