//! `${{ … }}` inside scalars: minijinja expressions over `env.*`, `git.*` and `set.*`.
//!
//! Expressions are evaluated in parsed scalars, never in the YAML text, so that a value cannot
//! bring structure with it. There are no statements (`{% %}`). An error never shows what an
//! expression gave, as that may be a secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use minijinja::value::Object;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::manifest::node::{Content, Node, Scalar};

const FUEL: u64 = 10_000;
const LONGEST_RESULT: usize = 64 * 1024;

/// Evaluates every expression below `node`, in place.
pub fn evaluate(node: &mut Node, scope: &Scope, findings: &mut Vec<Diagnostic>) {
    match &mut node.content {
        Content::Scalar(scalar) if scalar.text.contains("${{") => match render(scalar, &node.span, scope) {
            Ok(text) => {
                let template = std::mem::replace(&mut scalar.text, text);
                scalar.template = Some(template);
            }
            Err(finding) => {
                findings.push(*finding);
                node.content = Content::Refused;
            }
        },
        Content::Scalar(_) | Content::Refused => {}
        Content::Sequence(items) => items.iter_mut().for_each(|item| evaluate(item, scope, findings)),
        Content::Mapping(entries) => entries.iter_mut().for_each(|entry| evaluate(&mut entry.value, scope, findings)),
    }
}

/// What expressions can see. Nothing is looked up before an expression asks for it.
pub struct Scope {
    engine: Environment<'static>,
    git: Arc<Git>,
    missing: Arc<Missing>,
    context: Value,
}

impl Scope {
    /// A scope for the manifest in `folder`, with the values of `--set`.
    #[must_use]
    pub fn new(folder: &Path, set: &[(String, String)]) -> Self {
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL));
        let missing = Arc::new(Missing::default());
        let git = Arc::new(Git { folder: folder.to_owned(), answers: Mutex::default(), failure: OnceLock::new() });
        let set = set.iter().cloned().collect();
        let context = minijinja::context! {
            env => Value::from_object(Variables { missing: Arc::clone(&missing) }),
            git => Value::from_dyn_object(Arc::clone(&git)),
            set => Value::from_object(Given { values: set, missing: Arc::clone(&missing) }),
        };
        Self { engine, git, missing, context }
    }
}

/// The name that was asked for last and was not there.
#[derive(Debug, Default)]
struct Missing(Mutex<Option<String>>);

impl Missing {
    fn note(&self, name: String) {
        if let Ok(mut last) = self.0.lock() {
            *last = Some(name);
        }
    }
    fn take(&self) -> Option<String> {
        self.0.lock().ok().and_then(|mut last| last.take())
    }
}

/// `env.*`: environment variables of this process.
#[derive(Debug)]
struct Variables {
    missing: Arc<Missing>,
}

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let usable = !name.is_empty() && !name.contains(['=', '\0']);
        let value = usable.then(|| std::env::var(name).ok()).flatten().map(Value::from);
        if value.is_none() {
            self.missing.note(format!("env.{name}"));
        }
        value
    }
}

/// `set.*`: what `--set name=value` gave.
#[derive(Debug)]
struct Given {
    values: BTreeMap<String, String>,
    missing: Arc<Missing>,
}

impl Object for Given {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let value = self.values.get(name).map(|value| Value::from(value.as_str()));
        if value.is_none() {
            self.missing.note(format!("set.{name}"));
        }
        value
    }
}

/// `git.*`, asked of the `git` program when first used.
#[derive(Debug)]
struct Git {
    folder: PathBuf,
    answers: Mutex<BTreeMap<&'static str, Option<String>>>,
    failure: OnceLock<String>,
}

const GIT: [(&str, &[&str]); 4] = [
    ("commit", &["rev-parse", "HEAD"]),
    ("shortCommit", &["rev-parse", "--short=7", "HEAD"]),
    ("tag", &["describe", "--tags", "--exact-match", "HEAD"]),
    ("branch", &["symbolic-ref", "--quiet", "--short", "HEAD"]),
];

impl Object for Git {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let Some((name, arguments)) = GIT.iter().find(|(known, _)| *known == name) else {
            let _ = self
                .failure
                .set(format!("`git.{name}` is not one of `git.commit`, `git.shortCommit`, `git.tag`, `git.branch`"));
            return None;
        };
        let mut answers = self.answers.lock().ok()?;
        answers.entry(name).or_insert_with(|| self.ask(name, arguments)).clone().map(Value::from)
    }
}

impl Git {
    fn ask(&self, name: &str, arguments: &[&str]) -> Option<String> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
        let why = match output {
            Ok(output) if output.status.success() => {
                let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                if !text.is_empty() {
                    return Some(text);
                }
                format!("git knows no {name} here")
            }
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stderr);
                let line = text.lines().next().unwrap_or_default().trim_start_matches("fatal: ").trim();
                if line.is_empty() { format!("git knows no {name} here") } else { format!("git says: {line}") }
            }
            Err(error) => format!("the `git` program cannot be run: {error}"),
        };
        let _ = self.failure.set(why);
        None
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

fn render(scalar: &Scalar, span: &Span, scope: &Scope) -> Result<String, Box<Diagnostic>> {
    let text = &scalar.text;
    let mut result = String::new();
    let mut done = 0;
    while let Some(found) = next_expression(text, done) {
        let (start, end) = match found {
            Ok(range) => range,
            Err(start) => {
                return Err(Box::new(
                    Diagnostic::error("expression-open", "an expression without its end")
                        .at(&exact(text, span, start..text.len()))
                        .help("close it with `}}`"),
                ));
            }
        };
        result.push_str(&text[done..start]);
        let expression = &text[start + 3..end - 2];
        let value = one(expression, scope).map_err(|(mut finding, inner)| {
            let lead = start + 3;
            let range = inner.map_or(start..end, |range| lead + range.start..lead + range.end.min(expression.len()));
            *finding = finding.clone().at(&exact(text, span, range));
            finding
        })?;
        result.push_str(&value);
        if result.len() > LONGEST_RESULT {
            return Err(Box::new(
                Diagnostic::error("expression-failed", "an expression gives more than 64 KiB of text").at(&exact(
                    text,
                    span,
                    start..end,
                )),
            ));
        }
        done = end;
    }
    result.push_str(&text[done..]);
    Ok(result)
}

