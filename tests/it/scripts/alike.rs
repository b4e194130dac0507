//! Every state that the scripts can meet: both end with the same exit code, the same words and the same environment.

use dvpack::sandbox::{Options, Scenario};
use dvpack::version::Version;
use serde_json::Value;

use super::{APPLICATION, Bundle, FIRST, ROLE, SOLUTION, Script, imported, options, template};
use crate::world::World;

const ADMINISTRATOR: &str = "5a4db0c5-0000-4000-8000-000000000008";
const BASIC_USER: &str = "5a4db0c5-0000-4000-8000-000000000009";
const CUSTOMIZER: &str = "5a4db0c5-0000-4000-8000-00000000000a";

/// Somebody deactivates the rows of these tables.
fn deactivate(world: &World, tables: &[&str]) {
    let state: Value = serde_json::from_str(&world.state()).expect("JSON");
    for table in tables {
        for id in state["rows"][table].as_object().expect("rows").keys() {
            world.patch(&format!("{table}s({id})"), &serde_json::json!({"statecode": 1, "statuscode": 2}));
        }
    }
}

/// What the environment holds of what the scripts write, without ids that are made up anew.
fn end(world: &World) -> Vec<String> {
    let state: Value = serde_json::from_str(&world.state()).expect("JSON");
    let mut found = Vec::new();
    for (set, columns) in [
        ("systemuser", ["applicationid", "isdisabled", "_businessunitid_value"]),
        ("environmentvariablevalue", ["schemaname", "value", "statecode"]),
        ("connectionreference", ["connectionreferencelogicalname", "connectionid", "statecode"]),
    ] {
        for row in state["rows"][set].as_object().into_iter().flat_map(serde_json::Map::values) {
            found.push(format!("{set} {}", columns.map(|column| row[column].to_string()).join(" ")));
        }
    }
    let roles = state["user_roles"].as_array().expect("roles").iter();
    found.extend(roles.map(|pair| format!("role {}", pair[1])));
    found.sort();
    found
}

/// One state: how the environment starts, what is done before, what must come of it.
pub(super) struct State<'a> {
    pub(super) name: &'a str,
    pub(super) code: i32,
    pub(super) words: &'a str,
    pub(super) arguments: &'a [&'a str],
    pub(super) world: &'a dyn Fn(&Bundle) -> World,
    pub(super) before: &'a dyn Fn(&World, &Bundle),
}

/// The states that apply.sh meets in every run of the tests; those of a changed bundle end before a request.
const CORE: [&str; 22] = [
    "plan",
    "fresh",
    "done",
    "none",
    ADMINISTRATOR,
    BASIC_USER,
    "signed by Authenticode",
    "another script beside them",
    "an odd text",
    "only a zero-width difference",
    "rows that are inactive",
    "changed",
    "extra",
    "missing",
    "no sums",
    "sum of the sums",
    "sum of a signature",
    "outside",
    "solution's digest",
    "solution elsewhere",
    "newer",
    "link",
];

impl State<'_> {
    pub(super) fn check(&self) {
        let mut ends: Vec<[Vec<String>; 3]> = Vec::new();
        for script in Script::of(CORE.contains(&self.name)) {
            let bundle = Bundle::new();
            let world = (self.world)(&bundle);
            (self.before)(&world, &bundle);
            world.ask(reqwest::Method::DELETE, "log");
            // That it is the exit code of the process, too, one of the states shows.
            let ran = if self.name == "fresh" {
                bundle.process(self.code, script, &world, self.arguments)
            } else {
                bundle.run(script, &world, self.arguments)
            };
            assert_eq!(ran.code, self.code, "{}: {script:?}\n{}", self.name, ran.all());
            assert!(ran.all().contains(self.words), "{}: {script:?}\n{}", self.name, ran.all());
            let fits = !matches!(self.code, 0 | 10) || !ran.stderr.contains("cannot ");
            assert!(fits, "{}: {script:?}\n{}", self.name, ran.all());
            let log = world.ask(reqwest::Method::GET, "log").expect("JSON");
            let writes = log.as_array().expect("a list").iter().map(|entry| {
                let path = entry["path"].as_str().expect("a path");
                format!(
                    "{} {}",
                    entry["method"].as_str().expect("a method"),
                    path.split('(').next().unwrap_or_default()
                )
            });
            let writes = writes.filter(|line| !line.starts_with("GET") && line.contains("/api/data/")).collect();
            let told =
                ran.stdout.lines().filter(|line| !line.starts_with("waiting") && !line.starts_with("set by hand"));
            ends.push([told.map(str::to_owned).collect(), writes, end(&world)]);
        }
        if let [one, other] = ends.as_slice() {
            assert_eq!(one, other, "{}", self.name);
        }
    }
}

