//! What a table can do, each with its own key.

use crate::diagnostic::Diagnostic;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::table::elastic::PROVIDER;
use crate::manifest::components::table::leaf::Color;
use crate::manifest::components::table::table_type::TableType;
use crate::manifest::leaf::{Flag, Guid, WebAddress, WebResourceName};
use crate::yaml::leaf::{Given, Words};
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// What a table can do, and where the rows of a virtual one are.
    pub struct WrittenTableSettings => {
        /// Colour, such as `#0078d4`.
        "color" optional color: At<Color>,
        /// Icon: an SVG web resource.
        "icon" optional icon: At<WebResourceName> => "contoso_/widget.svg",
        /// Whether changes are kept in the audit log.
        "auditing" optional auditing: At<Flag>,
        /// Whether rows can have notes and attachments.
        "notes" optional notes: At<Flag>,
        /// Whether rows can have activities.
        "activities" optional activities: At<Flag>,
        /// Whether rows can have connections.
        "connections" optional connections: At<Flag>,
        /// Whether changes since a point in time can be queried.
        "changeTracking" optional change_tracking: At<Flag>,
        /// Whether duplicates can be detected.
        "duplicateDetection" optional duplicate_detection: At<Flag>,
        /// Whether rows can be created with a quick create form.
        "quickCreate" optional quick_create: At<Flag>,
        /// Whether rows can be used in a mail merge.
        "mailMerge" optional mail_merge: At<Flag>,
        /// Whether it is available on phones and tablets.
        "mobile" optional mobile: At<Flag>,
        /// Whether rows are available offline.
        "offline" optional offline: At<Flag>,
        /// Whether rows are found by Dataverse search.
        "search" optional search: At<Flag>,
        /// Whether documents can be kept in its document libraries.
        "documents" optional documents: At<Flag>,
        /// Whether rows can have an access team.
        "accessTeams" optional access_teams: At<Flag>,
        /// Whether business process flows can run on it.
        "businessProcesses" optional business_processes: At<Flag>,
        /// Address of a help page.
        "helpUrl" optional help_url: At<WebAddress> => "https://contoso.com/help",
        /// For a virtual table: GUID of its data provider.
        "dataProvider" optional data_provider: At<Guid>,
        /// For a virtual table: GUID of its data source.
        "dataSource" optional data_source: At<Guid>,
        /// For a virtual table: its name in the source.
        "externalName" optional external_name: At<Words> => "widgets",
        /// For a virtual table: the name of its set in the source.
        "externalPluralName" optional external_plural_name: At<Words> => "widgets",
    }
}

/// The elements of `entity` that keys set.
pub fn settings(written: &WrittenTableSettings, kind: TableType, scope: &mut Scope<'_>) -> Vec<(&'static str, String)> {
    let flag = |value: &Option<At<Flag>>| value.as_ref().map(|flag| u8::from(flag.value.0).to_string());
    let yes = |value: &Option<At<Flag>>| value.as_ref().filter(|flag| flag.value.0).map(|_| "True".to_owned());
    let guid = |value: &Option<At<Guid>>| value.as_ref().map(|id| crate::guid::braced(id.value.0));
    let words = |value: &Option<At<Words>>| value.as_ref().map(|it| it.value.0.clone());
    for (key, value) in [("dataProvider", &written.data_provider), ("dataSource", &written.data_source)] {
        if let Some(id) = value.as_ref().filter(|_| kind != TableType::Virtual) {
            scope.findings.push(
                Diagnostic::error("key-of-other-type", format!("`{key}` belongs to virtual tables"))
                    .at(&id.span)
                    .help("remove it, or write `type: virtual`"),
            );
        }
    }
    let on = |value: &Option<At<Flag>>| value.as_ref().is_some_and(|flag| flag.value.0);
    let provider = if kind == TableType::Elastic { Some(PROVIDER.to_owned()) } else { guid(&written.data_provider) };
    let all: Vec<(&'static str, Option<String>)> = vec![
        ("IsDuplicateCheckSupported", flag(&written.duplicate_detection)),
        ("IsBusinessProcessEnabled", flag(&written.business_processes)),
        ("IsConnectionsEnabled", flag(&written.connections)),
        ("EntityColor", written.color.value()),
        ("IsDocumentManagementEnabled", flag(&written.documents)),
        ("AutoCreateAccessTeams", flag(&written.access_teams)),
        ("DataProviderId", provider),
        ("DataSourceId", guid(&written.data_source)),
        ("EntityMask", on(&written.activities).then(|| "ActivityPointer".to_owned())),
        ("IsAuditEnabled", flag(&written.auditing)),
        ("IsMailMergeEnabled", flag(&written.mail_merge)),
        ("IsVisibleInMobileClient", flag(&written.mobile)),
        ("IsOfflineInMobileClient", flag(&written.offline)),
        ("IsQuickCreateEnabled", flag(&written.quick_create)),
        ("SyncToExternalSearchIndex", flag(&written.search)),
        ("IconVectorName", written.icon.value()),
        ("EntityHelpUrlEnabled", written.help_url.as_ref().map(|_| "1".to_owned())),
        ("EntityHelpUrl", written.help_url.as_ref().map(|url| url.value.0.to_string())),
        ("ChangeTrackingEnabled", flag(&written.change_tracking)),
        ("ExternalName", words(&written.external_name)),
        ("ExternalCollectionName", words(&written.external_plural_name)),
        ("HasRelatedNotes", yes(&written.notes)),
        ("HasRelatedActivities", yes(&written.activities)),
    ];
    all.into_iter().filter_map(|(element, value)| Some((element, value?))).collect()
}
