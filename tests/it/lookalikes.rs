//! Names that could pass for others: each verb that shows a bundle before it is trusted warns of the letter.

use crate::support::Test;

/// A letter or blanks in place of those of a plain name, and how it is called.
const LETTERS: [(&str, &str, &str); 9] = [
    ("Cyrillic", "C\u{43e}ntoso", "Cyrillic letter `\u{43e}` (U+043E)"),
    ("Greek", "C\u{3bf}ntoso", "Greek letter `\u{3bf}` (U+03BF)"),
    ("Armenian", "C\u{585}ntoso", "Armenian letter `\u{585}` (U+0585)"),
    ("Cherokee", "\u{13df}ontoso", "Cherokee letter `\u{13df}` (U+13DF)"),
    ("phonetic", "Conto\u{281}so", "phonetic letter `\u{281}` (U+0281)"),
    ("full width", "\u{ff23}ontoso", "decorative letter `\u{ff23}` (U+FF23)"),
    ("mathematical", "\u{1d402}ontoso", "decorative letter `\u{1d402}` (U+1D402)"),
    ("without a dot", "Contoso W\u{131}dgets", "the letter `\u{131}` (U+0131), which looks like an `i`"),
    ("two blanks", "Contoso  Widgets", "two blanks in a row"),
];

fn manifest(publisher: &str, solution: &str, role: &str) -> String {
    format!(
        "dvpack: 1
publisher: {{ name: contoso, displayName: '{publisher}', prefix: contoso, optionValuePrefix: 10000 }}
solution: {{ name: ContosoWidgets, displayName: '{solution}', version: 1.0.0.0 }}
application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Contoso }}
roles: [ {{ name: '{role}', grants: {{ account: {{ read: user }} }} }} ]
applicationUser: {{ roles: ['{role}'] }}
"
    )
}

const BUNDLE: &str = "made/ContosoWidgets_1_0_0_0.dvpack";

/// What each verb says of the bundle that the manifest gives, on both streams.
fn said(manifest: &str) -> Vec<(String, String)> {
    let built = Test::new().file("dvpack.yaml", manifest).args("build . -o made").success();
    let bundle = built.read(BUNDLE);
    let verbs =
        [("verify", "", 0), ("inspect", "", 0), ("plan", "--sandbox", 10), ("plan", "--sandbox --format json", 10)];
    let run = |(verb, flags, code): (&str, &str, i32)| {
        let ran = Test::new().file("it.dvpack", &bundle).args(&format!("{verb} it.dvpack {flags}")).code(code);
        (format!("{verb} {flags}"), ran.stdout + &ran.stderr)
    };
    verbs.into_iter().map(run).collect()
}

#[test]
fn verify_inspect_and_plan_warn_of_every_letter_in_each_name() {
    for (what, name, letter) in LETTERS {
        let role = format!("{name} Service");
        for (verb, said) in said(&manifest(name, name, &role)) {
            for place in ["the publisher", "the solution", "a security role"] {
                let start = format!("the name of {place}, `");
                let found = said.split('\n').any(|line| line.contains(&start) && line.contains(letter));
                assert!(found, "{what}, {verb}, {place}: {said}");
            }
            assert!(said.contains("could pass for another one"), "{what}, {verb}: {said}");
        }
    }
}

/// A word in another alphabet, accents, and a language's own letters are nobody's fake.
#[test]
fn names_in_one_alphabet_are_not_warned_of() {
    for name in ["Контосо", "\u{c9}t\u{e9} Contoso", "Kay\u{131}t \u{d6}zeti", "会社 Contoso", "Contoso Σ"] {
        for (verb, said) in said(&manifest(name, name, &format!("{name} Service"))) {
            assert!(!said.contains("could pass for another one"), "{name}, {verb}: {said}");
        }
    }
}