/// The place of a range of the scalar's text: exact where the manifest holds it letter by letter
/// (plain and simply quoted scalars), else the whole scalar.
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
type Trouble = (Box<Diagnostic>, Option<std::ops::Range<usize>>);

fn one(expression: &str, scope: &Scope) -> Result<String, Trouble> {
    let shown = expression.trim();
    let failed = |why: &str| Box::new(Diagnostic::error("expression-failed", format!("`{shown}` {why}")));
    if shown.is_empty() {
        let finding = Diagnostic::error("expression-failed", "an empty expression");
        return Err((Box::new(finding.help("write such as `${{ set.version }}`")), None));
    }
    let compiled = scope.engine.compile_expression(expression).map_err(|error| {
        let detail = error.detail().unwrap_or("it cannot be read").to_owned();
        let finding = Diagnostic::error("expression-syntax", format!("`{shown}`: {detail}"))
            .help("expressions are Jinja's: names, text in quotes, filters after `|`");
        (Box::new(finding), error.range().filter(|range| range.start < range.end))
    })?;
    scope.missing.take();
    let lead = expression.len() - expression.trim_start().len();
    let whole = Some(lead..lead + shown.len());
    let finding = match compiled.eval(&scope.context) {
        Ok(value) if value.is_undefined() => Box::new(undefined(expression, scope)),
        Ok(value) if value.is_none() => failed("gives nothing"),
        Ok(value) => return Ok(value.to_string()),
        Err(error) => match error.kind() {
            ErrorKind::UndefinedError => Box::new(undefined(expression, scope)),
            // The engine's own details can quote values; only fixed wording is passed on.
            ErrorKind::UnknownFilter => failed("uses an unknown filter"),
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

fn undefined(expression: &str, scope: &Scope) -> Diagnostic {
    let shown = expression.trim();
    if shown.contains("git")
        && let Some(why) = scope.git.failure.get()
    {
        return Diagnostic::error("expression-failed", format!("`{shown}` has no value: {why}"))
            .help("or give the value with `--set name=value` and write `${{ set.name }}`");
    }
    let finding = Diagnostic::error("expression-undefined", format!("`{shown}` has no value"));
    match scope.missing.take() {
        Some(name) if name.starts_with("set.") => {
            let name = name.trim_start_matches("set.").to_owned();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::manifest::yaml;

    fn run(text: &str, set: &[(&str, &str)]) -> (Node, Vec<Diagnostic>) {
        let source = Source::new("dvpack.yaml", text);
        let mut findings = Vec::new();
        let mut node = yaml::parse(&source, &mut findings).expect("a tree");
        let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        evaluate(&mut node, &Scope::new(Path::new("/nonexistent"), &set), &mut findings);
        (node, findings)
    }

    fn value(text: &str, set: &[(&str, &str)]) -> String {
        let (node, findings) = run(text, set);
        match (&node.get("a").expect("a value").content, findings.is_empty()) {
            (Content::Scalar(scalar), true) => scalar.text.clone(),
            _ => panic!("{findings:?}"),
        }
    }

    #[test]
    fn expressions_are_evaluated_inside_scalars() {
        assert_eq!(value("a: v${{ set.x }}-${{ set.x | upper }}", &[("x", "b")]), "vb-B");
        assert_eq!(value("a: ${{ set.none | default('1.10') }}", &[]), "1.10");
        assert_eq!(value("a: \"${{ '}}' }}\"", &[]), "}}");
        assert_eq!(value("a: ${{ set.x }}", &[("x", "b: [1]\nc: ${{ env.HOME }}")]), "b: [1]\nc: ${{ env.HOME }}");
        assert_eq!(value("a: '{% if x %} {{ y }}'", &[]), "{% if x %} {{ y }}");
    }

    #[test]
    fn errors_point_at_the_exact_characters() {
        for (text, marked) in [
            ("a: v${{ set.none }}", "set.none"),
            ("a: 'v${{ set.none }} x'", "set.none"),
            ("a: x ${{ sett.x }}", "sett.x"),
            ("a: \"\\u0041 ${{ set.none }}\"", "\"\\u0041 ${{ set.none }}\""),
            ("a: y ${{ set.x", "${{ set.x"),
        ] {
            let (_, findings) = run(text, &[]);
            let Some(crate::diagnostic::At::Span(span)) = &findings[0].at else { panic!("{findings:?}") };
            assert_eq!((findings.len(), span.text()), (1, marked));
        }
    }

    #[test]
    fn errors_do_not_tell_values() {
        for expression in ["set.key | int", "set.key.a.b", "set.key + 1", "set.key is foo", "range(100000000)"] {
            let (_, findings) = run(&format!("a: ${{{{ {expression} }}}}"), &[("key", "hunter2")]);
            assert!(!findings.is_empty() && !format!("{findings:?}").contains("hunter2"), "{findings:?}");
        }
    }

    #[test]
    fn git_that_is_absent_is_named() {
        let (_, findings) = run("a: ${{ git.commit }}", &[]);
        assert!(findings[0].message.starts_with("`git.commit` has no value: "), "{findings:?}");
    }
}
