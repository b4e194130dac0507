//! `components.codeComponents`: the folder that a build has left.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span};
use crate::files::is_file;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::{below, inside};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::RelativePath;
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// A code component (PCF control), as its build leaves it under `out/controls`.
    pub struct WrittenCodeComponent => {
        /// The folder with ControlManifest.xml, such as `rating/out/controls/Rating`.
        "path" required path: At<RelativePath> => "rating/out/controls/Rating",
        /// Name, with the publisher's prefix. Default: prefix, namespace and constructor of the control's manifest.
        "name" optional name: At<ControlName>,
        /// Parts of the control's XML without a key here.
        "xml" optional extra: Extra,
    }
}

text!(
    /// A code component's name.
    ControlName, "control-name", "the name of a code component", "contoso_Contoso.Rating",
    |text| {
        length(text, 256)?;
        let good = text.split_once('_').is_some_and(|(prefix, rest)| {
            prefix.bytes().all(|b| b.is_ascii_alphanumeric()) && rest.contains('.')
                && rest.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        });
        if good { Ok(()) } else { Err("the form is `prefix_Namespace.Control`".into()) }
    },
    pattern("^[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)+$")
);

/// One code component (PCF control).
#[derive(Clone, Debug)]
pub struct CodeComponent {
    /// The folder with ControlManifest.xml, reached from the working folder.
    pub folder: PathBuf,
    /// Name; absent means prefix, namespace and constructor.
    pub name: Option<String>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Kind for CodeComponent {
    type Written = WrittenCodeComponent;

    fn mean(written: &WrittenCodeComponent, scope: &mut Scope<'_>) -> Option<Self> {
        if let Some(name) = &written.name {
            prefix::check(name, &name.value.0, scope.prefix, scope.findings);
        }
        let path = written.path.as_ref()?;
        let folder = inside(path, scope.folder, scope.findings)?;
        inside(&below(path, "ControlManifest.xml"), scope.folder, scope.findings)?;
        if !is_file(&folder.join("ControlManifest.xml")) {
            let source = is_file(&folder.join("ControlManifest.Input.xml"));
            let message = if source {
                format!("`{}` contains the control's source, not the built control", path.shown)
            } else {
                format!("`{}` is not a folder with a ControlManifest.xml", path.shown)
            };
            scope.findings.push(
                Diagnostic::error("control-missing", message)
                    .at(&path.span)
                    .help("build the control (`npm run build -- --buildMode production`) and name `out/controls/…`"),
            );
            return None;
        }
        Some(CodeComponent {
            folder,
            name: written.name.value(),
            extra: extra(written.extra.as_ref()),
            span: path.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((self.folder.to_str().unwrap_or_default(), &self.span))
    }
}
