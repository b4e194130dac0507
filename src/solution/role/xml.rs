//! A role in solution XML, packed (`<Roles><Role>` in `customizations.xml`) and unpacked (`Roles/*.xml`).
//!
//! The same element in both, in managed and unmanaged solutions alike. Written as servers since
//! 9.2.24 write it; with a chosen inheritance, as those up to 9.2.23 did, because no export holds both
//! `isinherited` and `IsAutoAssigned`.

use uuid::Uuid;

use super::model::{Role, Row};
use crate::catalog::Level;
use crate::diagnostic::Diagnostic;
use crate::guid;
use crate::manifest::package::role::Inheritance;
use crate::solution::xml::Element;

impl Role {
    /// The `<Role>` element. Each line but the first starts with `depth` times two spaces, lines end
    /// with `newline`; there is no newline at the end. Rows are written in the server's order.
    #[must_use]
    pub fn write_xml(&self, depth: usize, newline: &str) -> String {
        let indent = |more: usize| format!("{newline}{}", "  ".repeat(depth + more));
        let mut out = format!("<Role id=\"{}\" name=\"{}\"", guid::braced(self.id), escape(&self.name));
        if let Some(inheritance) = self.inheritance {
            out.push_str(match inheritance {
                Inheritance::Team => " isinherited=\"0\"",
                Inheritance::UserAndTeam => " isinherited=\"1\"",
            });
        }
        out.push('>');
        out.push_str(&indent(1));
        out.push_str("<IsCustomizable>1</IsCustomizable>");
        if self.inheritance.is_none() {
            out.push_str(&indent(1));
            out.push_str("<IsAutoAssigned>0</IsAutoAssigned>");
        }
        if let Some(description) = self.description.as_deref().filter(|text| !text.is_empty()) {
            out.push_str(&indent(1));
            out.push_str(&format!("<Description>{}</Description>", escape(description)));
        }
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_cached_key(|row| row.name.to_lowercase());
        out.push_str(&indent(1));
        if rows.is_empty() {
            out.push_str("<RolePrivileges />");
        } else {
            out.push_str("<RolePrivileges>");
            for row in rows {
                out.push_str(&indent(2));
                out.push_str(&format!("<RolePrivilege name=\"{}\" level=\"{}\" />", escape(&row.name), row.level));
            }
            out.push_str(&indent(1));
            out.push_str("</RolePrivileges>");
        }
        out.push_str(&indent(0));
        out.push_str("</Role>");
        out
    }

    /// Reads a `<Role>` element. `file` names where it stands, for findings, unless the element itself says so.
    ///
    /// # Errors
    /// Findings for all that cannot be understood.
    pub fn read(element: &Element, file: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let file = element.file.as_deref().unwrap_or(file);
        let wrong = |element: &Element, message: String| {
            Diagnostic::error("invalid-role", message).in_file(file, (element.line > 0).then_some((element.line, 1)))
        };
        let name = element.attribute("name").unwrap_or_default().to_owned();
        if name.is_empty() {
            findings.push(wrong(element, "a role without a `name`".into()));
        }
        let written = element.attribute("id").unwrap_or_default();
        let id = Uuid::try_parse(written).unwrap_or_else(|_| {
            findings.push(wrong(element, format!("role `{name}` has the id `{written}`, which is not a GUID")));
            Uuid::nil()
        });
        let inheritance = match element.attribute("isinherited") {
            Some("0") => Some(Inheritance::Team),
            Some("1") => Some(Inheritance::UserAndTeam),
            None => None,
            Some(other) => {
                let message = format!("role `{name}` has `isinherited=\"{other}\"`; 0 and 1 are known");
                findings.push(wrong(element, message));
                None
            }
        };
        let mut rows = Vec::new();
        let lists = element.elements().filter(|child| child.name == "RolePrivileges");
        for row in lists.flat_map(Element::elements).filter(|row| row.name == "RolePrivilege") {
            let level = row.attribute("level").map(|word| (word, Level::ALL.into_iter().find(|it| it.name() == word)));
            match (row.attribute("name"), level) {
                (Some(privilege), Some((_, Some(level)))) if !privilege.is_empty() => {
                    rows.push(Row::new(privilege, level));
                }
                (Some(privilege), Some((word, None))) => findings.push(wrong(
                    row,
                    format!("`{privilege}` has the level `{word}`; Basic, Local, Deep and Global are known"),
                )),
                (Some(privilege), None) => findings.push(wrong(row, format!("`{privilege}` has no `level`"))),
                _ => findings.push(wrong(row, format!("a privilege of role `{name}` has no `name`"))),
            }
        }
        if findings.is_empty() {
            let description = element.find("Description").map(Element::content).filter(|text| !text.is_empty());
            Ok(Self { id, name, description, inheritance, rows })
        } else {
            Err(findings)
        }
    }
}

