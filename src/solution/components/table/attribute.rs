//! `attribute`: one column. Elements and their usual values are those that custom columns have in
//! 9.2 exports; formatted memo columns are in the schema only.

use super::super::choice::option;
use super::super::extra::merge;
use super::super::labels::labels;
use super::order::ATTRIBUTE;
use crate::diagnostic::Diagnostic;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::table::column::{Column, Computed};
use crate::manifest::components::table::column_type::ColumnType;
use crate::solution::xml::Element;

/// What columns need to know of their table.
pub struct Around<'a> {
    /// The table's logical name.
    pub table: &'a str,
    /// The solution's version.
    pub version: &'a str,
    /// The base language.
    pub language: u32,
}

/// What every column has; the rest is placed into it.
pub(super) struct Base<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) required: &'a str,
    pub(super) mask: &'a str,
    pub(super) ime: &'a str,
    pub(super) update: bool,
    pub(super) create: bool,
    pub(super) custom: bool,
    pub(super) audited: bool,
    pub(super) logical: bool,
    pub(super) secured: bool,
    pub(super) source: &'a str,
    pub(super) auto_number: &'a str,
    /// Searchable, filterable, retrievable.
    pub(super) search: &'a str,
}

impl Base<'_> {
    pub(super) fn element(&self, around: &Around<'_>) -> Element {
        let digit = |flag: bool| if flag { "1" } else { "0" };
        let logical = self.name.to_ascii_lowercase();
        let mut element = Element::new("attribute").with("PhysicalName", self.name);
        let mut push = |name: &str, text: &str| element.push(Element::text(name, text));
        push("Type", self.kind);
        push("Name", &logical);
        push("LogicalName", &logical);
        push("RequiredLevel", self.required);
        if !self.mask.is_empty() {
            push("DisplayMask", self.mask);
        }
        push("ImeMode", self.ime);
        push("ValidForUpdateApi", digit(self.update));
        push("ValidForReadApi", "1");
        push("ValidForCreateApi", digit(self.create));
        push("IsCustomField", digit(self.custom));
        push("IsAuditEnabled", digit(self.audited));
        if self.logical {
            push("IsLogical", "1");
        }
        push("IsSecured", digit(self.secured));
        push("IntroducedVersion", around.version);
        push("IsCustomizable", "1");
        push("IsRenameable", "1");
        push("CanModifySearchSettings", "1");
        push("CanModifyRequirementLevelSettings", digit(self.kind != "primarykey"));
        push("CanModifyAdditionalSettings", "1");
        push("SourceType", self.source);
        push("IsGlobalFilterEnabled", "0");
        push("IsSortableEnabled", "0");
        push("CanModifyGlobalFilterSettings", "1");
        push("CanModifyIsSortableSettings", "1");
        push("IsDataSourceSecret", "0");
        push("AutoNumberFormat", self.auto_number);
        for (index, name) in ["IsSearchable", "IsFilterable", "IsRetrievable"].into_iter().enumerate() {
            push(name, self.search.get(index..=index).unwrap_or("0"));
        }
        push("IsLocalizable", "0");
        element
    }
}

pub(super) fn put(element: &mut Element, name: &str, text: &str) {
    ATTRIBUTE.place(element, Element::text(name, text));
}

pub(super) fn names(element: &mut Element, display: &Labels, description: Option<&Labels>, language: u32) {
    ATTRIBUTE.place(element, labels("displaynames", "displayname", display));
    let empty = Labels::one(language, "");
    ATTRIBUTE.place(element, labels("Descriptions", "Description", description.unwrap_or(&empty)));
}

pub(super) const SHOWN: &str = "ValidForAdvancedFind|ValidForForm|ValidForGrid";
const HIDDEN: &str = "ValidForForm|ValidForGrid";
const PRIMARY: &str = "PrimaryName|ValidForAdvancedFind|ValidForForm|ValidForGrid|RequiredForForm";

