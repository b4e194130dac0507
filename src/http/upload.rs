//! A JSON object with a file in it, which is encoded to base64 piece by piece as it is sent.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// How much of the file is encoded at once; a multiple of three, so that there is no padding between two pieces.
const PIECE: usize = 48 * 1024;

/// A JSON object with a file in it. Cheap to clone: the file's bytes are shared.
#[derive(Clone, Debug)]
pub struct Upload {
    /// What comes before the file.
    head: Vec<u8>,
    file: Arc<[u8]>,
}

/// What follows the file.
const TAIL: &[u8] = b"\"}";

impl Upload {
    /// The members of `object`, followed by one of this name with the file in base64.
    #[must_use]
    pub fn new(object: &Value, name: &str, file: Arc<[u8]>) -> Self {
        let mut head = object.to_string().into_bytes();
        head.pop();
        if head.len() > 1 {
            head.push(b',');
        }
        head.extend_from_slice(Value::from(name).to_string().as_bytes());
        head.extend_from_slice(b":\"");
        Self { head, file }
    }

    /// How many bytes are sent.
    #[must_use]
    pub fn size(&self) -> u64 {
        (self.head.len() + self.encoded() + TAIL.len()) as u64
    }

    /// How many characters the file has in base64.
    #[must_use]
    pub fn encoded(&self) -> usize {
        self.file.len().div_ceil(3) * 4
    }

    /// A piece of what is sent, by its number; `None` after the last one.
    #[must_use]
    pub fn piece(&self, number: usize) -> Option<Vec<u8>> {
        let count = self.file.len().div_ceil(PIECE);
        match number {
            0 => Some(self.head.clone()),
            _ if number <= count => {
                let start = (number - 1) * PIECE;
                let end = self.file.len().min(start + PIECE);
                Some(STANDARD.encode(&self.file[start..end]).into_bytes())
            }
            _ if number == count + 1 => Some(TAIL.to_vec()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_pieces_are_the_object_with_the_file_in_it() {
        for size in [0, 1, 2, 3, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 2] {
            let file: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).expect("small")).collect();
            for object in [json!({}), json!({"a": "\"}", "b": [1]})] {
                let upload = Upload::new(&object, "File", file.clone().into());
                let sent: Vec<u8> = (0..).map_while(|number| upload.piece(number)).flatten().collect();
                assert_eq!(sent.len() as u64, upload.size());
                let mut wanted = object.clone();
                wanted["File"] = STANDARD.encode(&file).into();
                assert_eq!(serde_json::from_slice::<Value>(&sent).expect("JSON"), wanted, "{size}");
            }
        }
    }
}
