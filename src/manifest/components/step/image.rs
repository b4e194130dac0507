//! Images of a step: only those that the message gives.

use uuid::Uuid;

use crate::catalog::Message;
use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::plugin_type::{ColumnName, RowName};
use crate::manifest::components::step::stage::{MessageName, Stage};
use crate::manifest::leaf::{Flag, Guid, Paragraph};
use crate::yaml::leaf::{Given, choice};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A copy of the row, from before or after the operation.
    pub struct WrittenStepImage => {
        /// pre (before), post (after) or both.
        "type" required kind: At<ImageKind>,
        /// Name under which the plug-in finds it. Default: `PreImage` or `PostImage`.
        "alias" optional alias: At<RowName> => "PreImage",
        /// Name. Default: the alias.
        "name" optional name: At<RowName> => "PreImage",
        /// GUID of the image. Default: derived from the step and the alias.
        "id" optional id: At<Guid>,
        /// Its columns. Default: all, which costs time.
        "columns" optional columns: List<At<ColumnName>>,
        /// The parameter of the message that contains the row. Default: the message's usual one.
        "property" optional property: At<RowName> => "Target",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Whether others can change it. Default: true.
        "customizable" optional customizable: At<Flag>,
        /// Parts of the image's XML without a key here.
        "xml" optional extra: Extra,
    }
}

choice!(
    /// From when an image is.
    for ImageKind, "image-type", "a type of image",
    [("pre", ImageKind::Pre), ("post", ImageKind::Post), ("both", ImageKind::Both)]
);

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
    /// The parameter of the message that contains the row.
    pub property: String,
    /// Description.
    pub description: Option<String>,
    /// Whether others can change it.
    pub customizable: bool,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// When an image is taken; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// 0
    Pre = 0,
    /// 1
    Post = 1,
    /// 2
    Both = 2,
}

pub fn columns(written: Option<&List<At<ColumnName>>>) -> Vec<String> {
    written.iter().flat_map(|list| &list.items).map(|column| column.value.0.clone()).collect()
}

pub fn image(
    written: &WrittenStepImage,
    message: &At<MessageName>,
    known: Option<&Message>,
    stage: Option<Stage>,
    findings: &mut Vec<Diagnostic>,
) -> Option<StepImage> {
    let kind = written.kind.as_ref()?;
    let (pre, post) = match kind.value {
        ImageKind::Pre => (true, false),
        ImageKind::Post => (false, true),
        ImageKind::Both => (true, true),
    };
    let name = known.map_or(message.value.0.as_str(), |known| known.name);
    let wrong = if known.is_some_and(|known| known.images.is_empty()) {
        Some((format!("message `{name}` does not support images"), "remove the image".to_owned()))
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
    Some(StepImage {
        kind: kind.value,
        name: written.name.as_ref().map_or_else(|| alias.clone(), |name| name.value.0.clone()),
        alias,
        id: written.id.value(),
        columns: columns(written.columns.as_ref()),
        property,
        description: written.description.value(),
        customizable: written.customizable.value().unwrap_or(true),
        extra: extra(written.extra.as_ref()),
        span: kind.span.clone(),
    })
}
