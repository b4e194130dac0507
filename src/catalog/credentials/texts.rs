//! The texts of credentials: whether another text is one, contains one, or is a piece of one.
//!
//! A variable such as `AZURE_CREDENTIALS` contains a document in which the secret is one value of many, and so does a
//! connection string: each secret part counts by itself, and what is known to be harmless (an ID, an address) does not.
//! A text is also recognized in base64, in hexadecimal digits, with the escapes of URLs, in UTF-16 and in gzip, and in
//! two of these nested. Anything else that is done to a text (encryption, a digest, another compression, letters in
//! another order) is not recognized: there only the consent by name protects.

use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::is_harmless;

/// A shorter text is compared as a whole, not searched for inside others.
const LEAST_INSIDE: usize = 12;
/// A shorter part is too common to say anything.
const LEAST_PART: usize = 6;
/// A longer text is not split into its parts: they are found in it anyway.
const LONGEST_SPLIT: usize = 64 << 10;
/// Shorter runs of the letters of base64 are words.
const LEAST_CODED: usize = 12;
/// What gzip begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];
/// How many encodings of a text can be nested.
const DEEPEST: usize = 3;

/// The texts of credentials, by the name of what contains them.
#[derive(Default)]
pub struct Texts(Vec<Text>);

struct Text {
    name: String,
    whole: String,
    /// The secret values inside.
    parts: Vec<String>,
    /// The text without the harmless values inside.
    rest: String,
}

impl Texts {
    /// From pairs of name and text. Empty texts are ignored.
    pub fn new(named: impl IntoIterator<Item = (String, String)>) -> Self {
        let text = |(name, text): (String, String)| {
            let whole = text.trim().to_owned();
            let (mut parts, harmless) = split(&whole);
            // HTTP and container registries use `user:password` in base64.
            for plain in parts.iter().chain([&whole]).filter_map(|text| coded(text)).collect::<Vec<_>>() {
                parts.extend(split(&plain).0);
                parts.extend(plain.split_once(':').map(|(_, password)| password.to_owned()));
                parts.push(plain);
            }
            parts.retain(|part| part.chars().count() >= LEAST_PART);
            let mut rest = whole.clone();
            for value in harmless.iter().filter(|value| !value.is_empty()) {
                rest = rest.replace(value.as_str(), "\0");
            }
            (!whole.is_empty()).then_some(Text { name, whole, parts, rest })
        };
        Self(named.into_iter().filter_map(text).collect())
    }

    /// The name of the credential that a text is, contains, or is a piece of.
    #[must_use]
    pub fn whose(&self, text: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let mut texts = vec![text.to_owned()];
        for _ in 0..DEEPEST {
            if let Some(name) = texts.iter().find_map(|text| self.whose_plain(text)) {
                return Some(name);
            }
            texts = texts.iter().flat_map(|text| plain(text)).collect();
        }
        None
    }

    /// The same for a text as it is.
    fn whose_plain(&self, text: &str) -> Option<&str> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let own_parts = split(text).0;
        let is_piece = text.len() >= LEAST_INSIDE && !is_public(text);
        let same = |secret: &str| {
            text == secret
                || own_parts.iter().any(|part| part == secret)
                || (secret.len() >= LEAST_INSIDE && text.contains(secret))
        };
        let found = self.0.iter().find(|known| {
            same(&known.whole)
                || known.parts.iter().any(|part| same(part) || (is_piece && part.contains(text)))
                || (is_piece && known.rest.contains(text))
        });
        found.map(|known| known.name.as_str())
    }
}

/// A text decoded from base64 and the escapes of URLs: a run of the letters of base64 may begin inside another, and may be
/// wrapped at any white space.
fn plain(text: &str) -> Vec<String> {
    let is_coded = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let mut found = Vec::new();
    let joined: String = text.split_whitespace().collect();
    let texts = [Some(text), Some(joined.as_str()).filter(|joined| joined.len() < text.len())];
    for text in texts.into_iter().flatten() {
        for run in text.as_bytes().split(|byte| !is_coded(byte)).filter(|run| run.len() >= LEAST_CODED) {
            found.extend((0..4).filter_map(|start| decode(run.get(start..)?)).map(read));
        }
        for run in text.as_bytes().split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= 2 * LEAST_PART) {
            found.extend((0..2).filter_map(|start| digits(run.get(start..)?)).map(read));
        }
    }
    let unescaped = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    if unescaped != text {
        found.push(unescaped.into_owned());
    }
    found
}

/// Bytes as text: compressed by gzip, in UTF-16, otherwise in UTF-8.
fn read(bytes: Vec<u8>) -> String {
    let bytes = if bytes.starts_with(GZIP) { inflated(&bytes).unwrap_or(bytes) } else { bytes };
    // Half of UTF-16 is zero where the text is ASCII.
    let zeros = memchr::memchr_iter(0, &bytes).count();
    let bytes = if zeros * 3 > bytes.len() { bytes.into_iter().filter(|byte| *byte != 0).collect() } else { bytes };
    String::from_utf8_lossy(&bytes).into_owned()
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let read = GzDecoder::new(bytes).take(LONGEST_SPLIT as u64).read_to_end(&mut out);
    // What was decompressed before an error counts, too.
    (read.is_ok() || !out.is_empty()).then_some(out)
}

