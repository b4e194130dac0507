//! SDK messages: their GUIDs, and where a row for an image can be found.
//!
//! Facts: `manifests/catalog/messages.tsv`.

use uuid::Uuid;

use crate::diagnostic::nearest;

/// An SDK message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name, such as `Update`.
    pub name: &'static str,
    /// Its GUID, the same in every environment; absent if no source gives it.
    pub id: Option<Uuid>,
    /// The parameters that can contain an image's row, the usual one first; empty: no images.
    pub images: Vec<&'static str>,
}

fn lines() -> impl Iterator<Item = &'static str> {
    include_str!("../../manifests/catalog/messages.tsv").lines().skip(1)
}

/// The message of that name, without regard to case.
#[must_use]
pub fn message(name: &str) -> Option<Message> {
    lines().find_map(|line| {
        let mut fields = line.split('\t');
        let found = fields.next().filter(|found| found.eq_ignore_ascii_case(name))?;
        let id = fields.next().and_then(|id| id.parse().ok());
        let images = fields.next().unwrap_or_default().split(',').filter(|it| !it.is_empty()).collect();
        Some(Message { name: found, id, images })
    })
}

/// The name of the message with this GUID, in any spelling.
#[must_use]
pub fn message_name(id: &str) -> Option<&'static str> {
    let id = Uuid::try_parse(id.trim().trim_matches(['{', '}'])).ok()?;
    lines().find_map(|line| {
        let (name, rest) = line.split_once('\t')?;
        let known: Uuid = rest.split('\t').next()?.parse().ok()?;
        (known == id).then_some(name)
    })
}

/// The name that was probably meant.
#[must_use]
pub fn nearest_message(name: &str) -> Option<&'static str> {
    nearest(name, lines().filter_map(|line| line.split('\t').next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_their_guid_and_the_parameter_of_images() {
        let update = message("update").expect("known");
        assert_eq!((update.name, &update.images[..]), ("Update", &["Target"][..]));
        assert_eq!(update.id.expect("proved").to_string(), "20bebb1b-ea3e-db11-86a7-000a3a5473e8");
        assert_eq!(message("Send").expect("known").id, None);
        assert_eq!(message("Retrieve").expect("known").images, [""; 0]);
        assert_eq!(nearest_message("Updte"), Some("Update"));
        assert_eq!(lines().filter(|line| line.split('\t').count() == 4).count(), lines().count());
    }
}
