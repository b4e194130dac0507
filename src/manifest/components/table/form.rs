//! Forms of a table: files are there, events have a column where they need one.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::table::leaf::ColumnName;
use crate::manifest::components::table::tab::{Control, Field, FormTab, WrittenFormTab, control, named, tab};
use crate::manifest::leaf::{Flag, Guid, Paragraph, RelativePath, Title, WebResourceName};
use crate::yaml::leaf::{Given, Words, choice};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, head};

record! {
    /// A form.
    pub struct WrittenForm => {
        /// Name that people see, in one language or by language code.
        "name" required name: WrittenLabels<Title>,
        /// Type: main (default), quickView, quickCreate or card.
        "type" optional kind: At<FormType>,
        /// GUID. Default: derived from publisher, table, type and name.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Tabs, with sections and columns. Default: one tab with all columns of the manifest.
        "tabs" optional tabs: List<WrittenFormTab>,
        /// Columns in the header, at most four.
        "header" optional header: List<Field>,
        /// Script web resources that the form loads.
        "libraries" optional libraries: List<At<WebResourceName>> => "contoso_/form.js",
        /// Functions that events call.
        "events" optional events: List<WrittenFormEvent>,
        /// XML file with the `form` element, in place of tabs, header, libraries and events.
        "file" optional file: At<RelativePath> => "tables/form.xml",
        /// Parts of its `systemform` element that have no key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// A function that an event calls.
    pub struct WrittenFormEvent => {
        /// Event: onLoad, onSave or onChange.
        "event" required event: At<EventName>,
        /// For onChange: the column.
        "column" optional column: At<ColumnName>,
        /// The script web resource that has the function.
        "library" required library: At<WebResourceName> => "contoso_/form.js",
        /// The function.
        "function" required function: At<Words> => "Contoso.onLoad",
        /// Arguments, as written in the call.
        "parameters" optional parameters: At<Words> => "'price', 2",
        /// Whether the execution context is the first argument (default: yes).
        "passContext" optional pass_context: At<Flag>,
        /// Whether it is called at all (default: yes).
        "enabled" optional enabled: At<Flag>,
    }
}

choice!(
    /// What a form is for.
    for FormType, "form-type", "a type of form",
    [
        ("main", FormType::Main),
        ("quickView", FormType::QuickView),
        ("quickCreate", FormType::QuickCreate),
        ("card", FormType::Card),
    ]
);
choice!(
    /// What makes a script run.
    EventName(&'static str), "event", "an event", [("onLoad", "onload"), ("onSave", "onsave"), ("onChange", "onchange")]
);

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormType {
    /// To work on a row.
    Main,
    /// To see a row from another one's form.
    QuickView,
    /// To make a row in a moment.
    QuickCreate,
    /// To show a row in a list.
    Card,
}

impl FormType {
    /// `type` of the `forms` element.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::QuickView => "quick",
            Self::QuickCreate => "quickCreate",
            Self::Card => "card",
        }
    }
}

/// One form.
#[derive(Clone, Debug)]
pub struct Form {
    /// Name.
    pub name: Labels,
    /// What it is for.
    pub kind: FormType,
    /// GUID, where it is given.
    pub id: Option<Uuid>,
    /// Description.
    pub description: Option<Labels>,
    /// Tabs; absent: all columns in one.
    pub tabs: Option<Vec<FormTab>>,
    /// Header.
    pub header: Vec<Control>,
    /// Libraries.
    pub libraries: Vec<Named>,
    /// Events.
    pub events: Vec<FormEvent>,
    /// File with the `form` element.
    pub file: Option<(PathBuf, Span)>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// A function that an event calls.
#[derive(Clone, Debug)]
pub struct FormEvent {
    /// `onload`, `onsave` or `onchange`.
    pub event: &'static str,
    /// For `onchange`.
    pub column: Option<Named>,
    /// Web resource.
    pub library: Named,
    /// Function.
    pub function: String,
    /// Arguments.
    pub parameters: String,
    /// Whether the execution context is passed.
    pub pass_context: bool,
    /// Whether it is called.
    pub enabled: bool,
}

/// The form of one entry.
pub fn form(written: &WrittenForm, scope: &mut Scope<'_>) -> Option<Form> {
    let file = written.file.as_ref().and_then(|path| {
        let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
        Some((file, path.span.clone()))
    });
    if let (Some(path), true) = (&written.file, written.tabs.is_some() || written.events.is_some()) {
        scope.findings.push(
            Diagnostic::error("two-definitions", "a file and tabs or events for one form")
                .at(&path.span)
                .help("keep one of the two: the file contains the whole `form` element"),
        );
    }
    let fields = |list: Option<&List<Field>>, scope: &mut Scope<'_>| {
        list.into_iter().flat_map(|list| &list.items).filter_map(|field| control(field, scope)).collect::<Vec<_>>()
    };
    let header = fields(written.header.as_ref(), scope);
    if let (Some(extra), Some(_)) = (header.get(4), &written.header) {
        scope.findings.push(
            Diagnostic::error("form-header", "a header can have at most four columns")
                .at(&extra.column.span)
                .help("move this one to a section"),
        );
    }
    let tabs = written.tabs.as_ref().map(|list| list.items.iter().filter_map(|it| tab(it, scope)).collect());
    let events = written.events.iter().flat_map(|list| &list.items).filter_map(|it| event(it, scope)).collect();
    Some(Form {
        name: labels(written.name.as_ref(), scope)?,
        kind: written.kind.value().unwrap_or(FormType::Main),
        id: written.id.value(),
        description: labels(written.description.as_ref(), scope),
        tabs,
        header,
        libraries: written.libraries.iter().flat_map(|list| &list.items).map(|it| named(it, &it.value.0)).collect(),
        events,
        file,
        extra: extra(written.extra.as_ref()),
        span: head(&written.span),
    })
}

fn event(written: &WrittenFormEvent, scope: &mut Scope<'_>) -> Option<FormEvent> {
    let (event, library, function) = (written.event.as_ref()?, written.library.as_ref()?, written.function.as_ref()?);
    if (event.value.0 == "onchange") != written.column.is_some() {
        let message =
            if written.column.is_some() { "only `onChange` has a column" } else { "`onChange` needs a column" };
        scope.findings.push(
            Diagnostic::error("event-column", message)
                .at(&event.span)
                .help("write `event: onChange` with `column: …`, or another event without it"),
        );
    }
    Some(FormEvent {
        event: event.value.0,
        column: written.column.as_ref().map(|it| named(it, &it.value.0)),
        library: named(library, &library.value.0),
        function: function.value.0.clone(),
        parameters: written.parameters.value().unwrap_or_default(),
        pass_context: written.pass_context.value().unwrap_or(true),
        enabled: written.enabled.value().unwrap_or(true),
    })
}
