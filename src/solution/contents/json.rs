//! JSON that readers could take in different ways: of two members of one name some take the first, some the last.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How deep names that differ in case count as one: that is where readers look for what a file is. Below, they are the
/// author's own.
const CASELESS: usize = 2;

/// Why readers could see different things in a text; nothing where it is no JSON at all.
pub(super) fn ambiguity(text: &str) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let error = Level(0).deserialize(&mut reader).err()?.to_string();
    let start = error.strip_prefix(TWICE)?;
    Some(format!("a second member {}", start.split(" at line ").next().unwrap_or(start)))
}

const TWICE: &str = "twice: ";

/// A value at some depth.
struct Level(usize);

impl<'de> DeserializeSeed<'de> for Level {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut met = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let shown = name.chars().take(80).collect::<String>();
            let known = if self.0 < CASELESS { name.to_lowercase() } else { name };
            if !met.insert(known) {
                return Err(A::Error::custom(format!("{TWICE}`{}`", shown.escape_debug())));
            }
            map.next_value_seed(Self(self.0 + 1))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Self(self.0 + 1))?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_stands_once() {
        for good in ["{}", "[1,-2,3.5,null,true,\"a\"]", "{\"a\":{\"b\":{\"x\":1,\"X\":2}}}", "no JSON", "{\"a\":", ""]
        {
            assert_eq!(ambiguity(good), None, "{good}");
        }
        for bad in [
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"A\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"a\":{\"b\":1,\"B\":2}}",
            "{\"a\":{\"b\":{\"x\":1,\"x\":2}}}",
            "{\"a\":[{\"x\":1,\"x\":2}]}",
        ] {
            assert!(ambiguity(bad).is_some_and(|why| why.starts_with("a second member `")), "{bad}");
        }
    }
}
