//! The row of an application user, as the platform fills it in.

use serde_json::json;
use uuid::Uuid;

use super::row::{Row, named, row};

/// The columns that the platform fills in for an application user.
pub(super) fn platform_columns(user: Uuid, application: Uuid, name: &str) -> Row {
    row(json!({
        "applicationid": application, "applicationiduri": format!("api://{application}"),
        "azureactivedirectoryobjectid": named(&format!("object {application}")),
        "firstname": "#", "lastname": name, "fullname": format!("# {name}"),
        "domainname": format!("{application}@sandbox.example"), "internalemailaddress": format!("{application}@sandbox.example"),
        "isdisabled": false, "deletedstate": 0, "azurestate": 0, "accessmode": 4, "ownerid": user, "islicensed": false, "setupuser": false,
    }))
}
