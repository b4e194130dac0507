//! Values that a solution brings for environment variables: they become current values at the import.
//! Facts: `environmentvariablevalues.json` beside twenty definitions of real solutions, of which one has no value; the
//! older `environment_variable_values.json` in the root of one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::manifest::components::environment_variable::VariableKind;
use crate::manifest::leaf::is_key_vault_id;
use crate::manifest::prefix;
use crate::solution::components::Parts;
use crate::solution::json::{Document, OLDER_VALUES, Shape, VALUES};
use crate::solution::variable::VariableFacts;

/// A value that the solution brings for an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableValue {
    /// The folder of the definition: the variable's schema name.
    pub variable: String,
    /// The value, else the file's text; [`HIDDEN`] in place of a secret.
    pub value: String,
    /// The part that has it.
    pub part: String,
    /// Why readers could see another value, or Dataverse none.
    pub problem: Option<String>,
}

impl VariableValue {
    /// What is wrong with it, with the part.
    pub(super) fn finding(&self, origin: &str) -> Option<Diagnostic> {
        let help = "export the solution again, or leave the file out and give the value under `settings:`";
        let finding = Diagnostic::error("ambiguous-solution", self.problem.clone()?);
        Some(finding.in_file(format!("{origin}: {}", self.part), None).help(help))
    }
}

/// Hides the defaults of variables for secrets that are no references, and reports them.
pub(super) fn secrets_in_defaults(variables: &mut [VariableFacts], origin: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for variable in variables.iter_mut().filter(|it| it.kind == Some(VariableKind::Secret)) {
        let Some(default) = variable.default.as_mut().filter(|it| !it.trim().is_empty() && !is_key_vault_id(it)) else {
            continue;
        };
        HIDDEN.clone_into(default);
        let finding = Diagnostic::error("ambiguous-solution", no_reference(&variable.name, "default"));
        found.push(
            finding.in_file(origin, None).help("leave the default out: each environment gives its own reference"),
        );
    }
    found
}

fn no_reference(variable: &str, what: &str) -> String {
    format!(
        "`{variable}` is a variable for secrets, and its {what} is not a reference to Azure Key Vault: whoever gets the solution can read it"
    )
}

/// What replaces a text that should be a reference to a secret but is not.
pub const HIDDEN: &str = "***";

const FOLDER: &str = "environmentvariabledefinitions";
const FILE: &str = "environmentvariablevalues.json";
const OLDER_FILE: &str = "environment_variable_values.json";

/// The shape of a part that has values, and the folder of the variable, where there is one.
pub(super) fn shape(part: &str) -> Option<(Shape, Option<&str>)> {
    match part.split('/').collect::<Vec<_>>()[..] {
        [file] if file.eq_ignore_ascii_case(OLDER_FILE) => Some((OLDER_VALUES, None)),
        [folder, variable, file] if folder.eq_ignore_ascii_case(FOLDER) && file.eq_ignore_ascii_case(FILE) => {
            Some((VALUES, Some(variable)))
        }
        _ => None,
    }
}

/// All of them, in the order of the parts.
pub(super) fn values(parts: &Parts, variables: &[VariableFacts], own_prefix: &str) -> Vec<VariableValue> {
    let mut found = Vec::new();
    for (part, bytes) in parts {
        let Some((shape, folder)) = shape(part) else { continue };
        let whole = |problem: Option<String>| VariableValue {
            variable: folder.unwrap_or(part).to_owned(),
            value: String::from_utf8_lossy(bytes).trim().to_owned(),
            part: part.clone(),
            problem,
        };
        // JSON parts that cannot be read, or in two ways, are all reported elsewhere.
        let Ok(document) = Document::read(bytes, shape) else {
            found.push(whole(None));
            continue;
        };
        let given = match folder {
            Some(variable) => one(&document.value, variable),
            None => older(&document.value),
        };
        let beyond = document.beyond(shape).map(|member| {
            format!("`{member}` is a member that such a file does not have: Dataverse could take it for another value")
        });
        match given {
            // Members without a value have to be reported as well.
            Ok(given) if given.is_empty() && beyond.is_some() => found.push(whole(beyond)),
            Ok(given) => found.extend(given.into_iter().map(|(variable, value)| VariableValue {
                variable,
                value,
                part: part.clone(),
                problem: beyond.clone(),
            })),
            Err(why) => found.push(whole(Some(why.to_owned()))),
        }
    }
    let mut met: BTreeMap<String, String> = BTreeMap::new();
    // Of two definitions of one variable the first counts.
    let definitions: BTreeMap<String, &VariableFacts> =
        variables.iter().rev().map(|it| (it.name.to_ascii_lowercase(), it)).collect();
    for value in &mut found {
        judge(value, definitions.get(&value.variable.to_ascii_lowercase()).copied(), own_prefix);
        if let Some(other) = met.insert(value.variable.to_lowercase(), value.part.clone()) {
            value.problem = Some(format!("a second value for `{}`; the first one is in `{other}`", value.variable));
        }
    }
    found
}

const FORM: &str =
    "it is not of the form `{\"environmentvariablevalues\":{\"environmentvariablevalue\":{\"value\":\"…\"}}}`";
const OLDER_FORM: &str = "it is not of the form `{\"values\":[{\"name\":\"…\",\"value\":\"…\"}]}`";

/// The variable and its value, where there is one.
fn one(document: &Value, variable: &str) -> Result<Vec<(String, String)>, &'static str> {
    let given = document.pointer("/environmentvariablevalues/environmentvariablevalue").and_then(Value::as_object);
    match given.ok_or(FORM)?.get("value") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![(variable.to_owned(), text.clone())]),
        Some(_) => Err(FORM),
    }
}

/// The variables and their values, all in one list.
fn older(document: &Value) -> Result<Vec<(String, String)>, &'static str> {
    let list = document.get("values").and_then(Value::as_array).ok_or(OLDER_FORM)?;
    let pair = |item: &Value| Some((item.get("name")?.as_str()?.to_owned(), item.get("value")?.as_str()?.to_owned()));
    list.iter().map(|item| pair(item).ok_or(OLDER_FORM)).collect()
}

fn judge(value: &mut VariableValue, definition: Option<&VariableFacts>, own_prefix: &str) {
    // Older solutions have variables without a prefix.
    let may_lack_one = !value.part.contains('/') && prefix::of(&value.variable).is_none();
    let is_foreign = definition.is_none() && !may_lack_one && !prefix::is_own(&value.variable, own_prefix);
    if is_foreign && value.problem.is_none() {
        let why = format!("it sets a value for `{}`, which is another publisher's variable", value.variable);
        value.problem = Some(why);
    }
    let is_secret = definition.is_some_and(|it| it.kind == Some(VariableKind::Secret));
    if is_secret && !value.value.trim().is_empty() && !is_key_vault_id(&value.value) {
        value.problem = Some(no_reference(&value.variable, "value"));
        HIDDEN.clone_into(&mut value.value);
    }
}
