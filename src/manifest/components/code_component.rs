//! `components.codeComponents`: the folder that a build has left.

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::{below, inside};
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::prefix;
use crate::manifest::written::components::code_component::CodeComponent;

/// The component that one entry stands for.
pub fn code_component(written: &CodeComponent, scope: &mut Scope<'_>) -> Option<meant::CodeComponent> {
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    let path = written.path.as_ref()?;
    let folder = inside(path, scope.folder, scope.findings)?;
    inside(&below(path, "ControlManifest.xml"), scope.folder, scope.findings)?;
    if !folder.join("ControlManifest.xml").is_file() {
        let source = folder.join("ControlManifest.Input.xml").is_file();
        let message = if source {
            format!("`{}` holds the control's source, not what is built from it", path.shown)
        } else {
            format!("`{}` is no folder with a ControlManifest.xml", path.shown)
        };
        scope.findings.push(
            Diagnostic::error("control-missing", message)
                .at(&path.span)
                .help("build the control (`npm run build -- --buildMode production`) and name `out/controls/…`"),
        );
        return None;
    }
    Some(meant::CodeComponent {
        folder,
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        xml: extra(written.xml.as_ref()),
        span: path.span.clone(),
    })
}
