//! Forms: widths add up, files are there, events have a column where they need one.

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::labels;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::meant::components::table::form::{Control, FormType};
use crate::manifest::written::components::table::form::{Field, Form, FormEvent, FormSection, FormTab};
use crate::yaml::shape::{At, List, head};

/// The form that one entry stands for.
pub fn form(written: &Form, scope: &mut Scope<'_>) -> Option<meant::Form> {
    let file = written.file.as_ref().and_then(|path| {
        let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
        Some((file, path.span.clone()))
    });
    if let (Some(path), true) = (&written.file, written.tabs.is_some() || written.events.is_some()) {
        scope.findings.push(
            Diagnostic::error("two-definitions", "a file and tabs or events for one form")
                .at(&path.span)
                .help("keep one of the two: the file holds the whole `form` element"),
        );
    }
    let fields = |list: Option<&List<Field>>, scope: &mut Scope<'_>| {
        list.into_iter().flat_map(|list| &list.items).filter_map(|field| control(field, scope)).collect::<Vec<_>>()
    };
    let header = fields(written.header.as_ref(), scope);
    if let (Some(extra), Some(_)) = (header.get(4), &written.header) {
        scope.findings.push(
            Diagnostic::error("form-header", "a header holds at most four columns")
                .at(&extra.column.span)
                .help("move this one to a section"),
        );
    }
    let tabs = written.tabs.as_ref().map(|list| list.items.iter().filter_map(|it| tab(it, scope)).collect());
    let events = written.events.iter().flat_map(|list| &list.items).filter_map(|it| event(it, scope)).collect();
    Some(meant::Form {
        name: labels(written.name.as_ref(), scope)?,
        kind: written.kind.as_ref().map_or(FormType::Main, |kind| kind.value.0),
        id: written.id.as_ref().map(|id| id.value.0),
        description: labels(written.description.as_ref(), scope),
        tabs,
        header,
        libraries: written.libraries.iter().flat_map(|list| &list.items).map(|it| named(it, &it.value.0)).collect(),
        events,
        file,
        extra: extra(written.xml.as_ref()),
        span: head(&written.span),
    })
}

fn named<T>(at: &At<T>, name: &str) -> Named {
    Named { name: name.to_owned(), span: at.span.clone() }
}

fn tab(written: &FormTab, scope: &mut Scope<'_>) -> Option<meant::FormTab> {
    let columns = written.columns.as_ref().map_or(&[][..], |list| &list.items[..]);
    let sections = written.sections.as_ref().map_or(&[][..], |list| &list.items[..]);
    if columns.is_empty() == sections.is_empty() {
        scope.findings.push(
            Diagnostic::error("tab-sections", "a tab has either `sections` or `columns` with sections")
                .at(&head(&written.span))
                .help("keep one of the two, and not empty"),
        );
        return None;
    }
    let share = 100 / u32::try_from(columns.len().max(1)).unwrap_or(1);
    let mut section = |it: &FormSection| self::section(it, scope);
    let mut meant: Vec<(u32, Vec<meant::FormSection>)> = Vec::new();
    if !sections.is_empty() {
        meant.push((100, sections.iter().filter_map(&mut section).collect()));
    }
    for column in columns {
        let width = column.width.as_ref().map_or(share, |width| width.value.0);
        let list = column.sections.iter().flat_map(|list| &list.items);
        meant.push((width, list.filter_map(&mut section).collect()));
    }
    Some(meant::FormTab {
        label: labels(written.label.as_ref(), scope)?,
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        expanded: written.expanded.as_ref().is_none_or(|flag| flag.value.0),
        visible: written.visible.as_ref().is_none_or(|flag| flag.value.0),
        columns: meant,
    })
}

fn section(written: &FormSection, scope: &mut Scope<'_>) -> Option<meant::FormSection> {
    let columns = written.columns.as_ref().map_or(1, |count| count.value.0);
    if let Some(count) = written.columns.as_ref().filter(|_| !(1..=4).contains(&columns)) {
        scope.findings.push(
            Diagnostic::error("section-columns", format!("a section has 1 to 4 columns, not {columns}"))
                .at(&count.span)
                .help("write a number from 1 to 4"),
        );
        return None;
    }
    let fields = written.fields.iter().flat_map(|list| &list.items);
    Some(meant::FormSection {
        label: labels(written.label.as_ref(), scope),
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        columns,
        visible: written.visible.as_ref().is_none_or(|flag| flag.value.0),
        fields: fields.filter_map(|field| control(field, scope)).collect(),
    })
}

fn control(written: &Field, scope: &mut Scope<'_>) -> Option<Control> {
    match written {
        Field::Name(name) => Some(Control::plain(named(name, &name.value.0))),
        Field::Full(full) => {
            let column = full.column.as_ref()?;
            Some(Control {
                label: labels(full.label.as_ref(), scope),
                read_only: full.read_only.as_ref().is_some_and(|flag| flag.value.0),
                visible: full.visible.as_ref().is_none_or(|flag| flag.value.0),
                width: full.width.as_ref().map_or(1, |it| it.value.0.max(1)),
                height: full.height.as_ref().map_or(1, |it| it.value.0.max(1)),
                class_id: full.class_id.as_ref().map(|it| it.value.0),
                extra: extra(full.xml.as_ref()),
                ..Control::plain(named(column, &column.value.0))
            })
        }
    }
}

fn event(written: &FormEvent, scope: &mut Scope<'_>) -> Option<meant::FormEvent> {
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
    Some(meant::FormEvent {
        event: event.value.0,
        column: written.column.as_ref().map(|it| named(it, &it.value.0)),
        library: named(library, &library.value.0),
        function: function.value.0.clone(),
        parameters: written.parameters.as_ref().map(|it| it.value.0.clone()).unwrap_or_default(),
        pass_context: written.pass_context.as_ref().is_none_or(|flag| flag.value.0),
        enabled: written.enabled.as_ref().is_none_or(|flag| flag.value.0),
    })
}
