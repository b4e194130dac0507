//! `components.choices`, and options of columns: numbered from the publisher's option value prefix.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::extra;
use crate::manifest::components::labels::{labels, labels_or};
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::prefix;
use crate::manifest::written::components::choice::{Choice, ChoiceOption};
use crate::yaml::shape::head;

/// The choice that one entry stands for.
pub fn choice(written: &Choice, scope: &mut Scope<'_>) -> Option<meant::Choice> {
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    Some(meant::Choice {
        name: name.value.0.clone(),
        display_name: labels_or(written.display_name.as_ref(), || name.value.0.clone(), scope),
        description: labels(written.description.as_ref(), scope),
        options: options(&written.options.as_ref()?.items, scope),
        external_type: written.external_type.as_ref().map(|text| text.value.0.clone()).unwrap_or_default(),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

/// Options with their numbers; numbers and base labels occur once.
pub fn options(written: &[ChoiceOption], scope: &mut Scope<'_>) -> Vec<meant::ChoiceOption> {
    let mut next = i32::try_from(scope.option_value_prefix).unwrap_or(10_000).saturating_mul(10_000);
    let mut options = Vec::new();
    let mut seen: HashMap<i32, Span> = HashMap::new();
    for option in written {
        let meant = match option {
            ChoiceOption::Label(label) => meant::ChoiceOption {
                value: next,
                label: meant::Labels::one(scope.languages.first().copied().unwrap_or(1033), label.value.0.as_str()),
                description: None,
                color: None,
                external_value: String::new(),
                hidden: None,
                state: 0,
                span: label.span.clone(),
            },
            ChoiceOption::Full(full) => {
                let Some(label) = labels(full.label.as_ref(), scope) else { continue };
                meant::ChoiceOption {
                    value: full.value.as_ref().map_or(next, |value| value.value.0),
                    label,
                    description: labels(full.description.as_ref(), scope),
                    color: full.color.as_ref().map(|color| color.value.0.clone()),
                    external_value: full.external_value.as_ref().map(|it| it.value.0.clone()).unwrap_or_default(),
                    hidden: full.hidden.as_ref().map(|flag| flag.value.0),
                    state: full.state.as_ref().map_or(0, |state| state.value.0),
                    span: full.value.as_ref().map_or_else(|| head(&full.span), |value| value.span.clone()),
                }
            }
        };
        if let Some(first) = seen.get(&meant.value) {
            scope.findings.push(
                Diagnostic::error("duplicate-option", format!("two options have the number {}", meant.value))
                    .at(&meant.span)
                    .label("again here")
                    .related(first, "first here")
                    .help("give one of them another `value`"),
            );
        } else {
            seen.insert(meant.value, meant.span.clone());
        }
        if meant.value >= next {
            next = meant.value.saturating_add(1);
        }
        options.push(meant);
    }
    options
}
