//! Reads a bundle from outside, and checks that it is whole and says the truth about its solutions.

use std::collections::BTreeSet;
use std::path::Path;

use super::descriptor::{Descriptor, FORMAT, Solution};
use super::facts::Facts;
use super::{checksums, sha256};
use crate::archive::{self, Entry, Limits};
use crate::diagnostic::Diagnostic;
use crate::files;

/// The largest bundle or solution that is read: twice what Dataverse takes. It is read whole, so that a larger one
/// would fill the memory before it is refused.
pub const LIMIT: u64 = 190 << 20;

const DESCRIPTOR: &str = "bundle.json";

/// The largest `bundle.json`; one with ten thousand settings has some 3 MiB.
const DESCRIPTOR_LIMIT: usize = 16 << 20;

/// A bundle that was read and checked.
#[derive(Clone, Debug)]
pub struct Bundle {
    descriptor: Descriptor,
    entries: Vec<Entry>,
}

impl Bundle {
    /// Reads and checks a file.
    pub fn open(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let name = path.display().to_string();
        let bytes =
            files::read(path, LIMIT).map_err(|error| vec![Diagnostic::error("cannot-read", error.to_string())])?;
        Self::from_bytes(&bytes, &name)
    }

    /// Checks bytes; `name` is what findings call the file.
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, Vec<Diagnostic>> {
        let refused = |refusal: archive::Refusal| {
            let finding = Diagnostic::error("bundle-refused", refusal.to_string()).in_file(name, None);
            vec![finding.help("get the bundle again from its publisher")]
        };
        // What is no bundle is refused before any of it is inflated.
        let is_bundle = archive::names(bytes, &Limits::default()).map_err(refused)?.iter().any(|it| it == DESCRIPTOR);
        let entries = if is_bundle { archive::read(bytes, &Limits::default()).map_err(refused)? } else { Vec::new() };
        let Some(json) = entries.iter().find(|entry| entry.name == DESCRIPTOR) else {
            let finding = Diagnostic::error("not-a-bundle", "there is no `bundle.json` in it").in_file(name, None);
            return Err(vec![finding.help("give a `.dvpack` file made by `dvpack build`")]);
        };
        let descriptor = descriptor(&json.bytes).map_err(|why| {
            vec![Diagnostic::error("bad-descriptor", why).in_file(format!("{name}: bundle.json"), None)]
        })?;
        let bundle = Self { descriptor, entries };
        let findings = bundle.check(name);
        if findings.is_empty() { Ok(bundle) } else { Err(findings) }
    }

    /// What `bundle.json` says.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The zip of one of the descriptor's solutions.
    #[must_use]
    pub fn solution_zip(&self, solution: &Solution) -> Option<&[u8]> {
        self.file(&solution.file)
    }

