//! `components.pluginAssemblies` and `components.pluginPackages`: files found, types once.

use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::scope::check_unique;
use crate::manifest::meant;
use crate::manifest::meant::components::plugin_assembly::{AssemblySource, Isolation};
use crate::manifest::prefix;
use crate::manifest::written::components::plugin_assembly::{PluginAssembly, PluginPackage, PluginType};

/// The assembly that one entry stands for.
pub fn plugin_assembly(written: &PluginAssembly, scope: &mut Scope<'_>) -> Option<meant::PluginAssembly> {
    let path = written.path.as_ref()?;
    let types = written.types.as_ref().map(|list| {
        let types: Vec<_> = list.items.iter().filter_map(plugin_type).collect();
        check_unique("plug-in type", types.iter().map(|it| (it.name.as_str(), &it.span)), scope.findings);
        types
    });
    let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
    Some(meant::PluginAssembly {
        path: file,
        full_name: written.full_name.as_ref().map(|name| (name.value.0.clone(), name.span.clone())),
        id: written.id.as_ref().map(|id| id.value.0),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        isolation: written.isolation.as_ref().map_or(Isolation::Sandbox, |it| it.value.0),
        source: written.source.as_ref().map_or(AssemblySource::Database, |it| it.value.0),
        types,
        xml: extra(written.xml.as_ref()),
        span: path.span.clone(),
    })
}

fn plugin_type(written: &PluginType) -> Option<meant::PluginType> {
    let name = written.name.as_ref()?;
    Some(meant::PluginType {
        name: name.value.0.clone(),
        id: written.id.as_ref().map(|id| id.value.0),
        friendly_name: written.friendly_name.as_ref().map(|text| text.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        group: written.group.as_ref().map(|text| text.value.0.clone()),
        xml: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

/// The package that one entry stands for.
pub fn plugin_package(written: &PluginPackage, scope: &mut Scope<'_>) -> Option<meant::PluginPackage> {
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    let path = written.path.as_ref()?;
    let types = written.types.iter().flat_map(|list| &list.items);
    let types: Vec<_> = types.filter_map(|it| Some((it.name.as_ref()?, it.key.as_ref()?))).collect();
    check_unique("plug-in type", types.iter().map(|(name, _)| (name.value.0.as_str(), &name.span)), scope.findings);
    let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
    Some(meant::PluginPackage {
        path: file,
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        version: written.version.as_ref().map(|version| version.value.0),
        types: types.iter().map(|(name, key)| (name.value.0.clone(), key.value.0.clone())).collect(),
        xml: extra(written.xml.as_ref()),
        span: path.span.clone(),
    })
}
