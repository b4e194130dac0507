//! What a solution in a bundle says, in the words of `bundle.json`: it is written there when the bundle is built, and
//! compared with it when the bundle is read.

use url::Url;

use super::descriptor::{Publisher, Setting, SettingKind, shown};
use super::facts::Facts;
use crate::diagnostic::Diagnostic;
use crate::manifest::meant::VariableKind;
use crate::manifest::written::with_scheme;
use crate::solution::{SolutionPackage, read_zip};

/// A solution zip of a bundle, read once.
#[derive(Clone, Debug)]
pub(super) struct Contents {
    /// Its path in the bundle.
    pub(super) file: String,
    /// Its facts.
    pub(super) facts: Facts,
    /// Its parts.
    pub(super) package: SolutionPackage,
}

impl Contents {
    /// Reads it; `file` is its path in the bundle, which findings name.
    pub(super) fn read(file: &str, zip: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let facts = Facts::read(zip)
            .map_err(|error| vec![Diagnostic::error("bad-solution", error.to_string()).in_file(file, None)])?;
        Ok(Self { file: file.to_owned(), facts, package: read_zip(zip, file)? })
    }

    /// Its display name.
    pub(super) fn display_name(&self) -> String {
        shown(&self.facts.display_name, &self.facts.name)
    }

    /// Its publisher.
    pub(super) fn publisher(&self) -> Publisher {
        let publisher = self.package.publisher();
        let text = |name: &str| {
            let element = self.package.solution_manifest()?.find("Publisher")?.find(name)?;
            Some(shown(&element.content(), "")).filter(|text| !text.is_empty())
        };
        let is_address = |address: &String| {
            Url::parse(address).is_ok_and(|url| {
                url.has_host()
                    && matches!(url.scheme(), "https" | "http")
                    && url.username().is_empty()
                    && url.password().is_none()
            })
        };
        Publisher {
            display_name: shown(&publisher.display_name, &publisher.name),
            name: publisher.name,
            prefix: publisher.prefix,
            email: text("EMailAddress"),
            website: text("SupportingWebsiteUrl").map(|text| with_scheme(&text)).filter(is_address),
        }
    }

    /// Its environment variables and connection references, none with a value.
    pub(super) fn settings(&self) -> impl Iterator<Item = Setting> {
        let word = |number: u32| VariableKind::ALL.into_iter().find(|(kind, _)| kind.number() == number);
        // Definitions in files of their own, and those that stand in customizations.xml.
        let variables = self.package.environment_variables().into_iter().map(move |variable| Setting {
            kind: SettingKind::EnvironmentVariable,
            value_type: Some(word(variable.kind).map_or("string", |(_, word)| word).to_owned()),
            connector: None,
            required: variable.required && variable.default.is_none_or(|text| text.trim().is_empty()),
            name: variable.name,
            value: None,
        });
        let connections = self.facts.connections.iter().map(|(name, connector)| Setting {
            name: name.clone(),
            kind: SettingKind::ConnectionReference,
            value_type: None,
            connector: connector.clone().filter(|connector| !connector.is_empty()),
            required: true,
            value: None,
        });
        variables.chain(connections)
    }
}
