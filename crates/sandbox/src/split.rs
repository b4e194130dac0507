//! Lists in the URLs of OData, whose items may be lists themselves.

/// Splits at a character outside parentheses and quotes.
#[must_use]
pub fn split(text: &str, at: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut parts) = (0_i32, false, 0, Vec::new());
    for (index, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            c if c == at && depth == 0 && !quoted => {
                parts.push(&text[start..index]);
                start = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_parentheses_or_quotes_is_not_split() {
        assert_eq!(split("a,b(c,d;e),'f,(g'", ','), ["a", "b(c,d;e)", "'f,(g'"]);
        assert_eq!(split("$select=a;$filter=b eq 'it''s;c'", ';'), ["$select=a", "$filter=b eq 'it''s;c'"]);
        assert_eq!(split("", ','), [""; 0]);
    }
}
