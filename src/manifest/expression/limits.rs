//! How large and how deep an expression may be. The engine's parser recurses, so this is checked before it sees the
//! text.

use std::ops::Range;

/// Bytes of one expression.
const LONGEST: usize = 4096;
/// Names, numbers, texts, operators and brackets of one expression. A chain (`a.b.c`, `a ~ b ~ c`, `x | f | g`) is as
/// deep as it is long.
const MOST_TOKENS: usize = 200;
/// Brackets within brackets, and `not` or signs one behind the other.
const DEEPEST: usize = 16;

/// What is too much, and where it begins to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excess {
    pub(super) what: String,
    pub(super) range: Range<usize>,
}

/// Whether the text between `${{` and `}}` keeps to the limits.
pub(super) fn check(expression: &str) -> Result<(), Excess> {
    if expression.len() > LONGEST {
        let what = format!("an expression of {} bytes, at most {LONGEST} are read", expression.len());
        return Err(Excess { what, range: 0..expression.len() });
    }
    let (mut tokens, mut signs, mut depth) = (0_usize, 0_usize, 0_usize);
    // How many levels each open bracket adds, including the signs before it.
    let mut open: Vec<usize> = Vec::new();
    let mut before: [&str; 2] = [""; 2];
    let mut at = 0;
    while let Some(character) = expression[at..].chars().next() {
        let end = at + token(&expression[at..], character);
        let text = &expression[at..end];
        let range = at..end;
        at = end;
        if character.is_whitespace() {
            continue;
        }
        tokens += 1;
        if character == '{' {
            return Err(Excess { what: "a group of keys in an expression".into(), range });
        }
        if character == '*' && before[1] != "*" && !multiplies_numbers(before, &expression[end..]) {
            let what = "only numbers are multiplied, such as `2 * 3` or `set.x | int * 2`".into();
            return Err(Excess { what, range });
        }
        before = [before[1], text];
        match character {
            '(' | '[' => {
                open.push(signs + 1);
                depth += signs + 1;
            }
            ')' | ']' | '}' => depth -= open.pop().unwrap_or(0),
            _ => {}
        }
        signs = if matches!(text, "not" | "-" | "+") { signs + 1 } else { 0 };
        if depth + signs > DEEPEST {
            return Err(Excess { what: format!("an expression nested deeper than {DEEPEST} levels"), range });
        }
        if tokens > MOST_TOKENS {
            let what = format!("an expression of more than {MOST_TOKENS} names, values and operators");
            return Err(Excess { what, range });
        }
    }
    Ok(())
}

/// Whether the operands of `*` or `**` can only be numbers: texts and lists would be repeated, one inside
/// the other without bound.
fn multiplies_numbers(before: [&str; 2], rest: &str) -> bool {
    const NUMBERS: [&str; 6] = ["int", "float", "length", "count", "abs", "round"];
    let is_number = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    let left = match before {
        ["|", filter] => NUMBERS.contains(&filter),
        [".", _] => false,
        [_, text] => is_number(text),
    };
    let rest = rest.strip_prefix('*').unwrap_or(rest).trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let next = rest[digits..].trim_start().chars().next();
    left && is_number(&rest[..digits])
        && next.is_none_or(|c| matches!(c, '+' | '-' | '*' | '/' | '~' | '%' | ')' | '<' | '>' | '=' | ','))
}

/// The expression with `***` in place of what is in quotes.
pub(super) fn without_texts(expression: &str) -> String {
    let (mut shown, mut at) = (String::new(), 0);
    while let Some(character) = expression[at..].chars().next() {
        let end = at + token(&expression[at..], character);
        match character {
            '"' | '\'' => shown.push_str("'***'"),
            _ => shown.push_str(&expression[at..end]),
        }
        at = end;
    }
    shown
}

/// The length of the token that begins with this character.
fn token(rest: &str, first: char) -> usize {
    let run = |part: fn(char) -> bool| rest.find(|c: char| !part(c)).unwrap_or(rest.len());
    match first {
        '"' | '\'' => {
            let mut escaped = false;
            for (at, character) in rest.char_indices().skip(1) {
                match character {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    end if end == first => return at + 1,
                    _ => {}
                }
            }
            rest.len()
        }
        c if c.is_whitespace() => run(char::is_whitespace),
        c if c.is_alphanumeric() || c == '_' => run(|c| c.is_alphanumeric() || c == '_'),
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read() {
        for expression in [
            " set.version ",
            "set.x | default('1.0') | upper",
            "env['A'] ~ '-' ~ git.shortCommit",
            "'a' if set.x == 'b' else 'c'",
            "not (not set.x)",
            "'a text with ( [ { and many many words, not not not not not not not not not not not not not not not'",
            "\"it\\\"s (((((((((((((((((((((((((\"",
            "[1, [2, [3]]][0]",
            "set.x in ['dev', 'test']",
            "2 * 3",
            "set.x | int * 2 + 1",
            "2 ** 3",
        ] {
            assert_eq!(check(expression), Ok(()), "{expression}");
        }
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_refused_at_its_place() {
        let place = |text: &str| check(text).expect_err(&text[..20]).range;
        assert_eq!(place(&"not ".repeat(30_000)), 0..120_000);
        assert_eq!(place(&"not ".repeat(1000)), 64..67);
        assert_eq!(place(&"(".repeat(1000)), 16..17);
        assert_eq!(place(&"[(".repeat(1000)), 16..17);
        assert_eq!(place(&"{'a':".repeat(500)), 0..1);
        assert_eq!(place(&"- ".repeat(1000)), 32..33);
        assert_eq!(place(&"not(".repeat(500)), 32..35);
        assert_eq!(place(&format!("a{}", ".b".repeat(1000))), 200..201);
        assert_eq!(place(&format!("a{}", "|upper".repeat(500))), 596..601);
        assert_eq!(place(&format!("a{}", "~a".repeat(500))), 200..201);
        assert_eq!(place(&format!("a{}", "**2".repeat(500))), 1..2);
        assert_eq!(place(&format!("22{}", "**2".repeat(500))).len(), 1);
        for bad in [
            "[['x'*1000]*1000]*1000 ",
            "set.x * 1000000000000",
            "3 * set.x * 1000000000",
            "9 * 9|replace('9','x') ",
            "x|split('') * 999999999",
        ] {
            assert_eq!(&bad[place(bad)], "*");
        }
        assert_eq!(place(&format!("a{}", " if b else a".repeat(300))).len(), 1);
        assert_eq!(place(&"é".repeat(3000)), 0..6000);
    }
}
