//! A column: its name, what its type takes, and where a lookup leads.

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::choice::options;
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{labels, labels_or};
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::table::column::{ColumnType, Computed, Named};
use crate::manifest::prefix;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::table::column::Column;
use crate::manifest::written::leaf::Stored;
use crate::yaml::shape::{At, head};

/// Keys and the types of column that take them.
fn misplaced(written: &Column, kind: ColumnType) -> Vec<(&'static str, Span, Vec<ColumnType>)> {
    use ColumnType::{
        BigInt, Boolean, Choice, Customer, Date, DateTime, Decimal, Email, File, Float, Image, Lookup, Money,
        MultiSelect, MultilineText, Phone, RichText, Text, TextArea, Url, WholeNumber,
    };
    fn at<T>(value: Option<&At<T>>) -> Option<Span> {
        value.map(|it| it.span.clone())
    }
    let line = vec![Text, TextArea, Email, Phone, Url];
    let mut text = line.clone();
    text.extend([MultilineText, RichText]);
    let numbers = vec![WholeNumber, Decimal, Float, Money];
    let links = vec![Lookup, Customer];
    let labels = |value: &Option<Labels<_>>| value.as_ref().map(|it| it.span.clone());
    let all: Vec<(&'static str, Option<Span>, Vec<ColumnType>)> = vec![
        ("maxLength", at(written.max_length.as_ref()), text.clone()),
        ("min", at(written.min.as_ref()), numbers.clone()),
        ("max", at(written.max.as_ref()), numbers),
        ("precision", at(written.precision.as_ref()), vec![Decimal, Float, Money]),
        ("format", at(written.format.as_ref()), [text, vec![WholeNumber, Date, DateTime]].concat()),
        ("behavior", at(written.behavior.as_ref()), vec![Date, DateTime]),
        ("choices", written.choices.as_ref().map(|_| head(&written.span)), vec![Choice, MultiSelect]),
        ("choice", at(written.choice.as_ref()), vec![Choice, MultiSelect]),
        ("default", at(written.default.as_ref()), vec![Choice, Boolean]),
        ("trueLabel", labels(&written.true_label), vec![Boolean]),
        ("falseLabel", labels(&written.false_label), vec![Boolean]),
        ("to", written.to.as_ref().and_then(|to| to.items.first()).map(|it| it.span.clone()), vec![Lookup]),
        ("relationship", at(written.relationship.as_ref()), links.clone()),
        ("relationshipType", at(written.relation.as_ref()), links.clone()),
        ("onDelete", at(written.on_delete.as_ref()), links.clone()),
        ("cascade", written.cascade.as_ref().map(|it| head(&it.span)), links.clone()),
        ("hierarchical", at(written.hierarchical.as_ref()), vec![Lookup]),
        ("autoNumber", at(written.auto_number.as_ref()), vec![Text]),
        ("maxSizeKb", at(written.max_size.as_ref()), vec![Image, File]),
        ("fullImage", at(written.full_image.as_ref()), vec![Image]),
        ("primaryImage", at(written.primary_image.as_ref()), vec![Image]),
        ("rollup", at(written.rollup.as_ref()), vec![WholeNumber, BigInt, Decimal, Money, Date, DateTime]),
    ];
    all.into_iter()
        .filter_map(|(key, span, kinds)| Some((key, span?, kinds)))
        .filter(|it| !it.2.contains(&kind))
        .collect()
}

