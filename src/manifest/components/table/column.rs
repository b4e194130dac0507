//! Columns of a table: what each type takes, and what a lookup refers to.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::choice::{ChoiceOption, default_value, options};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels, labels_or};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::column_value::WrittenColumnValue;
use crate::manifest::components::table::leaf::{Count, Requirement};
use crate::manifest::components::table::lookup::{Cascades, Lookup, WrittenLookup};
use crate::manifest::leaf::{Flag, Paragraph, RelativePath, SchemaName, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, Words};
use crate::yaml::record::record;
use crate::yaml::shape::{At, head};

record! {
    /// A column.
    pub struct WrittenColumn => {
        /// Schema name, with the publisher's prefix.
        "name" required name: At<SchemaName> => "contoso_Price",
        /// Type. Default: text.
        "type" optional kind: At<ColumnType>,
        /// Name that people see, in one language or by language code. Default: the name without prefix.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Requirement: none (default), recommended or required.
        "required" optional required: At<Requirement>,
        /// Whether advanced find and views can use it (default: yes).
        "searchable" optional searchable: At<Flag>,
        /// Whether its changes are kept in the audit log (default: yes, except for lookups).
        "auditing" optional auditing: At<Flag>,
        /// Whether column security profiles control access to it.
        "secured" optional secured: At<Flag>,
        ..value: WrittenColumnValue,
        ..lookup: WrittenLookup,
        /// For text: the form of automatic numbers, such as `W-{SEQNUM:5}`.
        "autoNumber" optional auto_number: At<Words> => "W-{SEQNUM:5}",
        /// Power Fx formula that gives the value.
        "formula" optional formula: At<Words> => "contoso_Price * contoso_Quantity",
        /// XAML file that calculates the value.
        "calculation" optional calculation: At<RelativePath> => "tables/price.xaml",
        /// XAML file that rolls the value up.
        "rollup" optional rollup: At<RelativePath> => "tables/total.xaml",
        /// For file and image: the greatest size in KB.
        "maxSizeKb" optional max_size: At<Count> => "10240",
        /// For image: whether the whole image is kept (default: yes).
        "fullImage" optional full_image: At<Flag>,
        /// For image: whether it represents the row.
        "primaryImage" optional primary_image: At<Flag>,
        /// For a virtual table: its name in the source.
        "externalName" optional external_name: At<Words> => "price",
        /// Parts of its `attribute` element that have no key here.
        "xml" optional extra: Extra,
        /// For lookup: parts of its `EntityRelationship` element that have no key here.
        "relationshipXml" optional relationship_xml: Extra,
    }
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Schema name.
    pub name: String,
    /// Type.
    pub kind: ColumnType,
    /// Display name.
    pub display_name: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// `none`, `recommended` or `required`.
    pub required: &'static str,
    /// Whether advanced find can use it.
    pub searchable: bool,
    /// Whether changes are kept.
    pub auditing: bool,
    /// Whether it is guarded.
    pub secured: bool,
    /// Most characters.
    pub max_length: Option<u32>,
    /// Least value.
    pub min: Option<String>,
    /// Greatest value.
    pub max: Option<String>,
    /// Digits after the decimal point.
    pub precision: Option<u32>,
    /// Dataverse's word for the format.
    pub format: Option<String>,
    /// `Behavior` of a date.
    pub behavior: u8,
    /// Own options.
    pub options: Vec<ChoiceOption>,
    /// A global choice, in place of the column's own options.
    pub choice: Option<Named>,
    /// `AppDefaultValue`
    pub default: Option<String>,
    /// For [`ColumnType::Lookup`] and [`ColumnType::Customer`].
    pub lookup: Option<Lookup>,
    /// Form of automatic numbers.
    pub auto_number: String,
    /// Where the value comes from, when it is computed.
    pub computed: Option<Computed>,
    /// Greatest size in KB.
    pub max_size: Option<u32>,
    /// Whether the whole image is kept.
    pub full_image: bool,
    /// Whether the image represents the row.
    pub primary_image: bool,
    /// Name in an external source.
    pub external_name: Option<String>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Column {
    /// Its logical name.
    #[must_use]
    pub fn logical(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

/// Where a computed value comes from.
#[derive(Clone, Debug)]
pub enum Computed {
    /// A Power Fx formula.
    Formula(String),
    /// A XAML file that calculates it.
    Calculation(PathBuf, Span),
    /// A XAML file that rolls it up.
    Rollup(PathBuf, Span),
}

/// Keys and the types of column that take them.
fn misplaced(written: &WrittenColumn, kind: ColumnType) -> Vec<(&'static str, Span, Vec<ColumnType>)> {
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
    let labels = |value: &Option<WrittenLabels<_>>| value.as_ref().map(|it| it.span.clone());
    let all: Vec<(&'static str, Option<Span>, Vec<ColumnType>)> = vec![
        ("maxLength", at(written.value.max_length.as_ref()), text.clone()),
        ("min", at(written.value.min.as_ref()), numbers.clone()),
        ("max", at(written.value.max.as_ref()), numbers),
        ("precision", at(written.value.precision.as_ref()), vec![Decimal, Float, Money]),
        ("format", at(written.value.format.as_ref()), [text, vec![WholeNumber, Date, DateTime]].concat()),
        ("behavior", at(written.value.behavior.as_ref()), vec![Date, DateTime]),
        ("choices", written.value.choices.as_ref().map(|_| head(&written.span)), vec![Choice, MultiSelect]),
        ("choice", at(written.value.choice.as_ref()), vec![Choice, MultiSelect]),
        ("default", at(written.value.default.as_ref()), vec![Choice, Boolean]),
        ("trueLabel", labels(&written.value.true_label), vec![Boolean]),
        ("falseLabel", labels(&written.value.false_label), vec![Boolean]),
        ("to", written.lookup.to.as_ref().and_then(|to| to.items.first()).map(|it| it.span.clone()), vec![Lookup]),
        ("relationship", at(written.lookup.relationship.as_ref()), links.clone()),
        ("relationshipType", at(written.lookup.relation.as_ref()), links.clone()),
        ("onDelete", at(written.lookup.on_delete.as_ref()), links.clone()),
        ("cascade", written.lookup.cascade.as_ref().map(|it| head(&it.span)), links.clone()),
        ("hierarchical", at(written.lookup.hierarchical.as_ref()), vec![Lookup]),
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

/// The column of one entry.
pub fn column(written: &WrittenColumn, scope: &mut Scope<'_>) -> Option<Column> {
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    let kind = written.kind.value().unwrap_or(ColumnType::Text);
    for (key, span, kinds) in misplaced(written, kind) {
        let known = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        scope.findings.push(
            Diagnostic::error(
                "key-of-other-type",
                format!("a column of type `{}` does not support `{key}`", kind.word()),
            )
            .at(&span)
            .help(format!("remove it, or choose a type that supports it: {known}")),
        );
    }
    let missing = |key: &str, example: &str| {
        Diagnostic::error("missing-key", format!("a column of type `{}` needs `{key}`", kind.word()))
            .at(&name.span)
            .help(format!("add `{example}`"))
    };
    let is_choice = matches!(kind, ColumnType::Choice | ColumnType::MultiSelect);
    if is_choice && written.value.choices.is_none() && written.value.choice.is_none() {
        scope.findings.push(missing("choices", "choices: [One, Two]`, or `choice: name of a global choice"));
    }
    if let (Some(choice), true) = (&written.value.choice, written.value.choices.is_some()) {
        scope.findings.push(
            Diagnostic::error("two-choices", "options of its own and a global choice at once")
                .at(&choice.span)
                .help("keep one of `choices` and `choice`"),
        );
    }
    if kind == ColumnType::Lookup && written.lookup.to.is_none() {
        scope.findings.push(missing("to", "to: account"));
    }
    if let (ColumnType::DateTime, Some(behavior)) = (kind, written.value.behavior.as_ref().filter(|it| it.value.0 == 2))
    {
        scope.findings.push(
            Diagnostic::error("key-of-other-type", "`dateOnly` belongs to columns of type `date`")
                .at(&behavior.span)
                .help("write `type: date`, or another behavior"),
        );
    }
    let options = written.value.choices.as_ref().map(|list| options(&list.items, scope)).unwrap_or_default();
    let options = if kind == ColumnType::Boolean { yes_no(written, scope) } else { options };
    let default = written.value.default.as_ref().and_then(|default| default_value(default, kind, &options, scope));
    let computed = computed(written, scope);
    let short = name.value.0.split_once('_').map_or(name.value.0.as_str(), |(_, rest)| rest).to_owned();
    let links = matches!(kind, ColumnType::Lookup | ColumnType::Customer);
    Some(Column {
        name: name.value.0.clone(),
        kind,
        display_name: labels_or(written.display_name.as_ref(), || short, scope),
        description: labels(written.description.as_ref(), scope),
        required: written.required.value().unwrap_or("none"),
        searchable: written.searchable.value().unwrap_or(true),
        auditing: written.auditing.value().unwrap_or(!links),
        secured: written.secured.value().unwrap_or(false),
        max_length: written.value.max_length.value(),
        min: written.value.min.value(),
        max: written.value.max.value(),
        precision: written.value.precision.value(),
        format: written.value.format.value(),
        behavior: written.value.behavior.value().unwrap_or(1),
        options,
        choice: written.value.choice.as_ref().map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }),
        default,
        lookup: links.then(|| lookup(written, kind, scope)),
        auto_number: written.auto_number.value().unwrap_or_default(),
        computed,
        max_size: written.max_size.value(),
        full_image: written.full_image.value().unwrap_or(true),
        primary_image: written.primary_image.value().unwrap_or(false),
        external_name: written.external_name.value(),
        extra: extra(written.extra.as_ref()),
        span: name.span.clone(),
    })
}

fn yes_no(written: &WrittenColumn, scope: &mut Scope<'_>) -> Vec<ChoiceOption> {
    let option = |value, label| ChoiceOption {
        value,
        label,
        description: None,
        color: None,
        external_value: String::new(),
        hidden: None,
        state: 0,
        span: written.span.clone(),
    };
    let yes = labels_or(written.value.true_label.as_ref(), || "Yes".into(), scope);
    let no = labels_or(written.value.false_label.as_ref(), || "No".into(), scope);
    vec![option(1, yes), option(0, no)]
}

fn computed(written: &WrittenColumn, scope: &mut Scope<'_>) -> Option<Computed> {
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

fn lookup(written: &WrittenColumn, kind: ColumnType, scope: &mut Scope<'_>) -> Lookup {
    let relation = written.lookup.relation.value().unwrap_or_default();
    let mut cascades = Cascades::of(relation);
    if let Some(rule) = &written.lookup.on_delete {
        (cascades.delete, cascades.archive) = (rule.value.0, rule.value.0.on_archive());
    }
    if let Some(rules) = &written.lookup.cascade {
        if let Some(rule) = &rules.archive {
            cascades.archive = rule.value.0;
        }
        for (rule, place) in [
            (&rules.assign, &mut cascades.assign),
            (&rules.delete, &mut cascades.delete),
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
    if let Some(name) = &written.lookup.relationship {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    let named = |name: &str| Named { name: name.to_owned(), span: written.span.clone() };
    let to = match (&written.lookup.to, kind) {
        (_, ColumnType::Customer) => vec![named("account"), named("contact")],
        (Some(to), _) => to.items.iter().map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
        (None, _) => Vec::new(),
    };
    Lookup {
        to,
        relationship: written.lookup.relationship.value(),
        cascades,
        hierarchical: written.lookup.hierarchical.value().unwrap_or(false),
        extra: extra(written.relationship_xml.as_ref()),
    }
}
