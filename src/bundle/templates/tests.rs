use super::*;
use crate::bundle::build::tests::{package, solution_zip};
use crate::bundle::descriptor::{Privilege, Role};
use crate::bundle::{Bundle, build};
use crate::catalog::Level;

/// Generations that were released: the version with which, and the digest that [`digest`] gives. A row is added when a
/// version is released (the test below asks for it) and never changed: a bundle of that generation could not be
/// verified any more.
const RELEASED: &[(u32, &str, &str)] = &[];

/// The digest of a generation: of its files, and of what it renders for a bundle whose role has every privilege of the
/// catalog, so that the words of the catalog count, too.
fn digest(generation: &Generation) -> String {
    let built = build(&package(), &solution_zip("1.4.0.0"), &[], crate::archive::Timestamp::FIRST).expect("built");
    let bundle = Bundle::from_bytes(&built.bytes, "it").expect("opens");
    let solution = &built.descriptor.solutions[0];
    let contents = Contents::read(&solution.file, bundle.solution_zip(solution).expect("there")).expect("reads");
    let mut descriptor = built.descriptor.clone();
    let tables = crate::catalog::tables().iter().flat_map(|table| table.rights().filter_map(|it| table.privilege(it)));
    let everything = tables.chain(crate::catalog::baseline().map(|(name, _)| name)).map(|name| Privilege {
        name: name.to_owned(),
        level: Level::Global,
        because: None,
    });
    descriptor.roles = vec![Role { privileges: everything.collect(), ..descriptor.roles[0].clone() }];
    // Another compressor gives other bytes of the solution, and is not a change of the templates.
    descriptor.tool.version = "0".into();
    descriptor.tool.compressor = None;
    descriptor.solutions[0].sha256 = "0".repeat(64);
    descriptor.solutions[0].size = 0;
    let mut all: String =
        [generation.apply_sh, generation.apply_ps1, generation.page].map(|it| sha256(it.as_bytes())).concat();
    for entry in generation.render(&descriptor, &[contents]).expect("rendered") {
        all.push_str(&sha256(&entry.bytes));
    }
    sha256(all.as_bytes())
}

#[test]
fn a_released_generation_stays_as_it_was() {
    for (number, version, frozen) in RELEASED {
        let generation = generation(*number).expect("every released generation stays in the program");
        assert_eq!(
            digest(generation),
            *frozen,
            "generation {number} was released with {version}: bundles of it could not be verified any more. Leave it as it \
             was, and add a generation for the change (see the head of src/bundle/templates.rs)"
        );
    }
}

/// A generation is frozen by the first version that is released with it: that version's section in the changelog and a
/// row in [`RELEASED`] come in one commit. Until then it may still change.
#[test]
fn the_current_generation_is_frozen_as_soon_as_a_version_is_released() {
    let released = include_str!("../../../CHANGELOG.md")
        .lines()
        .any(|line| line.strip_prefix("## [").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    let current = generation(CURRENT).expect("there");
    assert!(
        !released
            || RELEASED.iter().any(|(number, ..)| *number == CURRENT)
            || RELEASED.iter().any(|(number, ..)| *number + 1 == CURRENT),
        "a version is released, and its generation of templates is not frozen: add ({CURRENT}, VERSION, {:?}) to RELEASED",
        digest(current)
    );
}

#[test]
fn generations_are_numbered_from_one_on_without_a_gap() {
    let numbers: Vec<u32> = GENERATIONS.iter().map(|generation| generation.number).collect();
    assert_eq!(numbers, (1..=CURRENT).collect::<Vec<_>>());
}

#[test]
fn the_first_line_that_differs_is_named() {
    assert_eq!(difference(b"a\nb\n", b"a\nc\n"), "line 2 is not what dvpack writes there");
    assert_eq!(difference(b"a\nb\nc", b"a\nb\n"), "line 3 is not what dvpack writes there");
    assert_eq!(difference(b"a", b"a"), "nothing differs");
}