pub(super) fn with(scenario: Scenario) -> impl Fn(&Bundle) -> World {
    move |bundle| imported(bundle, Options { scenarios: vec![scenario], ..options() })
}

fn fresh(bundle: &Bundle) -> World {
    imported(bundle, options())
}

fn empty(_: &Bundle) -> World {
    World::new(options())
}

/// Checks a state in which the solution is imported.
fn state(name: &str, code: i32, words: &str, before: &dyn Fn(&World, &Bundle)) {
    State { name, code, words, arguments: &[], world: &fresh, before }.check();
}

pub(super) fn scenario(scenario: Scenario, code: i32, words: &str) {
    let world = with(scenario);
    State { name: scenario.name(), code, words, arguments: &[], world: &world, before: &|_, _| {} }.check();
}

#[test]
fn a_first_run_a_second_one_and_their_plans() {
    let planned = "would create the user of application";
    State { name: "plan", code: 10, words: planned, arguments: &["--plan"], world: &fresh, before: &|_, _| {} }.check();
    state("fresh", 0, "applied and read back: 4 writes", &|_, _| {});
    let done = |world: &World, bundle: &Bundle| {
        bundle.code(0, Script::quick(), world, &[]);
        assert_eq!(world.writes(), FIRST);
        let state = world.state();
        assert!(state.contains(APPLICATION) && state.contains(ROLE), "{state}");
    };
    let words = "nothing to do";
    state("done", 0, words, &done);
    State { name: "done, plan", code: 0, words, arguments: &["--plan"], world: &fresh, before: &done }.check();
    let words = "applied and read back: 1 writes";
    state("a value changed meanwhile", 0, words, &|world, bundle| {
        done(world, bundle);
        let state: Value = serde_json::from_str(&world.state()).expect("JSON");
        let id =
            state["rows"]["environmentvariablevalue"].as_object().expect("rows").keys().next().expect("one").clone();
        world.patch(&format!("environmentvariablevalues({id})"), &serde_json::json!({"value": "another"}));
    });
}

#[test]
fn a_solution_that_is_not_there_in_this_version_and_managed() {
    let none = |_: &World, _: &Bundle| {};
    let words = "find solution `ContosoWidgets` in version 1.4.0.0, managed: import it first";
    for (name, installed) in [
        ("none", None),
        ("a lower one", Some((Version::new(1, 3, 0, 0), true))),
        ("a higher one", Some((Version::new(1, 10, 0, 0), true))),
        ("an unmanaged one", Some((Version::new(1, 4, 0, 0), false))),
    ] {
        let world = |_: &Bundle| {
            let list =
                installed.iter().map(|(version, managed)| ("ContosoWidgets".to_owned(), version.to_string(), *managed));
            World::new(Options { installed: list.collect(), ..options() })
        };
        State { name, code: 7, words, arguments: &[], world: &world, before: &none }.check();
    }
    State { name: "empty, plan", code: 7, words, arguments: &["--plan"], world: &empty, before: &none }.check();
}

#[test]
fn application_users_in_every_condition() {
    scenario(Scenario::NoConsent, 5, "consent is missing");
    scenario(Scenario::DisabledUser, 0, "applied and read back: 5 writes");
    scenario(Scenario::TwoUsers, 7, "choose among several or deleted users");
    scenario(Scenario::StaleReads, 0, "applied and read back: 4 writes");
    scenario(Scenario::SoftDeletedUser, 8, "run again");
    let world = with(Scenario::ChildBusinessUnit);
    let before = |_: &World, bundle: &Bundle| bundle.edit("\"root\"", "{\"name\": \"sandbox-child\"}");
    State { name: "child", code: 0, words: "4 writes", arguments: &[], world: &world, before: &before }.check();
    let before = |world: &World, bundle: &Bundle| {
        bundle.code(0, Script::quick(), world, &[]);
        bundle.edit("\"root\"", "{\"name\": \"sandbox-child\"}");
    };
    let words = "move the user to another business unit";
    State { name: "elsewhere", code: 7, words, arguments: &[], world: &world, before: &before }.check();
    state("no such unit", 7, "find one such business unit", &|_, bundle| {
        bundle.edit("\"root\"", "{\"name\": \"O'Brien & Sons \\\"\"}");
    });
}

