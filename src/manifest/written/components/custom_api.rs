//! `components.customApis`

use serde_json::json;

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::plugin::{RowName, TypeKey, TypeName};
use crate::manifest::written::leaf::{Flag, SchemaName, TableName, Title};
use crate::yaml::leaf::{choice, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A custom API: a message of your own, answered by a plug-in.
    pub struct CustomApi => {
        /// Unique name, with the publisher's prefix: what callers call.
        "name" required name: At<SchemaName>,
        /// Name that people see. Left out: the unique name.
        "displayName" optional display_name: At<Title>,
        /// Description, at most 300 characters. Left out: the display name.
        "description" optional description: At<Short>,
        /// Name of the row. Left out: the unique name.
        "label" optional label: At<RowName>,
        /// `action` (called with POST) or `function` (called with GET, changes nothing). Left out: action.
        "kind" optional kind: At<ApiKind>,
        /// The table whose rows it is called on. Left out: it is called on none.
        "table" optional table: At<TableName>,
        /// The table whose collection it is called on.
        "collection" optional collection: At<TableName>,
        /// Which steps others can register on it: none, async or all. Left out: none.
        "allowedSteps" optional allowed_steps: At<AllowedSteps>,
        /// Privilege that a caller must have, such as `prvReadcontoso_Widget`.
        "executePrivilege" optional execute_privilege: At<PrivilegeName>,
        /// Whether it is kept out of the list of messages.
        "private" optional private: At<Flag>,
        /// Whether workflows can call it.
        "workflows" optional workflows: At<Flag>,
        /// Whether others can change it. Left out: true.
        "customizable" optional customizable: At<Flag>,
        /// The plug-in type that answers, of an assembly or package of this solution.
        "pluginType" optional plugin_type: At<TypeName>,
        /// The plug-in type that answers, of elsewhere: its key, as an exported solution names it.
        "pluginTypeKey" optional plugin_type_key: At<TypeKey>,
        /// What a caller gives.
        "parameters" optional parameters: List<ApiParameter>,
        /// What a caller gets.
        "response" optional response: List<ApiProperty>,
        /// Parts of customapi.xml without a key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A request parameter of a custom API.
    pub struct ApiParameter => {
        /// Unique name: the parameter's name in calls.
        "name" required name: At<ParameterName>,
        /// Type of the value.
        "type" required kind: At<ApiType>,
        /// Whether callers can leave it out.
        "optional" optional optional: At<Flag>,
        /// For entity, entityCollection and entityReference: the table.
        "table" optional table: At<TableName>,
        /// Name that people see. Left out: the name.
        "displayName" optional display_name: At<Title>,
        /// Description, at most 300 characters.
        "description" optional description: At<Short>,
        /// Name of the row. Left out: the name.
        "label" optional label: At<RowName>,
        /// Parts of customapirequestparameter.xml without a key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A response property of a custom API.
    pub struct ApiProperty => {
        /// Unique name: the property's name in answers.
        "name" required name: At<ParameterName>,
        /// Type of the value.
        "type" required kind: At<ApiType>,
        /// For entity, entityCollection and entityReference: the table.
        "table" optional table: At<TableName>,
        /// Name that people see. Left out: the name.
        "displayName" optional display_name: At<Title>,
        /// Description, at most 300 characters.
        "description" optional description: At<Short>,
        /// Name of the row. Left out: the name.
        "label" optional label: At<RowName>,
        /// Parts of customapiresponseproperty.xml without a key here.
        "xml" optional xml: Extra,
    }
}

text!(
    /// A description of a custom API or a parameter; their columns are shorter than those of other kinds.
    Short, "description", "a description", "Gives a widget a rating.",
    |text| length(text, 300),
    json!({ "minLength": 1, "maxLength": 300 })
);
text!(
    /// A parameter's or property's name.
    ParameterName, "parameter-name", "the name of a parameter", "Stars",
    |text| {
        length(text, 128)?;
        let good = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if good { Ok(()) } else { Err("letters, digits and underscores, no digit first".into()) }
    },
    pattern("^[A-Za-z_][A-Za-z0-9_]*$")
);
text!(
    /// A privilege's name.
    PrivilegeName, "privilege-name", "the name of a privilege", "prvReadcontoso_Widget",
    |text| { length(text, 100)?; if text.starts_with("prv") && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') { Ok(()) } else { Err("it starts with `prv`".into()) } },
    pattern("^prv[A-Za-z0-9_]+$")
);
choice!(
    /// Action or function.
    ApiKind(meant::ApiKind), "custom-api-kind", "a kind of custom API",
    [("action", meant::ApiKind::Action), ("function", meant::ApiKind::Function)]
);
choice!(
    /// Which steps can be registered on a custom API.
    AllowedSteps(meant::AllowedSteps), "allowed-steps", "an answer to which steps are allowed",
    [("none", meant::AllowedSteps::None), ("async", meant::AllowedSteps::Async), ("all", meant::AllowedSteps::All)]
);
choice!(
    /// The type of a parameter or property.
    ApiType(meant::ApiType), "parameter-type", "a type of parameter", meant::ApiType::ALL.map(|(kind, word)| (word, kind))
);
