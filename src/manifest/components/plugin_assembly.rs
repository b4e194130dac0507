//! `components.pluginAssemblies`: files found, types once.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::plain::plain;
use crate::manifest::components::plugin_type::{RowName, TypeName};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Guid, Paragraph, RelativePath};
use crate::yaml::leaf::{Given, choice, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A plug-in assembly: a .NET library whose types Dataverse runs.
    pub struct WrittenPluginAssembly => {
        /// The library, below the manifest's folder.
        "path" required path: At<RelativePath> => "plugins/Contoso.Widgets.dll",
        /// Full name, such as `Contoso.Widgets, Version=1.0.0.0, Culture=neutral, PublicKeyToken=…`. Default: read from
        /// the library.
        "fullName" optional full_name: At<AssemblyName>,
        /// GUID of the assembly. Default: derived from publisher, name and the first two numbers of the version.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Isolation: sandbox or none (on-premises only). Default: sandbox.
        "isolation" optional isolation: At<Isolation>,
        /// Where the server keeps it: database, disk or gac. Default: database.
        "source" optional source: At<AssemblySource>,
        /// Its types that Dataverse runs. Default: the public classes that are plug-ins or workflow activities.
        "types" optional types: List<<PluginType as Kind>::Written>,
        /// Parts of the assembly's XML without a key here.
        "xml" optional extra: Extra,
    }
}

plain! {
    /// A class of an assembly that Dataverse runs.
    pub struct PluginType at name => {
        /// Full name, with its namespace.
        "name" required name: At<TypeName>,
        /// GUID of the type. Default: derived from publisher, assembly and name.
        "id" optional id: At<Guid>,
        /// Name that people see. Default: the full name.
        "friendlyName" optional friendly_name: At<RowName> => "Rate a widget",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// For a workflow activity: the group in the workflow designer. Default: the assembly's name and version.
        "group" optional group: At<RowName> => "Contoso Widgets (1.0.0.0)",
        /// Parts of the type's XML without a key here.
        "xml" default extra: Extra,
    }
}

text!(
    /// An assembly's full name.
    AssemblyName, "assembly-name", "the full name of an assembly",
    "Contoso.Widgets, Version=1.0.0.0, Culture=neutral, PublicKeyToken=d206d998991838e9",
    |text| {
        length(text, 1000)?;
        let parts: Vec<&str> = text.split(", ").collect();
        let good = parts.len() == 4 && !parts[0].is_empty() && parts[1].starts_with("Version=")
            && parts[2].starts_with("Culture=") && parts[3].starts_with("PublicKeyToken=");
        if good { Ok(()) } else { Err("the form is `Name, Version=…, Culture=…, PublicKeyToken=…`".into()) }
    },
    pattern("^[^,]+, Version=[^,]+, Culture=[^,]+, PublicKeyToken=[^,]+$")
);
choice!(
    /// How the server keeps an assembly apart.
    for Isolation, "isolation", "a kind of isolation",
    [("sandbox", Isolation::Sandbox), ("none", Isolation::None)]
);
choice!(
    /// Where the server keeps an assembly.
    for AssemblySource, "assembly-source", "a place of assemblies",
    [("database", AssemblySource::Database), ("disk", AssemblySource::Disk), ("gac", AssemblySource::Gac)]
);

/// One plug-in assembly.
#[derive(Clone, Debug)]
pub struct PluginAssembly {
    /// The library, reached from the working folder.
    pub path: PathBuf,
    /// Full name; absent means the one in the library.
    pub full_name: Option<(String, Span)>,
    /// GUID; absent means a derived one.
    pub id: Option<Uuid>,
    /// Description.
    pub description: Option<String>,
    /// How it is kept apart.
    pub isolation: Isolation,
    /// Where it is kept.
    pub source: AssemblySource,
    /// Its types; absent means those that the library has.
    pub types: Option<Vec<PluginType>>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// How an assembly is isolated; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// 1
    None = 1,
    /// 2
    Sandbox = 2,
}

/// Where an assembly is kept; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssemblySource {
    /// 0
    Database = 0,
    /// 1
    Disk = 1,
    /// 2
    Gac = 2,
}

impl Kind for PluginAssembly {
    type Written = WrittenPluginAssembly;

    fn mean(written: &WrittenPluginAssembly, scope: &mut Scope<'_>) -> Option<Self> {
        let path = written.path.as_ref()?;
        let types = written.types.as_ref().map(|list| PluginType::all("plug-in type", list, scope));
        let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
        Some(PluginAssembly {
            path: file,
            full_name: written.full_name.as_ref().map(|name| (name.value.0.clone(), name.span.clone())),
            id: written.id.value(),
            description: written.description.value(),
            isolation: written.isolation.value().unwrap_or(Isolation::Sandbox),
            source: written.source.value().unwrap_or(AssemblySource::Database),
            types,
            extra: extra(written.extra.as_ref()),
            span: path.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((self.path.to_str().unwrap_or_default(), &self.span))
    }
}
