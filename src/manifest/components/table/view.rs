//! Views and charts: files are there, and a chart says what it shows.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::labels;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::meant::components::table::view::ViewType;
use crate::manifest::written::components::table::leaf::ColumnName;
use crate::manifest::written::components::table::view::{Chart, View, ViewColumn, ViewOrder};
use crate::manifest::written::leaf::RelativePath;
use crate::yaml::shape::{At, head};

const WIDTH: u32 = 150;

fn file(path: Option<&At<RelativePath>>, scope: &mut Scope<'_>) -> Option<(PathBuf, Span)> {
    let path = path?;
    let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
    Some((file, path.span.clone()))
}

fn named(at: &At<ColumnName>) -> Named {
    Named { name: at.value.0.clone(), span: at.span.clone() }
}

/// The view that one entry stands for.
pub fn view(written: &View, scope: &mut Scope<'_>) -> Option<meant::View> {
    let columns = written.columns.iter().flat_map(|list| &list.items).filter_map(|column| match column {
        ViewColumn::Name(name) => Some((named(name), WIDTH)),
        ViewColumn::Full(full) => {
            Some((named(full.name.as_ref()?), full.width.as_ref().map_or(WIDTH, |width| width.value.0)))
        }
    });
    let order = written.order_by.iter().flat_map(|list| &list.items).filter_map(|order| match order {
        ViewOrder::Name(name) => Some((named(name), false)),
        ViewOrder::Full(full) => {
            Some((named(full.column.as_ref()?), full.descending.as_ref().is_some_and(|flag| flag.value.0)))
        }
    });
    Some(meant::View {
        name: labels(written.name.as_ref(), scope)?,
        kind: written.kind.as_ref().map_or(ViewType::Public, |kind| kind.value.0),
        id: written.id.as_ref().map(|id| id.value.0),
        description: labels(written.description.as_ref(), scope),
        default: written.default.as_ref().is_some_and(|flag| flag.value.0),
        columns: columns.collect(),
        order: order.collect(),
        filter: written.filter.as_ref().map(|it| (it.value.0.clone(), it.span.clone())),
        find: written.find.iter().flat_map(|list| &list.items).map(named).collect(),
        fetch: file(written.fetch.as_ref(), scope),
        layout: file(written.layout.as_ref(), scope),
        extra: extra(written.xml.as_ref()),
        span: head(&written.span),
    })
}

/// The chart that one entry stands for.
pub fn chart(written: &Chart, scope: &mut Scope<'_>) -> Option<meant::Chart> {
    if written.file.is_some() == written.group_by.is_some() {
        scope.findings.push(
            Diagnostic::error("chart-data", "a chart has either `groupBy` or a `file`")
                .at(&head(&written.span))
                .help("write `groupBy: column` for a simple chart, or `file: …` with its data and presentation"),
        );
    }
    let aggregate = written.aggregate.as_ref().map(|it| it.value.0);
    if let (Some(it), None) = (written.aggregate.as_ref().filter(|it| it.value.0 != "count"), &written.measure) {
        scope.findings.push(
            Diagnostic::error("chart-data", format!("`{}` of what", it.shown))
                .at(&it.span)
                .help("add `measure: column`"),
        );
    }
    Some(meant::Chart {
        name: labels(written.name.as_ref(), scope)?,
        id: written.id.as_ref().map(|id| id.value.0),
        description: labels(written.description.as_ref(), scope),
        kind: written.kind.as_ref().map_or("Column", |kind| kind.value.0),
        group_by: written.group_by.as_ref().map(named),
        measure: written.measure.as_ref().map(named),
        aggregate: aggregate.unwrap_or("count"),
        file: file(written.file.as_ref(), scope),
        extra: extra(written.xml.as_ref()),
        span: head(&written.span),
    })
}
