//! How much memory an answer takes once it is read as JSON, before it is read: a few megabytes of brackets and commas
//! fill gigabytes.

/// The most that one answer, and one whole list, may take.
pub const MOST: usize = 128 << 20;

// Upper bounds of what `serde_json` takes with ordered members, the growth of lists included; measured with 64-bit
// pointers.
const VALUE: usize = 160;
const LIST: usize = 320;
const OBJECT: usize = 640;

/// About how many bytes a text takes once it is read as JSON. It never takes many more.
#[must_use]
pub fn weight(body: &[u8]) -> usize {
    let mut weight = body.len();
    let mut in_text = false;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_text = !in_text,
            b'\\' if in_text => {
                bytes.next();
            }
            _ if in_text => {}
            b',' => weight = weight.saturating_add(VALUE),
            b'[' => weight = weight.saturating_add(LIST),
            b'{' => weight = weight.saturating_add(OBJECT),
            _ => {}
        }
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_text_weighs_no_more_than_itself() {
        assert_eq!(weight(br#""[{,\"[{,""#), 10);
        assert_eq!(weight(b"[0,0]"), 5 + LIST + VALUE);
        assert_eq!(weight(br#"{"a":[],"b":"}"}"#), 16 + OBJECT + LIST + VALUE);
    }

    #[test]
    fn small_values_weigh_many_times_their_length() {
        for piece in ["0,", "{\"\":0},", "[0],", "[],", "{},"] {
            let body = format!("[{}0]", piece.repeat((16 << 20) / piece.len()));
            assert!(weight(body.as_bytes()) > MOST, "{piece}");
        }
    }
}
