//! `$filter`: the part of the OData expression language that clients of Dataverse use most
//! (comparisons, `and`, `or`, `not`, `startswith`, `endswith`, `contains`, null, paths, `any`, `all`,
//! `Microsoft.Dynamics.CRM.In`).

mod parse;

use serde_json::Value;

pub(super) use parse::parse;

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Compare(Operand, String, Operand),
    Call(String, Operand, Operand),
    /// A path, and the values that it may have.
    In(String, Vec<Value>),
    /// `any` or `all` over the rows behind a navigation property.
    Lambda {
        navigation: String,
        all: bool,
        variable: String,
        inner: Option<Box<Filter>>,
    },
}

/// Where a filter finds values.
pub(super) trait Reads {
    /// The value at a path.
    fn value(&self, path: &str) -> Value;
    /// The rows behind a collection-valued navigation property.
    fn rows(&self, _navigation: &str) -> Vec<Box<dyn Reads + '_>> {
        Vec::new()
    }
}

impl<F: Fn(&str) -> Value> Reads for F {
    fn value(&self, path: &str) -> Value {
        self(path)
    }
}

/// Inside of a lambda: paths that begin with its variable belong to the row behind it.
struct Inside<'a> {
    variable: &'a str,
    row: &'a dyn Reads,
    outside: &'a dyn Reads,
}

/// What follows the variable of a lambda in a path.
pub(super) fn of_variable<'a>(path: &'a str, variable: &str) -> Option<&'a str> {
    path.strip_prefix(variable)?.strip_prefix('/')
}

impl Reads for Inside<'_> {
    fn value(&self, path: &str) -> Value {
        of_variable(path, self.variable).map_or_else(|| self.outside.value(path), |path| self.row.value(path))
    }

    fn rows(&self, navigation: &str) -> Vec<Box<dyn Reads + '_>> {
        match of_variable(navigation, self.variable) {
            Some(navigation) => self.row.rows(navigation),
            None => self.outside.rows(navigation),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Path(String),
    Value(Value),
}

impl Filter {
    /// The paths that the filter reads.
    pub fn paths(&self) -> Vec<&str> {
        fn operand(operand: &Operand) -> Option<&str> {
            match operand {
                Operand::Path(path) => Some(path),
                Operand::Value(_) => None,
            }
        }
        match self {
            Self::And(a, b) | Self::Or(a, b) => [a.paths(), b.paths()].concat(),
            Self::Not(inner) => inner.paths(),
            Self::In(path, _) => vec![path],
            Self::Lambda { variable, inner, .. } => {
                let paths = inner.as_ref().map_or_else(Vec::new, |inner| inner.paths());
                paths.into_iter().filter(|path| of_variable(path, variable).is_none()).collect()
            }
            Self::Compare(a, _, b) | Self::Call(_, a, b) => operand(a).into_iter().chain(operand(b)).collect(),
        }
    }

    /// The `any` and `all` parts: navigation property, variable, condition.
    pub fn lambdas(&self) -> Vec<(&str, &str, Option<&Self>)> {
        match self {
            Self::And(a, b) | Self::Or(a, b) => [a.lambdas(), b.lambdas()].concat(),
            Self::Not(inner) => inner.lambdas(),
            Self::Lambda { navigation, variable, inner, .. } => vec![(navigation, variable, inner.as_deref())],
            _ => Vec::new(),
        }
    }

    /// Whether a row matches.
    pub fn matches(&self, read: &dyn Reads) -> bool {
        let value = |operand: &Operand| match operand {
            Operand::Path(path) => read.value(path),
            Operand::Value(value) => value.clone(),
        };
        match self {
            Self::And(a, b) => a.matches(read) && b.matches(read),
            Self::Or(a, b) => a.matches(read) || b.matches(read),
            Self::Not(inner) => !inner.matches(read),
            Self::Compare(a, operator, b) => compare(&value(a), operator, &value(b)),
            Self::In(path, values) => {
                let found = read.value(path);
                values.iter().any(|value| text(value) == text(&found))
            }
            Self::Lambda { navigation, all, variable, inner } => {
                let rows = read.rows(navigation);
                let holds = |row: &dyn Reads| {
                    inner.as_ref().is_none_or(|inner| inner.matches(&Inside { variable, row, outside: read }))
                };
                if *all { rows.iter().all(|row| holds(&**row)) } else { rows.iter().any(|row| holds(&**row)) }
            }
            Self::Call(name, a, b) => {
                let (a, b) = (text(&value(a)), text(&value(b)));
                match name.as_str() {
                    "startswith" => a.starts_with(&b),
                    "endswith" => a.ends_with(&b),
                    _ => a.contains(&b),
                }
            }
        }
    }
}

fn compare(a: &Value, operator: &str, b: &Value) -> bool {
    let order = order(a, b);
    match operator {
        "eq" => order == Some(std::cmp::Ordering::Equal),
        "ne" => order != Some(std::cmp::Ordering::Equal),
        "gt" => order == Some(std::cmp::Ordering::Greater),
        "lt" => order == Some(std::cmp::Ordering::Less),
        "ge" => matches!(order, Some(std::cmp::Ordering::Greater | std::cmp::Ordering::Equal)),
        _ => matches!(order, Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)),
    }
}

/// The order of two values; text without case, as the default collation of Dataverse.
pub(super) fn order(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Null, Value::Null) => Some(std::cmp::Ordering::Equal),
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Number(x), Value::Number(y)) => x.as_f64()?.partial_cmp(&y.as_f64()?),
        (Value::Bool(x), Value::Bool(y)) => Some(x.cmp(y)),
        _ => Some(text(a).cmp(&text(b))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(filter: &str) -> bool {
        let row = json!({"name": "O'Brien", "n": 3, "off": false, "_x_value": null, "id": "1360fdcb-b6e1-ee11-904c-002248dad9c1"});
        parse(filter).unwrap_or_else(|e| panic!("{e}")).matches(&|path: &str| row[path].clone())
    }

    #[test]
    fn filters_rows_as_the_language_says() {
        for yes in [
            "name eq 'o''brien'",
            "n gt 2 and n le 3",
            "_x_value eq null",
            "id eq 1360FDCB-b6e1-ee11-904c-002248dad9c1",
            "not (n eq 4) and (off eq false or n eq 9)",
            "startswith(name,'O''')",
            "contains(name, 'bri')",
            "n ne 4 or off",
        ] {
            assert!(holds(yes), "{yes}");
        }
        for no in ["name ne 'O''Brien'", "n lt 3", "off", "endswith(name,'x')", "not startswith(name,'o')"] {
            assert!(!holds(no), "{no}");
        }
        for bad in ["name eq", "name like 'x'", "(n eq 1", "n eq 'x", "tolower(name) eq 'x'"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
