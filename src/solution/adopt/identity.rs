//! `publisher:` and `solution:` of a solution that exists.

use super::candidate::text_of;
use crate::solution::package::SolutionPackage;
use crate::solution::role::quoted;
use crate::solution::xml::Element;

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

/// The key that stands on a line (from 1) of a manifest, if it is an optional one of the two groups.
pub fn key_on(text: &str, line: usize) -> Option<Key> {
    let lines: Vec<&str> = text.lines().take(line).collect();
    let group = lines.iter().rev().find(|line| !line.starts_with(' ') && !line.is_empty())?.trim_end_matches(':');
    let key = lines.last()?.strip_prefix("  ")?.split(':').next()?;
    let (group, keys) = OPTIONAL.iter().find(|(name, _)| *name == group)?;
    keys.iter().find(|name| **name == key).map(|key| (*group, *key))
}

/// The two groups of keys, without `dropped`.
pub fn yaml(package: &SolutionPackage, dropped: &[Key]) -> String {
    let is_dropped = |group: &str, key: &str| dropped.iter().any(|it| it.0 == group && it.1 == key);
    let nothing = Element::default();
    let manifest = package.solution_manifest().unwrap_or(&nothing);
    let publisher = manifest.find("Publisher").unwrap_or(&nothing);
    let facts = package.publisher();
    let languages = languages(package, &[manifest, publisher]);
    let mut out = String::from("\npublisher:\n");
    let mut line = |key: &str, value: &str| {
        if !is_dropped("publisher", key) {
            out.push_str(&format!("  {key}: {value}\n"));
        }
    };
    line("name", &quoted(&facts.name));
    line("displayName", &texts(publisher, "LocalizedNames", &languages).unwrap_or_else(|| quoted(&facts.display_name)));
    line("prefix", &quoted(&facts.prefix));
    line("optionValuePrefix", &facts.option_value_prefix.parse::<u32>().unwrap_or(10_000).to_string());
    if let Some(description) = texts(publisher, "Descriptions", &languages) {
        line("description", &description);
    }
    for (key, element) in [("email", "EMailAddress"), ("website", "SupportingWebsiteUrl")] {
        if let Some(value) = publisher.child_text(element).filter(|text| !text.is_empty()) {
            line(key, &quoted(&value));
        }
    }
    let addresses: Vec<String> =
        publisher.find("Addresses").into_iter().flat_map(Element::elements).map(address).collect();
    if let Some(last) = addresses.iter().rposition(|address| address != "{}") {
        line("addresses", &format!("[{}]", addresses[..=last].join(", ")));
    }
    out.push_str("\nsolution:\n");
    let mut line = |key: &str, value: &str| {
        if !is_dropped("solution", key) {
            out.push_str(&format!("  {key}: {value}\n"));
        }
    };
    line("name", &quoted(&package.unique_name()));
    line(
        "displayName",
        &texts(manifest, "LocalizedNames", &languages).unwrap_or_else(|| quoted(&package.display_name())),
    );
    if let Some(description) = texts(manifest, "Descriptions", &languages) {
        line("description", &description);
    }
    line("version", &text_of(&package.version_text()));
    line("languages", &format!("[{}]", languages.join(", ")));
    if let Some(page) = manifest.child_text("ConfigurationPage").filter(|text| !text.is_empty()) {
        line("configurationPage", &quoted(&page));
    }
    out
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
fn texts(group: &Element, list: &str, languages: &[String]) -> Option<String> {
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
        [(_, only)] if list == "LocalizedNames" => Some(quoted(only)),
        [(_, only)] => Some(text_of(only)),
        several => {
            let pairs: Vec<String> = several.iter().map(|(code, text)| format!("{code}: {}", text_of(text))).collect();
            Some(format!("{{ {} }}", pairs.join(", ")))
        }
    }
}

/// What is set in an address, in braces.
fn address(address: &Element) -> String {
    let set = ADDRESS.iter().filter_map(|(element, key)| {
        let usual = if matches!(*element, "AddressTypeCode" | "ShippingMethodCode") { "1" } else { "" };
        let text = address.child_text(element).filter(|text| !text.is_empty() && text != usual)?;
        Some(format!("{key}: {}", text_of(&text)))
    });
    let set: Vec<String> = set.collect();
    if set.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", set.join(", ")) }
}
