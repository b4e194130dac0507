//! `$filter`: the part of the OData expression language that clients of Dataverse use most
//! (comparisons, `and`, `or`, `not`, `startswith`, `endswith`, `contains`, null, paths, `any`, `all`,
//! `Microsoft.Dynamics.CRM.In`).

use serde_json::Value;

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

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Parses a filter. Errors are in the words a person can act on.
pub(super) fn parse(text: &str) -> Result<Filter, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let filter = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(filter),
        Some(_) => Err(format!("Syntax error at position {} in '{text}'.", parser.at)),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&c) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
        } else if matches!(c, '(' | ')' | ',') {
            found.push(Token::Mark(c));
            chars.next();
        } else if c == '\'' {
            chars.next();
            let mut value = String::new();
            loop {
                match chars.next() {
                    Some('\'') if chars.peek() == Some(&'\'') => {
                        chars.next();
                        value.push('\'');
                    }
                    Some('\'') => break,
                    Some(other) => value.push(other),
                    None => return Err(format!("There is an unterminated string literal in '{text}'.")),
                }
            }
            found.push(Token::Text(value));
        } else {
            let mut word = String::new();
            while let Some(&next) = chars.peek() {
                if next.is_whitespace() || matches!(next, '(' | ')' | ',' | '\'') {
                    break;
                }
                word.push(next);
                chars.next();
            }
            // `c:c/name` of a lambda; a time has colons, too, and begins with a digit.
            if let Some((variable, rest)) = word.split_once(':')
                && !variable.starts_with(|c: char| c.is_ascii_digit())
            {
                let parts = [Token::Word(variable.into()), Token::Mark(':'), Token::Word(rest.into())];
                found.extend(parts.into_iter().filter(|part| *part != Token::Word(String::new())));
            } else {
                found.push(Token::Word(word));
            }
        }
    }
    Ok(found)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn word(&mut self, text: &str) -> bool {
        let hit = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word == text);
        self.at += usize::from(hit);
        hit
    }

    fn mark(&mut self, mark: char) -> bool {
        let hit = self.tokens.get(self.at) == Some(&Token::Mark(mark));
        self.at += usize::from(hit);
        hit
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.mark(mark) { Ok(()) } else { Err(format!("Syntax error: '{mark}' expected.")) }
    }

    fn or(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > 100 {
            return Err("The node count limit of the filter has been exceeded.".into());
        }
        let mut left = self.and()?;
        while self.word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter, String> {
        let mut left = self.unary()?;
        while self.word("and") {
            left = Filter::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Filter, String> {
        let mut negations = 0_usize;
        while self.word("not") {
            negations += 1;
        }
        let inner = if self.mark('(') {
            let inner = self.or()?;
            self.expect(')')?;
            inner
        } else {
            self.term()?
        };
        Ok(if negations % 2 == 1 { Filter::Not(Box::new(inner)) } else { inner })
    }

    fn term(&mut self) -> Result<Filter, String> {
        if let (Some(Token::Word(name)), Some(Token::Mark('('))) =
            (self.tokens.get(self.at), self.tokens.get(self.at + 1))
        {
            let name = name.clone();
            if let Some((navigation, word)) = name.rsplit_once('/')
                && matches!(word, "any" | "all")
            {
                return self.lambda(navigation, word == "all");
            }
            if name == "Microsoft.Dynamics.CRM.In" {
                return self.one_of();
            }
            if !matches!(name.as_str(), "startswith" | "endswith" | "contains") {
                return Err(format!("The function '{name}' is not served by the sandbox."));
            }
            self.at += 2;
            let left = self.operand()?;
            self.expect(',')?;
            let right = self.operand()?;
            self.expect(')')?;
            return Ok(Filter::Call(name, left, right));
        }
        let left = self.operand()?;
        let Some(Token::Word(operator)) = self.tokens.get(self.at) else {
            return match left {
                Operand::Path(_) => Ok(Filter::Compare(left, "eq".into(), Operand::Value(Value::Bool(true)))),
                Operand::Value(_) => Err("A comparison is expected.".into()),
            };
        };
        if !matches!(operator.as_str(), "eq" | "ne" | "gt" | "ge" | "lt" | "le") {
            return Err(format!("The operator '{operator}' is not known."));
        }
        self.at += 1;
        Ok(Filter::Compare(left, operator.clone(), self.operand()?))
    }

    /// `navigation/any(variable:filter)`; the parenthesis is the next token but one.
    fn lambda(&mut self, navigation: &str, all: bool) -> Result<Filter, String> {
        self.at += 2;
        let navigation = navigation.to_owned();
        if self.mark(')') {
            return if all {
                Err("The Any/All function 'all' needs a condition.".into())
            } else {
                Ok(Filter::Lambda { navigation, all, variable: String::new(), inner: None })
            };
        }
        let Some(Token::Word(variable)) = self.tokens.get(self.at).cloned() else {
            return Err("The variable of an Any/All function is expected.".into());
        };
        self.at += 1;
        self.expect(':')?;
        let inner = Some(Box::new(self.or()?));
        self.expect(')')?;
        Ok(Filter::Lambda { navigation, all, variable, inner })
    }

    /// `Microsoft.Dynamics.CRM.In(PropertyName='x',PropertyValues=['a','b'])`
    fn one_of(&mut self) -> Result<Filter, String> {
        self.at += 2;
        let wrong = || "Microsoft.Dynamics.CRM.In needs PropertyName='…' and PropertyValues=['…'].".to_owned();
        let mut texts = Vec::new();
        let mut words = String::new();
        while !self.mark(')') {
            match self.tokens.get(self.at).ok_or_else(wrong)? {
                Token::Text(text) => texts.push(text.clone()),
                Token::Word(word) => words.push_str(word),
                Token::Mark(',') => {}
                Token::Mark(_) => return Err(wrong()),
            }
            self.at += 1;
        }
        if words != "PropertyName=PropertyValues=[]" || texts.is_empty() {
            return Err(wrong());
        }
        let path = texts.remove(0);
        Ok(Filter::In(path, texts.into_iter().map(Value::String).collect()))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        let token = self.tokens.get(self.at).ok_or("The filter ends too early.")?;
        self.at += 1;
        match token {
            Token::Text(text) => Ok(Operand::Value(Value::String(text.clone()))),
            Token::Mark(mark) => Err(format!("Syntax error at '{mark}'.")),
            Token::Word(word) => Ok(match word.as_str() {
                "null" => Operand::Value(Value::Null),
                "true" => Operand::Value(Value::Bool(true)),
                "false" => Operand::Value(Value::Bool(false)),
                text if uuid::Uuid::try_parse(text).is_ok() || looks_like_a_date(text) => {
                    Operand::Value(Value::String(text.into()))
                }
                text => match text.parse::<i64>() {
                    Ok(number) => Operand::Value(number.into()),
                    Err(_) => match text.parse::<f64>().ok().and_then(serde_json::Number::from_f64) {
                        Some(number) => Operand::Value(Value::Number(number)),
                        None => Operand::Path(text.into()),
                    },
                },
            }),
        }
    }
}

fn looks_like_a_date(text: &str) -> bool {
    text.len() >= 10 && text.as_bytes()[4] == b'-' && text.bytes().take(4).all(|b| b.is_ascii_digit())
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
