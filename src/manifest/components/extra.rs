//! `xml:` of a component. Which names its kind knows is told where the XML is made.

use crate::manifest::meant;
use crate::manifest::written::components::extra::{Extra, ExtraValue};

/// What is merged into the component's XML; nothing where it is not written.
pub fn extra(written: Option<&Extra>) -> meant::Extra {
    let entries = written.map_or(&[][..], |extra| &extra.entries[..]);
    let entry = |(name, span, value): &(String, _, _)| meant::ExtraEntry {
        name: name.clone(),
        value: self::value(value),
        span: Clone::clone(span),
    };
    meant::Extra { entries: entries.iter().map(entry).collect() }
}

fn value(written: &ExtraValue) -> meant::ExtraValue {
    match written {
        ExtraValue::Nothing => meant::ExtraValue::Nothing,
        ExtraValue::Text(text) => meant::ExtraValue::Text(text.clone()),
        ExtraValue::Group(group) => meant::ExtraValue::Group(extra(Some(group))),
        ExtraValue::Many(values) => meant::ExtraValue::Many(values.iter().map(value).collect()),
    }
}