/// The `Type` of the XML, and the `ImeMode` that it has.
fn kind_of(kind: ColumnType) -> (&'static str, &'static str) {
    match kind {
        ColumnType::Text | ColumnType::TextArea | ColumnType::Email | ColumnType::Phone | ColumnType::Url => {
            ("nvarchar", "auto")
        }
        ColumnType::MultilineText | ColumnType::RichText => ("ntext", "auto"),
        ColumnType::WholeNumber => ("int", "disabled"),
        ColumnType::BigInt => ("bigint", "disabled"),
        ColumnType::Decimal => ("decimal", "auto"),
        ColumnType::Float => ("float", "auto"),
        ColumnType::Money => ("money", "auto"),
        ColumnType::Boolean => ("bit", "auto"),
        ColumnType::DateTime | ColumnType::Date => ("datetime", "auto"),
        ColumnType::Choice => ("picklist", "auto"),
        ColumnType::MultiSelect => ("multiselectpicklist", "auto"),
        ColumnType::Lookup => ("lookup", "auto"),
        ColumnType::Customer => ("customer", "auto"),
        ColumnType::Image => ("image", "disabled"),
        ColumnType::File => ("file", "disabled"),
        ColumnType::UniqueIdentifier => ("uniqueidentifier", "auto"),
    }
}

