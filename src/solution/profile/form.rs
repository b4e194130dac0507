//! The forms of values: one spelling for what is compared by others.

use super::table::Form;
use crate::catalog::Level;
use crate::manifest::meant::VariableKind;

/// Why a value does not have its form; what to write instead is part of the answer.
pub(super) fn problem(form: Form, value: &str) -> Option<String> {
    let shown = || value.chars().take(80).collect::<String>().escape_debug().to_string();
    let digits = |text: &str| !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let fine = match form {
        Form::Any | Form::Text | Form::Nil => true,
        Form::Name => !value.is_empty() && value.trim() == value && !value.chars().any(is_invisible),
        Form::Flag => matches!(value, "0" | "1"),
        Form::Managed => matches!(value, "0" | "1" | "2"),
        Form::Number => digits(value) && (value == "0" || !value.starts_with('0')),
        Form::Version => (2..=4).contains(&value.split('.').count()) && value.split('.').all(digits),
        Form::Id => is_guid(value.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(value)),
        Form::Role => {
            let inner = value.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            inner.is_some_and(|it| is_guid(it) && !it.bytes().any(|byte| byte.is_ascii_uppercase()))
        }
        Form::Privilege => !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
        Form::Level => Level::ALL.into_iter().any(|level| level.name() == value),
        Form::Variable => VariableKind::of_number(value).is_some(),
    };
    if fine {
        return None;
    }
    Some(match form {
        Form::Any | Form::Text | Form::Nil => return None,
        Form::Name => format!("`{}` is blank, or has blanks around it or invisible characters", shown()),
        Form::Flag => format!("`{}` is neither 0 nor 1", shown()),
        Form::Managed => format!("`{}` is none of 0, 1 and 2", shown()),
        Form::Number => format!("`{}` is not a number", shown()),
        Form::Version => format!("`{}` is not a version such as 1.4.0.0", shown()),
        Form::Id => format!("`{}` is not a GUID in the form 8-4-4-4-12, with or without braces", shown()),
        Form::Role => format!("`{}` is not a GUID in the form {{lower case}}", shown()),
        Form::Privilege => format!("`{}` is not the name of a privilege: letters, digits and `_` only", shown()),
        Form::Level => format!("`{}` is none of Basic, Local, Deep and Global", shown()),
        Form::Variable => format!("`{}` is none of the types 100000000 to 100000005", shown()),
    })
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Characters that a reader does not see, or that change how others are shown.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}')
        || matches!(c, '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_one_spelling() {
        let guid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let braced = format!("{{{guid}}}");
        for (form, good) in [
            (Form::Role, braced.as_str()),
            (Form::Id, guid),
            (Form::Id, &braced.to_uppercase()),
            (Form::Privilege, "prvReadcontoso_Widget"),
            (Form::Level, "Global"),
            (Form::Version, "1.0"),
            (Form::Managed, "2"),
            (Form::Name, "Größe 1"),
        ] {
            assert_eq!(problem(form, good), None, "{good}");
        }
        let compact = guid.replace('-', "");
        for (form, bad) in [
            (Form::Role, guid),
            (Form::Role, &braced.to_uppercase()),
            (Form::Role, &format!("({guid})")),
            (Form::Id, &compact),
            (Form::Id, &format!(" {guid}")),
            (Form::Id, &format!("urn:uuid:{guid}")),
            (Form::Id, &format!("{{{guid}")),
            (Form::Id, &guid.replace('0', "\u{ff10}")),
            (Form::Privilege, "prvRead Account"),
            (Form::Privilege, "prvReadAccount\u{200b}"),
            (Form::Privilege, "prvRe\u{430}dAccount"),
            (Form::Privilege, ""),
            (Form::Level, "global"),
            (Form::Level, " Global"),
            (Form::Version, "1"),
            (Form::Version, "1.0 "),
            (Form::Version, "1..0"),
            (Form::Flag, "true"),
            (Form::Name, " a"),
            (Form::Name, "a\u{200b}b"),
            (Form::Number, "-1"),
            (Form::Variable, "100000006"),
            (Form::Variable, " 100000000"),
        ] {
            assert!(problem(form, bad).is_some(), "{bad:?} passed as {form:?}");
        }
    }
}
