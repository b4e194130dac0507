//! Finds texts that have the form of a secret anywhere, hides them and warns about them.

use crate::catalog::secret_forms::{self, Scope};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::secret::Secret;
use crate::yaml::node::{Content, Node};
use crate::yaml::veil::MOST_EVERYWHERE;

/// Findings of texts with the form of a secret.
const MOST_FINDINGS: usize = 50;

/// Hides what has the form of a secret, anywhere in a text. Comments can have secrets, too.
pub(crate) fn hide(source: &Source) {
    for (index, found) in secret_forms::find(source.text.as_bytes(), Scope::Manifest).into_iter().enumerate() {
        if let Some(text) = source.text.get(found.range.clone()).filter(|_| index < MOST_EVERYWHERE) {
            let _known = Secret::new(text.trim());
        }
        source.hide(found.range);
    }
}

/// Warns about strings that have the form of a secret, and hides them. Expressions are evaluated by now.
pub(crate) fn warn(root: &mut Node, findings: &mut Vec<Diagnostic>) {
    Warnings { path: Vec::new(), findings, count: 0 }.node(root);
}

struct Warnings<'a> {
    path: Vec<String>,
    findings: &'a mut Vec<Diagnostic>,
    count: usize,
}

impl Warnings<'_> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.content {
            Content::Scalar(scalar) => scalar.hidden |= self.text(&scalar.text, &node.span),
            Content::Sequence(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.path.push(format!("[{}]", index + 1));
                    self.node(item);
                    self.path.pop();
                }
            }
            Content::Mapping(entries) => {
                for entry in entries {
                    self.text(&entry.key, &entry.key_span);
                    let dot = if self.path.is_empty() { "" } else { "." };
                    self.path.push(format!("{dot}{}", entry.key));
                    self.node(&mut entry.value);
                    self.path.pop();
                }
            }
            Content::Refused => {}
        }
    }

    /// Whether anything was found.
    fn text(&mut self, text: &str, span: &Span) -> bool {
        let source = &span.source;
        if secret_forms::is_allowed(source.text.as_bytes(), span.range.start.min(source.text.len())) {
            return false;
        }
        let all = secret_forms::find(text.as_bytes(), Scope::Manifest);
        for found in &all {
            let secret = text.get(found.range.clone()).unwrap_or(text).trim();
            let lead = span.text().find(secret).filter(|_| !secret.is_empty());
            let place = match lead {
                Some(lead) => Span::new(source, span.range.start + lead..span.range.start + lead + secret.len()),
                None => span.clone(),
            };
            source.hide(place.range.clone());
            self.count += 1;
            if self.count > MOST_FINDINGS {
                continue;
            }
            let _known = Secret::new(secret);
            let (what, path) = (found.what, self.path.concat());
            let message = if path.is_empty() {
                format!("this looks like {what}")
            } else {
                format!("`{path}` contains what looks like {what}")
            };
            self.findings.push(
                Diagnostic::warning("secret-in-manifest", message)
                    .at(&place)
                    .help("whoever reads the manifest, the bundle or the solution can read it: write a reference, for example `{ secret: { keyVault: … } }`, and have the secret replaced where it is issued")
                    .help(format!("if it is not a secret, write `{}` in a comment on the line or the one above", secret_forms::ALLOW)),
            );
        }
        !all.is_empty()
    }
}

/// Puts `***` in place of what has the form of a secret, in all that a finding says.
pub(crate) fn without_forms(finding: &mut Diagnostic) {
    let label = finding.label.iter_mut().chain(finding.related.iter_mut().map(|(_, text)| text));
    for text in label.chain(&mut finding.help).chain([&mut finding.message]) {
        if let Some(hidden) = secret_forms::hidden(text) {
            *text = hidden;
        }
    }
}
