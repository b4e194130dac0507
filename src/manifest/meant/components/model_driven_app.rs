//! A model-driven app and its site map.

use std::path::PathBuf;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;
use crate::manifest::meant::components::table::column::Named;

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

/// The site map of an app.
#[derive(Clone, Debug)]
pub struct SiteMap {
    /// Unique name; absent means the app's.
    pub name: Option<Named>,
    /// Name that people see; absent means the app's.
    pub display_name: Option<Labels>,
    /// Areas, or the file that holds them.
    pub content: SiteMapContent,
    /// Whether groups can be collapsed.
    pub collapsible_groups: bool,
    /// Whether Home is shown.
    pub show_home: bool,
    /// Whether pinned rows are shown.
    pub show_pinned: bool,
    /// Whether recent rows are shown.
    pub show_recents: bool,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// What a site map holds.
#[derive(Clone, Debug)]
pub enum SiteMapContent {
    /// Areas of the manifest.
    Areas(Vec<SiteMapArea>),
    /// A file with a `<SiteMap>`.
    File(PathBuf),
}

/// An area.
#[derive(Clone, Debug)]
pub struct SiteMapArea {
    /// Title.
    pub title: Labels,
    /// Id; absent means one made of the titles.
    pub id: Option<String>,
    /// Icon.
    pub icon: Option<Named>,
    /// Whether groups are shown.
    pub show_groups: bool,
    /// Groups.
    pub groups: Vec<SiteMapGroup>,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// A group.
#[derive(Clone, Debug)]
pub struct SiteMapGroup {
    /// Title.
    pub title: Option<Labels>,
    /// Id; absent means one made of the titles.
    pub id: Option<String>,
    /// Items.
    pub items: Vec<SiteMapItem>,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// An item.
#[derive(Clone, Debug)]
pub struct SiteMapItem {
    /// What it opens.
    pub target: SiteMapTarget,
    /// Title; absent means the table's.
    pub title: Option<Labels>,
    /// Description.
    pub description: Option<Labels>,
    /// Id; absent means one made of titles and target.
    pub id: Option<String>,
    /// Icon.
    pub icon: Option<Named>,
    /// Table and the rights on it that a person needs to see the item.
    pub privileges: Vec<(Named, Vec<&'static str>)>,
    /// Whether language and organization are passed.
    pub pass_parameters: bool,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// What an item of a site map opens.
#[derive(Clone, Debug)]
pub enum SiteMapTarget {
    /// Rows of a table.
    Table(Named),
    /// A dashboard.
    Dashboard(Named),
    /// A custom page.
    Page(Named),
    /// A web resource.
    WebResource(Named),
    /// An address.
    Url(String),
}

impl SiteMapTarget {
    /// What is opened, in one word.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Table(it) | Self::Dashboard(it) | Self::Page(it) | Self::WebResource(it) => &it.name,
            Self::Url(url) => url,
        }
    }
}
