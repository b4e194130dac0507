//! A solution version: two to four dotted integers, compared part by part.
//!
//! Source of the form: Microsoft's `VersionType` (`[0-9]+(\.[0-9]+){1,3}`) and the versions seen in
//! real packages (four parts in most, two or three in the rest). Missing parts compare as zero.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A version such as `1.4.0.0`.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    parts: [u32; 4],
    len: u8,
}

/// Why a text is not a solution version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a solution version: write two to four whole numbers, for example `1.4.0.0`")]
pub struct NotAVersion(String);

impl Version {
    /// A version of all four parts.
    #[must_use]
    pub const fn new(major: u32, minor: u32, build: u32, revision: u32) -> Self {
        Self { parts: [major, minor, build, revision], len: 4 }
    }

    /// The four parts; missing ones are zero.
    #[must_use]
    pub const fn parts(self) -> [u32; 4] {
        self.parts
    }

    /// The same version, written with all four parts.
    #[must_use]
    pub const fn normalized(self) -> Self {
        Self { parts: self.parts, len: 4 }
    }

    /// The parts joined by underscores, as file names of exported solutions have them.
    #[must_use]
    pub fn file_form(self) -> String {
        self.to_string().replace('.', "_")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts[..usize::from(self.len)].iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let not = || NotAVersion(text.chars().take(80).collect());
        let mut version = Self { parts: [0; 4], len: 0 };
        for piece in text.trim().split('.') {
            // .NET's `Version` holds 31-bit parts; a larger number cannot be stored.
            let digits = !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_digit());
            let number = piece.parse::<u32>().ok().filter(|n| digits && i32::try_from(*n).is_ok());
            let (Some(number), true) = (number, version.len < 4) else { return Err(not()) };
            version.parts[usize::from(version.len)] = number;
            version.len += 1;
        }
        if version.len < 2 { Err(not()) } else { Ok(version) }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}
impl Eq for Version {}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A solution's version: two to four whole numbers.",
            "type": "string",
            "pattern": r"^[0-9]+(\.[0-9]+){1,3}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_by_part_and_keeps_its_form() {
        let v = |t: &str| t.parse::<Version>().expect("a version");
        assert!(v("1.10") > v("1.9.9.9"));
        assert_eq!(v("1.2"), v("1.2.0.0"));
        assert_eq!(v("1.2").to_string(), "1.2");
        assert_eq!(v("1.2").normalized().to_string(), "1.2.0.0");
        assert_eq!(v("1.4.0.0").file_form(), "1_4_0_0");
    }

    #[test]
    fn refuses_what_dataverse_would() {
        for bad in ["", "1", "1.", ".1", "1.2.3.4.5", "1.a", "1.-2", "1.+2", "1.99999999999"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }
}
