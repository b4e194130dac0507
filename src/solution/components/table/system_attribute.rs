//! `attribute` of the columns that Dataverse gives a table: its key, its status, and those of the catalog.

use super::super::labels::labels;
use super::attribute::{Around, Base, SHOWN, names, put};
use super::order::ATTRIBUTE;
use crate::catalog::SystemColumn;
use crate::manifest::components::choice::ChoiceOption;
use crate::manifest::components::labels::Labels;
use crate::solution::xml::Element;

/// The column that identifies a row.
pub fn primary_key(name: &str, display: &Labels, around: &Around<'_>) -> Element {
    let mut element = Base {
        name,
        kind: "primarykey",
        required: "systemrequired",
        mask: "ValidForAdvancedFind|RequiredForGrid",
        ime: "auto",
        update: false,
        create: true,
        custom: false,
        audited: false,
        logical: false,
        secured: false,
        source: "0",
        auto_number: "",
        search: "011",
    }
    .element(around);
    let description = Labels::one(around.language, "Unique identifier of the row.");
    names(&mut element, display, Some(&description), around.language);
    element
}

/// A column that Dataverse gives the table.
pub fn system(column: &SystemColumn, around: &Around<'_>) -> Element {
    let mut element = Base {
        name: column.name,
        kind: column.kind,
        required: column.required,
        mask: column.mask,
        ime: column.ime,
        update: column.writable.starts_with('1'),
        create: column.writable.ends_with('1'),
        custom: false,
        audited: column.audited == "1",
        logical: column.logical,
        secured: false,
        source: "0",
        auto_number: "",
        search: column.search,
    }
    .element(around);
    for (name, text) in &column.rest {
        put(&mut element, name, text);
    }
    if matches!(column.kind, "lookup" | "owner" | "partylist") {
        let mut types = Element::new("LookupTypes");
        if column.kind == "owner" {
            // Users and teams, by object type code.
            for code in ["8", "9"] {
                let id = "00000000-0000-0000-0000-000000000000";
                types.push(Element::text("LookupType", code).with("id", id));
            }
        }
        ATTRIBUTE.place(&mut element, types);
    }
    let description = Labels::one(around.language, column.description);
    names(&mut element, &Labels::one(around.language, column.display), Some(&description), around.language);
    element
}

/// `statecode` and `statuscode`.
pub fn status(display: &Labels, reasons: &[ChoiceOption], around: &Around<'_>) -> [Element; 2] {
    let mut all: Vec<(i32, u8, Labels, Option<Labels>)> = [(1, 0, "Active"), (2, 1, "Inactive")]
        .map(|(value, state, label)| (value, state, Labels::one(around.language, label), None))
        .into();
    for reason in reasons {
        let made = (reason.value, reason.state, reason.label.clone(), reason.description.clone());
        match all.iter_mut().find(|(value, ..)| *value == reason.value) {
            Some(known) => *known = made,
            None => all.push(made),
        }
    }
    let mut states = Element::new("states");
    for (value, status, label) in [("0", "1", "Active"), ("1", "2", "Inactive")] {
        let mut state = Element::new("state").with("value", value).with("defaultstatus", status);
        state.set_attribute("invariantname", label);
        states.push(state.child(labels("labels", "label", &Labels::one(around.language, label))));
    }
    let mut statuses = Element::new("statuses");
    for (value, state, label, description) in all {
        let mut status = Element::new("status").with("value", value.to_string()).with("state", state.to_string());
        status.push(labels("labels", "label", &label));
        if let Some(description) = description {
            status.push(labels("Descriptions", "Description", &description));
        }
        statuses.push(status);
    }
    let make = |name: &str, kind: &str, shown: &str, text: &str, options: Element| {
        let state = kind == "state";
        let mut element = Base {
            name,
            kind,
            required: if state { "systemrequired" } else { "none" },
            mask: SHOWN,
            ime: "auto",
            update: true,
            create: !state,
            custom: false,
            audited: true,
            logical: false,
            secured: false,
            source: "0",
            auto_number: "",
            search: if state { "010" } else { "000" },
        }
        .element(around);
        let description = display.map(|table| format!("{text}: {table}"));
        let shown = Labels::one(around.language, shown);
        let set = Element::new("optionset")
            .with("Name", format!("{}_{name}", around.table))
            .child(Element::text("OptionSetType", kind))
            .child(Element::text("IntroducedVersion", around.version))
            .child(Element::text("IsCustomizable", "1"))
            .child(labels("displaynames", "displayname", &shown))
            .child(labels("Descriptions", "Description", &description))
            .child(options);
        ATTRIBUTE.place(&mut element, set);
        names(&mut element, &shown, Some(&description), around.language);
        element
    };
    [
        make("statecode", "state", "Status", "Status", states),
        make("statuscode", "status", "Status Reason", "Reason of the status", statuses),
    ]
}
