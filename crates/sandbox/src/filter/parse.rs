//! The grammar of filters: words, texts and marks, and what they form.

use serde_json::Value;

use super::{Filter, Operand};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Parses a filter. Errors are in the words a person can act on.
pub(crate) fn parse(text: &str) -> Result<Filter, String> {
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