/// A declared column; `primary` is the one that names a row, `first_image` the first image of the table.
pub fn declared(
    column: &Column,
    primary: bool,
    first_image: bool,
    around: &Around<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Element {
    let (kind, ime) = kind_of(column.kind);
    let computed = column.computed.is_some();
    let file = column.kind == ColumnType::File;
    let image = column.kind == ColumnType::Image;
    let mask = match column.kind {
        ColumnType::BigInt => "",
        ColumnType::UniqueIdentifier => "ValidForGrid",
        ColumnType::File => HIDDEN,
        ColumnType::Image if first_image => "DenormalizedChild|PrimaryImage|ValidForForm|ValidForGrid",
        ColumnType::Image => "DenormalizedChild|ValidForForm|ValidForGrid",
        _ if primary => PRIMARY,
        _ if column.searchable => SHOWN,
        _ => HIDDEN,
    };
    let mut element = Base {
        name: &column.name,
        kind,
        required: column.required,
        mask,
        ime,
        update: !computed && !file,
        create: !computed && !file,
        custom: true,
        audited: column.auditing && !computed && column.kind != ColumnType::BigInt,
        logical: image,
        secured: column.secured,
        source: match column.computed {
            None => "0",
            Some(Computed::Calculation(..)) => "1",
            Some(Computed::Rollup(..)) => "2",
            Some(Computed::Formula(_)) => "3",
        },
        auto_number: &column.auto_number,
        search: if primary { "101" } else { "000" },
    }
    .element(around);
    of_type(&mut element, column, around);
    if let Some(name) = &column.external_name {
        put(&mut element, "ExternalName", name);
    }
    names(&mut element, &column.display_name, column.description.as_ref(), around.language);
    if let Some(computed) = &column.computed {
        put(&mut element, "FormulaDefinitionFileName", &format!("/{}", formula_file(column, computed, around.table)));
    }
    merge(&mut element, &column.extra, &ATTRIBUTE, findings);
    element
}

/// The part that contains a column's formula, without the leading `/`.
pub fn formula_file(column: &Column, computed: &Computed, table: &str) -> String {
    match computed {
        Computed::Formula(_) => format!("Formulas/{table}-FormulaDefinitions.yaml"),
        _ => format!("Formulas/{table}-{}.xaml", column.logical()),
    }
}

fn of_type(element: &mut Element, column: &Column, around: &Around<'_>) {
    let text = |value: &Option<String>, default: &str| value.clone().unwrap_or_else(|| default.to_owned());
    let format = |default: &str| column.format.clone().unwrap_or_else(|| default.to_owned());
    let length = |default: u32| column.max_length.unwrap_or(default);
    match column.kind {
        ColumnType::Text | ColumnType::TextArea | ColumnType::Email | ColumnType::Phone | ColumnType::Url => {
            let word = match column.kind {
                ColumnType::TextArea => "textarea",
                ColumnType::Email => "email",
                ColumnType::Phone => "phone",
                ColumnType::Url => "url",
                _ => "text",
            };
            put(element, "Format", &format(word));
            put(element, "MaxLength", &length(100).to_string());
            put(element, "Length", &length(100).saturating_mul(2).to_string());
        }
        ColumnType::MultilineText | ColumnType::RichText => {
            let rich = column.kind == ColumnType::RichText;
            put(element, "Format", &format(if rich { "richtext" } else { "text" }));
            put(element, "MaxLength", &length(if rich { 100_000 } else { 2000 }).to_string());
        }
        ColumnType::WholeNumber => {
            put(element, "Format", &format("none"));
            put(element, "MinValue", &text(&column.min, "-2147483648"));
            put(element, "MaxValue", &text(&column.max, "2147483647"));
        }
        ColumnType::Decimal | ColumnType::Float => {
            put(element, "MinValue", &text(&column.min, "-100000000000"));
            put(element, "MaxValue", &text(&column.max, "100000000000"));
            put(element, "Accuracy", &column.precision.unwrap_or(2).to_string());
        }
        ColumnType::Money => money(element, column),
        ColumnType::Boolean => {
            put(element, "AppDefaultValue", column.default.as_deref().unwrap_or("0"));
            ATTRIBUTE.place(element, option_set(column, "bit", around));
        }
        ColumnType::DateTime | ColumnType::Date => {
            put(element, "Format", &format(if column.kind == ColumnType::Date { "date" } else { "datetime" }));
            put(element, "CanChangeDateTimeBehavior", "1");
            put(element, "Behavior", &column.behavior.to_string());
        }
        ColumnType::Choice | ColumnType::MultiSelect => {
            if column.kind == ColumnType::Choice {
                put(element, "AppDefaultValue", column.default.as_deref().unwrap_or("-1"));
            }
            match &column.choice {
                Some(choice) => put(element, "OptionSetName", &choice.name),
                None => ATTRIBUTE.place(element, option_set(column, "picklist", around)),
            }
        }
        ColumnType::Lookup => {
            put(element, "LookupStyle", "single");
            ATTRIBUTE.place(element, Element::new("LookupTypes"));
        }
        ColumnType::Image => {
            put(element, "Format", "jpeg");
            // The server's fixed length of a thumbnail: all seven real ones have it.
            put(element, "MaxLength", "9437328");
            put(element, "MaxValue", &column.max_size.unwrap_or(10_240).to_string());
        }
        ColumnType::File => put(element, "MaxValue", &column.max_size.unwrap_or(32_768).to_string()),
        ColumnType::BigInt | ColumnType::Customer | ColumnType::UniqueIdentifier => {}
    }
}

fn money(element: &mut Element, column: &Column) {
    let text = |value: &Option<String>, default: &str| value.clone().unwrap_or_else(|| default.to_owned());
    put(element, "MinValue", &text(&column.min, "-922337203685477"));
    put(element, "MaxValue", &text(&column.max, "922337203685477"));
    put(element, "Accuracy", &column.precision.unwrap_or(2).to_string());
    // 0: the column's own precision; 2: that of the currency.
    put(element, "AccuracySource", if column.precision.is_some() { "0" } else { "2" });
}

fn option_set(column: &Column, kind: &str, around: &Around<'_>) -> Element {
    let empty = Labels::one(around.language, "");
    let mut options = Element::new("options");
    for each in &column.options {
        options.push(option(each));
    }
    Element::new("optionset")
        .with("Name", format!("{}_{}", around.table, column.logical()))
        .child(Element::text("OptionSetType", kind))
        .child(Element::text("IntroducedVersion", around.version))
        .child(Element::text("IsCustomizable", "1"))
        .child(Element::text("ExternalTypeName", ""))
        .child(labels("displaynames", "displayname", &column.display_name))
        .child(labels("Descriptions", "Description", column.description.as_ref().unwrap_or(&empty)))
        .child(options)
}

/// The column in the base currency that belongs to a column of money.
pub fn money_base(column: &Column, around: &Around<'_>) -> Element {
    // Dataverse spells the name so: the logical name and `_Base`.
    let name = format!("{}_Base", column.logical());
    let mut element = Base {
        name: &name,
        kind: "money",
        required: "none",
        mask: if column.searchable { SHOWN } else { HIDDEN },
        ime: "disabled",
        update: false,
        create: false,
        custom: true,
        audited: column.auditing,
        logical: false,
        secured: false,
        source: "0",
        auto_number: "",
        search: "000",
    }
    .element(around);
    money(&mut element, column);
    put(&mut element, "CalculationOf", &column.logical());
    let description = column.display_name.map(|text| format!("{text} in the base currency."));
    names(&mut element, &column.display_name.map(|text| format!("{text} (Base)")), Some(&description), around.language);
    element
}
