//! Whoever reads a hostile file takes time in proportion to its size: each reader gets the same kind of input in one
//! size and in four times that size. Linear work takes four times as long, quadratic work sixteen times.

use std::fmt::Write;
use std::time::{Duration, Instant};

use dvpack::archive::{self, Entry};
use dvpack::bundle::diff::{Side, compare, human, markdown};
use dvpack::solution::{Contents, check, read_zip};

use crate::merged_zip::{FLOW_PART, zip};

/// Linear work with its logarithms and a busy machine stays below this, quadratic work does not.
const MOST: u32 = 10;
/// Below this nobody waits, and nothing can be measured.
const FAST: Duration = Duration::from_millis(1500);

/// A solution with these sections and parts.
fn solution(sections: &str, parts: &[(&str, String)]) -> Vec<u8> {
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    zip(sections, "", &parts)
}

/// `count` times what `one` writes.
fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, at| {
        let _ = text.write_str(&one(at));
        text
    })
}

/// With something put before the end of a list of solution.xml.
fn with_manifest(put: &str) -> Vec<u8> {
    let mut entries = archive::read(&solution("", &[]), &archive::Limits::default()).expect("read");
    let manifest = entries.iter_mut().find(|entry| entry.name == "solution.xml").expect("there");
    let text = String::from_utf8(manifest.bytes.clone()).expect("UTF-8");
    manifest.bytes = text.replacen("</SolutionManifest>", &format!("{put}</SolutionManifest>"), 1).into_bytes();
    archive::write(&entries).expect("written")
}

fn role(at: usize, privileges: &str) -> String {
    format!(
        "<Role id=\"{{00000000-0000-0000-0000-{at:012x}}}\" name=\"Same\"><RolePrivileges>{privileges}</RolePrivileges></Role>"
    )
}

