//! The matrix of a role in a terminal. Circles and letters say the same, so that it reads without
//! colour and on paper.

use super::matrix::{Matrix, right_title};
use super::plain_words::{look_twice, summary};
use crate::catalog::Right;

const NARROW: [&str; 8] = ["Cr", "Re", "Wr", "De", "Ap", "At", "As", "Sh"];

/// The matrix, a legend, what is unusual, and the role in plain words; lines end with `\n`.
#[must_use]
pub fn render_terminal(matrix: &Matrix, color: bool, width: usize) -> String {
    let style = |code: &str, text: &str| crate::text::style(color, code, text);
    let longest =
        matrix.groups.iter().flat_map(|group| &group.rows).map(|row| row.table.chars().count()).max().unwrap_or(0);
    // Words as headings need ten columns each; where the names leave no room for them, two letters do.
    let wide = longest.clamp(12, 28) + 3 + 8 * 10 <= width;
    let (cell, headings): (usize, Vec<&str>) =
        if wide { (10, Right::ALL.iter().map(|right| right_title(*right)).collect()) } else { (5, NARROW.to_vec()) };
    let name = longest.clamp(12, width.saturating_sub(8 * cell + 3).max(12));
    let mut out = String::new();
    if !matrix.groups.is_empty() {
        let heading = headings.iter().fold(String::new(), |line, text| line + &format!("{text:<cell$}"));
        out.push_str(&format!("{:name$}   {}\n", "", style("1", heading.trim_end())));
    }
    for group in &matrix.groups {
        out.push_str(&format!("{}\n", style("1", &group.title)));
        for row in &group.rows {
            let cells: String =
                row.cells.iter().map(|c| drawn(c.symbol, c.letter, c.unusual.is_some(), cell, color)).collect();
            out.push_str(&format!("  {} {}\n", fitted(&row.table, name), cells.trim_end()));
        }
    }
    if !matrix.groups.is_empty() {
        let narrow = if cell == 5 {
            "\n  Cr create  Re read  Wr write  De delete  Ap append  At append to  As assign  Sh share"
        } else {
            ""
        };
        out.push_str(&style(
            "2",
            &format!("  ○ none  ◔ U user  ◑ B business unit  ◕ P parent: child business units  ● O organization  – no such right{narrow}"),
        ));
        out.push('\n');
    }
    if !matrix.others.is_empty() {
        out.push_str(&format!("{}\n", style("1", "Privileges without a table")));
        for other in &matrix.others {
            let mark = if other.unusual.is_some() { style("33", "!") } else { " ".into() };
            let meaning = other.meaning.map(|meaning| format!(": {meaning}")).unwrap_or_default();
            out.push_str(&format!("  {mark} {} ({}){meaning}\n", other.name, other.text));
        }
    }
    let unusual = look_twice(matrix);
    if !unusual.is_empty() {
        out.push_str(&format!("{}\n", style("1;33", "! Look twice")));
        for line in unusual {
            out.push_str(&format!("  {line}\n"));
        }
    }
    let words = summary(matrix);
    if !words.is_empty() {
        out.push_str(&format!("{}\n", style("1", "In plain words, the role")));
        for line in words {
            out.push_str(&format!("  {line}\n"));
        }
    }
    out
}

fn drawn(symbol: char, letter: char, unusual: bool, cell: usize, color: bool) -> String {
    let mark = if unusual { '!' } else { ' ' };
    let text = format!("{symbol} {letter}{mark}");
    let pad = " ".repeat(cell.saturating_sub(4));
    let code = match (unusual, symbol) {
        (true, _) => "33",
        (false, '●' | '◕') => "36",
        (false, '○' | '–') => "2",
        _ => return format!("{text}{pad}"),
    };
    format!("{}{pad}", crate::text::style(color, code, &text))
}

/// Cut or padded to `width` characters.
fn fitted(text: &str, width: usize) -> String {
    if text.chars().count() > width {
        let cut: String = text.chars().take(width.saturating_sub(1)).collect();
        format!("{cut}…")
    } else {
        format!("{text:width$}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::matrix;
    use super::super::model::Row;
    use super::*;
    use crate::catalog::Level;

    fn example() -> Matrix {
        let rows = [
            ("prvReadAccount", Level::Global),
            ("prvWriteAccount", Level::Deep),
            ("prvReadcontoso_Widget", Level::Basic),
            ("prvCreatecontoso_Widget", Level::Local),
            ("prvReadTransactionCurrency", Level::Global),
            ("prvWriteRole", Level::Global),
            ("prvActOnBehalfOfAnotherUser", Level::Global),
        ];
        matrix(&rows.map(|(name, level)| Row::new(name, level)))
    }

    #[test]
    fn reads_without_colour() {
        insta::assert_snapshot!(render_terminal(&example(), false, 110));
    }

    #[test]
    fn fits_a_narrow_terminal() {
        let text = render_terminal(&example(), false, 60);
        let table: Vec<_> = text.lines().filter(|line| line.contains('○') || line.starts_with("   ")).collect();
        assert!(table.iter().filter(|line| !line.contains("none")).all(|line| line.chars().count() <= 60), "{text}");
        assert!(text.contains("Cr   Re   Wr"));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let plain = render_terminal(&example(), false, 110);
        let mut stripped = String::new();
        let mut escape = false;
        for character in render_terminal(&example(), true, 110).chars() {
            match (escape, character) {
                (false, '\x1b') => escape = true,
                (true, 'm') => escape = false,
                (false, other) => stripped.push(other),
                _ => {}
            }
        }
        let tidy = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(tidy(&stripped), tidy(&plain));
    }
}
