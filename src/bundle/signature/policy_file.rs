//! The policy file: the manifest's strict YAML, every mistake at once and with its place.

use std::sync::Arc;

use serde_json::{Value, json};

use super::trust::{Policy, Rules, TrustedIdentity, TrustedKey};
use crate::diagnostic::{Diagnostic, Source, has_errors};
use crate::yaml::empty;
use crate::yaml::leaf::{VersionText, Words};
use crate::yaml::node::Scalar;
use crate::yaml::parse::parse;
use crate::yaml::record::record;
use crate::yaml::shape::{At, Leaf, List, Reader, Shape, head};

record! {
    /// Whom a subscriber trusts.
    pub struct PolicyFile => {
        /// The version of the policy language: 1.
        "dvpackPolicy" required format: At<Format>,
        /// Keys, and what each may sign.
        "keys" optional keys: List<KeyRow>,
        /// Identities that Sigstore certificates name, and what each may sign.
        "identities" optional identities: List<IdentityRow>,
    }
}

record! {
    /// A key, and what it may sign.
    pub struct KeyRow => {
        /// Its name, for people.
        "name" optional name: At<Words>,
        /// SHA-256 of its `SubjectPublicKeyInfo`, in hex.
        "sha256" required sha256: At<KeyDigest>,
        /// Unique names of solutions; all of a bundle must be among them.
        "solutions" required solutions: List<At<Words>>,
        /// Customization prefixes of publishers.
        "publisherPrefixes" required publisher_prefixes: List<At<Words>>,
        /// The lowest version that is accepted.
        "minimumVersion" optional minimum_version: At<VersionText>,
        /// The repository that the provenance must name.
        "repository" optional repository: At<Words>,
        /// The builder that the provenance must name; a `*` at the end stands for anything.
        "builder" optional builder: At<Words>,
    }
}

record! {
    /// An identity, and what it may sign.
    pub struct IdentityRow => {
        /// Its name, for people.
        "name" optional name: At<Words>,
        /// An e-mail address or a workflow's URI; a `*` at the end stands for anything.
        "identity" required identity: At<Words>,
        /// The OIDC issuer that vouches for it.
        "issuer" required issuer: At<Words>,
        /// Unique names of solutions; all of a bundle must be among them.
        "solutions" required solutions: List<At<Words>>,
        /// Customization prefixes of publishers.
        "publisherPrefixes" required publisher_prefixes: List<At<Words>>,
        /// The lowest version that is accepted.
        "minimumVersion" optional minimum_version: At<VersionText>,
        /// The repository that the certificate must name.
        "repository" optional repository: At<Words>,
        /// The builder that the certificate must name; a `*` at the end stands for anything.
        "builder" optional builder: At<Words>,
    }
}

/// The version of the policy language.
#[derive(Clone, Debug)]
pub struct Format;

impl Leaf for Format {
    const NOUN: &'static str = "a version of the policy language";
    const EXAMPLE: &'static str = "1";
    const CODE: &'static str = "policy-version";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        if scalar.text == "1" { Ok(Self) } else { Err("this dvpack reads version 1".into()) }
    }
    fn schema() -> Value {
        json!({ "const": 1 })
    }
}

/// SHA-256 in hex, as lower-case digits.
#[derive(Clone, Debug)]
pub struct KeyDigest(String);

impl Leaf for KeyDigest {
    const NOUN: &'static str = "a SHA-256 in hex";
    const EXAMPLE: &'static str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const CODE: &'static str = "policy-digest";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        let text = scalar.text.trim().trim_start_matches("sha256:").replace(':', "").to_ascii_lowercase();
        match text.len() {
            64 if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(Self(text)),
            64 => Err("only hexadecimal digits are allowed".into()),
            count => Err(format!("it has {count} digits, 64 are expected")),
        }
    }
    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^(sha256:)?[0-9A-Fa-f:]{64,95}$" })
    }
}

impl Policy {
    /// Reads YAML or JSON; the error contains every mistake.
    ///
    /// # Errors
    /// Findings for all that is wrong with it.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let Some(tree) = parse(source, None, &mut findings) else {
            empty::advise(&mut findings, "a policy names who may sign which solutions: see docs/signing.md");
            return Err(findings);
        };
        let mut reader = Reader::default();
        let file = PolicyFile::read(&tree, &mut reader);
        findings.append(&mut reader.findings);
        let mut policy = Self::default();
        if let Some(file) = file {
            policy.keys = file.keys.iter().flat_map(|list| &list.items).filter_map(KeyRow::meant).collect();
            policy.identities =
                file.identities.iter().flat_map(|list| &list.items).filter_map(IdentityRow::meant).collect();
            let rules = policy.keys.iter().map(|key| &key.rules).chain(policy.identities.iter().map(|it| &it.rules));
            for rule in rules {
                for (what, list) in [("solutions", &rule.solutions), ("publisherPrefixes", &rule.publisher_prefixes)] {
                    if list.is_empty() {
                        let message = format!("`{}` may sign nothing: `{what}` is empty", rule.name);
                        findings.push(about(&file, message).help(format!("list at least one under `{what}`")));
                    }
                }
            }
            if policy.keys.is_empty() && policy.identities.is_empty() && !has_errors(&findings) {
                let finding = about(&file, "the policy trusts nobody".to_owned());
                findings.push(finding.help("add `keys` or `identities`: see docs/signing.md"));
            }
        }
        if has_errors(&findings) { Err(findings) } else { Ok(policy) }
    }
}

fn about(file: &PolicyFile, message: String) -> Diagnostic {
    Diagnostic::error("policy-empty", message).at(&head(&file.span))
}

fn words(list: Option<&List<At<Words>>>) -> Vec<String> {
    list.iter().flat_map(|list| &list.items).map(|word| word.value.0.clone()).collect()
}

fn word(leaf: Option<&At<Words>>) -> Option<String> {
    leaf.map(|word| word.value.0.clone())
}

macro_rules! rules {
    ($row:expr, $name:expr) => {
        Rules {
            name: word($row.name.as_ref()).unwrap_or($name),
            solutions: words($row.solutions.as_ref()),
            publisher_prefixes: words($row.publisher_prefixes.as_ref()),
            minimum_version: $row.minimum_version.as_ref().map(|version| version.value.0),
            repository: word($row.repository.as_ref()),
            builder: word($row.builder.as_ref()),
        }
    };
}

impl KeyRow {
    fn meant(&self) -> Option<TrustedKey> {
        let sha256 = self.sha256.as_ref()?.value.0.clone();
        Some(TrustedKey { rules: rules!(self, format!("sha256:{sha256}")), sha256 })
    }
}

impl IdentityRow {
    fn meant(&self) -> Option<TrustedIdentity> {
        let (subject, issuer) = (word(self.identity.as_ref())?, word(self.issuer.as_ref())?);
        Some(TrustedIdentity { rules: rules!(self, subject.clone()), subject, issuer })
    }
}
