//! `publisher:`, `solution:`, `signers:`, and the addresses of `application:`

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::meaning::components::labels::texts;
use crate::manifest::meant;
use crate::manifest::meant::components::labels::Labels;
use crate::manifest::written::application::{RedirectUris, WebRedirect};
use crate::manifest::written::package::{Address, Manifest, Publisher, Solution};
use crate::yaml::shape::{At, List, head};

const BASE_LANGUAGE: u32 = 1033;

/// As many as Dataverse keeps.
const MAX_ADDRESSES: usize = 2;

/// The solution's languages, the base language first.
pub fn languages(written: &Solution, findings: &mut Vec<Diagnostic>) -> Vec<u32> {
    let mut languages: Vec<u32> = Vec::new();
    for language in written.languages.iter().flat_map(|list| &list.items) {
        if languages.contains(&language.value.0) {
            findings.push(
                Diagnostic::error("duplicate-language", format!("language `{}` is listed twice", language.value.0))
                    .at(&language.span)
                    .help("keep one of the two"),
            );
        } else {
            languages.push(language.value.0);
        }
    }
    if languages.is_empty() {
        languages.push(BASE_LANGUAGE);
    }
    languages
}

/// Who publishes.
pub fn publisher(written: &Publisher, languages: &[u32], findings: &mut Vec<Diagnostic>) -> Option<meant::Publisher> {
    let display_name = texts(written.display_name.as_ref(), languages, findings);
    let description = texts(written.description.as_ref(), languages, findings);
    let addresses = written.addresses.as_ref().map_or(&[][..], |list| &list.items[..]);
    if let Some(one_more) = addresses.get(MAX_ADDRESSES) {
        findings.push(
            Diagnostic::error("too-many-addresses", format!("{} addresses", addresses.len()))
                .at(&head(&one_more.span))
                .help(format!("keep {MAX_ADDRESSES}: Dataverse has no place for more")),
        );
    }
    let name = written.name.as_ref()?.value.0.clone();
    Some(meant::Publisher {
        display_name: display_name.unwrap_or_else(|| named(&name, languages)),
        prefix: written.prefix.as_ref()?.value.0.clone(),
        option_value_prefix: written.option_value_prefix.as_ref()?.value.0,
        description,
        email: written.email.as_ref().map(|email| email.value.0.clone()),
        website: written.website.as_ref().map(|website| website.value.0.clone()),
        addresses: addresses.iter().take(MAX_ADDRESSES).map(address).collect(),
        name,
    })
}

/// The elements of an address that are set.
fn address(written: &Address) -> Vec<(&'static str, String)> {
    let all = [
        ("AddressTypeCode", &written.address_type_code),
        ("City", &written.city),
        ("County", &written.county),
        ("Country", &written.country),
        ("Fax", &written.fax),
        ("FreightTermsCode", &written.freight_terms_code),
        ("Latitude", &written.latitude),
        ("Line1", &written.line1),
        ("Line2", &written.line2),
        ("Line3", &written.line3),
        ("Longitude", &written.longitude),
        ("Name", &written.name),
        ("PostalCode", &written.postal_code),
        ("PostOfficeBox", &written.post_office_box),
        ("PrimaryContactName", &written.primary_contact_name),
        ("ShippingMethodCode", &written.shipping_method_code),
        ("StateOrProvince", &written.state_or_province),
        ("Telephone1", &written.telephone1),
        ("Telephone2", &written.telephone2),
        ("Telephone3", &written.telephone3),
        ("UPSZone", &written.ups_zone),
        ("UTCOffset", &written.utc_offset),
    ];
    all.into_iter().filter_map(|(element, text)| Some((element, text.as_ref()?.value.0.clone()))).collect()
}

/// The solution.
pub fn solution(written: &Solution, languages: &[u32], findings: &mut Vec<Diagnostic>) -> Option<meant::Solution> {
    let display_name = texts(written.display_name.as_ref(), languages, findings);
    let description = texts(written.description.as_ref(), languages, findings);
    let name = written.name.as_ref()?;
    Some(meant::Solution {
        name: name.value.0.clone(),
        name_span: name.span.clone(),
        display_name: display_name.unwrap_or_else(|| named(&name.value.0, languages)),
        description,
        version: written.version.as_ref()?.value.0,
        languages: languages.to_vec(),
        configuration_page: written.configuration_page.as_ref().map(|page| page.value.0.clone()),
    })
}

/// The redirect URIs, by platform.
pub fn redirect_uris(written: &RedirectUris, findings: &mut Vec<Diagnostic>) -> meant::RedirectUris {
    let mut web = |list: Option<&List<At<WebRedirect>>>| {
        once(list.iter().flat_map(|list| &list.items).map(|it| (&it.value.0, &it.span)), findings)
    };
    match written {
        RedirectUris::Web(list) => meant::RedirectUris { web: web(Some(list)), ..meant::RedirectUris::default() },
        RedirectUris::ByPlatform(uris) => {
            let (web, spa) = (web(uris.web.as_ref()), web(uris.spa.as_ref()));
            let native = uris.public_client.iter().flat_map(|list| &list.items);
            let public_client = once(native.map(|it| (&it.value.0, &it.span)), findings);
            meant::RedirectUris { web, spa, public_client }
        }
    }
}

/// Addresses, none of which may be listed twice for one platform.
fn once<'a>(uris: impl Iterator<Item = (&'a String, &'a Span)>, findings: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut met: Vec<String> = Vec::new();
    for (uri, span) in uris {
        if met.contains(uri) {
            let message = format!("the redirect URI `{uri}` is listed twice");
            findings.push(Diagnostic::error("duplicate-redirect-uri", message).at(span).help("keep one of the two"));
        } else {
            met.push(uri.clone());
        }
    }
    met
}

/// Who is expected to sign.
pub fn signers(written: &Manifest, findings: &mut Vec<Diagnostic>) -> Vec<meant::ExpectedSigner> {
    let mut signers = Vec::new();
    for signer in written.signers.iter().flat_map(|list| &list.items) {
        let found = match (&signer.key, &signer.identity, &signer.issuer) {
            (Some(key), None, None) => meant::ExpectedSigner::Key(key.value.0.clone()),
            (None, Some(identity), Some(issuer)) => meant::ExpectedSigner::Identity {
                subject: identity.value.0.clone(),
                // As Sigstore's certificates spell it: without the `/` that ends the address of a host.
                issuer: issuer.value.0.as_str().trim_end_matches('/').to_owned(),
            },
            _ => {
                findings.push(
                    Diagnostic::error(
                        "ambiguous-signer",
                        "a signer has either a `key`, or an `identity` and its `issuer`",
                    )
                    .at(&head(&signer.span))
                    .help("write `{ key: sha256:… }` or `{ identity: …, issuer: https://… }`"),
                );
                continue;
            }
        };
        if signers.contains(&found) {
            findings.push(
                Diagnostic::error("duplicate-signer", "this signer is listed twice")
                    .at(&head(&signer.span))
                    .help("keep one of the two"),
            );
        } else {
            signers.push(found);
        }
    }
    signers
}

/// The unique name, which stands for a display name that is left out.
fn named(name: &str, languages: &[u32]) -> Labels {
    Labels::one(languages.first().copied().unwrap_or(BASE_LANGUAGE), name)
}
