//! What differs in a component: the paths of its XML and JSON with different values, each with the value before and
//! now. The component is read again for this; its digest has already shown that it differs.

mod pairs;
mod shown;
mod tree;

use pairs::Found;
use shown::Shown;
use tree::Tree;

use super::difference::ComponentChange;
use super::original::Original;
use super::values::ValueChange;
use crate::solution::contents::{Original as Texts, Reader, Source};

/// How many values are kept, of all components together.
const MOST: usize = 50_000;

/// Adds to each changed component what differs in it. The solutions of a side are in the order of the bundle.
pub(super) fn details(old: &[Original], new: &[Original], components: &mut [ComponentChange]) {
    if old.is_empty() || new.is_empty() {
        return;
    }
    let changed: Vec<(String, String)> = components.iter().filter(|it| it.change == "changed").map(key).collect();
    if changed.is_empty() {
        return;
    }
    let of = |side: &[Original]| -> Vec<Texts> {
        let wanted = |whole: &Original| {
            let sources: Vec<&Source> = changed.iter().filter_map(|it| whole.sources.get(it)).flatten().collect();
            Texts::read(&whole.zip, sources)
        };
        side.iter().map(wanted).collect()
    };
    let (old_texts, new_texts) = (of(old), of(new));
    let (old_open, new_open): (Vec<_>, Vec<_>) =
        (old_texts.iter().map(Texts::open).collect(), new_texts.iter().map(Texts::open).collect());
    let (old_readers, new_readers): (Vec<_>, Vec<_>) =
        (old_open.iter().map(|it| it.reader()).collect(), new_open.iter().map(|it| it.reader()).collect());
    let mut left = MOST;
    for component in components.iter_mut().filter(|it| it.change == "changed") {
        let key = key(component);
        let (before, after) = (tree(old, &old_readers, &key), tree(new, &new_readers, &key));
        let shown = Shown::of([&before, &after]);
        let mut found = Found::new(&shown, left);
        found.compare(&before, &after, "");
        left -= found.details.len();
        component.more_details = found.count - found.details.len();
        component.details = found.details;
        if component.details.is_empty() && component.more_details == 0 && before != Tree::default() {
            let (name, new) =
                ("the way it is written".to_owned(), Some("the same values, written otherwise".to_owned()));
            component.details.push(ValueChange { name, old: None, new });
        }
    }
}

fn key(component: &ComponentChange) -> (String, String) {
    (component.kind.clone(), component.name.clone())
}

fn tree(wholes: &[Original], readers: &[Reader<'_>], key: &(String, String)) -> Tree {
    let sources = wholes.iter().zip(readers).flat_map(|(whole, reader)| {
        let sources = whole.sources.get(key).into_iter().flatten();
        sources.filter_map(|source| reader.material(source))
    });
    Tree::of(sources)
}

#[cfg(test)]
mod tests;
