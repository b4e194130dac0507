//! What is compared: a component of ours, a real one, and the differences that have a reason.

/// A kind and the components of it that are compared.
pub struct Row {
    /// The folder below `tests/kinds/`.
    pub kind: &'static str,
    pub pairs: &'static [Pair],
}

/// A component of ours and a real one.
pub struct Pair {
    pub ours: Part,
    /// An export of the corpus (`….zip`), or one of its unpacked solutions.
    pub solution: &'static str,
    pub theirs: Part,
    pub differences: &'static [Difference],
}

/// Where a component is.
pub enum Part {
    /// A section of customizations.xml, or an element further down (`Section/Element`), and a text
    /// that is the value of an attribute or of a child of the component.
    Section(&'static str, &'static str),
    /// An XML file of the zip.
    File(&'static str),
}

/// A path of elements (`Role/Description`), perhaps with an attribute at its end (`Role/@id`); it
/// stands for everything below it. And the reason.
pub enum Difference {
    /// Only the real one has it.
    Lacks(&'static str, &'static str),
    /// Only ours has it.
    Adds(&'static str, &'static str),
}
