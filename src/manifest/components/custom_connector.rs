//! `components.customConnectors`: files found, operations only with a script.

use std::path::PathBuf;

use serde_json::json;
use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::plugin_type::RowName;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Guid, RelativePath, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, Words, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A custom connector.
    pub struct WrittenCustomConnector => {
        /// Name, with the publisher's prefix, such as `contoso_widgets`. Characters other than letters and digits are
        /// escaped.
        "name" required name: At<ConnectorName>,
        /// GUID. Default: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// Name that people see. Default: the name.
        "displayName" optional display_name: At<Title> => "Widget service",
        /// Description, at most 1000 characters.
        "description" optional description: At<ConnectorDescription>,
        /// Colour behind the icon. Default: #007ee5.
        "color" optional color: At<Color>,
        /// The OpenAPI 2.0 definition, a JSON file.
        "openApi" required open_api: At<RelativePath> => "connector/openapi.json",
        /// The connection's parameters, a JSON file. Default: none (`{}`).
        "connectionParameters" optional connection_parameters: At<RelativePath> => "connector/parameters.json",
        /// Instances of policy templates, a JSON file. Default: none (`[]`).
        "policies" optional policies: At<RelativePath> => "connector/policies.json",
        /// The icon, a PNG file of at most 1 MB.
        "icon" optional icon: At<RelativePath> => "connector/icon.png",
        /// Code that changes requests and answers, a C# script.
        "script" optional script: At<RelativePath> => "connector/script.csx",
        /// The operations that the script is for. Default: all.
        "scriptOperations" optional script_operations: List<At<Words>> => "GetWidget",
        /// Name as an existing solution stores it, such as `contoso_5Fwidgets`, in place of the escaped name.
        "storedName" optional stored_name: At<RowName> => "contoso_5Fwidgets",
        /// Parts of the connector's XML without a key here.
        "xml" optional extra: Extra,
    }
}

text!(
    /// A connector's name, before it is escaped.
    ConnectorName, "connector-name", "a connector's name", "contoso_widgets",
    |text| {
        length(text, 100)?;
        match text.split_once('_') {
            Some((prefix, rest)) if !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_alphanumeric()) && !rest.trim().is_empty() => Ok(()),
            _ => Err("the form is `prefix_name`".into()),
        }
    },
    pattern("^[A-Za-z][A-Za-z0-9]*_.+$")
);
text!(
    /// A connector's description.
    ConnectorDescription, "description", "a description", "Reads and rates widgets.",
    |text| length(text, 1000),
    json!({ "minLength": 1, "maxLength": 1000 })
);
text!(
    /// A colour.
    Color, "color", "a colour", "#007ee5",
    |text| {
        let good = text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(()) } else { Err("the form is `#rrggbb`, in quotes".into()) }
    },
    pattern("^#[0-9a-fA-F]{6}$")
);

/// One custom connector.
#[derive(Clone, Debug)]
pub struct CustomConnector {
    /// Name before it is escaped.
    pub name: String,
    /// Name as it is stored, where that is not the escaped one.
    pub stored_name: Option<String>,
    /// GUID; absent means a derived one.
    pub id: Option<Uuid>,
    /// Display name; absent means the name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// `#rrggbb`
    pub color: Option<String>,
    /// The OpenAPI definition.
    pub open_api: (PathBuf, Span),
    /// Connection parameters.
    pub connection_parameters: Option<(PathBuf, Span)>,
    /// Policy template instances.
    pub policies: Option<(PathBuf, Span)>,
    /// Icon.
    pub icon: Option<(PathBuf, Span)>,
    /// Script.
    pub script: Option<(PathBuf, Span)>,
    /// The operations that the script is for; empty means all.
    pub script_operations: Vec<String>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Kind for CustomConnector {
    type Written = WrittenCustomConnector;

    fn mean(written: &WrittenCustomConnector, scope: &mut Scope<'_>) -> Option<Self> {
        if let Some(name) = &written.name {
            prefix::check(name, &name.value.0, scope.prefix, scope.findings);
        }
        let first_operation = written.script_operations.as_ref().and_then(|list| list.items.first());
        if let (None, Some(operation)) = (&written.script, first_operation) {
            scope.findings.push(
                Diagnostic::error("operations-without-script", "`scriptOperations` without `script`")
                    .at(&operation.span)
                    .help("add `script: …`, or remove `scriptOperations`"),
            );
        }
        let mut file = |path: Option<&At<RelativePath>>| -> Option<(PathBuf, Span)> {
            let path = path?;
            let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
            Some((file, path.span.clone()))
        };
        let open_api = file(written.open_api.as_ref());
        let [connection_parameters, policies, icon, script] =
            [&written.connection_parameters, &written.policies, &written.icon, &written.script]
                .map(|it| file(it.as_ref()));
        let name = written.name.as_ref()?;
        let operations = written.script_operations.iter().flat_map(|list| &list.items);
        Some(CustomConnector {
            name: name.value.0.clone(),
            stored_name: written.stored_name.value(),
            id: written.id.value(),
            display_name: written.display_name.value(),
            description: written.description.value(),
            color: written.color.value(),
            open_api: open_api?,
            connection_parameters,
            policies,
            icon,
            script,
            script_operations: operations.map(|operation| operation.value.0.clone()).collect(),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
