//! A difference for people: in a terminal, and as Markdown for a pull request.

use super::columns::ProfileChange;
use super::difference::{ComponentChange, Difference};
use super::roles::{PrivilegeChange, RoleChange};
use super::values::ValueChange;
use crate::catalog::Level;
use crate::solution::deletion::by_solution;
use crate::text::one_line;

fn level(level: Option<Level>) -> &'static str {
    level.map_or("none", Level::name)
}

/// A role's name, with its GUID if another role has the same name.
fn called(role: &RoleChange) -> String {
    let name = &role.name;
    if role.shares_name { format!("{name} ({})", role.id) } else { name.clone() }
}

/// The lists of a role in the order that a reviewer reads them, each with its mark and heading.
fn lists(role: &RoleChange) -> [(&'static str, &'static str, &[PrivilegeChange]); 4] {
    [
        ("+", "gained", &role.gained),
        ("▲", "deepened", &role.deepened),
        ("▼", "reduced", &role.reduced),
        ("-", "lost", &role.lost),
    ]
}

fn levels(change: &PrivilegeChange) -> String {
    match (change.old, change.new) {
        (None, new) => level(new).to_owned(),
        (old, None) => level(old).to_owned(),
        (old, new) => format!("{} → {}", level(old), level(new)),
    }
}

/// How many values of a component people are shown, and of all components together.
const MOST: usize = 30;
const MOST_IN_ALL: usize = 5_000;

/// With every text that is not dvpack's own on one line: none can pass for a line of dvpack's. Of the values of components
/// only the first are left.
fn on_lines(difference: &Difference) -> Difference {
    let mut difference = difference.clone();
    let mut left = MOST_IN_ALL;
    for component in &mut difference.components {
        let (all, most) = (component.details.len(), MOST.min(left));
        component.details.truncate(most);
        component.more_details += all - component.details.len();
        left -= component.details.len();
    }
    difference.with_texts(&|text| one_line(text).into_owned())
}

/// For a terminal; lines end with `\n`.
#[must_use]
pub fn human(difference: &Difference, color: bool) -> String {
    let difference = &on_lines(difference);
    let style = |code: &str, text: &str| crate::text::style(color, code, text);
    let mut out = format!("{} → {}\n", difference.old, difference.new);
    if difference.is_empty() {
        out.push_str("no difference\n");
        return out;
    }
    if !difference.deviations.is_empty() {
        out.push_str(&format!("\n{}\n", style("1;33", "Readers could take this in different ways")));
        out.extend(difference.deviations.iter().map(|it| format!("  ! {it}\n")));
    }
    for role in &difference.roles {
        let renamed = role.renamed_from.as_ref().map(|name| format!(", before `{name}`")).unwrap_or_default();
        out.push_str(&format!("\n{} ({}{renamed})\n", style("1", &format!("Role {}", called(role))), role.change));
        for (mark, heading, changes) in lists(role) {
            let code = if matches!(heading, "gained" | "deepened") { "1;33" } else { "32" };
            for change in changes {
                let line = format!("{mark} {heading:<8} {} ({})", change.title, levels(change));
                out.push_str(&format!("  {}\n", style(code, &line)));
                if let Some(unusual) = &change.unusual {
                    out.push_str(&format!("    ! {unusual}\n"));
                }
            }
        }
        for change in &role.properties {
            out.push_str(&format!("  ~ {}: {}\n", change.name, arrow(change)));
        }
    }
    for profile in &difference.column_security.profiles {
        let heading = style("1", &format!("Column security profile {}", profile.name));
        out.push_str(&format!("\n{heading} ({}{})\n", profile.change, before(profile)));
        for (mark, heading, code, rights) in
            [("+", "gained", "1;33", &profile.gained), ("-", "lost", "32", &profile.lost)]
        {
            for it in rights {
                let line = format!("{mark} {heading:<8} {} on {}", it.right, it.column);
                out.push_str(&format!("  {}\n", style(code, &line)));
            }
        }
    }
    let secured = &difference.column_security;
    if !secured.secured.is_empty() || !secured.unsecured.is_empty() {
        out.push_str(&format!("\n{}\n", style("1", "Secured columns")));
        for (code, line, columns) in
            [("1;33", "! no longer secured", &secured.unsecured), ("32", "+ secured", &secured.secured)]
        {
            for column in columns {
                out.push_str(&format!("  {}\n", style(code, &format!("{line}: {column}"))));
            }
        }
    }
    if !difference.gains.is_empty() {
        out.push_str(&format!("\n{}\n", style("1", "Gained besides the privileges of roles")));
        out.extend(difference.gains.iter().map(|it| format!("  {}\n", style("1;33", &format!("+ {it}")))));
    }
    if !difference.components.is_empty() {
        out.push_str(&format!("\n{}\n", style("1", "Components")));
        for change in &difference.components {
            let mark = mark(change.change);
            out.push_str(&format!("  {mark} {:<8} {}: {}\n", change.change, change.kind, change.name));
            out.extend(change.details.iter().map(|it| format!("      {}: {}\n", it.name, arrow(it))));
            if let Some(more) = more(change) {
                out.push_str(&format!("      {more}\n"));
            }
        }
    }
    for (solution, words, all) in by_solution(&difference.deletions) {
        out.push_str(&format!("\n{}\n", style("1;31", &format!("An upgrade of {solution} {words}"))));
        out.extend(all.iter().map(|it| format!("  - {it}\n")));
    }
    for (heading, values) in lists_of_values(difference) {
        if !values.is_empty() {
            out.push_str(&format!("\n{}\n", style("1", heading)));
            for change in values {
                out.push_str(&format!("  {}: {}\n", change.name, arrow(change)));
            }
        }
    }
    out.push('\n');
    out.push_str(&if !difference.deviations.is_empty() {
        style("1;33", "whether privileges were gained is not known: a reviewer must approve this")
    } else if difference.gained {
        style("1;33", &format!("{} gained: a reviewer must approve this", gains(difference)))
    } else {
        "no privilege was gained".to_owned()
    });
    out.push('\n');
    out
}