#[test]
fn roles_that_are_not_the_solutions_own_are_refused() {
    for id in [ADMINISTRATOR, BASIC_USER, CUSTOMIZER, "d58407f2-48d5-e711-a82c-000d3a37c848"] {
        state(id, 6, "assign what is no custom role of this solution", &|_, bundle| bundle.edit(ROLE, id));
    }
    let foreign = format!("\"roles\": [\n      \"{ROLE}\"");
    state("a role of nobody", 3, "assigns a foreign role", &|_, bundle| {
        bundle.edit(&foreign, &format!("\"roles\": [\n      \"{ADMINISTRATOR}\""));
    });
    // An answer that does not say whether the role has a template is a refusal.
    state("no word of a template", 6, "assign what is no custom role", &|world, _| {
        let body = format!(
            r#"{{"value":[{{"roleid":"{ROLE}","name":"x","_parentrootroleid_value":"{ROLE}","_businessunitid_value":"5a4db0c5-0000-4000-8000-000000000006"}}]}}"#
        );
        let rule = serde_json::json!({"method": "GET", "path": "/roles", "times": 0,
            "effect": {"kind": "answer", "status": 200, "body": body}});
        world.fault(&serde_json::from_value(rule).expect("a rule"));
    });
}

#[test]
fn a_changed_bundle_is_refused_before_anything_else() {
    let add = |bundle: &Bundle, line: &str| {
        let sums = std::fs::read_to_string(bundle.root().join("SHA256SUMS")).expect("sums");
        bundle.write("SHA256SUMS", format!("{sums}{line}\n").as_bytes());
    };
    let zero = "0".repeat(64);
    let refused = |name: &str, words: &str, change: &dyn Fn(&Bundle)| {
        let before = |_: &World, bundle: &Bundle| change(bundle);
        State { name, code: 3, words, arguments: &[], world: &empty, before: &before }.check();
    };
    refused("changed", "file INSTALL.html", &|bundle| bundle.write("INSTALL.html", b"x"));
    refused("extra", "file solutions/more.zip", &|bundle| bundle.write("solutions/more.zip", b"x"));
    refused("missing", "file sbom.cdx.json", &|bundle| {
        std::fs::remove_file(bundle.root().join("sbom.cdx.json")).expect("removed");
    });
    refused("no sums", "SHA256SUMS", &|bundle| {
        std::fs::remove_file(bundle.root().join("SHA256SUMS")).expect("removed");
    });
    // Files that are not compared have no sum.
    refused("sum of the sums", "file SHA256SUMS is", &|bundle| add(bundle, &format!("{zero}  SHA256SUMS")));
    refused("sum of a signature", "file signatures/x is", &|bundle| add(bundle, &format!("{zero}  signatures/x")));
    // Only one script may have been signed, and a name that ends like its own is another one.
    refused("another letter", "file post-import/Apply-PackageXps1", &|bundle| {
        bundle.write("post-import/Apply-PackageXps1", b"x");
    });
    refused("two blanks", "file evil  post-import/Apply-Package.ps1", &|bundle| {
        std::fs::create_dir(bundle.root().join("evil  post-import")).expect("a folder");
        bundle.write("evil  post-import/Apply-Package.ps1", b"x");
    });
    refused("outside", "file ../x", &|bundle| add(bundle, &format!("{zero}  ../x")));
    refused("absolute", "file /etc/passwd", &|bundle| add(bundle, &format!("{zero}  /etc/passwd")));
    refused("backslash", "SHA256SUMS", &|bundle| add(bundle, &format!("{zero}  a\\b")));
    refused("another form", "SHA256SUMS", &|bundle| add(bundle, "hello"));
    refused("an empty line", "SHA256SUMS", &|bundle| add(bundle, ""));
    refused("an empty line before a change", "SHA256SUMS", &|bundle| {
        let sums = std::fs::read_to_string(bundle.root().join("SHA256SUMS")).expect("sums");
        bundle.write("SHA256SUMS", format!("\n{sums}").as_bytes());
        bundle.write("INSTALL.html", b"x");
    });
    refused("solution's digest", "another digest of a solution", &|bundle| {
        let at = bundle.description().find("\"sha256\": \"").expect("a digest") + 11;
        let digest = bundle.description()[at..at + 64].to_owned();
        bundle.edit(&digest, &zero);
    });
    refused("solution elsewhere", "another digest of a solution", &|bundle| bundle.edit(SOLUTION, "../x.zip"));
    for (name, format) in [("older", "1"), ("newer", "3"), ("text", "\"2\"")] {
        refused(name, "not of format 2", &|bundle| bundle.edit("\"format\": 2,", &format!("\"format\": {format},")));
    }
    refused("no JSON", "", &|bundle| {
        bundle.write("bundle.json", b"hello");
        bundle.sum();
    });
    #[cfg(unix)]
    refused("link", "file sbom.cdx.json", &|bundle| {
        let (inside, outside) = (bundle.root().join("sbom.cdx.json"), bundle.folder.path().join("sbom"));
        std::fs::rename(&inside, &outside).expect("moved");
        std::os::unix::fs::symlink(outside, inside).expect("a link");
    });
}

