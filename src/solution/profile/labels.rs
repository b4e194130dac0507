//! Texts by language, and what an element says in two places: each language once, and the shown text is the one
//! that Dataverse uses.

use std::collections::{HashMap, HashSet};

use super::names::same_word;
use super::row::Form;
use super::table::table;
use super::walk::Walk;
use crate::solution::xml::Element;

/// The attribute with a label's language, in whatever spelling.
fn language_of(element: &Element) -> Option<(&str, &str)> {
    let known = &table().label_languages;
    let found = element.attributes.iter().find(|(name, _)| known.iter().any(|it| it.eq_ignore_ascii_case(name)));
    found.map(|(name, value)| (name.as_str(), value.as_str()))
}

/// Whether an element is a list of labels. What has a language elsewhere makes no list of its parent.
fn is_list(element: &Element) -> bool {
    let is_label = |child: &Element| language_of(child).is_some() && is_localized(element, child);
    language_of(element).is_none() && element.elements().any(is_label)
}

/// Whether there are labels with languages.
fn is_localized(element: &Element, child: &Element) -> bool {
    let is_it = |(list, label): &(&str, &str)| same_word(list, &element.name) && same_word(label, &child.name);
    table().localized.iter().any(is_it)
}

/// Of several labels the one in the base language, else the first.
#[must_use]
pub fn base_label<'a>(list: &'a Element, language: Option<&str>) -> Option<&'a Element> {
    let of = |label: &&Element| language_of(label).is_some_and(|(_, value)| Some(value) == language);
    list.elements().find(of).or_else(|| list.elements().next())
}

/// Puts the label of the base language first if the first one is shown; returns whether anything moved.
pub(super) fn put_first(list: &mut Element, language: Option<&str>) -> bool {
    let is_first = first_is_shown(list, language);
    let wanted = |node: &crate::solution::xml::Node| match node {
        crate::solution::xml::Node::Element(label) => {
            language_of(label).is_some_and(|(_, value)| Some(value) == language)
        }
        _ => false,
    };
    match list.children.iter().position(wanted) {
        Some(at) if !is_first => {
            let label = list.children.remove(at);
            list.children.insert(0, label);
            true
        }
        _ => false,
    }
}

/// Whether the first of several labels is the one that is shown, in a list where this counts.
fn first_is_shown(list: &Element, language: Option<&str>) -> bool {
    let counts = table().shown_lists.contains(&list.name.as_str()) && list.elements().count() > 1;
    let first = || list.elements().next().and_then(language_of).map(|(_, value)| value);
    !counts || language.is_none() || first() == language
}

impl Walk {
    /// Compares the labels in an element: a language that Dataverse has, each once, and each list once.
    pub(super) fn labels(&mut self, element: &Element) {
        let known = &table().label_languages;
        let (mut met, mut lists) = (HashSet::new(), HashSet::new());
        for child in element.elements() {
            if let Some((name, language)) = language_of(child) {
                if !is_localized(element, child) {
                    let message = format!("`{}` in `{}` may not have the attribute `{name}`", child.name, element.name);
                    self.deviate_at(child, message);
                }
                if !known.contains(&name) {
                    let near = known.iter().find(|it| it.eq_ignore_ascii_case(name)).copied().unwrap_or_default();
                    let message = format!("the attribute `{name}` of `{}` is spelled `{near}`", child.name);
                    self.deviate_at(child, message);
                }
                self.value(child, Form::Language, name, language, "");
                if !met.insert((child.name.to_lowercase(), language)) {
                    let message =
                        format!("a second `{}` for the language {language} in `{}`", child.name, element.name);
                    self.deviate_at(child, message);
                }
            }
            let Some(list) = table().label_lists.iter().find(|it| same_word(it, &child.name)) else { continue };
            if is_list(child) {
                if *list != child.name {
                    let message = format!("`{}` in `{}` is spelled `{list}`", child.name, element.name);
                    self.deviate_at(child, message);
                }
                if !lists.insert(*list) {
                    self.deviate_at(child, format!("a second `{list}` in `{}`", element.name));
                }
            }
        }
    }

