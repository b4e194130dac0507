//! The forms of values: one spelling for everything that others compare.

use super::row::{Form, Named};
use super::table::is_in_files;
use crate::catalog::{Level, is_language};
use crate::manifest::components::environment_variable::VariableKind;
use crate::solution::part_name::{self, encode_name};
use crate::text::check_name;

/// Why a value does not have its form; the answer includes what to write instead.
pub(super) fn problem(form: Form, value: &str) -> Option<String> {
    let shown = || value.chars().take(80).collect::<String>().escape_debug().to_string();
    let fine = match form {
        Form::Any | Form::Text | Form::Nil | Form::Column | Form::Labels | Form::Lookup => true,
        Form::Language => is_number(value) && value.parse().is_ok_and(is_language),
        Form::Key | Form::Name => !value.is_empty() && check_name(value).is_ok(),
        Form::Flag => matches!(value, "0" | "1"),
        Form::OneOf(words) => words.split('|').any(|word| word == value),
        Form::Part(named) => value.is_empty() && named != Named::Once || part_of(value).is_some(),
        Form::File => {
            let file = part_name::decode_name(value);
            !file.contains(['/', '\\'])
                && check_name(value).is_ok()
                && check_name(&file).is_ok()
                && part_name::problem(&encode_name(value)).is_none()
        }
        Form::Number => is_number(value),
        Form::Version => (2..=4).contains(&value.split('.').count()) && value.split('.').all(is_number),
        Form::Address => value.is_empty() || is_address(value),
        Form::Guid | Form::Id => is_guid(value.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(value)),
        Form::Role => {
            let inner = value.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            inner.is_some_and(|it| is_guid(it) && !it.bytes().any(|byte| byte.is_ascii_uppercase()))
        }
        Form::Word | Form::Privilege => {
            !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        }
        Form::Level => Level::ALL.into_iter().any(|level| level.name() == value),
        Form::Variable => VariableKind::of_number(value).is_some(),
    };
    if fine {
        return None;
    }
    Some(match form {
        Form::Any | Form::Text | Form::Nil | Form::Column | Form::Labels | Form::Lookup => return None,
        Form::Language => format!("`{}` is not the code of a language that Dataverse has", shown()),
        Form::Key | Form::Name if value.is_empty() => "it is empty".to_owned(),
        Form::Key | Form::Name => format!("`{}`: {}", shown(), check_name(value).err().unwrap_or_default()),
        Form::Flag => format!("`{}` is not a flag: Dataverse has 0 and 1", shown()),
        Form::OneOf(words) => format!("`{}` is none of {}", shown(), words.replace('|', ", ")),
        Form::Part(_) => format!(
            "`{}` does not name a file of a component: `/`, a folder such as `WebResources`, and the file's name",
            shown()
        ),
        Form::File => format!("`{}` is not the plain name of a file", shown()),
        Form::Number => format!("`{}` is not a number", shown()),
        Form::Version => format!("`{}` is not a version such as 1.4.0.0", shown()),
        Form::Address => format!(
            "`{}` is not an address such as `https://api.contoso.com/in`: with no user, blank or `\\`, and its host in ASCII",
            shown()
        ),
        Form::Guid | Form::Id => format!("`{}` is not a GUID in the form 8-4-4-4-12, with or without braces", shown()),
        Form::Role => format!("`{}` is not a GUID in the form {{lower case}}", shown()),
        Form::Privilege => format!("`{}` is not the name of a privilege: letters, digits and `_` only", shown()),
        Form::Word => format!("`{}` is not the name of a table or column: letters, digits and `_` only", shown()),
        Form::Level => format!("`{}` is none of Basic, Local, Deep and Global", shown()),
        Form::Variable => {
            let known = VariableKind::ALL.map(|(kind, word)| format!("{} ({word})", kind.number())).join(", ");
            format!("`{}` is not the number of a type; Dataverse has {known}", shown())
        }
    })
}

/// The part that a value names, in lower case, if it is written as Dataverse writes it.
pub(super) fn part_of(value: &str) -> Option<String> {
    let name = value.strip_prefix('/').filter(|name| !name.is_empty() && !name.contains(['%', '\\']))?;
    // Blanks at its ends are invisible, and readers differ on whether they drop them.
    let plain = check_name(name).is_ok();
    let part = encode_name(name);
    // A part that Dataverse reads itself is not a component's file.
    let is_file = plain && part_name::problem(&part).is_none() && part.contains('/') && is_in_files(&part);
    is_file.then(|| part.to_lowercase())
}

/// The value as it should be, if it can mean only one part.
pub(super) fn tidy_part(value: &str) -> Option<String> {
    let tidy = format!("/{}", value.trim().trim_start_matches('/'));
    (tidy != value && part_of(&tidy).is_some()).then_some(tidy)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits in one spelling.
fn is_number(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0'))
}

/// An address that means the same host to every reader.
fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    matches!(scheme, "https" | "http" | "sb")
        && !authority.is_empty()
        && authority.bytes().all(is_of_name)
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && url::Url::parse(text).is_ok_and(|url| url.has_host())
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
mod tests;