#[test]
fn members_in_another_case_and_signatures_are_not_taken_for_something_else() {
    state("user in another case", 0, "2 writes", &|_, bundle| {
        bundle.edit("\"applicationUser\"", "\"ApplicationUser\"");
    });
    state("both cases", 0, "4 writes", &|_, bundle| {
        let evil = format!("\"ApplicationUser\": {{\"roles\": [\"{ADMINISTRATOR}\"]}}, \"applicationUser\"");
        bundle.edit("\"applicationUser\"", &evil);
    });
    state("value in another case", 0, "4 writes", &|_, bundle| {
        bundle.edit("\"value\"", "\"Value\": {\"text\": \"evil\"}, \"value\"");
    });
    state("a signature", 0, "4 writes", &|_, bundle| bundle.write("signatures/a.sig", b"x"));
    state("signed by Authenticode", 0, "4 writes", &|_, bundle| {
        let der = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [0x30, 0x03, 0x02, 0x01, 0x05]);
        let block = format!("\r\n# SIG # Begin signature block\r\n# {der}\r\n# SIG # End signature block\r\n");
        bundle.write("post-import/Apply-Package.ps1", (template("Apply-Package.ps1") + &block).as_bytes());
    });
    state("another script beside them", 3, "file post-import/Apply-Package.ps1.ps1", &|_, bundle| {
        bundle.write("post-import/Apply-Package.ps1.ps1", b"x");
    });
}

#[test]
fn settings_get_just_the_text_of_the_bundle() {
    let value = |to: &'static str| {
        move |_: &World, bundle: &Bundle| bundle.edit("\"text\": \"https://api.uat.contoso.com\"", to)
    };
    state("a date", 0, "4 writes", &value("\"text\": \"2024-01-01T00:00:00Z\""));
    let odd = "\"text\": \" a\\nb\\t##vso[task.x] \u{200b}é e\u{301} 😀 {\\\"Key\\\": \\\"2024-01-01T00:00:00Z\\\"} \\\\u0041 \"";
    state("an odd text", 0, "4 writes", &value(odd));
    state("a key vault", 0, "4 writes", &value("\"secretFromKeyVault\": \"/subscriptions/x\""));
    state("a file's", 0, "set by hand or with dvpack: contoso_ApiBase", &value("\"secretFromFile\": \"/etc/passwd\""));
    state("a variable's", 0, "set by hand or with dvpack: contoso_ApiBase", &value("\"secretFromEnv\": \"HOME\""));
    state("of nobody", 9, "set `contoso_Other`", &|_, bundle| bundle.edit("\"contoso_ApiBase\"", "\"contoso_Other\""));
    // Not equal to what is there, but for a character without width.
    state("a zero-width difference", 0, "nothing to do", &|world, bundle| {
        bundle.code(0, Script::quick(), world, &[]);
    });
    state("only a zero-width difference", 0, "1 writes", &|world, bundle| {
        bundle.code(0, Script::quick(), world, &[]);
        bundle.edit("https://api.uat.contoso.com\"", "https://api.uat.contoso.com\u{200b}\"");
    });
    // A row that somebody has deactivated is not right, whatever it says.
    let connection = |bundle: &Bundle| {
        let connector = "\"connector\": \"/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps\",";
        bundle.edit(connector, &format!("{connector} \"value\": {{\"connection\": \"c-1\"}},"));
    };
    state("rows that are inactive", 0, "3 writes", &|world, bundle| {
        connection(bundle);
        bundle.code(0, Script::quick(), world, &[]);
        deactivate(world, &["environmentvariablevalue", "connectionreference"]);
    });
}
