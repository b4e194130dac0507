//! Files that columns of records name (`botcomponents/<key>/filedata/<file>`): which part each of them is.
//!
//! In a folder such a file is called as people read it; the part is called as Dataverse looks for it, with more characters
//! percent-encoded than other parts have (`part_name::encode_file`). Where the record's XML has an encoded name itself, the
//! part has that one.

use std::collections::BTreeMap;

use crate::solution::part_name::{decode_name, encode_file, encode_name, problem};
use crate::solution::profile;
use crate::solution::xml;

/// The largest record that is read for a name.
const MAX_RECORD: usize = 4 << 20;

/// Where the record of a file stands: the folder with its XML, and the column.
pub struct Column<'a> {
    /// The folder, with a `/` at the end.
    pub folder: &'a str,
    /// The column's name.
    pub name: &'a str,
}

impl<'a> Column<'a> {
    /// Of a file in a folder; none where the file's name is the same in all spellings, or no record can name it.
    pub fn of(file: &'a str) -> Option<Self> {
        let mut from_end = file.rsplitn(3, '/');
        let (piece, name, above) = (from_end.next()?, from_end.next()?, from_end.next()?);
        // `set/key`, and the same in another record's folder.
        let is_record = above.matches('/').count() % 2 == 1;
        (is_record && encode_file(piece) != piece).then(|| Self { folder: &file[..=above.len()], name })
    }

    /// Whether a file, or the part of a file, is a record in the folder that has such a column.
    pub fn is_record(&self, name: &str) -> bool {
        let inside = name.get(self.folder.len()..).is_some_and(|rest| !rest.contains('/'));
        inside && name.to_lowercase().ends_with(".xml") && profile::names_file(name, self.name)
    }

    /// What the column says in a record.
    pub fn text(&self, record: &[u8]) -> Option<String> {
        if record.len() > MAX_RECORD {
            return None;
        }
        xml::parse(record, "").ok()?.child_text(self.name)
    }
}

/// The part of a file, where its column says `written`; none where the column names another file.
pub fn part(file: &str, written: &str) -> Option<String> {
    let (folder, name) = file.rsplit_once('/')?;
    let is_encoded = decode_name(written) != written && problem(written).is_none();
    let name = if is_encoded && [written, &decode_name(written)].contains(&name) {
        written.to_owned()
    } else if name == written {
        encode_file(name)
    } else {
        return None;
    };
    Some(format!("{}/{name}", encode_name(folder)))
}

/// The part that a file comes back as, where a column of a record among the parts names it.
pub fn part_among(files: &BTreeMap<String, Vec<u8>>, file: &str) -> Option<String> {
    let column = Column::of(file)?;
    part(file, &column.text(record(files, &column)?.1)?)
}

/// The record that may name the file which a part is.
pub fn record_of<'a>(files: &'a BTreeMap<String, Vec<u8>>, part: &str) -> Option<&'a String> {
    Some(record(files, &Column::of(&decode_name(part))?)?.0)
}

fn record<'a>(files: &'a BTreeMap<String, Vec<u8>>, column: &Column<'_>) -> Option<(&'a String, &'a Vec<u8>)> {
    let folder = encode_name(column.folder);
    let mut inside = files.range(folder.clone()..).take_while(|(name, _)| name.starts_with(&folder));
    inside.find(|(name, _)| column.is_record(&decode_name(name)))
}

/// Parts that have the names of files: those that columns name get theirs.
pub fn renamed(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let new = |name: &String| Some((name.clone(), part_among(&files, &decode_name(name))?));
    let names: Vec<(String, String)> = files.keys().filter_map(new).filter(|(old, new)| old != new).collect();
    for (old, new) in names {
        if let Some(bytes) = files.remove(&old) {
            files.insert(new, bytes);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_has_the_name_that_dataverse_looks_for() {
        let file = "botcomponents/a/filedata/Orders, Subscriptions.docx";
        let raw = "botcomponents/a/filedata/Orders%2C%20Subscriptions.docx";
        for (file, written, wanted) in [
            (file, "Orders, Subscriptions.docx", Some(raw)),
            (file, "Orders%2C%20Subscriptions.docx", Some(raw)),
            (raw, "Orders%2C%20Subscriptions.docx", Some(raw)),
            (file, "Orders,%20Subscriptions.docx", Some("botcomponents/a/filedata/Orders,%20Subscriptions.docx")),
            (file, "other.docx", None),
            ("botcomponents/a b/filedata/c,d", "c,d", Some("botcomponents/a%20b/filedata/c%2Cd")),
            ("botcomponents/a/filedata/100%.txt", "100%.txt", Some("botcomponents/a/filedata/100%25.txt")),
        ] {
            assert_eq!(part(file, written).as_deref(), wanted, "{file} {written}");
        }
    }

    #[test]
    fn only_a_file_in_the_folder_of_a_column_has_a_record() {
        let column = Column::of("botcomponents/a/filedata/b,c.docx").expect("a column");
        assert_eq!((column.folder, column.name), ("botcomponents/a/", "filedata"));
        assert!(column.is_record("botcomponents/a/botcomponent.xml"));
        assert!(!column.is_record("botcomponents/a/filedata/x.xml"));
        for none in ["botcomponents/a/filedata/plain.docx", "botcomponents/a/b,c.docx", "a/b,c", "a/b/c/d/e,f"] {
            assert!(Column::of(none).is_none(), "{none}");
        }
    }
}
