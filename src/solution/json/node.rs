//! A value with all of its members, and what readers differ on in it.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::shape::{Shape, is_at};

/// How many members are named on which readers differ.
const MOST_FINDINGS: usize = 50;

/// How much of a member's path is shown.
const LONGEST_PATH: usize = 200;

/// A value with all of its members, also those that are there twice.
pub(super) enum Node {
    Leaf(Value),
    List(Vec<Node>),
    Members(Vec<(String, Node)>),
}

impl Node {
    /// As a value; what readers differ on is added to `ambiguous`.
    pub(super) fn value(self, path: &mut Vec<String>, shape: Shape, ambiguous: &mut Vec<String>) -> Value {
        match self {
            Self::Leaf(value) => value,
            Self::List(items) => {
                let mut list = Vec::new();
                for (at, item) in items.into_iter().enumerate() {
                    path.push(at.to_string());
                    list.push(item.value(path, shape, ambiguous));
                    path.pop();
                }
                Value::Array(list)
            }
            Self::Members(members) => {
                judge(&members, path, shape, ambiguous);
                let mut map = Map::new();
                for (name, member) in members {
                    path.push(name);
                    let value = member.value(path, shape, ambiguous);
                    map.insert(path.pop().unwrap_or_default(), value);
                }
                Value::Object(map)
            }
        }
    }
}

/// A path, of which the beginning is enough.
pub(super) fn shown<'a>(steps: impl Iterator<Item = &'a str>) -> String {
    let (mut out, mut left) = (String::new(), LONGEST_PATH);
    for step in steps {
        let length = step.chars().take(left + 1).count();
        if length > left {
            out.extend(step.chars().take(left));
            return out + "…";
        }
        left -= length;
        out.push_str(step);
        out.push('.');
    }
    out.pop();
    out
}

/// Compares the names of an object's members with one another and with those that readers know.
fn judge(members: &[(String, Node)], path: &[String], shape: Shape, ambiguous: &mut Vec<String>) {
    if ambiguous.len() >= MOST_FINDINGS {
        return;
    }
    let shown = |name: &str| shown(path.iter().map(String::as_str).chain([name]));
    let known = shape.iter().find(|(place, _)| is_at(place, path)).map(|(_, known)| *known);
    let (mut met, mut folded) = (BTreeSet::new(), BTreeSet::new());
    for (name, _) in members {
        if ambiguous.len() >= MOST_FINDINGS {
            break;
        }
        let is_new = folded.insert(name.to_lowercase());
        if !met.insert(name.as_str()) {
            ambiguous.push(format!("`{}` is there twice", shown(name)));
        } else if let Some(known) = known {
            let spelt = known.iter().find(|it| it.eq_ignore_ascii_case(name));
            match spelt {
                Some(spelt) if spelt != name => ambiguous.push(format!("`{}` is spelled `{spelt}`", shown(name))),
                _ if !is_new => ambiguous.push(format!("`{}` is there in another case, too", shown(name))),
                _ => {}
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            members.push(entry);
        }
        Ok(Node::Members(members))
    }
}
