//! The forms of values: one spelling for what is compared by others.

use super::table::Form;
use crate::catalog::{Level, is_language};
use crate::manifest::components::environment_variable::VariableKind;
use crate::text::check_name;

/// Why a value does not have its form; what to write instead is part of the answer.
pub(super) fn problem(form: Form, value: &str) -> Option<String> {
    let shown = || value.chars().take(80).collect::<String>().escape_debug().to_string();
    let fine = match form {
        Form::Any | Form::Text | Form::Nil | Form::Column | Form::Labels | Form::Lookup | Form::File => true,
        Form::Language => is_number(value) && value.parse().is_ok_and(is_language),
        Form::Key | Form::Name => !value.is_empty() && check_name(value).is_ok(),
        Form::Flag => matches!(value, "0" | "1"),
        Form::Managed => matches!(value, "0" | "1" | "2"),
        Form::Number => is_number(value),
        Form::Version => (2..=4).contains(&value.split('.').count()) && value.split('.').all(is_digits),
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
        Form::Any | Form::Text | Form::Nil | Form::Column | Form::Labels | Form::Lookup | Form::File => return None,
        Form::Language => format!("`{}` is not the code of a language that Dataverse has", shown()),
        Form::Key | Form::Name if value.is_empty() => "it is empty".to_owned(),
        Form::Key | Form::Name => format!("`{}`: {}", shown(), check_name(value).err().unwrap_or_default()),
        Form::Flag => format!("`{}` is no flag; Dataverse has 0 and 1", shown()),
        Form::Managed => format!("`{}` is none of 0, 1 and 2", shown()),
        Form::Number => format!("`{}` is not a number", shown()),
        Form::Version => format!("`{}` is not a version such as 1.4.0.0", shown()),
        Form::Id => format!("`{}` is not a GUID in the form 8-4-4-4-12, with or without braces", shown()),
        Form::Role => format!("`{}` is not a GUID in the form {{lower case}}", shown()),
        Form::Privilege => format!("`{}` is not the name of a privilege: letters, digits and `_` only", shown()),
        Form::Level => format!("`{}` is none of Basic, Local, Deep and Global", shown()),
        Form::Variable => {
            let known = VariableKind::ALL.map(|(kind, word)| format!("{} ({word})", kind.number())).join(", ");
            format!("`{}` is not the number of a type; Dataverse has {known}", shown())
        }
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits in one spelling.
fn is_number(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0'))
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
            (Form::Name, "نقش\u{200c}ها"),
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
            (Form::Name, "a\u{200c}b"),
            (Form::Name, "a\u{a0}b"),
            (Form::Name, "u\u{308}b"),
            (Form::Number, "-1"),
            (Form::Variable, "100000006"),
            (Form::Variable, " 100000000"),
        ] {
            assert!(problem(form, bad).is_some(), "{bad:?} passed as {form:?}");
        }
    }
}