/// The lists of values, with their headings.
fn lists_of_values(difference: &Difference) -> [(&'static str, &[ValueChange]); 3] {
    [("What acts, and how", &difference.acting), ("Settings", &difference.settings), ("Release", &difference.facts)]
}

/// What was gained, in words with their verb.
fn gains(difference: &Difference) -> String {
    let kinds = [
        (difference.roles.iter().any(RoleChange::is_gain), "privileges"),
        (difference.column_security.is_gain(), "access to columns"),
        (!difference.gains.is_empty(), "rights of the application user or of what acts"),
    ];
    let gained: Vec<&str> = kinds.into_iter().filter_map(|(is_gained, what)| is_gained.then_some(what)).collect();
    let verb = if gained == ["access to columns"] { "was" } else { "were" };
    match gained.split_last() {
        Some((last, [])) => format!("{last} {verb}"),
        Some((last, others)) => format!("{} and {last} {verb}", others.join(", ")),
        None => format!("privileges {verb}"),
    }
}

fn before(profile: &ProfileChange) -> String {
    profile.renamed_from.as_ref().map(|name| format!(", before `{name}`")).unwrap_or_default()
}

/// How many more values of a component differ, in words.
fn more(change: &ComponentChange) -> Option<String> {
    let and = if change.details.is_empty() { "" } else { "and " };
    (change.more_details > 0).then(|| format!("{and}{} more", change.more_details))
}

fn mark(change: &str) -> char {
    match change {
        "added" => '+',
        "removed" => '-',
        _ => '~',
    }
}

fn arrow(change: &ValueChange) -> String {
    let shown = |value: Option<&String>| value.map_or_else(|| "(nothing)".to_owned(), Clone::clone);
    format!("{} → {}", shown(change.old.as_ref()), shown(change.new.as_ref()))
}

/// Markdown for a pull-request comment.
#[must_use]
pub fn markdown(difference: &Difference) -> String {
    let difference = &on_lines(difference);
    let mut out = format!("## {} → {}\n\n", cell(&difference.old), cell(&difference.new));
    out.push_str(&if !difference.deviations.is_empty() {
        "> [!WARNING]\n> **Whether privileges were gained is not known.** A reviewer must approve this.\n".to_owned()
    } else if difference.gained {
        let gains = gains(difference);
        let (first, rest) = gains.split_at(1);
        let it = if gains.ends_with("was") { "it" } else { "them" };
        format!("> [!WARNING]\n> **{}{rest} gained.** A reviewer must approve {it}.\n", first.to_uppercase())
    } else if difference.is_empty() {
        "No difference.\n".to_owned()
    } else {
        "No privilege was gained.\n".to_owned()
    });
    if !difference.deviations.is_empty() {
        out.push_str("\n### Readers could take this in different ways\n\n");
        out.extend(difference.deviations.iter().map(|it| format!("- {}\n", cell(it))));
    }
    for role in &difference.roles {
        let renamed = role.renamed_from.as_ref().map(|name| format!(", before “{}”", cell(name))).unwrap_or_default();
        out.push_str(&format!("\n### Role {} ({}{renamed})\n\n", cell(&called(role)), role.change));
        for change in &role.properties {
            out.push_str(&format!("- {}: {}\n", cell(&change.name), cell(&arrow(change))));
        }
        if lists(role).iter().all(|(.., changes)| changes.is_empty()) {
            continue;
        }
        out.push_str("| | Privilege | Before | Now | Look twice |\n|---|---|---|---|---|\n");
        for (mark, heading, changes) in lists(role) {
            let strong = if matches!(heading, "gained" | "deepened") { "**" } else { "" };
            for change in changes {
                out.push_str(&format!(
                    "| {mark} {strong}{heading}{strong} | {} (`{}`) | {} | {} | {} |\n",
                    cell(&change.title),
                    code(&change.privilege),
                    level(change.old),
                    level(change.new),
                    cell(change.unusual.as_deref().unwrap_or_default())
                ));
            }
        }
    }
    for profile in &difference.column_security.profiles {
        out.push_str(&format!(
            "\n### Column security profile {} ({}{})\n\n",
            cell(&profile.name),
            profile.change,
            cell(&before(profile))
        ));
        for (words, rights) in [("**gained**", &profile.gained), ("lost", &profile.lost)] {
            out.extend(rights.iter().map(|it| format!("- {words}: {} on {}\n", cell(&it.right), cell(&it.column))));
        }
    }
    let secured = &difference.column_security;
    if !secured.secured.is_empty() || !secured.unsecured.is_empty() {
        out.push_str("\n### Secured columns\n\n");
        out.extend(secured.unsecured.iter().map(|it| format!("- **no longer secured**: {}\n", cell(it))));
        out.extend(secured.secured.iter().map(|it| format!("- secured: {}\n", cell(it))));
    }
    if !difference.gains.is_empty() {
        out.push_str("\n### Gained besides the privileges of roles\n\n");
        out.extend(difference.gains.iter().map(|it| format!("- **{}**\n", cell(it))));
    }
    for (solution, words, all) in by_solution(&difference.deletions) {
        out.push_str(&format!("\n### An upgrade of {} {words}\n\n", cell(solution)));
        out.extend(all.iter().map(|it| format!("- {}\n", cell(&it.to_string()))));
    }
    if !difference.components.is_empty() {
        out.push_str("\n### Components\n\n| | Kind | Name |\n|---|---|---|\n");
        for change in &difference.components {
            out.push_str(&format!(
                "| {} {} | {} | {} |\n",
                mark(change.change),
                change.change,
                cell(&change.kind),
                cell(&change.name)
            ));
        }
        for change in difference.components.iter().filter(|it| !it.details.is_empty() || it.more_details > 0) {
            out.push_str(&format!("\n{}: {}\n\n", cell(&change.kind), cell(&change.name)));
            out.extend(change.details.iter().map(|it| format!("- {}: {}\n", cell(&it.name), cell(&arrow(it)))));
            out.extend(more(change).map(|more| format!("- {more}\n")));
        }
    }
    for (heading, values) in lists_of_values(difference) {
        if !values.is_empty() {
            out.push_str(&format!("\n### {heading}\n\n| Name | Before | Now |\n|---|---|---|\n"));
            for change in values {
                let shown = |value: &Option<String>| value.as_deref().map_or_else(|| "–".to_owned(), cell);
                out.push_str(&format!(
                    "| {} | {} | {} |\n",
                    cell(&change.name),
                    shown(&change.old),
                    shown(&change.new)
                ));
            }
        }
    }
    out
}

/// Text between backticks in a table's cell.
fn code(text: &str) -> String {
    let is_unfit = |c: char| c.is_control() || matches!(c, '`' | '|' | '\\');
    text.chars().map(|c| if is_unfit(c) { '\u{fffd}' } else { c }).collect()
}

/// Text that cannot end a table's cell, start a link or be read as HTML or a mention.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("@\u{200b}"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(character);
            }
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_write_into_the_comment_around_them() {
        assert_eq!(cell("Über alles 1.0"), "Über alles 1.0");
        assert_eq!(
            cell("a|b\n# c <img> &amp; @team `x` [y](z)\u{1b}[2J"),
            "a\\|b \\# c &lt;img&gt; &amp;amp; @\u{200b}team \\`x\\` \\[y\\](z)\u{fffd}\\[2J"
        );
    }

    #[test]
    fn what_came_and_what_went_have_their_marks() {
        assert_eq!(["added", "removed", "changed"].map(mark), ['+', '-', '~']);
    }
}
