//! An element as a file of its own.

use std::sync::Arc;

use crate::solution::skeleton::XSI;
use crate::solution::xml::{Element, write_fragment};

const HEAD: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n";

/// The file as it is.
pub fn document(element: &Element) -> Arc<[u8]> {
    // No longer than it is: all files of a folder are held at once.
    format!("{HEAD}{}", write_fragment(element)).as_bytes().into()
}

/// The file with a declaration of the `xsi` prefix as the last attribute, where there is none.
pub fn document_with_xsi(mut element: Element) -> Arc<[u8]> {
    if element.attribute("xmlns:xsi").is_none() {
        element.set_attribute("xmlns:xsi", XSI);
    }
    document(&element)
}

/// Takes an element's content and attributes out of it, so that its place stays.
pub fn take(element: &mut Element) -> Element {
    let place = Element::new(element.name.clone());
    std::mem::replace(element, place)
}
