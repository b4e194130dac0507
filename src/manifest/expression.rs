//! `${{ … }}` inside scalars: minijinja expressions over `env.*`, `git.*` and `set.*`.
//!
//! Expressions are evaluated in parsed scalars, never in the YAML text, so that a value cannot
//! add structure; what a value contains is not evaluated again. There are no statements (`{% %}`). An error
//! never shows the result of an expression, which may be a secret.

mod limits;
mod notes;
pub mod scope;
mod words;

use minijinja::ErrorKind;

use crate::catalog::secret_forms;
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::manifest::expression::notes::{LONGEST_RESULT, Noted, Refusal};
use crate::manifest::expression::scope::Scope;
use crate::yaml::node::{Content, Node, Scalar};

/// Expressions of a manifest, and text that they give together.
const MOST_EXPRESSIONS: usize = 10_000;
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// Evaluates every expression below `node`, in place.
pub fn evaluate(node: &mut Node, scope: &Scope, findings: &mut Vec<Diagnostic>) {
    Evaluation { scope, findings, expressions: 0, text: 0 }.node(node);
}

struct Evaluation<'a> {
    scope: &'a Scope,
    findings: &'a mut Vec<Diagnostic>,
    expressions: usize,
    text: usize,
}

impl Evaluation<'_> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.content {
            Content::Scalar(scalar) if scalar.text.contains("${{") => match self.render(scalar, &node.span) {
                Ok(text) => {
                    let template = std::mem::replace(&mut scalar.text, text);
                    scalar.template = Some(template);
                }
                Err(finding) => {
                    self.findings.extend(finding.map(|finding| *finding));
                    node.content = Content::Refused;
                }
            },
            Content::Scalar(_) | Content::Refused => {}
            Content::Sequence(items) => items.iter_mut().for_each(|item| self.node(item)),
            Content::Mapping(entries) => entries.iter_mut().for_each(|entry| self.node(&mut entry.value)),
        }
    }

    /// `Err(None)`: too much, which was reported already.
    fn render(&mut self, scalar: &Scalar, span: &Span) -> Result<String, Option<Box<Diagnostic>>> {
        let text = &scalar.text;
        let mut result = String::new();
        let mut done = 0;
        while let Some(found) = next_expression(text, done) {
            let (start, end) = match found {
                Ok(range) => range,
                Err(start) => {
                    return Err(Some(Box::new(
                        Diagnostic::error("expression-open", "an expression without its end")
                            .at(&exact(text, span, start..text.len()))
                            .help("close it with `}}`"),
                    )));
                }
            };
            self.expressions += 1;
            result.push_str(&text[done..start]);
            // One finding is enough for all that is left.
            if self.scope.notes.is_exhausted() || self.text > MOST_TEXT {
                return Err(None);
            }
            let lead = start + 3;
            let expression = &text[lead..end - 2];
            let one = One { expression, hidden: scalar.hidden, scope: self.scope };
            let value = match one.evaluate() {
                Ok((value, warnings)) => {
                    let place = exact(text, span, start..end);
                    let source = span.source.text.as_bytes();
                    let accepted = |_: &Diagnostic| secret_forms::is_allowed(source, place.range.start);
                    let warnings = warnings.into_iter().filter(|warning| !accepted(warning));
                    self.findings.extend(warnings.map(|warning| warning.at(&place)));
                    value
                }
                Err((finding, inner)) => {
                    let range = inner.map_or(start..end, |r| lead + r.start..lead + r.end.min(expression.len()));
                    return Err(Some(Box::new(finding.at(&exact(text, span, range)))));
                }
            };
            result.push_str(&value);
            self.text += value.len();
            let too_much = if result.len() > LONGEST_RESULT {
                Some("the expressions of a value give more than 64 KiB of text".to_owned())
            } else if self.text > MOST_TEXT || self.expressions > MOST_EXPRESSIONS {
                Some(format!("more than {MOST_EXPRESSIONS} expressions or {MOST_TEXT} bytes of text that they give"))
            } else {
                None
            };
            if let Some(what) = too_much {
                // Of the manifest's limits one finding is enough.
                let again = self.text > MOST_TEXT + value.len() || self.expressions > MOST_EXPRESSIONS + 1;
                let finding = Diagnostic::error("expression-too-large", what).at(&exact(text, span, start..end));
                return Err((!again).then(|| Box::new(finding.help("write less of it, or generate the manifest"))));
            }
            done = end;
        }
        result.push_str(&text[done..]);
        Ok(result)
    }
}

