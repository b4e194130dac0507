//! What an assembly is called.

use std::fmt;

use sha1_smol::Sha1;

use super::image::Metadata;
use super::refusal::Refusal;
use super::tables::{Table, Tables};

const PUBLIC_KEY: u32 = 1;

/// An assembly's full name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The simple name.
    pub name: String,
    /// Four numbers.
    pub version: [u16; 4],
    /// `None` is `neutral`.
    pub culture: Option<String>,
    /// `None` for an assembly without a strong name.
    pub token: Option<[u8; 8]>,
}

impl Identity {
    /// The version with dots.
    #[must_use]
    pub fn version(&self) -> String {
        self.version.map(|number| number.to_string()).join(".")
    }

    /// The culture, or `neutral`.
    #[must_use]
    pub fn culture(&self) -> &str {
        self.culture.as_deref().unwrap_or("neutral")
    }

    /// The token in hexadecimal digits, or `null`.
    #[must_use]
    pub fn token(&self) -> String {
        self.token.map_or_else(
            || "null".to_owned(),
            |token| token.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
        )
    }
}

impl fmt::Display for Identity {
    /// `Name, Version=1.0.0.0, Culture=neutral, PublicKeyToken=…`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, version, culture) = (&self.name, self.version(), self.culture());
        write!(f, "{name}, Version={version}, Culture={culture}, PublicKeyToken={}", self.token())
    }
}

pub(super) fn identity(metadata: &Metadata<'_>, tables: &Tables<'_>) -> Result<Identity, Refusal> {
    if tables.rows(Table::ASSEMBLY) == 0 {
        return Err(Refusal::NoAssembly);
    }
    let cell = |column| tables.cell(Table::ASSEMBLY, 1, column);
    let number = |column| Ok::<_, Refusal>(u16::try_from(cell(column)?).unwrap_or_default());
    let key = metadata.blob(cell(6)?)?;
    let culture = metadata.string(cell(8)?)?;
    Ok(Identity {
        name: metadata.string(cell(7)?)?,
        version: [number(1)?, number(2)?, number(3)?, number(4)?],
        culture: (!culture.is_empty()).then_some(culture),
        token: (cell(5)? & PUBLIC_KEY != 0 && !key.is_empty()).then(|| token(key)),
    })
}

/// The last eight bytes of the key's SHA-1, in reverse: a name, not a protection.
fn token(key: &[u8]) -> [u8; 8] {
    let digest = Sha1::from(key).digest().bytes();
    let mut token = [0; 8];
    for (to, from) in token.iter_mut().zip(digest.iter().rev()) {
        *to = *from;
    }
    token
}
