//! `components.modelDrivenApps`: roles resolved.

pub mod site_map;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::guid;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::model_driven_app::site_map::{SiteMap, WrittenSiteMap, site_map};
use crate::manifest::components::names::{NameOrId, Named, by_table, name_or_id, names, table};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Paragraph, RoleName, SchemaName, Stored, TableName, Title};
use crate::manifest::package::role::Role;
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, choice};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A model-driven app with its site map.
    pub struct WrittenModelDrivenApp => {
        /// Unique name, with the publisher's prefix.
        "name" required name: At<SchemaName> => "contoso_WidgetDesk",
        /// Name that people see. Default: the unique name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Roles of this manifest that see the app, or the GUIDs of others. System Administrator and System Customizer
        /// always see it.
        "roles" optional roles: List<At<RoleName>>,
        /// Navigation.
        "siteMap" required site_map: WrittenSiteMap,
        /// Tables besides those of the site map.
        "tables" optional tables: List<At<TableName>>,
        /// Table → its views in the app, by name or GUID. A table that is not listed shows all of them.
        "views" optional views: Map<List<At<NameOrId>>>,
        /// Table → its forms in the app, by name or GUID. A table that is not listed shows all of them.
        "forms" optional forms: Map<List<At<NameOrId>>> => "Information",
        /// Table → its charts in the app, by name or GUID. A table that is not listed shows all of them.
        "charts" optional charts: Map<List<At<NameOrId>>> => "Widgets by colour",
        /// Dashboards besides those of the site map, by name or GUID.
        "dashboards" optional dashboards: List<At<NameOrId>> => "Widgets at a glance",
        /// Business process flows, by name or GUID.
        "processes" optional processes: List<At<NameOrId>> => "Widget approval",
        /// Custom pages besides those of the site map: canvas apps by unique name.
        "pages" optional pages: List<At<NameOrId>> => "contoso_widgetpage",
        /// Icon: a web resource of this solution by name, or any by GUID. Default: the default icon.
        "icon" optional icon: At<NameOrId> => "contoso_/widget.svg",
        /// Welcome page: a web resource of this solution by name, or any by GUID.
        "welcomePage" optional welcome_page: At<NameOrId> => "contoso_/welcome.html",
        /// Whether several rows stay open as tabs.
        "navigation" optional navigation: At<AppNavigation>,
        /// Setting definition → value in this app.
        "settings" optional settings: Map<At<Stored>>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

choice!(
    /// How an app opens rows.
    for AppNavigation, "app-navigation", "a kind of navigation",
    [("singleSession", AppNavigation::Single), ("multiSession", AppNavigation::Multi)]
);

/// One model-driven app.
#[derive(Clone, Debug)]
pub struct ModelDrivenApp {
    /// Unique name.
    pub name: String,
    /// Name that people see; absent means the unique name.
    pub display_name: Option<Labels>,
    /// Description.
    pub description: Option<Labels>,
    /// GUIDs, with braces, of the roles that see it besides the administrators'.
    pub roles: Vec<String>,
    /// Navigation.
    pub site_map: SiteMap,
    /// Tables besides those of the site map.
    pub tables: Vec<Named>,
    /// Views, by table.
    pub views: Vec<(Named, Vec<Named>)>,
    /// Forms, by table.
    pub forms: Vec<(Named, Vec<Named>)>,
    /// Charts, by table.
    pub charts: Vec<(Named, Vec<Named>)>,
    /// Dashboards besides those of the site map.
    pub dashboards: Vec<Named>,
    /// Business process flows.
    pub processes: Vec<Named>,
    /// Custom pages besides those of the site map.
    pub pages: Vec<Named>,
    /// Icon.
    pub icon: Option<Named>,
    /// Welcome page.
    pub welcome_page: Option<Named>,
    /// How it opens rows.
    pub navigation: AppNavigation,
    /// Setting definition and value.
    pub settings: Vec<(String, String)>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// How an app opens rows; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppNavigation {
    /// 0: one at a time.
    #[default]
    Single,
    /// 1: several, as tabs.
    Multi,
}

impl Kind for ModelDrivenApp {
    type Written = WrittenModelDrivenApp;

    fn mean(written: &WrittenModelDrivenApp, scope: &mut Scope<'_>) -> Option<Self> {
        let site_map = written.site_map.as_ref().and_then(|it| site_map(it, scope));
        let visible: Vec<String> = written
            .roles
            .iter()
            .flat_map(|list| &list.items)
            .filter_map(|name| role(name, scope.roles, scope.findings))
            .collect();
        let name = written.name.as_ref()?;
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
        Some(ModelDrivenApp {
            name: name.value.0.clone(),
            display_name: labels(written.display_name.as_ref(), scope),
            description: labels(written.description.as_ref(), scope),
            roles: visible,
            site_map: site_map?,
            tables: written.tables.iter().flat_map(|list| &list.items).map(table).collect(),
            views: by_table(written.views.as_ref()),
            forms: by_table(written.forms.as_ref()),
            charts: by_table(written.charts.as_ref()),
            dashboards: names(written.dashboards.as_ref()),
            processes: names(written.processes.as_ref()),
            pages: names(written.pages.as_ref()),
            icon: written.icon.as_ref().map(name_or_id),
            welcome_page: written.welcome_page.as_ref().map(name_or_id),
            navigation: written.navigation.value().unwrap_or_default(),
            settings: written
                .settings
                .iter()
                .flat_map(|map| &map.entries)
                .map(|(name, _, value)| (name.clone(), value.value.text.clone()))
                .collect(),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}

/// The GUID of a role that sees the app.
fn role(name: &At<RoleName>, roles: &[Role], findings: &mut Vec<Diagnostic>) -> Option<String> {
    if let Some(role) = roles.iter().find(|role| role.name == name.value.0) {
        return Some(guid::braced(role.id));
    }
    if let Ok(id) = Uuid::try_parse(&name.value.0) {
        return Some(guid::braced(id));
    }
    let known = roles.iter().map(|role| role.name.as_str());
    let finding =
        Diagnostic::error("unknown-role", format!("`{}` is not a role of this manifest", name.shown)).at(&name.span);
    findings.push(match nearest(&name.value.0, known) {
        Some(near) => finding.help(format!("write `{near}`")),
        None => finding.help("declare it under `roles`, or write the GUID of a role of another solution"),
    });
    None
}
