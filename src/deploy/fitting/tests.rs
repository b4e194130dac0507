use super::*;

fn upload(name: &str, size: u64, of_code_component: bool) -> Upload {
    Upload { name: name.into(), size, of_code_component }
}

fn misfits(files: &[Upload]) -> Misfits<'_> {
    Misfits { limit: Some(5 << 20), files: files.iter().map(|file| ("Contoso", file)).collect(), ..Misfits::default() }
}

const ADMINISTRATOR: &str = "an administrator raises the limit to";
const DEVELOPMENT: &str = "build it for production";

#[test]
fn a_code_component_that_is_too_big_may_be_a_development_build() {
    let files = [upload("web resource `a`", 6 << 20, false)];
    assert!(!misfits(&files).advice().iter().any(|line| line.contains(DEVELOPMENT)));
    let files =
        [upload("web resource `a`", 6 << 20, false), upload("file `Controls/b` of a code component", 9 << 20, true)];
    let failure = misfits(&files).refusal().expect("a refusal");
    assert_eq!(
        failure.message,
        "web resource `a` of solution `Contoso` has 6144 KB, and the environment takes files of at most 5120 KB"
    );
    assert_eq!(failure.details, ["file `Controls/b` of a code component of solution `Contoso` has 9216 KB"]);
    // The limit must hold the largest.
    assert!(failure.help[0].starts_with(&format!("{ADMINISTRATOR} 9216 KB or more")), "{:?}", failure.help);
    assert!(failure.help[1].ends_with(DEVELOPMENT), "{:?}", failure.help);
    assert_eq!(failure.help.len(), 2);
}

#[test]
fn of_many_files_ten_more_are_named_and_the_rest_is_counted() {
    for (count, more) in [(11, None), (12, Some("and 1 more")), (40, Some("and 29 more"))] {
        let files: Vec<Upload> = (0..count).map(|number| upload(&format!("file {number}"), 6 << 20, false)).collect();
        let failure = misfits(&files).refusal().expect("a refusal");
        assert_eq!(failure.details.len(), SHOWN + usize::from(more.is_some()), "{count}");
        assert_eq!(failure.details.last().filter(|line| line.starts_with("and")).map(String::as_str), more, "{count}");
    }
    assert!(misfits(&[]).refusal().is_none());
}

/// No setting of an administrator helps there.
#[test]
fn a_file_over_the_highest_limit_must_become_smaller() {
    let advice = |files: &[Upload]| misfits(files).advice();
    assert!(advice(&[upload("a", MOST, false)])[0].contains(ADMINISTRATOR));
    assert_eq!(advice(&[upload("a", MOST + 1, false)]), ["make the files smaller, and build the bundle again"]);
    let component = advice(&[upload("a", 6 << 20, false), upload("b", MOST + 1, true)]);
    assert!(component.len() == 1 && component[0].ends_with(DEVELOPMENT), "{component:?}");
}

#[test]
fn languages_that_are_left_out_are_named() {
    let note = |codes: &[u32]| Misfits { languages: codes.iter().copied().collect(), ..Misfits::default() }.note();
    assert_eq!(note(&[]), None);
    let (one, two) = (note(&[1036]).expect("a note"), note(&[1036, 1031]).expect("a note"));
    assert!(one.starts_with("language 1036 of the solution is not turned on in the environment: "), "{one}");
    assert!(two.starts_with("languages 1031, 1036 of the solution are not turned on in the environment: "), "{two}");
}
