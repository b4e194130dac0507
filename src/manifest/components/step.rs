//! `components.steps`: messages resolved, and what Dataverse refuses at registration refused here.

use crate::catalog::{self, Message};
use crate::diagnostic::Diagnostic;
use crate::manifest::components::custom_api::{flag, plugin_type};
use crate::manifest::components::extra::extra;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::scope::check_unique;
use crate::manifest::components::service_endpoint::never_shipped;
use crate::manifest::meant;
use crate::manifest::meant::components::step::{ImageKind, Mode, RunsOn, Stage, StepHandler};
use crate::manifest::written::components::plugin::ColumnName;
use crate::manifest::written::components::step::{MessageName, Step, StepImage};
use crate::manifest::written::leaf::Guid;
use crate::yaml::shape::{At, List, head};

/// The step that one entry stands for.
pub fn step(written: &Step, scope: &mut Scope<'_>) -> Option<meant::Step> {
    let findings = &mut *scope.findings;
    if let Some(secret) = &written.secure_configuration {
        findings.push(never_shipped(
            "secure configuration",
            &secret.span,
            "remove it: it is set in each environment after the import, or use an environment variable of type `secret`",
        ));
    }
    let handler = handler(written, findings);
    let stage = written.stage.as_ref().map(|stage| stage.value.0);
    let mode = written.mode.as_ref().map_or(Mode::Sync, |mode| mode.value.0);
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
    Some(meant::Step {
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        id: written.id.as_ref().map(|id| id.value.0),
        handler: handler?,
        message: known.map_or_else(|| message.value.0.clone(), |known| known.name.to_owned()),
        message_id: message_id?,
        table: written.table.as_ref().map(|table| table.value.0.to_lowercase()),
        secondary_table: written.secondary_table.as_ref().map(|table| table.value.0.to_lowercase()),
        stage: stage?,
        mode,
        rank: written.rank.as_ref().map_or(1, |rank| rank.value.0),
        columns: columns(written.columns.as_ref()),
        configuration: written.configuration.as_ref().map(|text| text.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        delete_job: flag(written.delete_job.as_ref(), false),
        runs_on: written.runs_on.as_ref().map_or(RunsOn::Server, |it| it.value.0),
        run_as: written.run_as.as_ref().map(|name| name.value.0.clone()),
        hidden: flag(written.hidden.as_ref(), false),
        customizable: flag(written.customizable.as_ref(), true),
        images,
        xml: extra(written.xml.as_ref()),
        span: message.span.clone(),
    })
}

fn columns(written: Option<&List<At<ColumnName>>>) -> Vec<String> {
    written.iter().flat_map(|list| &list.items).map(|column| column.value.0.clone()).collect()
}

fn handler(written: &Step, findings: &mut Vec<Diagnostic>) -> Option<StepHandler> {
    let by_type = plugin_type(written.plugin_type.as_ref(), written.plugin_type_key.as_ref(), findings);
    let type_span = written.plugin_type.as_ref().map(|it| &it.span);
    let type_span = type_span.or_else(|| written.plugin_type_key.as_ref().map(|it| &it.span));
    match (by_type, type_span, &written.endpoint) {
        (Some(_), Some(span), Some(endpoint)) => {
            findings.push(
                Diagnostic::error("two-handlers", "a step runs a plug-in type or tells an endpoint, not both")
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
            let finding = Diagnostic::error(
                "unknown-message",
                format!("the GUID of the message `{}` is not known here", message.shown),
            )
            .at(&message.span);
            let finding = match catalog::nearest_message(&message.value.0) {
                Some(near) if known.is_none() => finding.label(format!("did you mean `{near}`?")),
                _ => finding,
            };
            findings.push(finding.help(format!(
                "add `messageId: …`; an environment tells it: `sdkmessages?$filter=name eq '{}'&$select=sdkmessageid`",
                message.shown
            )));
            None
        }
    }
}

fn image(
    written: &StepImage,
    message: &At<MessageName>,
    known: Option<&Message>,
    stage: Option<Stage>,
    findings: &mut Vec<Diagnostic>,
) -> Option<meant::StepImage> {
    let kind = written.kind.as_ref()?;
    let (pre, post) = match kind.value.0 {
        ImageKind::Pre => (true, false),
        ImageKind::Post => (false, true),
        ImageKind::Both => (true, true),
    };
    let name = known.map_or(message.value.0.as_str(), |known| known.name);
    let wrong = if known.is_some_and(|known| known.images.is_empty()) {
        Some((format!("the message `{name}` gives no images"), "remove the image".to_owned()))
    } else if pre && name == "Create" {
        Some(("before Create there is no row yet".into(), "write `type: post`".into()))
    } else if post && name == "Delete" {
        Some(("after Delete there is no row any more".into(), "write `type: pre`".into()))
    } else if post && stage.is_some_and(|stage| stage != Stage::PostOperation) {
        Some((
            "an image from after the operation needs a step after it".into(),
            "write `stage: postOperation`, or `type: pre`".into(),
        ))
    } else {
        None
    };
    if let Some((why, help)) = wrong {
        findings.push(Diagnostic::error("image-not-available", why).at(&kind.span).help(help));
        return None;
    }
    let property = match (&written.property, known.and_then(|known| known.images.first())) {
        (Some(property), _) => property.value.0.clone(),
        (None, Some(property)) => (*property).to_owned(),
        (None, None) => "Target".to_owned(),
    };
    let alias = written
        .alias
        .as_ref()
        .map_or_else(|| if pre { "PreImage" } else { "PostImage" }.to_owned(), |alias| alias.value.0.clone());
    Some(meant::StepImage {
        kind: kind.value.0,
        name: written.name.as_ref().map_or_else(|| alias.clone(), |name| name.value.0.clone()),
        alias,
        id: written.id.as_ref().map(|id| id.value.0),
        columns: columns(written.columns.as_ref()),
        property,
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        customizable: flag(written.customizable.as_ref(), true),
        xml: extra(written.xml.as_ref()),
        span: kind.span.clone(),
    })
}