/// What grows: what it is called, its size, and the solution of a size.
type Kind = (&'static str, usize, fn(usize) -> Vec<u8>);

const KINDS: &[Kind] = &[
    ("slashes", 40_000, |n| solution("", &[("WebResources/a.js", format!("x = '{}", "/".repeat(n)))])),
    ("backslashes", 40_000, |n| solution("", &[("WebResources/a.js", format!("{}/", "\\".repeat(n)))])),
    ("mixed slashes", 20_000, |n| solution("", &[("WebResources/a.js", "\"\\/".repeat(n))])),
    ("schemes", 8_000, |n| solution("", &[("WebResources/a.js", "'https:".repeat(n))])),
    ("schemes with slashes", 8_000, |n| solution("", &[("WebResources/a.js", "https:/\\a@".repeat(n))])),
    ("braces", 20_000, |n| solution("", &[("WebResources/a.js", format!("https://{}", "{@".repeat(n)))])),
    ("open escapes", 20_000, |n| solution("", &[("WebResources/a.js", "\\u{0000".repeat(n))])),
    ("open comments", 20_000, |n| solution("", &[("WebResources/a.js", "<!--&#47".repeat(n))])),
    ("nested escapes", 1_000, |n| {
        solution("", &[("WebResources/a.js", "&amp;amp;#47; \\\\\\\\u002f %25252f &#92;u002f ".repeat(n))])
    }),
    ("escapes before a long text", 40_000, |n| {
        solution("", &[("WebResources/a.js", format!("&amp;amp;#47; \\\\u002f {}", "a".repeat(n)))])
    }),
    ("at signs", 20_000, |n| solution("", &[("WebResources/a.js", format!("https://{}", "a@".repeat(n)))])),
    ("schemes without an end", 8_000, |n| solution("", &[("WebResources/a.js", "=https:a ".repeat(n))])),
    ("brackets", 20_000, |n| solution("", &[("WebResources/a.js", "https://[".repeat(n))])),
    ("namespaces", 4_000, |n| solution("", &[("WebResources/a.js", "http://www.w3.org,".repeat(n))])),
    ("entities", 2_000, |n| solution("", &[("WebResources/a.svg", "<!ENTITY a '&a;'>&a;".repeat(n))])),
    ("files in addresses", 4_000, |n| solution("", &[("WebResources/a.js", "base64,QUFB".repeat(n))])),
    ("ends of archives", 4_000, |n| solution("", &[("WebResources/a.js", "PK\x05\x06".repeat(n))])),
    ("keys", 8_000, |n| solution("", &[("WebResources/a.js", "url:\"a.b\" ".repeat(n))])),
    ("values that could be hosts", 3_000, |n| solution("", &[("WebResources/a.js", "url='a.b'".repeat(n))])),
    ("values that end in one slash", 3_000, |n| {
        solution("", &[("WebResources/a.js", format!("{}/", "url='a.b'".repeat(n)))])
    }),
    ("declarations without a name", 8_000, |n| {
        solution("", &[("WebResources/a.svg", format!("{} x", "<!ENTITY".repeat(n)))])
    }),
    ("lines in base64", 4_000, |n| solution("", &[("WebResources/a.js", "YWFhYWFhYWE6\n".repeat(n))])),
    ("roles of an app", 2_500, |n| {
        let roles = many(n, |at| format!("<Role id=\"{{00000000-0000-0000-0000-{at:012x}}}\" />"));
        solution(
            &format!(
                "<AppModules><AppModule><UniqueName>a</UniqueName><AppModuleRoleMaps>{roles}</AppModuleRoleMaps></AppModule></AppModules>"
            ),
            &[],
        )
    }),
    ("wide texts", 20_000, |n| solution("", &[("WebResources/a.js", "h\0:\0/\0/\0a\0.\0b\0 \0".repeat(n))])),
    ("columns of a record", 1_500, |n| {
        let columns = many(n, |at| format!("<c{at}>1</c{at}>"));
        solution(
            "",
            &[("contoso_things/a/contoso_thing.xml", format!("<contoso_thing name=\"a\">{columns}</contoso_thing>"))],
        )
    }),
    ("columns of one name", 1_500, |n| {
        let columns = "<c>1</c>".repeat(n);
        solution(
            "",
            &[("contoso_things/a/contoso_thing.xml", format!("<contoso_thing name=\"a\">{columns}</contoso_thing>"))],
        )
    }),
    ("attributes with a long name", 400, |n| {
        let attributes = many(n, |at| format!(" a{at}=\"1\""));
        solution(&format!("<Zz><{0}{attributes}></{0}></Zz>", "z".repeat(n * 8)), &[])
    }),
    ("children with a long name", 400, |n| {
        let inside = many(n, |at| format!("<a{at} />"));
        solution(
            &format!(
                "<WebResources><WebResource><Name>{}</Name>{inside}</WebResource></WebResources>",
                "z".repeat(n * 8)
            ),
            &[],
        )
    }),
    ("members of one name", 1_500, |n| {
        let name = "z".repeat(n * 4);
        solution("", &[(FLOW_PART, format!("{{\"{name}\":{{{}\"b\":1}}}}", "\"a\":1,".repeat(n)))])
    }),
    ("nested members", 1_500, |n| {
        solution("", &[(FLOW_PART, format!("{{{}\"b\":1}}", many(n, |at| format!("\"a{at}\":{{\"x\":[1]}},"))))])
    }),
    ("processes with one definition", 300, |n| {
        let item = |at: usize| {
            format!(
                "<Workflow WorkflowId=\"{{00000000-0000-0000-0000-{at:012x}}}\" Name=\"F\"><JsonFileName>/Workflows/F.json</JsonFileName><Category>5</Category></Workflow>"
            )
        };
        solution(&many(n, item), &[("Workflows/F.json", format!("{{\"a\":[{}1]}}", "1,".repeat(n * 40)))])
    }),
    ("root components", 1_500, |n| {
        with_manifest(&format!(
            "<RootComponents>{}</RootComponents>",
            many(n, |at| format!("<RootComponent type=\"62\" schemaName=\"a{at}\" behavior=\"0\" />"))
        ))
    }),
    ("missing dependencies", 1_500, |n| {
        with_manifest(&format!(
            "<MissingDependencies>{}</MissingDependencies>",
            many(n, |at| format!(
                "<MissingDependency><Required type=\"1\" schemaName=\"a{at}\" solution=\"Base{} (1.0)\" /><Dependent type=\"1\" /></MissingDependency>",
                at % 2
            ))
        ))
    }),
    ("owners of dependencies", 1_500, |n| {
        with_manifest(&format!(
            "<MissingDependencies>{}</MissingDependencies>",
            many(n, |at| format!(
                "<MissingDependency><Required type=\"1\" schemaName=\"a\" solution=\"Base{at} (1.0)\" /><Dependent type=\"1\" /></MissingDependency>"
            ))
        ))
    }),
    ("labels", 1_500, |n| {
        with_manifest(&format!(
            "<LocalizedNames>{}</LocalizedNames>",
            "<LocalizedName description=\"aaaaaaaa\" languagecode=\"1033\" />".repeat(n)
        ))
    }),
    ("roles of one name", 800, |n| solution(&format!("<Roles>{}</Roles>", many(n, |at| role(at, ""))), &[])),
    ("privileges", 1_500, |n| {
        let rows = many(n, |at| format!("<RolePrivilege name=\"prvRead{at}\" level=\"Global\" />"));
        solution(&format!("<Roles>{}</Roles>", role(1, &rows)), &[])
    }),
    ("variables with values", 300, |n| {
        let of = |at: usize, file: &str| format!("environmentvariabledefinitions/contoso_v{at}/{file}");
        let mut entries = archive::read(&solution("", &[]), &archive::Limits::default()).expect("read");
        for at in 0..n {
            let definition = format!(
                "<environmentvariabledefinition schemaname=\"contoso_v{at}\"><type>100000000</type></environmentvariabledefinition>"
            );
            entries.push(Entry::new(of(at, "environmentvariabledefinition.xml"), definition));
            entries.push(Entry::new(
                of(at, "environmentvariablevalues.json"),
                "{\"environmentvariablevalues\":{\"environmentvariablevalue\":{\"value\":\"a\"}}}",
            ));
        }
        archive::write(&entries).expect("written")
    }),
    ("packages with files", 300, |n| {
        let mut entries = archive::read(&solution("", &[]), &archive::Limits::default()).expect("read");
        for at in 0..n {
            let package =
                format!("<pluginpackage uniquename=\"p{at}\"><name>p</name><package>a.nupkg</package></pluginpackage>");
            entries.push(Entry::new(format!("pluginpackages/p{at}/pluginpackage.xml"), package));
            entries.push(Entry::new(format!("pluginpackages/p{at}/package/a.nupkg"), "PK"));
        }
        archive::write(&entries).expect("written")
    }),
];

/// Everything that `inspect`, `diff` and `check` do with a solution; whatever they find.
fn read(zip: &[u8]) -> Duration {
    let start = Instant::now();
    if let Ok(contents) = Contents::read(zip, "it.zip") {
        let mut other = Side::of_solution("old", &contents, Some(zip));
        let side = Side::of_solution("new", &contents, Some(zip));
        // The other side of all that is compared: nothing is there on both.
        other.roles.iter_mut().for_each(|role| role.id = uuid::Uuid::from_u128(role.id.as_u128() ^ 1 << 100));
        other.releases.iter_mut().for_each(|release| release.version = "0.1".parse().ok());
        other.components.clear();
        let difference = compare(&other, &side);
        let _ = (human(&difference, false), markdown(&difference));
        let _ = compare(&side, &other);
    }
    if let Ok(package) = read_zip(zip, "it.zip") {
        let _ = check::check(&package);
    }
    start.elapsed()
}

#[test]
fn four_times_the_input_takes_no_more_than_some_four_times_the_time() {
    let mut slow = Vec::new();
    // A run by day takes every third of them, and the night takes all.
    let every = if std::env::var_os("DVPACK_LONG").is_some() { 1 } else { 3 };
    for (what, size, make) in KINDS.iter().step_by(every) {
        let (small, large) = (make(*size), make(size * 4));
        // The best of several runs is the one that nothing disturbed.
        let is_slow = |_: &u32| {
            let after = read(&large);
            let before = (after > FAST).then(|| read(&small))?;
            (after > before * MOST).then_some((before, after))
        };
        let runs: Vec<_> = (0..3).map_while(|run| is_slow(&run)).collect();
        if let [.., (before, after)] = runs[..]
            && runs.len() == 3
        {
            slow.push(format!("{what}: {before:?} for {size}, {after:?} for {}", size * 4));
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
