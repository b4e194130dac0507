//! Stable identifiers: the same manifest gives the same GUIDs, on any machine, for ever.
//!
//! Every GUID that dvpack makes up is an RFC 9562 version 5 UUID of a fixed namespace, the kind of
//! thing, the publisher and the thing's own name. Changing any string here breaks upgrades of
//! packages already installed: the tests pin the values.

use uuid::Uuid;

/// The namespace of all GUIDs made by dvpack.
pub const NAMESPACE: Uuid = Uuid::from_u128(0x9d6f_4e0b_3c52_5a86_b1f7_0d2e_8a4c_6153);

/// The GUID of a thing of `kind`, owned by `publisher` (its unique name), called `name`.
///
/// Publisher and kind are compared without case, as Dataverse does; the name is taken as written.
#[must_use]
pub fn stable(kind: &str, publisher: &str, name: &str) -> Uuid {
    let text = format!("{}\n{}\n{name}", kind.to_ascii_lowercase(), publisher.to_ascii_lowercase());
    Uuid::new_v5(&NAMESPACE, text.as_bytes())
}

/// The GUID of a security role: `stable("role", …)`.
#[must_use]
pub fn role(publisher: &str, name: &str) -> Uuid {
    stable("role", publisher, name)
}

/// `{lower-case guid}`, the form of roles, workflows, forms and root components in solution XML.
#[must_use]
pub fn braced(id: Uuid) -> String {
    format!("{{{}}}", id.hyphenated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_ids_never_change() {
        let id = role("contoso", "Contoso Widgets Service");
        assert_eq!(id, role("Contoso", "Contoso Widgets Service"));
        assert_ne!(id, role("contoso", "contoso widgets service"));
        assert_eq!(id.to_string(), "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a");
        assert_eq!(braced(id), format!("{{{id}}}"));
    }
}
