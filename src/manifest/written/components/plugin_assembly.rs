//! `components.pluginAssemblies` and `components.pluginPackages`

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::plugin::{RowName, TypeKey, TypeName};
use crate::manifest::written::leaf::{Guid, Paragraph, RelativePath, SchemaName};
use crate::yaml::leaf::{VersionText, choice, length, pattern, text};
use crate::yaml::node::Scalar;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A plug-in assembly: a .NET library whose types Dataverse runs.
    pub struct PluginAssembly => {
        /// The library, below the manifest's folder.
        "path" required path: At<RelativePath>,
        /// Full name, such as `Contoso.Widgets, Version=1.0.0.0, Culture=neutral, PublicKeyToken=…`. Left out: read from the library.
        "fullName" optional full_name: At<AssemblyName>,
        /// GUID of the assembly. Left out: derived from publisher, name and the first two numbers of the version.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Isolation: sandbox or none (on-premises only). Left out: sandbox.
        "isolation" optional isolation: At<Isolation>,
        /// Where the server keeps it: database, disk or gac. Left out: database.
        "source" optional source: At<AssemblySource>,
        /// Its types that Dataverse runs. Left out: the public classes that are plug-ins or workflow activities.
        "types" optional types: List<PluginType>,
        /// Parts of the assembly's XML without a key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A class of an assembly that Dataverse runs.
    pub struct PluginType => {
        /// Full name, with its namespace.
        "name" required name: At<TypeName>,
        /// GUID of the type. Left out: derived from publisher, assembly and name.
        "id" optional id: At<Guid>,
        /// Name that people see. Left out: the full name.
        "friendlyName" optional friendly_name: At<RowName>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// For a workflow activity: the group of the workflow designer it stands in. Left out: the assembly's name and version.
        "group" optional group: At<RowName>,
        /// Parts of the type's XML without a key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A plug-in package: a NuGet package with assemblies and what they depend on.
    pub struct PluginPackage => {
        /// The .nupkg file, below the manifest's folder.
        "path" required path: At<RelativePath>,
        /// Unique name, with the publisher's prefix. Left out: the id in the package's nuspec.
        "name" optional name: At<PackageName>,
        /// Version. Left out: that of the package's nuspec.
        "version" optional version: At<VersionText>,
        /// Its plug-in types by name, each with the key that an exported solution has for it: steps and custom APIs that run them need it.
        "types" optional types: List<PackagedType>,
        /// Parts of pluginpackage.xml without a key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A plug-in type of a package, and its key.
    pub struct PackagedType => {
        /// Full name, with its namespace.
        "name" required name: At<TypeName>,
        /// `plugintypeexportkey` of the plug-in type in Dataverse.
        "key" required key: At<TypeKey>,
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
text!(
    /// A plug-in package's unique name: dots are allowed behind the prefix.
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
choice!(
    /// How the server keeps an assembly apart.
    Isolation(meant::Isolation), "isolation", "a kind of isolation",
    [("sandbox", meant::Isolation::Sandbox), ("none", meant::Isolation::None)]
);
choice!(
    /// Where the server keeps an assembly.
    AssemblySource(meant::AssemblySource), "assembly-source", "a place of assemblies",
    [("database", meant::AssemblySource::Database), ("disk", meant::AssemblySource::Disk), ("gac", meant::AssemblySource::Gac)]
);
