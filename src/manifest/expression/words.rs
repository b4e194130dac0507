//! The filters and tests of expressions. There is nothing else: the result of each is text, a number, or a list of the
//! parts of a text, never larger than the longest result, and what all of them read together is counted.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::{Environment, Error, ErrorKind, Value, filters, tests};

use crate::manifest::expression::notes::{LONGEST_RESULT, Notes};

/// The filters, for messages.
pub(super) const FILTERS: [&str; 20] = [
    "abs",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "reverse",
    "round",
    "split",
    "string",
    "title",
    "trim",
];

fn too_much() -> Error {
    Error::new(ErrorKind::OutOfFuel, "too much text")
}

/// An engine that knows these words only.
pub(super) fn engine(notes: &Arc<Notes>) -> Environment<'static> {
    let mut engine = Environment::empty();
    let text = |engine: &mut Environment<'static>, name: &'static str, change: fn(&str) -> String| {
        let notes = Arc::clone(notes);
        engine.add_filter(name, move |text: Cow<'_, str>| {
            notes.work(text.len())?;
            sized(change(&text))
        });
    };
    text(&mut engine, "upper", str::to_uppercase);
    text(&mut engine, "lower", str::to_lowercase);
    text(&mut engine, "title", |text| filters::title(text.into()));
    text(&mut engine, "capitalize", capitalized);
    text(&mut engine, "reverse", |text| text.chars().rev().collect());
    let counted = Arc::clone(notes);
    engine.add_filter("trim", move |text: Cow<'_, str>, letters: Option<Cow<'_, str>>| {
        counted.work(text.len().saturating_mul(letters.as_ref().map_or(1, |it| it.len().max(1))))?;
        Ok::<_, Error>(match letters {
            Some(letters) => text.trim_matches(|letter| letters.contains(letter)).to_owned(),
            None => text.trim().to_owned(),
        })
    });
    let counted = Arc::clone(notes);
    engine.add_filter("replace", move |text: Cow<'_, str>, from: Cow<'_, str>, to: Cow<'_, str>| {
        counted.work(text.len() + from.len() + to.len())?;
        let more = text.matches(from.as_ref()).count().saturating_mul(to.len());
        if more.saturating_add(text.len()) > 2 * LONGEST_RESULT {
            return Err(too_much());
        }
        sized(text.replace(from.as_ref(), &to))
    });
    let counted = Arc::clone(notes);
    engine.add_filter("split", move |text: Cow<'_, str>, by: Option<Cow<'_, str>>| {
        // A part takes more memory than its letters.
        counted.work(text.len().saturating_mul(8))?;
        Ok::<_, Error>(match by.as_deref() {
            Some(by) if !by.is_empty() => text.split(by).map(Value::from).collect::<Vec<_>>(),
            _ => text.split_whitespace().map(Value::from).collect(),
        })
    });
    let counted = Arc::clone(notes);
    engine.add_filter("join", move |parts: Value, by: Option<Cow<'_, str>>| {
        let mut joined = String::new();
        for (index, part) in parts.try_iter()?.enumerate() {
            if index > 0 {
                joined.push_str(by.as_deref().unwrap_or_default());
            }
            joined.push_str(&written(&part)?);
            if joined.len() > LONGEST_RESULT {
                return Err(too_much());
            }
        }
        counted.work(joined.len())?;
        Ok(joined)
    });
    engine.add_filter("string", |value: Value| written(&value));
    let counted = Arc::clone(notes);
    let length = move |value: Value| {
        counted.work(value.as_str().map_or(0, str::len))?;
        filters::length(&value)
    };
    engine.add_filter("length", length.clone());
    engine.add_filter("count", length);
    engine.add_filter("default", filters::default);
    engine.add_filter("d", filters::default);
    engine.add_filter("first", |value: Value| filters::first(&value));
    engine.add_filter("last", filters::last);
    engine.add_filter("int", filters::int);
    engine.add_filter("float", filters::float);
    engine.add_filter("bool", filters::bool);
    engine.add_filter("abs", filters::abs);
    engine.add_filter("round", filters::round);
    engine.add_test("defined", tests::is_defined);
    engine.add_test("undefined", tests::is_undefined);
    engine.add_test("none", tests::is_none);
    engine.add_test("string", tests::is_string);
    engine.add_test("number", tests::is_number);
    engine.add_test("integer", tests::is_integer);
    engine.add_test("float", tests::is_float);
    engine.add_test("boolean", tests::is_boolean);
    engine.add_test("true", tests::is_true);
    engine.add_test("false", tests::is_false);
    engine.add_test("odd", tests::is_odd);
    engine.add_test("even", tests::is_even);
    engine.add_test("startingwith", tests::is_startingwith);
    engine.add_test("endingwith", tests::is_endingwith);
    for name in ["eq", "equalto"] {
        engine.add_test(name, tests::is_eq);
    }
    engine.add_test("ne", tests::is_ne);
    engine.add_test("in", tests::is_in);
    engine
}

fn sized(text: String) -> Result<String, Error> {
    if text.len() > 2 * LONGEST_RESULT { Err(too_much()) } else { Ok(text) }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters.as_str().to_lowercase().chars()).collect())
}

/// A text, a number, `true` or `false` as text. Lists and objects are refused: they have no useful form as text,
/// and nested ones grow without bound.
pub(super) fn written(value: &Value) -> Result<String, Error> {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::String => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Bool => Ok(value.is_true().to_string()),
        ValueKind::Number => Ok(value.to_string()),
        _ => Err(Error::new(ErrorKind::InvalidOperation, "not a single value")),
    }
}