/// One piece of a scalar: an expression and its byte range in the scalar's text.
fn next_expression(text: &str, from: usize) -> Option<Result<(usize, usize), usize>> {
    let start = from + text.get(from..)?.find("${{")?;
    let body = start + 3;
    let mut quote = None;
    let bytes = text.as_bytes();
    let mut at = body;
    let mut braces = 0_usize;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'\\', Some(_)) => at += 1,
            (character, Some(open)) if character == open => quote = None,
            (character @ (b'"' | b'\''), None) => quote = Some(character),
            (b'{', None) => braces += 1,
            (b'}', None) if braces > 0 => braces -= 1,
            (b'}', None) if bytes.get(at + 1) == Some(&b'}') => return Some(Ok((start, at + 2))),
            _ => {}
        }
        at += 1;
    }
    Some(Err(start))
}

/// The place of a range of the scalar's text: exact where the manifest has it letter by letter
/// (plain and simply quoted scalars), otherwise the whole scalar.
fn exact(text: &str, span: &Span, range: std::ops::Range<usize>) -> Span {
    let written = span.text();
    let Some(lead) = written.find(text).filter(|lead| *lead <= 1) else { return span.clone() };
    if !text.is_char_boundary(range.start) || !text.is_char_boundary(range.end) {
        return span.clone();
    }
    let start = span.range.start + lead;
    Span::new(&span.source, start + range.start..start + range.end)
}

/// What went wrong, and where in the expression.
type Trouble = (Diagnostic, Option<std::ops::Range<usize>>);

/// What to write in place of a value that must not be text.
const REFERENCE: &str = "a secret is only ever a reference, read when the bundle is applied: `{ secret: { keyVault: … } }`, or `{ secret: { env: NAME } }` with a variable that is kept for it";

/// One expression of a scalar. `hidden`: what it says may be a secret itself.
struct One<'a> {
    expression: &'a str,
    hidden: bool,
    scope: &'a Scope,
}

