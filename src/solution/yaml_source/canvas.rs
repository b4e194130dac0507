//! Canvas apps whose `.msapp` file is unpacked into a folder, as Dataverse's Git integration writes them.
//! Facts: a `.msapp` is a zip of the folder's files (public trees, the public reader of the format). That it is read with `/`
//! between folders, where the maker writes `\\`, is what that reader does; nobody has imported one of these.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::reader::Reader;
use crate::diagnostic::Diagnostic;

/// The folders of unpacked apps in lower case, and the files in each by the name in the `.msapp`.
#[derive(Default)]
pub struct Exploded(BTreeMap<String, Vec<String>>);

impl Exploded {
    /// Adds a file of such a folder.
    pub fn add(&mut self, folder: &str, name: &str) {
        self.0.entry(folder.to_owned()).or_default().push(name.to_owned());
    }

    /// The `.msapp` file that the tree has unpacked, by its name in lower case.
    pub fn take(&mut self, reader: &mut Reader, lower: &str) -> Option<Vec<u8>> {
        let folder = format!("{}/", lower.strip_suffix(".msapp")?);
        let names = self.0.remove(&folder)?;
        let packed = pack(reader, &folder, &names);
        packed.map_err(|finding| reader.findings.push(*finding)).ok()
    }

    /// The files of folders that no app has.
    pub fn rest(self) -> impl Iterator<Item = String> {
        self.0.into_values().flatten()
    }
}

fn pack(reader: &mut Reader, folder: &str, names: &[String]) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .system(System::Dos) // the same bytes on every system
        .last_modified_time(DateTime::default());
    for name in names {
        let Some((_, bytes)) = reader.take(name) else { continue };
        let failed = |error: &dyn std::fmt::Display| {
            let message = format!("it cannot be packed into the app's `.msapp` file: {error}");
            Diagnostic::error("unwritable-zip", message).in_file(format!("{}/{name}", reader.origin), None)
        };
        writer.start_file(&name[folder.len()..], options).map_err(|error| failed(&error))?;
        writer.write_all(&bytes).map_err(|error| failed(&error))?;
    }
    let packed = writer.finish().map_err(|error| Diagnostic::error("unwritable-zip", error.to_string()))?;
    Ok(packed.into_inner())
}
