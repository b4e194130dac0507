//! `publisher:` and `solution:` of a solution that exists.

use super::candidate::number;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;
use crate::yaml::write::Value;

/// Keys of an address, by the element that each stands for.
const ADDRESS: [(&str, &str); 22] = [
    ("AddressTypeCode", "type"),
    ("Name", "name"),
    ("Line1", "line1"),
    ("Line2", "line2"),
    ("Line3", "line3"),
    ("PostOfficeBox", "postOfficeBox"),
    ("PostalCode", "postalCode"),
    ("City", "city"),
    ("County", "county"),
    ("StateOrProvince", "stateOrProvince"),
    ("Country", "country"),
    ("PrimaryContactName", "primaryContact"),
    ("Telephone1", "telephone1"),
    ("Telephone2", "telephone2"),
    ("Telephone3", "telephone3"),
    ("Fax", "fax"),
    ("Latitude", "latitude"),
    ("Longitude", "longitude"),
    ("ShippingMethodCode", "shippingMethod"),
    ("FreightTermsCode", "freightTerms"),
    ("UPSZone", "upsZone"),
    ("UTCOffset", "utcOffset"),
];

/// Keys that a manifest can do without, by group. One that it refuses, because the solution has there what Dataverse does
/// not take any more, is left out.
const OPTIONAL: [(&str, &[&str]); 2] = [
    ("publisher", &["displayName", "description", "email", "website", "addresses"]),
    ("solution", &["displayName", "description", "configurationPage"]),
];

/// A group and a key of it.
pub type Key = (&'static str, &'static str);

/// The key whose value a line (from 1) of a manifest belongs to, if it is an optional one of the two groups.
pub fn key_on(text: &str, line: usize) -> Option<Key> {
    let mut above = text.lines().take(line).collect::<Vec<_>>().into_iter().rev();
    let key_of = |line: &str| {
        let key = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?;
        Some(key.split(':').next().unwrap_or_default().to_owned())
    };
    // A text of several lines stands below its key, further in.
    let key = above.by_ref().take_while(|line| line.is_empty() || line.starts_with(' ')).find_map(key_of)?;
    let group = above.find(|line| !line.is_empty() && !line.starts_with(' '))?.trim_end_matches(':');
    let (group, keys) = OPTIONAL.iter().find(|(name, _)| *name == group)?;
    keys.iter().find(|name| **name == key).map(|key| (*group, *key))
}

/// The keys of `publisher` and `solution`, without `dropped`.
pub fn keys(package: &SolutionPackage, dropped: &[Key]) -> (Value, Value) {
    let nothing = Element::default();
    let manifest = package.solution_manifest().unwrap_or(&nothing);
    let publisher = manifest.find("Publisher").unwrap_or(&nothing);
    let facts = package.publisher();
    let languages = languages(package, &[manifest, publisher]);
    let kept = |group: &str, keys: Vec<(&'static str, Option<Value>)>| {
        let keys = keys.into_iter().filter_map(|(key, value)| Some((key, value?)));
        Value::map(keys.filter(|(key, _)| !dropped.iter().any(|it| it.0 == group && it.1 == *key)))
    };
    let child = |of: &Element, name: &str| of.child_text(name).filter(|text| !text.is_empty()).map(Value::Text);
    let name_of = |of: &Element, name: String| texts(of, "LocalizedNames", &languages).unwrap_or(Value::Text(name));
    let of_publisher = vec![
        ("name", Some(Value::text(&facts.name))),
        ("displayName", Some(name_of(publisher, facts.display_name.clone()))),
        ("prefix", Some(Value::text(&facts.prefix))),
        ("optionValuePrefix", Some(Value::Number(facts.option_value_prefix.parse().unwrap_or(10_000)))),
        ("description", texts(publisher, "Descriptions", &languages)),
        ("email", child(publisher, "EMailAddress")),
        ("website", child(publisher, "SupportingWebsiteUrl")),
        ("addresses", addresses(publisher)),
    ];
    let of_solution = vec![
        ("name", Some(Value::text(package.unique_name()))),
        ("displayName", Some(name_of(manifest, package.display_name()))),
        ("description", texts(manifest, "Descriptions", &languages)),
        ("version", Some(Value::text(package.version_text()))),
        ("languages", Some(Value::InlineList(languages.iter().map(|code| number(code)).collect()))),
        ("configurationPage", child(manifest, "ConfigurationPage")),
    ];
    (kept("publisher", of_publisher), kept("solution", of_solution))
}

/// The language codes: that of the solution first, then those that it lists, then those of texts alone.
fn languages(package: &SolutionPackage, groups: &[&Element]) -> Vec<String> {
    let base = package.manifest.attribute("languagecode").map(str::to_owned);
    let listed = package.section("Languages").map(|language| language.content().trim().to_owned());
    let of_texts = groups.iter().flat_map(|group| ["LocalizedNames", "Descriptions"].map(|list| group.find(list)));
    let labels = of_texts.flatten().flat_map(Element::elements);
    let of_texts = labels.filter_map(|label| label.attribute("languagecode").map(str::to_owned));
    let mut languages: Vec<String> = Vec::new();
    for language in base.into_iter().chain(listed).chain(of_texts) {
        let known = language.parse::<u32>().is_ok_and(|code| (1024..=65535).contains(&code));
        if known && !languages.contains(&language) {
            languages.push(language);
        }
    }
    if languages.is_empty() { vec!["1033".to_owned()] } else { languages }
}

/// The texts of a list as the manifest has them, or nothing where there are none. One that has no text in the base
/// language gets its first one there.
fn texts(group: &Element, list: &str, languages: &[String]) -> Option<Value> {
    let labels = group.find(list).into_iter().flat_map(Element::elements);
    let text = |label: &Element| {
        Some((label.attribute("languagecode")?.to_owned(), label.attribute("description")?.to_owned()))
    };
    let mut texts: Vec<(String, String)> = labels.filter_map(text).filter(|(_, text)| !text.is_empty()).collect();
    texts.retain(|(language, _)| languages.contains(language));
    let base = languages.first()?;
    let first = texts.first()?.1.clone();
    if !texts.iter().any(|(language, _)| language == base) {
        texts.insert(0, (base.clone(), first));
    }
    match texts.as_slice() {
        [(_, only)] => Some(Value::text(only)),
        several => Some(Value::inline_map(several.iter().map(|(code, text)| (code, Value::text(text))))),
    }
}

/// The addresses, up to the last one in which something is set.
fn addresses(publisher: &Element) -> Option<Value> {
    let all = publisher.find("Addresses").into_iter().flat_map(Element::elements);
    let all: Vec<Vec<(&str, Value)>> = all.map(address).collect();
    let last = all.iter().rposition(|address| !address.is_empty())?;
    Some(Value::InlineList(all.into_iter().take(last + 1).map(Value::inline_map).collect()))
}

/// What is set in an address.
fn address(address: &Element) -> Vec<(&'static str, Value)> {
    let set = ADDRESS.iter().filter_map(|(element, key)| {
        let usual = if matches!(*element, "AddressTypeCode" | "ShippingMethodCode") { "1" } else { "" };
        let text = address.child_text(element).filter(|text| !text.is_empty() && text != usual)?;
        Some((*key, Value::Text(text)))
    });
    set.collect()
}
