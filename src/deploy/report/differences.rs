//! What differs, and who mends it, as text and as Markdown.

use super::{Paint, cell};
use crate::deploy::difference::{Check, Difference, Mender};
use crate::text::one_line;

/// What was compared as people read it: what is as it should be, then what is not.
#[must_use]
pub fn comparison_text(checks: &[Check], differences: &[Difference], color: bool) -> String {
    let paint = Paint(color);
    let good = checks.iter().filter(|check| check.ok);
    let mut text: String = good
        .map(|check| format!("  {}  {}: {}\n", paint.green("ok     "), one_line(&check.what), one_line(&check.found)))
        .collect();
    text.push_str(&differences_text(differences, color));
    text
}

/// What differs: a line each, and below those that have it in common, who mends it and how.
#[must_use]
pub fn differences_text(differences: &[Difference], color: bool) -> String {
    let paint = Paint(color);
    let mut text = String::new();
    for (index, difference) in differences.iter().enumerate() {
        text.push_str(&format!("  {}  {}\n", paint.red("differs"), one_line(&difference.to_string())));
        if differences.get(index + 1).is_some_and(|next| next.mended_by == difference.mended_by) {
            continue;
        }
        match &difference.mended_by {
            Mender::Step { step } => {
                text.push_str(&format!("           `dvpack apply` mends it: {}\n", one_line(step)));
            }
            Mender::Person { who, why, how } => {
                text.push_str(&format!("           `dvpack apply` does not mend it: {}\n", one_line(why)));
                text.push_str(&format!("           {who} can: {}\n", one_line(how)));
            }
        }
    }
    text
}

/// The same as a table.
pub(super) fn differences_markdown(differences: &[&Difference]) -> String {
    let mut text = String::new();
    if !differences.is_empty() {
        text.push_str("\n| Differs, and apply does not mend it | Found | Wanted | Who can mend it, and how |\n|---|---|---|---|\n");
    }
    for difference in differences {
        let what = format!("{}, {}", difference.place, difference.what);
        let mender = difference.mended_by.to_string();
        let row = [what.as_str(), &difference.found, &difference.wanted, &mender].map(cell).join(" | ");
        text.push_str(&format!("| {row} |\n"));
    }
    text
}