/// Pairs of hexadecimal digits.
fn digits(run: &[u8]) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    run.chunks_exact(2).map(pair).collect()
}

/// The text whose base64 is the whole of another.
fn coded(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=');
    let decoded = (text.len() >= LEAST_CODED).then(|| decode(text.as_bytes()))??;
    String::from_utf8(decoded).ok().filter(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()))
}

/// Either alphabet, without the last character where it alone has no meaning.
fn decode(coded: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let usable = coded.len() - usize::from(coded.len() % 4 == 1);
    let common: Vec<u8> = coded[..usable]
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    GeneralPurpose::new(&alphabet::STANDARD, config).decode(common).ok()
}

/// The secret and the harmless values of a JSON document or of a connection string.
fn split(text: &str) -> (Vec<String>, Vec<String>) {
    let mut found = (Vec::new(), Vec::new());
    if text.len() > LONGEST_SPLIT {
        return found;
    }
    let mut sort = |key: &str, value: &str| {
        if is_public(value) || is_harmless(key) {
            found.1.push(value.to_owned());
        } else if value.chars().count() >= LEAST_PART {
            found.0.push(value.to_owned());
        }
    };
    if text.starts_with(['{', '[']) {
        if let Ok(document) = serde_json::from_str(text) {
            values("", &document, &mut sort);
        }
    } else if let Some(pairs) = pairs(text, ';').or_else(|| pairs(text.trim_start_matches('?'), '&')) {
        for (key, value) in pairs {
            sort(key, value);
        }
    }
    found
}

