//! An Authenticode signature at the end of a PowerShell script, as `Set-AuthenticodeSignature` puts it there: comment
//! lines around base64. PowerShell checks whether it is valid; here it only must be nothing else.
//!
//! Source of the form: Microsoft, `about_Signing`; PKCS #7 is a DER sequence (RFC 2315).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "# SIG # Begin signature block";
const END: &str = "# SIG # End signature block";
/// A signature with its certificates and time stamp has some 10 to 20 KiB.
const LIMIT: usize = 256 << 10;

/// Whether `script` is `unsigned` followed by a signature block, and nothing else.
pub(super) fn is_signed(script: &[u8], unsigned: &[u8]) -> bool {
    let Some(rest) = script.strip_prefix(unsigned).and_then(|rest| std::str::from_utf8(rest).ok()) else {
        return false;
    };
    rest.len() <= LIMIT && is_block(rest)
}

fn is_block(text: &str) -> bool {
    let newline = if text.contains('\r') { "\r\n" } else { "\n" };
    // An empty line before the block; a line end after it.
    let text = text.strip_prefix(newline).unwrap_or(text);
    let text = text.strip_suffix(newline).unwrap_or(text);
    let lines: Vec<&str> = text.split(newline).collect();
    let [BEGIN, between @ .., END] = lines.as_slice() else { return false };
    let mut base64 = String::new();
    for line in between {
        match line.strip_prefix("# ") {
            Some(part) if (1..=76).contains(&part.len()) => base64.push_str(part),
            _ => return false,
        }
    }
    STANDARD.decode(base64).is_ok_and(|der| is_sequence(&der))
}

/// Whether bytes are one complete DER sequence with nothing after it.
fn is_sequence(der: &[u8]) -> bool {
    let (Some(0x30), Some(first)) = (der.first(), der.get(1)) else { return false };
    let (length, head) = match first {
        0..=0x7f => (usize::from(*first), 2),
        0x81..=0x83 => {
            let count = usize::from(first & 0x7f);
            let Some(digits) = der.get(2..2 + count) else { return false };
            (digits.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), 2 + count)
        }
        _ => return false,
    };
    length > 0 && der.len() == head + length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(newline: &str) -> String {
        let der = [&[0x30, 0x82, 0x00, 0xc8][..], &[7; 200][..]].concat();
        let base64 = STANDARD.encode(der);
        let lines: Vec<_> =
            base64.as_bytes().chunks(64).map(|it| format!("# {}", String::from_utf8_lossy(it))).collect();
        format!("{newline}{BEGIN}{newline}{}{newline}{END}{newline}", lines.join(newline))
    }

    #[test]
    fn a_signature_block_and_nothing_else() {
        let script = "exit 0\n";
        let with = |rest: &str| is_signed(format!("{script}{rest}").as_bytes(), script.as_bytes());
        for newline in ["\n", "\r\n"] {
            let block = block(newline);
            assert!(with(&block) && with(&block[newline.len()..]) && with(block.trim_end()), "{block}");
            for bad in [
                format!("{block}exit 1{newline}"),
                format!("{block}{newline}"),
                format!("exit 1{newline}{block}"),
                format!("{newline}{block}"),
                block.repeat(2),
                block.replace("# M", "M"),
                block.replace("# M", "#M"),
                block.replace(BEGIN, "# SIG # begin signature block"),
                block.replace(END, ""),
                block.replacen("Bw", "$x", 1),
                block.replacen(newline, " \n", 2),
                block.replacen(&format!("{newline}# "), &format!("{newline}# \r"), 2),
                format!("{newline}{BEGIN}{newline}{END}{newline}"),
                format!("{newline}{BEGIN}{newline}# AAAA{newline}{END}{newline}"),
            ] {
                assert!(!with(&bad), "{bad:?}");
            }
        }
        assert!(!with("") && !with(" ") && !is_signed(b"exit 1\n", script.as_bytes()));
        assert!(!with(&block("\r\n").replacen("\r\n", "\n", 1)));
        assert!(!with(&block("\r\n").replace("\r\n", "\r")));
    }
}
