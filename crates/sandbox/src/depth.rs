//! How deep a privilege goes.

use serde_json::json;

use super::row::Row;

/// All depths, the shallowest first.
pub(super) const DEPTHS: [&str; 4] = ["Basic", "Local", "Deep", "Global"];

/// Whether a privilege can be granted that deep, by its own row.
pub(super) fn allows(privilege: &Row, depth: &str) -> bool {
    let column = match depth {
        "Basic" => "canbebasic",
        "Local" => "canbelocal",
        "Deep" => "canbedeep",
        "Global" => "canbeglobal",
        _ => return false,
    };
    privilege.get(column) == Some(&json!(true))
}

/// Depths in their order.
pub(super) fn depth_rank(depth: &str) -> u8 {
    match depth {
        "Basic" => 1,
        "Local" => 2,
        "Deep" => 3,
        "Global" => 4,
        _ => 0,
    }
}
