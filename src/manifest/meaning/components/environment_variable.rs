//! `components.environmentVariables`: defaults fit their type, secrets have none.

use crate::diagnostic::Diagnostic;
use crate::manifest::meaning::check_prefix;
use crate::manifest::meaning::components::Scope;
use crate::manifest::meaning::components::extra::extra;
use crate::manifest::meaning::settings::stored;
use crate::manifest::meant;
use crate::manifest::meant::components::environment_variable::VariableKind;
use crate::manifest::written::components::environment_variable::EnvironmentVariable;
use crate::yaml::shape::head;

/// The definition that one entry stands for.
pub fn environment_variable(
    written: &EnvironmentVariable,
    scope: &mut Scope<'_>,
) -> Option<meant::EnvironmentVariable> {
    let name = written.name.as_ref()?;
    let findings = &mut *scope.findings;
    check_prefix(name, &name.value.0, scope.prefix, findings);
    let kind = written.kind.as_ref()?.value.0;
    let mut default = None;
    if let Some(value) = &written.default {
        if kind == VariableKind::Secret {
            findings.push(
                Diagnostic::error("secret-in-plain-text", format!("a default for the secret `{}`", name.value.0))
                    .in_file(value.span.source.name.as_str(), Some(value.span.source.line_column(value.span.range.start)))
                    .help("remove it and write under `settings` where the secret is: `{ secret: { keyVault: /subscriptions/… } }`"),
            );
        } else {
            default = stored(kind, value, findings);
        }
    }
    if kind == VariableKind::DataSource {
        for (key, missing) in
            [("connector", written.connector.is_none()), ("parameterKey", written.parameter_key.is_none())]
        {
            if missing {
                findings.push(
                    Diagnostic::error("missing-key", format!("key `{key}` is missing"))
                        .at(&head(&written.span))
                        .help(format!("a variable of type `dataSource` needs `{key}: …`")),
                );
            }
        }
    } else {
        let spans = [
            ("connector", written.connector.as_ref().map(|it| &it.span)),
            ("parameterKey", written.parameter_key.as_ref().map(|it| &it.span)),
        ];
        for (key, span) in spans.into_iter().filter_map(|(key, span)| Some((key, span?))) {
            findings.push(
                Diagnostic::error("key-of-other-type", format!("`{key}` belongs to variables of type `dataSource`"))
                    .at(span)
                    .help("remove it, or write `type: dataSource`"),
            );
        }
    }
    Some(meant::EnvironmentVariable {
        name: name.value.0.clone(),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        kind,
        default,
        required: written.required.as_ref().is_some_and(|flag| flag.value.0),
        connector: written.connector.as_ref().map(|connector| connector.value.0.clone()),
        parameter_key: written.parameter_key.as_ref().map(|key| key.value.0.clone()),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
