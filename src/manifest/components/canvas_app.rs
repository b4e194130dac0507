//! `components.canvasApps`: files found.

use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::prefix;
use crate::manifest::written::components::canvas_app::CanvasApp;

/// The app that one entry stands for.
pub fn canvas_app(written: &CanvasApp, scope: &mut Scope<'_>) -> Option<meant::CanvasApp> {
    let mut find = |path| one(path, scope.folder, scope.findings).pop().map(|(path, _)| path);
    let file = written.file.as_ref();
    let path = file.and_then(&mut find);
    let background = written.background.as_ref().and_then(&mut find);
    let additional_files = written.additional_files.iter().flat_map(|list| &list.items).filter_map(find).collect();
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    Some(meant::CanvasApp {
        name: name.value.0.clone(),
        path: path?,
        path_span: file?.span.clone(),
        display_name: written.display_name.as_ref().map(|it| it.value.0.clone()),
        description: written.description.as_ref().map(|it| it.value.0.clone()),
        kind: written.kind.as_ref().map_or_else(Default::default, |it| it.value.0),
        background,
        background_color: written.background_color.as_ref().map(|it| it.value.0.clone()),
        saved: written.saved.as_ref().map(|it| it.value.0.clone()),
        client_version: written.client_version.as_ref().map(|it| it.value.0.clone()),
        tables: written
            .tables
            .iter()
            .flat_map(|list| &list.items)
            .map(|it| Named { name: it.value.0.clone(), span: it.span.clone() })
            .collect(),
        app_pass: written.app_pass.as_ref().is_none_or(|it| it.value.0),
        tags: written
            .tags
            .iter()
            .flat_map(|map| &map.entries)
            .map(|(name, _, value)| (name.clone(), value.value.text.clone()))
            .collect(),
        additional_files,
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
