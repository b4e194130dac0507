//! Secrets, and the texts that would give them away.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

/// So many characters in a row of a spelling give a part of a secret away.
const PIECE: usize = 12;

/// Secrets, each with the texts that would give it away.
#[derive(Default)]
pub struct Watch(Vec<(&'static str, Vec<String>)>);

impl Watch {
    pub fn add(mut self, name: &'static str, secret: &str) -> Self {
        let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let path = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
        let json = json!(secret).to_string();
        let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let attribute = xml.replace('"', "&quot;").replace('\'', "&apos;");
        let mut forms = vec![secret.to_owned(), url.to_lowercase(), url, path.to_lowercase(), path, xml, attribute];
        forms.push(json.trim_matches('"').to_owned());
        // Base64 groups three bytes: what stands before the secret shifts it, what stands around it mixes into
        // the outer characters, which are left out.
        let whole = [secret.to_owned(), forms[2].clone(), json.trim_matches('"').to_owned()];
        for (text, shift) in whole.iter().flat_map(|text| (0..3).map(move |shift| (text, shift))) {
            let bytes = [&b"\0\0"[..shift], text.as_bytes()].concat();
            let whole = &bytes[..bytes.len() / 3 * 3];
            for text in [STANDARD.encode(whole), URL_SAFE_NO_PAD.encode(whole)] {
                forms.push(text[if shift == 0 { 0 } else { 4 }..].to_owned());
            }
        }
        // A piece is too much as well: a text may be cut anywhere.
        let pieces = |form: &String| {
            let letters: Vec<char> = form.chars().collect();
            letters.windows(PIECE).map(|piece| piece.iter().collect::<String>()).collect::<Vec<_>>()
        };
        let coded = STANDARD.encode(secret);
        let cut: Vec<String> = [&forms[0], &forms[2], &coded].into_iter().flat_map(pieces).collect();
        forms.extend(cut);
        forms.sort_unstable();
        forms.dedup();
        self.0.push((name, forms));
        self
    }

    /// The name of a secret that is in the bytes.
    pub fn find(&self, bytes: &[u8]) -> Option<&'static str> {
        let text = String::from_utf8_lossy(bytes);
        self.0.iter().find(|(_, forms)| forms.iter().any(|form| text.contains(form))).map(|(name, _)| *name)
    }
}
