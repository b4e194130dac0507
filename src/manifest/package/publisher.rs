//! `publisher:`

use crate::diagnostic::Diagnostic;
use crate::manifest::components::labels::{Labels, WrittenLabels, texts};
use crate::manifest::leaf::{Email, OptionValuePrefix, Paragraph, Prefix, PublisherName, Title, Website};
use crate::manifest::package::solution::named;
use crate::yaml::leaf::{Given, Words};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, head};

record! {
    /// Who publishes the solution. Environments recognise a publisher by its unique name: never change it.
    pub struct WrittenPublisher => {
        /// Unique name: letters, digits and underscores.
        "name" required name: At<PublisherName>,
        /// Name that people see. Default: the unique name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Customization prefix, 2 to 8 letters and digits; every component's name starts with it.
        "prefix" required prefix: At<Prefix>,
        /// First digits of the option values of the publisher's choices, 10000 to 99999.
        "optionValuePrefix" required option_value_prefix: At<OptionValuePrefix>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Address for questions about the solution.
        "email" optional email: At<Email>,
        /// Supporting web site.
        "website" optional website: At<Website>,
        /// Postal addresses and telephones, at most two.
        "addresses" optional addresses: List<Address>,
    }
}

record! {
    /// A publisher's address. What is left out is not set.
    pub struct Address => {
        /// Kind of address, a number of Dataverse. Default: 1.
        "type" optional address_type_code: At<Words> => "1",
        /// Name of the address.
        "name" optional name: At<Words> => "Head office",
        /// First line.
        "line1" optional line1: At<Words> => "1 Microsoft Way",
        /// Second line.
        "line2" optional line2: At<Words> => "Building 4",
        /// Third line.
        "line3" optional line3: At<Words> => "Room 12",
        /// Post office box.
        "postOfficeBox" optional post_office_box: At<Words> => "PO Box 14",
        /// Postal code.
        "postalCode" optional postal_code: At<Words> => "98052",
        /// City.
        "city" optional city: At<Words> => "Redmond",
        /// County.
        "county" optional county: At<Words> => "King",
        /// State or province.
        "stateOrProvince" optional state_or_province: At<Words> => "WA",
        /// Country or region.
        "country" optional country: At<Words> => "United States",
        /// Person to ask.
        "primaryContact" optional primary_contact_name: At<Words> => "Ada Brown",
        /// Telephone.
        "telephone1" optional telephone1: At<Words> => "+1 425 555 0100",
        /// Second telephone.
        "telephone2" optional telephone2: At<Words> => "+1 425 555 0101",
        /// Third telephone.
        "telephone3" optional telephone3: At<Words> => "+1 425 555 0102",
        /// Fax.
        "fax" optional fax: At<Words> => "+1 425 555 0103",
        /// Latitude.
        "latitude" optional latitude: At<Words> => "47.64",
        /// Longitude.
        "longitude" optional longitude: At<Words> => "-122.13",
        /// How goods are sent, a number of Dataverse. Default: 1.
        "shippingMethod" optional shipping_method_code: At<Words> => "1",
        /// Freight terms, a number of Dataverse.
        "freightTerms" optional freight_terms_code: At<Words> => "1",
        /// UPS zone.
        "upsZone" optional ups_zone: At<Words> => "2",
        /// Minutes from Coordinated Universal Time.
        "utcOffset" optional utc_offset: At<Words> => "-480",
    }
}

/// `publisher:`
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Unique name.
    pub name: String,
    /// Display name.
    pub display_name: Labels,
    /// Customization prefix, 2 to 8 characters.
    pub prefix: String,
    /// Option value prefix, 10000 to 99999.
    pub option_value_prefix: u32,
    /// Description.
    pub description: Option<Labels>,
    /// E-mail address.
    pub email: Option<String>,
    /// Supporting web site, with or without `https://`.
    pub website: Option<String>,
    /// At most two addresses: the elements that are set, by their names in solution.xml.
    pub addresses: Vec<Vec<(&'static str, String)>>,
}

/// As many as Dataverse keeps.
const MAX_ADDRESSES: usize = 2;

/// Who publishes.
pub fn publisher(written: &WrittenPublisher, languages: &[u32], findings: &mut Vec<Diagnostic>) -> Option<Publisher> {
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
    Some(Publisher {
        display_name: display_name.unwrap_or_else(|| named(&name, languages)),
        prefix: written.prefix.as_ref()?.value.0.clone(),
        option_value_prefix: written.option_value_prefix.as_ref()?.value.0,
        description,
        email: written.email.value(),
        website: written.website.value(),
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
