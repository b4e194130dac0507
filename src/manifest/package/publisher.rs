//! `publisher:`

use crate::diagnostic::Diagnostic;
use crate::manifest::components::labels::texts;
use crate::manifest::meant;
use crate::manifest::package::solution::named;
use crate::manifest::written::{Address, Publisher};
use crate::yaml::shape::head;

/// As many as Dataverse keeps.
const MAX_ADDRESSES: usize = 2;

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
