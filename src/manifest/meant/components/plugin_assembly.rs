//! Plug-in assemblies and packages.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::version::Version;

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
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// A type of an assembly.
#[derive(Clone, Debug)]
pub struct PluginType {
    /// Namespace and name.
    pub name: String,
    /// GUID; absent means a derived one.
    pub id: Option<Uuid>,
    /// Absent means the name.
    pub friendly_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// For workflow activities.
    pub group: Option<String>,
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// How an assembly is kept apart; the numbers are Dataverse's.
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
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}
