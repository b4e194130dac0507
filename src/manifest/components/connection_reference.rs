//! `components.connectionReferences`

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{ConnectorId, Paragraph, SchemaName, Title};
use crate::manifest::prefix;
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// A connection reference; the connection is a setting of each environment.
    pub struct WrittenConnectionReference => {
        /// Logical name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// The connector's id.
        "connector" required connector: At<ConnectorId>,
        /// Name that people see. Left out: the logical name.
        "displayName" optional display_name: At<Title>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

/// One connection reference.
#[derive(Clone, Debug)]
pub struct ConnectionReference {
    /// Logical name.
    pub name: String,
    /// Display name; absent means the logical name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// The connector's id, `/providers/Microsoft.PowerApps/apis/shared_…`.
    pub connector: String,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Kind for ConnectionReference {
    type Written = WrittenConnectionReference;

    fn mean(written: &WrittenConnectionReference, scope: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
        Some(ConnectionReference {
            name: name.value.0.clone(),
            display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
            description: written.description.as_ref().map(|text| text.value.0.clone()),
            connector: written.connector.as_ref()?.value.0.clone(),
            extra: extra(written.xml.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