/// The column that one entry stands for.
pub fn column(written: &Column, scope: &mut Scope<'_>) -> Option<meant::Column> {
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    let kind = written.kind.as_ref().map_or(ColumnType::Text, |kind| kind.value.0);
    for (key, span, kinds) in misplaced(written, kind) {
        let known = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        scope.findings.push(
            Diagnostic::error("key-of-other-type", format!("a column of type `{}` takes no `{key}`", kind.word()))
                .at(&span)
                .help(format!("remove it, or choose a type that takes it: {known}")),
        );
    }
    let missing = |key: &str, example: &str| {
        Diagnostic::error("missing-key", format!("a column of type `{}` needs `{key}`", kind.word()))
            .at(&name.span)
            .help(format!("add `{example}`"))
    };
    let is_choice = matches!(kind, ColumnType::Choice | ColumnType::MultiSelect);
    if is_choice && written.choices.is_none() && written.choice.is_none() {
        scope.findings.push(missing("choices", "choices: [One, Two]`, or `choice: name of a global choice"));
    }
    if let (Some(choice), true) = (&written.choice, written.choices.is_some()) {
        scope.findings.push(
            Diagnostic::error("two-choices", "own options and a global choice at once")
                .at(&choice.span)
                .help("keep one of `choices` and `choice`"),
        );
    }
    if kind == ColumnType::Lookup && written.to.is_none() {
        scope.findings.push(missing("to", "to: account"));
    }
    if let (ColumnType::DateTime, Some(behavior)) = (kind, written.behavior.as_ref().filter(|it| it.value.0 == 2)) {
        scope.findings.push(
            Diagnostic::error("key-of-other-type", "`dateOnly` belongs to columns of type `date`")
                .at(&behavior.span)
                .help("write `type: date`, or another behavior"),
        );
    }
    let options = written.choices.as_ref().map(|list| options(&list.items, scope)).unwrap_or_default();
    let options = if kind == ColumnType::Boolean { yes_no(written, scope) } else { options };
    let default = written.default.as_ref().and_then(|default| default_value(default, kind, &options, scope));
    let computed = computed(written, scope);
    let short = name.value.0.split_once('_').map_or(name.value.0.as_str(), |(_, rest)| rest).to_owned();
    let links = matches!(kind, ColumnType::Lookup | ColumnType::Customer);
    Some(meant::Column {
        name: name.value.0.clone(),
        kind,
        display_name: labels_or(written.display_name.as_ref(), || short, scope),
        description: labels(written.description.as_ref(), scope),
        required: written.required.as_ref().map_or("none", |it| it.value.0),
        searchable: written.searchable.as_ref().is_none_or(|flag| flag.value.0),
        auditing: written.auditing.as_ref().map_or(!links, |flag| flag.value.0),
        secured: written.secured.as_ref().is_some_and(|flag| flag.value.0),
        max_length: written.max_length.as_ref().map(|it| it.value.0),
        min: written.min.as_ref().map(|it| it.value.0.clone()),
        max: written.max.as_ref().map(|it| it.value.0.clone()),
        precision: written.precision.as_ref().map(|it| it.value.0),
        format: written.format.as_ref().map(|it| it.value.0.clone()),
        behavior: written.behavior.as_ref().map_or(1, |it| it.value.0),
        options,
        choice: written.choice.as_ref().map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }),
        default,
        lookup: links.then(|| lookup(written, kind, scope)),
        auto_number: written.auto_number.as_ref().map(|it| it.value.0.clone()).unwrap_or_default(),
        computed,
        max_size: written.max_size.as_ref().map(|it| it.value.0),
        full_image: written.full_image.as_ref().is_none_or(|flag| flag.value.0),
        primary_image: written.primary_image.as_ref().is_some_and(|flag| flag.value.0),
        external_name: written.external_name.as_ref().map(|it| it.value.0.clone()),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

fn yes_no(written: &Column, scope: &mut Scope<'_>) -> Vec<meant::ChoiceOption> {
    let option = |value, label| meant::ChoiceOption {
        value,
        label,
        description: None,
        color: None,
        external_value: String::new(),
        hidden: None,
        state: 0,
        span: written.span.clone(),
    };
    let yes = labels_or(written.true_label.as_ref(), || "Yes".into(), scope);
    let no = labels_or(written.false_label.as_ref(), || "No".into(), scope);
    vec![option(1, yes), option(0, no)]
}

fn default_value(
    default: &At<Stored>,
    kind: ColumnType,
    options: &[meant::ChoiceOption],
    scope: &mut Scope<'_>,
) -> Option<String> {
    let text = default.value.text.as_str();
    let found = match (kind, text) {
        (ColumnType::Boolean, "true") => Some("1".to_owned()),
        (ColumnType::Boolean, "false") => Some("0".to_owned()),
        (ColumnType::Boolean, _) => None,
        // The options of a global choice are not at hand here.
        (_, text) if options.is_empty() => text.parse::<i32>().ok().map(|value| value.to_string()),
        (_, text) => options
            .iter()
            .find(|option| option.value.to_string() == text || option.label.base() == text)
            .map(|option| option.value.to_string()),
    };
    if found.is_none() {
        let known: Vec<&str> = options.iter().map(|option| option.label.base()).collect();
        let help = match kind {
            ColumnType::Boolean => "write `true` or `false`".to_owned(),
            _ if known.is_empty() => "write the number of an option of the global choice".to_owned(),
            _ => format!("write one of: {}", known.join(", ")),
        };
        let message = format!("`{}` is not one of the column's options", default.shown);
        scope.findings.push(Diagnostic::error("unknown-option", message).at(&default.span).help(help));
    }
    found
}

fn computed(written: &Column, scope: &mut Scope<'_>) -> Option<Computed> {
    let mut found = Vec::new();
    if let Some(formula) = &written.formula {
        let text = formula.value.0.trim_start_matches('=').to_owned();
        found.push((Computed::Formula(text), formula.span.clone()));
    }
    for (path, rollup) in [(&written.calculation, false), (&written.rollup, true)] {
        let Some(path) = path else { continue };
        for (file, _) in one(path, scope.folder, scope.findings) {
            let span = path.span.clone();
            let made =
                if rollup { Computed::Rollup(file, span.clone()) } else { Computed::Calculation(file, span.clone()) };
            found.push((made, span));
        }
    }
    if let [_, (_, second), ..] = &found[..] {
        scope.findings.push(
            Diagnostic::error("computed-twice", "the value is computed in two ways")
                .at(second)
                .help("keep one of `formula`, `calculation` and `rollup`"),
        );
    }
    found.into_iter().next().map(|(computed, _)| computed)
}

fn lookup(written: &Column, kind: ColumnType, scope: &mut Scope<'_>) -> meant::Lookup {
    let relation = written.relation.as_ref().map(|it| it.value.0).unwrap_or_default();
    let mut cascades = meant::Cascades::of(relation);
    if let Some(rule) = &written.on_delete {
        (cascades.delete, cascades.archive) = (rule.value.0, rule.value.0);
    }
    if let Some(rules) = &written.cascade {
        for (rule, place) in [
            (&rules.assign, &mut cascades.assign),
            (&rules.delete, &mut cascades.delete),
            (&rules.archive, &mut cascades.archive),
            (&rules.reparent, &mut cascades.reparent),
            (&rules.share, &mut cascades.share),
            (&rules.unshare, &mut cascades.unshare),
            (&rules.rollup_view, &mut cascades.rollup_view),
        ] {
            if let Some(rule) = rule {
                *place = rule.value.0;
            }
        }
    }
    if let Some(name) = &written.relationship {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    let named = |name: &str| Named { name: name.to_owned(), span: written.span.clone() };
    let to = match (&written.to, kind) {
        (_, ColumnType::Customer) => vec![named("account"), named("contact")],
        (Some(to), _) => to.items.iter().map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
        (None, _) => Vec::new(),
    };
    meant::Lookup {
        to,
        relationship: written.relationship.as_ref().map(|it| it.value.0.clone()),
        cascades,
        hierarchical: written.hierarchical.as_ref().is_some_and(|flag| flag.value.0),
        extra: extra(written.relationship_xml.as_ref()),
    }
}
