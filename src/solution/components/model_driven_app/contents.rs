//! What a model-driven app contains.

/// What an app contains, in the order of the first mention, without repetition.
#[derive(Default)]
pub(super) struct Contents {
    /// Type, key attribute and key.
    pub(super) components: Vec<(&'static str, &'static str, String)>,
    /// Custom pages.
    pub(super) pages: Vec<String>,
}

impl Contents {
    pub(super) fn add(&mut self, number: &'static str, attribute: &'static str, key: String) {
        let component = (number, attribute, key);
        if !self.components.contains(&component) {
            self.components.push(component);
        }
    }

    pub(super) fn add_page(&mut self, name: String) {
        if !self.pages.contains(&name) {
            self.pages.push(name);
        }
    }
}
