//! `components.pluginPackages`: files found, types once.

use std::path::PathBuf;

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::names::check_unique;
use crate::manifest::components::plugin_type::{TypeKey, TypeName};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{RelativePath, SchemaName};
use crate::manifest::prefix;
use crate::version::Version;
use crate::yaml::leaf::{Given, VersionText, length, pattern, text};
use crate::yaml::node::Scalar;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A plug-in package: a NuGet package with assemblies and what they depend on.
    pub struct WrittenPluginPackage => {
        /// The .nupkg file, below the manifest's folder.
        "path" required path: At<RelativePath> => "plugins/Contoso.Widgets.1.0.0.nupkg",
        /// Unique name, with the publisher's prefix. Default: the id in the package's nuspec.
        "name" optional name: At<PackageName>,
        /// Version. Default: that of the package's nuspec.
        "version" optional version: At<VersionText>,
        /// Its plug-in types by name, each with the key that an exported solution has for it: steps and custom APIs
        /// that run them need it.
        "types" optional types: List<PackagedType>,
        /// Parts of pluginpackage.xml without a key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// A plug-in type of a package, and its key.
    pub struct PackagedType => {
        /// Full name, with its namespace.
        "name" required name: At<TypeName>,
        /// `plugintypeexportkey` of the plug-in type in Dataverse.
        "key" required key: At<TypeKey> => "d51ecaf4-8a9f-43a4-8a39-3a80bd85d79e",
    }
}

text!(
    /// A plug-in package's unique name: dots are allowed after the prefix.
    PackageName, "package-name", "the unique name of a plug-in package", "contoso_Contoso.Widgets",
    |text| {
        length(text, 128)?;
        let text = text.replace(['.', '-'], "_");
        match SchemaName::parse(&Scalar { text, plain: false, template: None, hidden: false }) {
            Ok(_) => Ok(()),
            Err(_) => Err("the form is `prefix_Name`: letters, digits, underscores, dots".into()),
        }
    },
    pattern("^[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_.-]+$")
);

/// One plug-in package.
#[derive(Clone, Debug)]
pub struct PluginPackage {
    /// The .nupkg, reached from the working folder.
    pub path: PathBuf,
    /// Unique name; absent means the id in the nuspec.
    pub name: Option<String>,
    /// Version; absent means that of the nuspec.
    pub version: Option<Version>,
    /// Known keys of its types: name and key.
    pub types: Vec<(String, String)>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Kind for PluginPackage {
    type Written = WrittenPluginPackage;

    fn mean(written: &WrittenPluginPackage, scope: &mut Scope<'_>) -> Option<Self> {
        if let Some(name) = &written.name {
            prefix::check(name, &name.value.0, scope.prefix, scope.findings);
        }
        let path = written.path.as_ref()?;
        let types = written.types.iter().flat_map(|list| &list.items);
        let types: Vec<_> = types.filter_map(|it| Some((it.name.as_ref()?, it.key.as_ref()?))).collect();
        check_unique("plug-in type", types.iter().map(|(name, _)| (name.value.0.as_str(), &name.span)), scope.findings);
        let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
        Some(PluginPackage {
            path: file,
            name: written.name.value(),
            version: written.version.value(),
            types: types.iter().map(|(name, key)| (name.value.0.clone(), key.value.0.clone())).collect(),
            extra: extra(written.extra.as_ref()),
            span: path.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((self.path.to_str().unwrap_or_default(), &self.span))
    }
}
