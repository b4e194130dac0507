//! What a kind of component answers, and what one component of it is.

use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The parts of a package, by name.
pub type Parts = std::collections::BTreeMap<String, Vec<u8>>;

/// One component of a solution.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// The kind's name as people know it.
    pub kind: &'static str,
    /// Display name or schema name.
    pub name: String,
    /// GUID or schema name.
    pub id: String,
}

/// A kind of component.
pub trait Kind: Sync {
    /// The name as people know it, such as `Cloud flow`.
    fn label(&self) -> &'static str;
    /// Where it lives: a section of customizations.xml, or `folder/` of the zip.
    fn place(&self) -> &'static str;
    /// The type of its root component, if it has one.
    fn root_type(&self) -> Option<u32> {
        None
    }
    /// The manifest key that declares it, if there is one.
    fn declared_as(&self) -> Option<&'static str> {
        None
    }
    /// The folder or file of the unpacked layout.
    fn folder(&self) -> &'static str;
    /// Another section, where older solutions have it.
    fn older_section(&self) -> Option<&'static str> {
        None
    }
    /// The components in an element of its section.
    fn in_item(&self, _item: &Element) -> Vec<Component> {
        Vec::new()
    }
    /// The components among the parts.
    fn in_parts(&self, _parts: &Parts) -> Vec<Component> {
        Vec::new()
    }
    /// Adds those that the manifest declares.
    fn declare(&self, _package: &Package, _draft: &mut Draft) {}
}
