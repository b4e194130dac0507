//! Texts of others in Markdown, and lists.

/// Text in Markdown that can neither end a table's cell nor add markup.
#[must_use]
pub fn cell(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ");
    text.replace('<', "&lt;").replace('[', "\\[").replace('!', "\\!")
}

/// A list under a heading, in Markdown; nothing if it is empty.
pub fn list(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        text.push_str(&format!("\n## {title}\n\n"));
        text.extend(lines.iter().map(|line| format!("- {}\n", cell(line))));
    }
}
