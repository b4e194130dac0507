//! What acts among the records: custom APIs, agents, and everything else that names a script or a page.

use super::act::{ACCESS, Act, NOBODY_ASKED, NOT_SAID, PRIVILEGE};
use super::opens;
use crate::solution::components::Parts;
use crate::solution::profile::is_record;
use crate::solution::xml::{self, Element};

/// What acts among the parts.
pub(in crate::solution::contents) fn of_records(parts: &Parts) -> Vec<Act> {
    let mut found = Vec::new();
    for (name, bytes) in parts {
        let lower = name.to_lowercase();
        let is_in = |folder: &str, file: &str| {
            lower.starts_with(folder) && lower.ends_with(file) && lower.matches('/').count() == 2
        };
        let (is_api, is_agent) = (is_in("customapis/", "/customapi.xml"), is_in("bots/", "/bot.xml"));
        let is_xml = name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("xml"));
        let may_run = is_xml && opens::may_be_in(bytes) && is_record(name, bytes);
        if !is_api && !is_agent && !may_run {
            continue;
        }
        let Ok(root) = xml::parse(bytes, name) else { continue };
        if is_api {
            found.push(custom_api(&root));
        }
        if is_agent {
            found.push(agent(&root));
        }
        if may_run {
            found.extend(opens::of_record(name.rsplit_once('/').map_or(name, |(folder, _)| folder), &root));
        }
    }
    found
}

fn custom_api(root: &Element) -> Act {
    let called = root.attribute("uniquename").unwrap_or_default();
    let mut act = Act::new("custom API", called, None);
    act.leaves(root, "customapis/*/customapi.xml", &["uniquename", "statecode", "statuscode"]);
    for lookup in root.elements().filter(|child| child.elements().next().is_some()) {
        // Labels have a language; the others name a record.
        if !["displayname", "description"].contains(&lookup.name.as_str()) {
            let all = lookup.elements().map(|child| child.content().trim().to_owned());
            act.add(&lookup.name, &all.collect::<Vec<_>>().join(", "));
        }
    }
    if !act.facts.iter().any(|fact| fact.name == PRIVILEGE) {
        act.add(PRIVILEGE, NOBODY_ASKED);
    }
    act
}

/// An agent of Copilot Studio, with the facts that say who may talk to it. No available source explains the numbers.
fn agent(root: &Element) -> Act {
    let mut act = Act::new("agent", root.attribute("schemaname").unwrap_or_default(), None);
    for name in ACCESS {
        let value = root.child_text(name).filter(|text| !text.trim().is_empty());
        if value.is_some() || name != ACCESS[3] {
            act.add(name, value.as_deref().unwrap_or(NOT_SAID));
        }
    }
    act
}
