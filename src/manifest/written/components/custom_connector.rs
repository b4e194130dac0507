//! `components.customConnectors`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::plugin::RowName;
use crate::manifest::written::leaf::{Guid, RelativePath, Title};
use crate::yaml::leaf::{Words, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};
use serde_json::json;

record! {
    /// A custom connector.
    pub struct CustomConnector => {
        /// Name, with the publisher's prefix, such as `contoso_widgets`. Characters other than letters and digits are escaped.
        "name" required name: At<ConnectorName>,
        /// GUID. Left out: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// Name that people see. Left out: the name.
        "displayName" optional display_name: At<Title>,
        /// Description, at most 1000 characters.
        "description" optional description: At<ConnectorDescription>,
        /// Colour behind the icon. Left out: #007ee5.
        "color" optional color: At<Color>,
        /// The OpenAPI 2.0 definition, a JSON file.
        "openApi" required open_api: At<RelativePath>,
        /// The connection's parameters, a JSON file. Left out: none (`{}`).
        "connectionParameters" optional connection_parameters: At<RelativePath>,
        /// Instances of policy templates, a JSON file. Left out: none (`[]`).
        "policies" optional policies: At<RelativePath>,
        /// The icon, a PNG file of at most 1 MB.
        "icon" optional icon: At<RelativePath>,
        /// Code that changes requests and answers, a C# script.
        "script" optional script: At<RelativePath>,
        /// The operations that the script is for. Left out: all.
        "scriptOperations" optional script_operations: List<At<Words>>,
        /// Name as an existing solution stores it, such as `contoso_5Fwidgets`, in place of the escaped name.
        "storedName" optional stored_name: At<RowName>,
        /// Parts of the connector's XML without a key here.
        "xml" optional xml: Extra,
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