impl One<'_> {
    fn evaluate(&self) -> Result<(String, Vec<Diagnostic>), Trouble> {
        let expression = self.expression;
        if let Err(excess) = limits::check(expression) {
            let finding = Diagnostic::error("expression-too-large", excess.what)
                .help("give the finished value with `--set name=value`, and write `${{ set.name }}`");
            return Err((finding, Some(excess.range)));
        }
        let trimmed = expression.trim();
        if trimmed.is_empty() {
            let finding = Diagnostic::error("expression-failed", "an empty expression");
            return Err((finding.help("for example `${{ set.version }}`"), None));
        }
        let shown = self.shown();
        let compiled = self.scope.engine.compile_expression(expression).map_err(|error| {
            let detail = if self.hidden { None } else { error.detail() }.unwrap_or("it cannot be read").to_owned();
            let finding = Diagnostic::error("expression-syntax", format!("`{shown}`: {detail}"))
                .help("expressions are Jinja's: names, text in quotes, filters after `|`");
            (finding, error.range().filter(|range| range.start < range.end))
        })?;
        self.scope.notes.take();
        let lead = expression.len() - expression.trim_start().len();
        let whole = Some(lead..lead + trimmed.len());
        let result = compiled.eval(&self.scope.context);
        let noted = self.scope.notes.take();
        if self.scope.notes.is_exhausted() {
            let what = "the expressions of the manifest read too much text";
            let finding =
                Diagnostic::error("expression-too-large", what).help("write less of it, or generate the manifest");
            return Err((finding, whole));
        }
        if let Some((name, why)) = &noted.refused {
            return Err((refused(name, why), whole));
        }
        let failed = |why: &str| Diagnostic::error("expression-failed", format!("`{shown}` {why}"));
        let finding = match result {
            Ok(value) if value.is_undefined() => self.undefined(&noted),
            Ok(value) if value.is_none() => failed("gives nothing"),
            Ok(value) => match words::written(&value) {
                Ok(text) => return Ok((text, noted.suspicious.iter().map(|name| suspicious(name)).collect())),
                Err(_) => failed("gives a list or a group, not a text, a number, `true` or `false`"),
            },
            Err(error) => match error.kind() {
                ErrorKind::UndefinedError => self.undefined(&noted),
                // The engine's own details can quote values; only fixed wording is passed on.
                ErrorKind::UnknownFilter => failed("uses an unknown filter")
                    .help(format!("the filters are: {}, upper", words::FILTERS.join(", "))),
                ErrorKind::UnknownFunction => failed("uses an unknown function"),
                ErrorKind::UnknownTest => failed("uses an unknown test"),
                ErrorKind::UnknownMethod => failed("uses an unknown method"),
                ErrorKind::OutOfFuel => failed("takes too long"),
                ErrorKind::MissingArgument | ErrorKind::TooManyArguments => failed("has a wrong number of arguments"),
                _ => failed("cannot be evaluated"),
            },
        };
        Err((finding, whole))
    }

    /// The expression as a message may quote it.
    fn shown(&self) -> String {
        const LONGEST_QUOTE: usize = 120;
        let text = self.expression.trim();
        let mut shown = if self.hidden { limits::without_texts(text) } else { text.to_owned() };
        if shown.chars().count() > LONGEST_QUOTE {
            shown = shown.chars().take(LONGEST_QUOTE).chain(['…']).collect();
        }
        shown
    }

    fn undefined(&self, noted: &Noted) -> Diagnostic {
        let shown = self.shown();
        if shown.contains("git")
            && let Some(why) = self.scope.git.failure.get()
        {
            return Diagnostic::error("expression-failed", format!("`{shown}` has no value: {why}"))
                .help("or give the value with `--set name=value` and write `${{ set.name }}`");
        }
        let finding = Diagnostic::error("expression-undefined", format!("`{shown}` has no value"));
        match &noted.missing {
            Some(name) if name.starts_with("set.") => {
                let name = name.trim_start_matches("set.");
                finding.help(format!("give it with `--set {name}=…`, or write `${{{{ set.{name} | default('…') }}}}`"))
            }
            Some(name) => finding.help(format!("set the environment variable `{}`", name.trim_start_matches("env."))),
            None => {
                let root = shown.split(['.', '[', ' ', '|']).next().unwrap_or_default();
                let help = match nearest(root, ["env", "git", "set"]) {
                    Some(near) if near != root => format!("did you mean `{near}`? "),
                    _ => String::new(),
                };
                finding.help(format!("{help}expressions know `env.NAME`, `git.commit`, `git.shortCommit`, `git.tag`, `git.branch` and `set.NAME`"))
            }
        }
    }
}

fn refused(name: &str, why: &Refusal) -> Diagnostic {
    let message = match why {
        Refusal::Long => {
            return Diagnostic::error("expression-too-large", format!("`{name}` is longer than 64 KiB"))
                .help("give a shorter value");
        }
        Refusal::Credential(what) => format!("`{name}` contains {what}, which expressions never read"),
        Refusal::Same(other) => {
            format!("`{name}` contains the text of the environment variable `{other}`, which expressions never read")
        }
    };
    Diagnostic::error("expression-credential", message)
        .help("the result of an expression becomes text in the bundle and on its page, where everybody can read it")
        .help(REFERENCE)
}

fn suspicious(name: &str) -> Diagnostic {
    Diagnostic::warning(
        "expression-secret-name",
        format!("`{name}` looks like a secret, and becomes text that everybody can read in the bundle"),
    )
    .help(REFERENCE)
    .help(format!(
        "if it is not a secret, give it another name, or write `{}` in a comment on the line or the one above",
        secret_forms::ALLOW
    ))
}

#[cfg(test)]
mod tests;
