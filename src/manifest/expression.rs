//! `${{ … }}` inside scalars: minijinja expressions over `env.*`, `git.*` and `set.*`.
//!
//! Expressions are evaluated in parsed scalars, never in the YAML text, so that a value cannot
//! bring structure with it; what a value contains is not evaluated again. There are no statements (`{% %}`). An error
//! never shows what an expression gave, as that may be a secret.

mod limits;
mod scope;

use minijinja::ErrorKind;

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::manifest::node::{Content, Node, Scalar};

pub use scope::Scope;
use scope::{Noted, Refusal};

/// Text that the expressions of a scalar give.
const LONGEST_RESULT: usize = 64 * 1024;
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
            let lead = start + 3;
            let expression = &text[lead..end - 2];
            let one = One { expression, hidden: scalar.hidden, scope: self.scope };
            let value = match one.evaluate() {
                Ok((value, warnings)) => {
                    let place = exact(text, span, start..end);
                    self.findings.extend(warnings.into_iter().map(|warning| warning.at(&place)));
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
        if let Some((name, why)) = &noted.refused {
            return Err((refused(name, why), whole));
        }
        let failed = |why: &str| Diagnostic::error("expression-failed", format!("`{shown}` {why}"));
        let finding = match result {
            Ok(value) if value.is_undefined() => self.undefined(&noted),
            Ok(value) if value.is_none() => failed("gives nothing"),
            Ok(value) => {
                return Ok((value.to_string(), noted.suspicious.iter().map(|name| suspicious(name)).collect()));
            }
            Err(error) => match error.kind() {
                ErrorKind::UndefinedError => self.undefined(&noted),
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
        Refusal::Credential(what) => format!("`{name}` contains {what}, which expressions never read"),
        Refusal::Same(other) => {
            format!("`{name}` contains the text of the environment variable `{other}`, which expressions never read")
        }
    };
    Diagnostic::error("expression-credential", message)
        .help("what an expression gives becomes text in the bundle and in its page, for everybody to read")
        .help(REFERENCE)
}

fn suspicious(name: &str) -> Diagnostic {
    Diagnostic::warning(
        "expression-secret-name",
        format!("`{name}` looks like a secret, and becomes text that everybody can read in the bundle"),
    )
    .help(REFERENCE)
    .help("if it is none, give it another name")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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

    const SECRET: &str = "p1peline-secret-0123456789";

    /// With an environment of its own.
    fn within(text: &str, set: &[(&str, &str)]) -> (Option<String>, Vec<Diagnostic>) {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let connection = format!("Server=db;Password={SECRET}");
        let environment = pairs(&[
            ("AZURE_CLIENT_SECRET", SECRET),
            ("GITHUB_TOKEN", "short"),
            ("COPY", SECRET),
            ("CONNECTION", &connection),
            ("SHORT", "short"),
            ("CONTOSO_API_KEY", "k3y"),
            ("BUILD", "17"),
        ]);
        let scope = Scope::with_environment(Path::new("/nonexistent"), &pairs(set), environment.into_iter());
        let source = Source::new("dvpack.yaml", text);
        let mut findings = Vec::new();
        let mut node = yaml::parse(&source, &mut findings).expect("a tree");
        evaluate(&mut node, &scope, &mut findings);
        let value = match &node.get("a").expect("a value").content {
            Content::Scalar(scalar) => Some(scalar.text.clone()),
            _ => None,
        };
        (value, findings)
    }

    #[test]
    fn credentials_are_never_there_however_they_are_named() {
        for expression in [
            "env.AZURE_CLIENT_SECRET",
            "env['AZURE_CLIENT_SECRET']",
            "env['AZURE_' ~ 'CLIENT_SECRET']",
            "env.AZURE_CLIENT_SECRET[:3] ~ env.AZURE_CLIENT_SECRET[3:]",
            "env|attr('AZURE_CLIENT_SECRET')",
            "env.AZURE_CLIENT_SECRET | default('x')",
            "'x' if env.AZURE_CLIENT_SECRET is undefined else 'y'",
            "'y' if 'AZURE_CLIENT_SECRET' in env else env.AZURE_CLIENT_SECRET | default('n')",
            "env['azure_client_secret'|upper]",
            "env.azure_client_secret",
            "env.SYSTEM_ACCESSTOKEN",
            "env.GITHUB_TOKEN",
            "env.DVPACK_KEY_PASSPHRASE",
            "env.COPY",
            "env.CONNECTION | reverse",
            "set.copy",
            "dict(env=env).env.AZURE_CLIENT_SECRET",
            "[env] | map(attribute='AZURE_CLIENT_SECRET') | list | tojson",
        ] {
            let (value, findings) = within(&format!("a: \"${{{{ {expression} }}}}\""), &[("copy", SECRET)]);
            assert_eq!(value, None, "{expression}");
            assert_eq!(findings.len(), 1, "{expression}");
            assert_eq!(findings[0].code, "expression-credential", "{expression}: {findings:?}");
            assert!(!format!("{findings:?}").contains(SECRET), "{expression}");
        }
        let listed = [
            "env|items|list",
            "env|tojson",
            "env|list",
            "env|string",
            "env",
            "debug()",
            "dict(env)",
            "env|pprint",
            "env|dictsort",
        ];
        for expression in listed {
            let (value, findings) = within(&format!("a: ${{{{ {expression} }}}}"), &[]);
            let all = format!("{value:?} {findings:?}");
            assert!(!all.contains("p1peline") && !all.contains("k3y"), "{expression}: {all}");
        }
    }

    #[test]
    fn other_variables_are_read_and_names_that_look_secret_are_warned_of() {
        assert_eq!(within("a: v${{ env.BUILD }}", &[]), (Some("v17".into()), Vec::new()));
        assert_eq!(within("a: ${{ env.SHORT }}", &[]), (Some("short".into()), Vec::new()));
        for (text, name) in
            [("a: ${{ env.CONTOSO_API_KEY }}", "env.CONTOSO_API_KEY"), ("a: ${{ set.apiToken }}", "set.apiToken")]
        {
            let (value, findings) = within(text, &[("apiToken", "k3y")]);
            assert_eq!(value.as_deref(), Some("k3y"));
            assert_eq!((findings.len(), findings[0].code.as_ref()), (1, "expression-secret-name"));
            assert!(findings[0].message.starts_with(&format!("`{name}` looks like a secret")), "{findings:?}");
        }
    }

    /// The smallest stack that a main thread has is a megabyte (Windows); half of it must do for the largest
    /// expressions that are let through.
    #[test]
    fn the_largest_expressions_need_little_stack() {
        let chains = [
            ".b".repeat(99),
            "|upper".repeat(99),
            "~'a'".repeat(99),
            " if b else a".repeat(49),
            "**2".repeat(66),
            "==a".repeat(66),
            " and a".repeat(99),
            "[0]".repeat(66),
            "()".repeat(99),
        ];
        let nested = [("(", ")"), ("[", "]"), ("not ", ""), ("- ", ""), ("{'a':", "}"), ("f(", ")")];
        let mut all: Vec<String> = chains.iter().map(|chain| format!("a{chain}")).collect();
        all.extend(nested.iter().map(|(open, close)| format!("{}a{}", open.repeat(15), close.repeat(15))));
        let mut deep = "a".to_owned();
        for level in 0..15 {
            deep = format!("(b|default({deep}, {level}))");
        }
        all.push(deep);
        for expression in all {
            let limits = limits::check(&expression);
            let run = move || run(&format!("a: \"${{{{ {expression} }}}}\""), &[]).1.len();
            let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).expect("a thread");
            assert!(thread.join().is_ok(), "{limits:?}");
        }
    }

    #[test]
    fn expressions_that_are_too_large_point_at_the_characters() {
        for (expression, marked) in [
            ("not ".repeat(30_000), "not ".repeat(30_000).trim_end().len()),
            ("not ".repeat(500) + "a", 3),
            ("(".repeat(500), 1),
            (format!("a{}", ".b".repeat(300)), 1),
        ] {
            let (_, findings) = run(&format!("x: 1\na: ${{{{ {expression} }}}}"), &[]);
            let Some(crate::diagnostic::At::Span(span)) = &findings[0].at else { panic!("{findings:?}") };
            assert_eq!((findings.len(), findings[0].code.as_ref()), (1, "expression-too-large"));
            assert!(span.text().trim().len() == marked, "{} {marked}", span.text().len());
        }
    }

    #[test]
    fn many_expressions_end_in_time() {
        let text = format!("a: [{}]", vec!["'${{ set.x }}'"; 40_000].join(","));
        let (_, findings) = run(&text, &[("x", "y")]);
        assert_eq!(findings.iter().map(|it| it.code.as_ref()).collect::<Vec<_>>(), ["expression-too-large"]);
        let text = format!("a: [{}]", vec!["\"${{ 'x' * 60000 }}\""; 5_000].join(","));
        assert_eq!(run(&text, &[]).1.len(), 1);
    }
}