    /// An entry's content.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.entries.iter().find(|entry| entry.name == name).map(|entry| entry.bytes.as_slice())
    }

    /// All entries, in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn check(&self, name: &str) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let mut report = |code: &'static str, at: &str, message: String| {
            findings.push(Diagnostic::error(code, message).in_file(format!("{name}: {at}"), None));
        };
        self.check_sums(&mut report);
        let mut met = BTreeSet::new();
        if self.descriptor.solutions.is_empty() {
            report("bad-descriptor", "bundle.json", "it names no solution".to_owned());
        }
        for solution in &self.descriptor.solutions {
            if !met.insert(&solution.file) {
                report("bad-descriptor", "bundle.json", format!("it names `{}` twice", solution.file));
            }
            self.check_solution(solution, &mut report);
        }
        self.check_roles(&mut report);
        findings
    }

    fn check_sums(&self, report: &mut dyn FnMut(&'static str, &str, String)) {
        let sums =
            self.file(checksums::NAME).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(checksums::parse);
        let Some(mut sums) = sums else {
            report("bad-checksums", checksums::NAME, "it is missing or not in the format of `sha256sum`".to_owned());
            return;
        };
        for entry in &self.entries {
            if entry.name == checksums::NAME || entry.name.starts_with(super::signature::FOLDER) {
                continue;
            }
            match sums.remove(&entry.name) {
                None => report("unlisted-file", &entry.name, format!("it is not listed in `{}`", checksums::NAME)),
                Some(sum) if sum != sha256(&entry.bytes) => {
                    report("changed-file", &entry.name, "it was changed after the bundle was built".to_owned());
                }
                Some(_) => {}
            }
        }
        for name in sums.keys() {
            report("missing-file", name, format!("it is listed in `{}` but not there", checksums::NAME));
        }
    }

    fn check_solution(&self, solution: &Solution, report: &mut dyn FnMut(&'static str, &str, String)) {
        let Some(zip) = self.solution_zip(solution) else {
            report("missing-file", &solution.file, "`bundle.json` names it, but it is not there".to_owned());
            return;
        };
        if sha256(zip) != solution.sha256 || zip.len() as u64 != solution.size {
            report("changed-file", &solution.file, "it is not the solution that `bundle.json` describes".to_owned());
        }
        let facts = match Facts::read(zip) {
            Ok(facts) => facts,
            Err(error) => {
                report("bad-solution", &solution.file, error.to_string());
                return;
            }
        };
        let mut compare = |what: &str, said: String, found: String| {
            if said != found {
                report(
                    "solution-differs",
                    &solution.file,
                    format!("`bundle.json` says that its {what} is `{said}`, but it is `{found}`"),
                );
            }
        };
        compare("unique name", solution.name.clone(), facts.name);
        compare("version", solution.version.normalized().to_string(), facts.version.normalized().to_string());
        compare("being managed", solution.managed.to_string(), facts.managed.to_string());
        compare("publisher", self.descriptor.publisher.name.clone(), facts.publisher);
        if let Some(prefix) = facts.prefix {
            compare("publisher's prefix", self.descriptor.publisher.prefix.clone(), prefix);
        }
    }

    /// Every role that the descriptor shows must be in a solution with just these privileges.
    fn check_roles(&self, report: &mut dyn FnMut(&'static str, &str, String)) {
        let in_zips: Vec<_> = self
            .descriptor
            .solutions
            .iter()
            .filter_map(|solution| Facts::read(self.solution_zip(solution)?).ok())
            .flat_map(|facts| facts.roles)
            .collect();
        let rows = |role: &super::descriptor::Role| -> BTreeSet<_> {
            role.privileges.iter().map(|privilege| (privilege.name.clone(), privilege.level)).collect()
        };
        for role in &self.descriptor.roles {
            match in_zips.iter().find(|other| other.id == role.id) {
                None => report(
                    "role-missing",
                    "bundle.json",
                    format!("the role `{}` is in no solution of the bundle", role.name),
                ),
                Some(other) if rows(other) != rows(role) || other.name != role.name => report(
                    "role-differs",
                    "bundle.json",
                    format!("the role `{}` has other privileges in the solution than shown here", role.name),
                ),
                Some(_) => {}
            }
        }
        for role in &in_zips {
            if !self.descriptor.roles.iter().any(|shown| shown.id == role.id) {
                report(
                    "role-hidden",
                    "bundle.json",
                    format!("the solution holds the role `{}`, which is not shown here", role.name),
                );
            }
        }
        for id in self.descriptor.application_user.iter().flat_map(|user| &user.roles) {
            if !self.descriptor.roles.iter().any(|role| role.id == *id) {
                report(
                    "role-missing",
                    "bundle.json",
                    format!("the application user is to have the role `{id}`, which the bundle does not hold"),
                );
            }
        }
    }
}

fn descriptor(bytes: &[u8]) -> Result<Descriptor, String> {
    if bytes.len() > DESCRIPTOR_LIMIT {
        return Err(format!("it has more than {DESCRIPTOR_LIMIT} bytes"));
    }
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    // The format first: a later one may have any other shape.
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {
            if let Some(text) = unprintable(&value) {
                return Err(format!("it holds control or bidirectional characters: `{}`", text.escape_debug()));
            }
            // From the text again: the tree keeps the last of two members of one name, other readers the first.
            serde_json::from_slice(bytes).map_err(|error| error.to_string())
        }
        Some(format) => {
            Err(format!("it has format {format}, but this dvpack reads format {FORMAT}; use a newer dvpack"))
        }
        None => Err("it does not say which `format` it has".to_owned()),
    }
}

/// The first text that would do something to a terminal or pipeline that shows it. Reasons may have several lines.
fn unprintable(value: &serde_json::Value) -> Option<&str> {
    use serde_json::Value;
    let bad = |text: &str, lines: bool| {
        text.chars().any(|c| {
            (c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t')))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
    };
    match value {
        Value::String(text) => bad(text, false).then_some(text),
        Value::Array(items) => items.iter().find_map(unprintable),
        Value::Object(members) => members.iter().find_map(|(key, value)| match value {
            _ if bad(key, false) => Some(key.as_str()),
            Value::String(text) if key == "because" || key == "text" => bad(text, true).then_some(text.as_str()),
            other => unprintable(other),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::build::tests::built;

    /// The findings after `change` was made to the entries.
    fn after(change: impl FnOnce(&mut Vec<Entry>), sum_again: bool) -> String {
        let mut entries = archive::read(&built().bytes, &Limits::default()).expect("read");
        change(&mut entries);
        if sum_again {
            entries.retain(|entry| entry.name != checksums::NAME);
            let sums = checksums::render(&entries);
            entries.push(Entry::new(checksums::NAME, sums));
        }
        let bytes = archive::write(&entries).expect("written");
        let findings = Bundle::from_bytes(&bytes, "it.dvpack").expect_err("refused");
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    fn edit(entries: &mut [Entry], name: &str, from: &str, to: &str) {
        let entry = entries.iter_mut().find(|entry| entry.name == name).expect("there");
        let text = String::from_utf8(entry.bytes.clone()).expect("UTF-8");
        assert!(text.contains(from), "{text}");
        entry.bytes = text.replacen(from, to, 1).into_bytes();
    }

    #[test]
    fn changed_missing_and_added_files_are_told_apart() {
        insta::assert_snapshot!(after(|entries| edit(entries, "post-import/apply.sh", "set -eu", "set -e"), false), @"it.dvpack: post-import/apply.sh: it was changed after the bundle was built");
        insta::assert_snapshot!(after(|entries| entries.retain(|it| it.name != "INSTALL.html"), false), @"it.dvpack: INSTALL.html: it is listed in `SHA256SUMS` but not there");
        insta::assert_snapshot!(after(|entries| entries.push(Entry::new("extra.txt", "x")), false), @"it.dvpack: extra.txt: it is not listed in `SHA256SUMS`");
    }

    #[test]
    fn a_descriptor_that_hides_a_privilege_is_found_out() {
        insta::assert_snapshot!(after(|entries| edit(entries, "bundle.json", "\"Global\"", "\"Basic\""), true), @"it.dvpack: bundle.json: the role `Contoso Service` has other privileges in the solution than shown here");
        insta::assert_snapshot!(after(|entries| edit(entries, "bundle.json", "\"1.4.0.0\"", "\"1.4.0.1\""), true), @"it.dvpack: solutions/ContosoWidgets_1_4_0_0_managed.zip: `bundle.json` says that its version is `1.4.0.1`, but it is `1.4.0.0`");
    }

    #[test]
    fn a_descriptor_cannot_say_one_thing_twice_or_write_to_the_terminal() {
        let twice = after(
            |entries| edit(entries, "bundle.json", "\"solutions\": [", "\"roles\": [],\n  \"solutions\": ["),
            true,
        );
        assert!(twice.starts_with("it.dvpack: bundle.json: duplicate field `roles`"), "{twice}");
        let escape = after(|entries| edit(entries, "bundle.json", "Contoso & Sons", "\\u001b]0;x\\u0007"), true);
        assert_eq!(escape, "it.dvpack: bundle.json: it holds control or bidirectional characters: `\\u{1b}]0;x\\u{7}`");
        let command = after(|entries| edit(entries, "bundle.json", "Contoso & Sons", "\\n##vso[task.complete]"), true);
        assert!(command.contains("control or bidirectional"), "{command}");
        let deep = after(
            |entries| {
                edit(
                    entries,
                    "bundle.json",
                    "\"solutions\": [",
                    &format!("\"x\": {}{},\n \"solutions\": [", "[".repeat(200), "]".repeat(200)),
                );
            },
            true,
        );
        assert!(deep.contains("recursion limit exceeded"), "{deep}");
    }

    #[test]
    fn a_later_format_says_so() {
        insta::assert_snapshot!(after(|entries| edit(entries, "bundle.json", "\"format\": 1", "\"format\": 2"), true), @"it.dvpack: bundle.json: it has format 2, but this dvpack reads format 1; use a newer dvpack");
    }

    #[test]
    fn a_solution_must_have_the_digest_and_the_size_that_the_descriptor_says() {
        let solution = built().descriptor.solutions.remove(0);
        let told = format!("it.dvpack: {}: it is not the solution that `bundle.json` describes", solution.file);
        // Another solution may well have the same size.
        let digest = after(|entries| edit(entries, "bundle.json", &solution.sha256, &"0".repeat(64)), true);
        assert_eq!(digest, told);
        let size = format!("\"size\": {}", solution.size);
        assert_eq!(after(|entries| edit(entries, "bundle.json", &size, "\"size\": 1"), true), told);
    }

    #[test]
    fn only_reasons_and_texts_may_have_several_lines() {
        use serde_json::{Value, json};
        let found = |value: &Value| unprintable(value).map(str::to_owned);
        for good in [
            json!({ "because": "one\r\n\ttwo", "text": "one\ntwo", "name": "Über \u{1f600}", "size": 1 }),
            json!([null, true, ["a", { "b": "c" }]]),
        ] {
            assert_eq!(found(&good), None, "{good}");
        }
        for (bad, text) in [
            (json!({ "name": "one\ntwo" }), "one\ntwo"),
            (json!({ "because": "a\u{1b}[2J" }), "a\u{1b}[2J"),
            (json!({ "text": "a\u{202e}b" }), "a\u{202e}b"),
            (json!({ "name": "a\u{2066}b" }), "a\u{2066}b"),
            (json!({ "a": [{ "b\u{7}": "because" }] }), "b\u{7}"),
            (json!({ "because": ["one\ntwo"] }), "one\ntwo"),
        ] {
            assert_eq!(found(&bad).as_deref(), Some(text), "{bad}");
        }
    }

    #[test]
    fn a_descriptor_may_have_as_many_bytes_as_the_limit_says() {
        let mut bytes = serde_json::to_vec(&built().descriptor).expect("JSON");
        bytes.resize(DESCRIPTOR_LIMIT, b' ');
        assert!(descriptor(&bytes).is_ok());
        bytes.push(b' ');
        assert_eq!(descriptor(&bytes).expect_err("refused"), "it has more than 16777216 bytes");
    }
}