/// Text for an element or an attribute. Characters that XML 1.0 cannot hold become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#xA;"),
            '\t' => out.push_str("&#x9;"),
            '\r' => out.push_str("&#xD;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::xml::parse;

    fn role() -> Role {
        Role {
            id: Uuid::from_u128(0x346c_8295_a669_f011_bec2_0022_4823_101f),
            name: "A & B \"<service>\"".into(),
            description: Some("reads, never writes".into()),
            inheritance: None,
            rows: vec![
                Row::new("prvReadcontoso_Widget", Level::Basic),
                Row::new("prvAppendToAccount", Level::Deep),
                Row::new("prvReadAccount", Level::Global),
            ],
        }
    }

    #[test]
    fn writes_what_servers_write() {
        insta::assert_snapshot!(role().write_xml(2, "\n"), @r#"
        <Role id="{346c8295-a669-f011-bec2-00224823101f}" name="A &amp; B &quot;&lt;service&gt;&quot;">
              <IsCustomizable>1</IsCustomizable>
              <IsAutoAssigned>0</IsAutoAssigned>
              <Description>reads, never writes</Description>
              <RolePrivileges>
                <RolePrivilege name="prvAppendToAccount" level="Deep" />
                <RolePrivilege name="prvReadAccount" level="Global" />
                <RolePrivilege name="prvReadcontoso_Widget" level="Basic" />
              </RolePrivileges>
            </Role>
        "#);
    }

    #[test]
    fn inheritance_is_written_only_when_chosen() {
        let chosen =
            Role { inheritance: Some(Inheritance::UserAndTeam), rows: Vec::new(), description: None, ..role() };
        let text = chosen.write_xml(0, "\r\n");
        assert!(
            text.contains(" isinherited=\"1\">") && text.contains("<RolePrivileges />") && !text.contains("IsAuto")
        );
    }

    #[test]
    fn reads_back_what_it_writes() {
        let mut written = role();
        written.sort();
        let text = written.write_xml(0, "\n");
        let element = parse(text.as_bytes(), "x").expect("XML");
        assert_eq!(Role::read(&element, "x"), Ok(written));
    }

    #[test]
    fn all_faults_of_a_role_are_told_at_once() {
        let text = "<Role name=\"R\" id=\"7\">\n<RolePrivileges><RolePrivilege name=\"prvReadAccount\" level=\"None\"/>\n\
            <RolePrivilege level=\"Global\"/></RolePrivileges></Role>";
        let element = parse(text.as_bytes(), "Roles/R.xml").expect("XML");
        let findings = Role::read(&element, "x").expect_err("faults");
        let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "Roles/R.xml:1:1: role `R` has the id `7`, which is not a GUID",
                "Roles/R.xml:2:1: `prvReadAccount` has the level `None`; Basic, Local, Deep and Global are known",
                "Roles/R.xml:3:1: a privilege of role `R` has no `name`",
            ]
        );
    }
}