fn values(key: &str, value: &Value, sort: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => sort(key, text.trim()),
        Value::Array(items) => items.iter().for_each(|item| values(key, item, sort)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| values(key, value, sort)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The pairs `key=value`, if the text consists of them.
fn pairs(text: &str, between: char) -> Option<Vec<(&str, &str)>> {
    let pieces = text.split([between, '\n']).map(str::trim).filter(|piece| !piece.is_empty());
    let pairs: Option<Vec<_>> = pieces.map(pair).collect();
    pairs.filter(|pairs| !pairs.is_empty())
}

fn pair(piece: &str) -> Option<(&str, &str)> {
    let (key, value) = piece.split_once('=')?;
    let word = |c: char| c.is_ascii_alphanumeric() || " _-.".contains(c);
    let is_pair = !key.trim().is_empty() && key.chars().all(word) && !value.trim_matches('=').is_empty();
    is_pair.then(|| (key.trim(), value.trim().trim_matches(['"', '\''])))
}

/// A GUID, or an address without anything that authorizes: these are in credentials, and elsewhere too.
fn is_public(text: &str) -> bool {
    let address = text.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !rest.contains(['@', '?', '#', ';', '=', ' ', '\n'])
    });
    address || uuid::Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAT: &str = "abcdefghij-0123456789";

    fn whose(secret: &str, text: &str) -> bool {
        Texts::new([("X".to_owned(), secret.to_owned())]).whose(text).is_some()
    }

    #[test]
    fn a_text_is_compared_with_the_secret_parts_of_a_credential() {
        let azure = format!(
            r#"{{"clientId":"0f8fad5b-d9cb-469f-a165-70867728950e","clientSecret":"{PAT}","subscriptionId":"1f8fad5b-d9cb-469f-a165-70867728950e","activeDirectoryEndpointUrl":"https://login.microsoftonline.com","galleryEndpoint":"https://gallery.azure.com/"}}"#
        );
        let endpoint = format!(r#"{{"parameters":{{"serviceprincipalkey":"{PAT}"}},"scheme":"ServicePrincipal"}}"#);
        let connection = format!("AuthType=ClientSecret; Url=https://contoso.crm.dynamics.com; ClientSecret='{PAT}'");
        let sas = format!("?sv=2024-01-01&sig={PAT}%3D");
        for secret in [&azure, &endpoint, &connection, &sas, PAT, &format!("user:{PAT}")] {
            for text in
                [PAT.to_owned(), format!(" {PAT}\n"), secret.to_string(), PAT[..16].to_owned(), PAT[3..].to_owned()]
            {
                assert!(whose(secret, &text), "{text} of {secret}");
            }
            assert!(whose(secret, &format!("Key={secret};")), "around {secret}");
        }
        for text in [
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "https://login.microsoftonline.com",
            "https://gallery.azure.com/",
            "Enabled",
            "clientId",
            "",
        ] {
            assert!(!whose(&azure, text), "{text}");
        }
        for text in ["https://contoso.crm.dynamics.com", "ClientS", "Contoso"] {
            assert!(!whose(&connection, text), "{text}");
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        coder.write_all(bytes).expect("coded");
        coder.finish().expect("coded")
    }

    #[test]
    fn what_is_no_secret_is_none_in_another_coding_either() {
        use base64::engine::general_purpose::STANDARD;
        for text in ["Contoso Widgets Service", "https://api.contoso.com/a/b", "0123456789abcdef0123456789abcdef"] {
            for coded in [hex(text.as_bytes()), STANDARD.encode(gzip(text.as_bytes())), STANDARD.encode(utf16(text))] {
                assert!(!whose(PAT, &coded), "{coded} of {text}");
            }
        }
        // A small text that decompresses to a large one.
        assert!(!whose(PAT, &STANDARD.encode(gzip(&vec![b'a'; 50 << 20]))));
    }

    #[test]
    fn coding_a_credential_does_not_hide_it() {
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        let odd = "s3cret/with+odd~signs&more?";
        for secret in [PAT, odd] {
            let escaped: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for text in [
                STANDARD.encode(secret),
                URL_SAFE_NO_PAD.encode(secret),
                STANDARD.encode(format!("user:{secret}")),
                format!("Basic {}", STANDARD.encode(format!("user:{secret}"))),
                format!("xyz{}", STANDARD.encode(format!("ab{secret}cd"))),
                STANDARD.encode(STANDARD.encode(secret)),
                escaped.clone(),
                STANDARD.encode(format!("key={escaped}")),
                STANDARD.encode(serde_json::json!({ "a": secret }).to_string()),
                STANDARD.encode(&secret[..16]),
                hex(secret.as_bytes()),
                hex(secret.as_bytes()).to_uppercase(),
                format!("0x{}00", hex(secret.as_bytes())),
                hex(STANDARD.encode(secret).as_bytes()),
                STANDARD.encode(utf16(secret)),
                hex(&utf16(secret)),
                STANDARD.encode(gzip(secret.as_bytes())),
                hex(&gzip(format!("a=1;b={secret};").as_bytes())),
                STANDARD.encode(gzip(STANDARD.encode(secret).as_bytes())),
            ] {
                assert!(whose(secret, &text), "{text} of {secret}");
            }
            // The reverse: what the credential contains is encoded.
            for credential in [
                STANDARD.encode(format!("user:{secret}")),
                format!(r#"{{"auths":{{"ghcr.io":{{"auth":"{}"}}}}}}"#, STANDARD.encode(format!("user:{secret}"))),
                STANDARD.encode(serde_json::json!({ "clientSecret": secret }).to_string()),
            ] {
                assert!(whose(&credential, secret), "{secret} in {credential}");
            }
            for text in
                ["https://api.contoso.com/x", "contoso", "Contoso Widgets Service", "aGVsbG8gd29ybGQgb2YgdGV4dA=="]
            {
                assert!(!whose(secret, text), "{text}");
            }
        }
    }

    #[test]
    fn wrapping_a_coding_does_not_hide_it() {
        use base64::engine::general_purpose::STANDARD;
        let text = format!("the client of the pipeline, name and word: {PAT} ; keep it until the next year comes");
        let wrap = |text: &str, at: usize, end: &str| {
            let lines = text.as_bytes().chunks(at).map(|line| String::from_utf8_lossy(line).into_owned());
            lines.collect::<Vec<_>>().join(end)
        };
        for end in ["\n", "\r\n", "\n    ", " ", "\t"] {
            for at in [4, 7, 60, 64, 76] {
                let coded = STANDARD.encode(&text);
                for coded in [coded.clone(), STANDARD.encode(&coded), hex(text.as_bytes())] {
                    let wrapped = wrap(&coded, at, end);
                    assert!(whose(PAT, &wrapped), "{wrapped}");
                    assert!(whose(PAT, &format!("-----BEGIN IT-----{end}{wrapped}{end}-----END IT-----")), "{wrapped}");
                }
            }
        }
        assert!(!whose(PAT, &"Contoso Widgets keeps the widgets of all plants. ".repeat(100)));
    }

    #[test]
    fn short_parts_are_compared_as_a_whole() {
        let secret = r#"{"password":"s3cret!","kind":"abc"}"#;
        assert!(whose(secret, "s3cret!"));
        assert!(whose(secret, "Password=s3cret!;Server=x"));
        assert!(whose(secret, r#"{"a":["s3cret!"]}"#));
        assert!(!whose(secret, "abc"));
        assert!(!whose(secret, "my s3cret! text"));
        assert!(whose("17", "17"));
        assert!(!whose("17", "170"));
    }

    #[test]
    fn every_line_of_a_document_counts() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----";
        let account =
            serde_json::json!({ "type": "service_account", "private_key": key, "client_email": "a@contoso.iam" });
        for secret in [key.to_owned(), account.to_string()] {
            assert!(whose(&secret, "MIIEvQIBADANBgkqhkiG9w0B"), "{secret}");
            assert!(whose(&secret, key), "{secret}");
        }
        assert!(!whose(&account.to_string(), "a@contoso.iam"));
    }
}
