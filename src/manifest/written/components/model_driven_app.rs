//! `components.modelDrivenApps`

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::site_map::SiteMap;
use crate::manifest::written::leaf::{Paragraph, RoleName, SchemaName, Stored, TableName, Title};
use crate::yaml::leaf::{choice, length, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A model-driven app with its site map.
    pub struct ModelDrivenApp => {
        /// Unique name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// Name that people see. Left out: the unique name.
        "displayName" optional display_name: Labels<Title>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Roles of this manifest that see the app, or the GUIDs of others. System Administrator and System Customizer always see it.
        "roles" optional roles: List<At<RoleName>>,
        /// Navigation.
        "siteMap" required site_map: SiteMap,
        /// Tables besides those of the site map.
        "tables" optional tables: List<At<TableName>>,
        /// Table → its views in the app, by name or GUID. A table that is not here shows all of them.
        "views" optional views: Map<List<At<NameOrId>>>,
        /// Table → its forms in the app, by name or GUID. A table that is not here shows all of them.
        "forms" optional forms: Map<List<At<NameOrId>>>,
        /// Table → its charts in the app, by name or GUID. A table that is not here shows all of them.
        "charts" optional charts: Map<List<At<NameOrId>>>,
        /// Dashboards besides those of the site map, by name or GUID.
        "dashboards" optional dashboards: List<At<NameOrId>>,
        /// Business process flows, by name or GUID.
        "processes" optional processes: List<At<NameOrId>>,
        /// Custom pages besides those of the site map: canvas apps by unique name.
        "pages" optional pages: List<At<NameOrId>>,
        /// Icon: a web resource of this solution by name, or any by GUID. Left out: the default icon.
        "icon" optional icon: At<NameOrId>,
        /// Welcome page: a web resource of this solution by name, or any by GUID.
        "welcomePage" optional welcome_page: At<NameOrId>,
        /// Whether several rows stay open as tabs.
        "navigation" optional navigation: At<AppNavigation>,
        /// Setting definition → value in this app.
        "settings" optional settings: Map<At<Stored>>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

text!(
    /// A name, or the GUID of what has no name here.
    NameOrId, "name", "a name or a GUID", "Active Widgets",
    |text| length(text, 256),
    serde_json::json!({ "minLength": 1, "maxLength": 256 })
);
choice!(
    /// How an app opens rows.
    AppNavigation(meant::AppNavigation), "app-navigation", "a kind of navigation",
    [("singleSession", meant::AppNavigation::Single), ("multiSession", meant::AppNavigation::Multi)]
);