    /// Compares the first of an element's labels with the one that Dataverse shows.
    pub(super) fn first_label(&mut self, list: &Element) {
        let language = self.language.clone();
        if !first_is_shown(list, language.as_deref()) {
            let message = format!(
                "the first label of `{}` is not in the solution's base language {}",
                list.name,
                language.unwrap_or_default()
            );
            self.deviate_at(list, message);
        }
    }

    /// Compares what an element says in two places.
    pub(super) fn agree(&mut self, element: &Element, place: &str) {
        for agreement in table().agreements.iter().filter(|it| it.place == place) {
            let language = self.language.clone();
            let [one, other] = agreement.paths.map(|path| at(element, path, language.as_deref()));
            let same = |one: &str, other: &str| one == other || !agreement.by_case && one.eq_ignore_ascii_case(other);
            if let (Some(one), Some(other)) = (one, other)
                && !same(&one, &other)
            {
                let shown = |text: &str| text.chars().take(80).collect::<String>().escape_debug().to_string();
                let message = format!(
                    "`{}` of `{}` is `{}`, but `{}` is `{}`",
                    agreement.paths[0],
                    element.name,
                    shown(&one),
                    agreement.paths[1],
                    shown(&other)
                );
                self.deviate_at(element, message);
            }
        }
        self.once(element, place);
        self.among(element, place);
        for pair in table().pairs.iter().filter(|it| it.place == place) {
            let [one, other] = pair.children.map(|name| element.child_text(name));
            let (one, other) = match (one, other) {
                (None, None) => continue,
                (Some(one), Some(other)) => (one, other),
                (one, _) => {
                    let [first, second] = pair.children;
                    let (there, gone) = if one.is_some() { (first, second) } else { (second, first) };
                    let message = format!("`{}` has `{there}` without `{gone}`", element.name);
                    self.deviate_at(element, message);
                    continue;
                }
            };
            if !pair.values.contains(&(one.as_str(), other.as_str())) {
                let [first, second] = pair.children;
                let message = format!(
                    "`{first}` {} and `{second}` {} of `{}` do not go together",
                    one.escape_debug(),
                    other.escape_debug(),
                    element.name
                );
                self.deviate_at(element, message);
            }
        }
    }
}

impl Walk {
    /// Keeps what an element is known by; it must be unique.
    pub(super) fn once(&mut self, element: &Element, place: &str) {
        for (_, path) in table().once.iter().filter(|(it, _)| *it == place) {
            let text = if *path == "." { Some(element.content()) } else { at(element, path, None) };
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                self.ids.push((format!("{place}/{path}"), text.trim().to_lowercase(), element.line));
            }
        }
    }

    /// Compares what elements are known by with the others in their place.
    fn among(&mut self, element: &Element, place: &str) {
        for among in table().among.iter().filter(|it| it.place == place) {
            let level = among.path.split('/').fold(vec![element], |level, name| {
                level.into_iter().flat_map(Element::elements).filter(|child| child.name == name).collect()
            });
            let mut met: HashMap<Vec<String>, usize> = HashMap::new();
            for child in level {
                let key = |path: &&str| at(child, path, None).filter(|text| !text.trim().is_empty());
                let Some(keys) = among.keys.iter().map(key).collect::<Option<Vec<String>>>() else {
                    let names = among.keys.join("` and `");
                    let message = format!("`{}` in `{}` has no `{names}`", child.name, element.name);
                    self.deviate_at(child, message);
                    continue;
                };
                let known = keys.iter().map(|key| key.trim().trim_matches(['{', '}']).to_lowercase()).collect();
                if let Some(first) = met.insert(known, child.line) {
                    let shown: String = keys.join(" and ").chars().take(80).collect();
                    let shown = shown.escape_debug();
                    let message =
                        format!("a second `{}` is called {shown}; the first one is in line {first}", child.name);
                    self.deviate_at(child, message);
                }
            }
        }
    }
}

/// The value at a path: an attribute's value, or an element's text.
fn at(element: &Element, path: &str, language: Option<&str>) -> Option<String> {
    let mut element = element;
    for step in path.split('/') {
        if let Some(name) = step.strip_prefix('@') {
            return element.attribute(name).map(str::to_owned);
        }
        element = if is_list(element) { base_label(element, language)? } else { element.find(step)? };
    }
    Some(element.content())
}
