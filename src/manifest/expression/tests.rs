use std::path::Path;

use super::*;
use crate::diagnostic::Source;
use crate::yaml::parse::parse;

fn run(text: &str, set: &[(&str, &str)]) -> (Node, Vec<Diagnostic>) {
    let source = Source::new("dvpack.yaml", text);
    let mut findings = Vec::new();
    let mut node = parse(&source, None, &mut findings).expect("a tree");
    let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    evaluate(&mut node, &Scope::new(Path::new("/nonexistent"), &set), &mut findings);
    (node, findings)
}

fn value(text: &str, set: &[(&str, &str)]) -> String {
    let (node, findings) = run(text, set);
    match (&node.get("a").expect("a value").content, findings.is_empty()) {
        (Content::Scalar(scalar), true) => scalar.text.clone(),
        _ => panic!("{findings:?}"),
    }
}

#[test]
fn expressions_are_evaluated_inside_scalars() {
    assert_eq!(value("a: v${{ set.x }}-${{ set.x | upper }}", &[("x", "b")]), "vb-B");
    assert_eq!(value("a: ${{ set.none | default('1.10') }}", &[]), "1.10");
    assert_eq!(value("a: \"${{ '}}' }}\"", &[]), "}}");
    assert_eq!(value("a: ${{ set.x }}", &[("x", "b: [1]\nc: ${{ env.HOME }}")]), "b: [1]\nc: ${{ env.HOME }}");
    assert_eq!(value("a: '{% if x %} {{ y }}'", &[]), "{% if x %} {{ y }}");
}

#[test]
fn errors_point_at_the_exact_characters() {
    for (text, marked) in [
        ("a: v${{ set.none }}", "set.none"),
        ("a: 'v${{ set.none }} x'", "set.none"),
        ("a: x ${{ sett.x }}", "sett.x"),
        ("a: \"\\u0041 ${{ set.none }}\"", "\"\\u0041 ${{ set.none }}\""),
        ("a: y ${{ set.x", "${{ set.x"),
    ] {
        let (_, findings) = run(text, &[]);
        let Some(crate::diagnostic::At::Span(span)) = &findings[0].at else { panic!("{findings:?}") };
        assert_eq!((findings.len(), span.text()), (1, marked));
    }
}

#[test]
fn errors_do_not_tell_values() {
    for expression in ["set.key | int", "set.key.a.b", "set.key + 1", "set.key is foo", "range(100000000)"] {
        let (_, findings) = run(&format!("a: ${{{{ {expression} }}}}"), &[("key", "hunter2")]);
        assert!(!findings.is_empty() && !format!("{findings:?}").contains("hunter2"), "{findings:?}");
    }
}

#[test]
fn git_that_is_absent_is_named() {
    let (_, findings) = run("a: ${{ git.commit }}", &[]);
    assert!(findings[0].message.starts_with("`git.commit` has no value: "), "{findings:?}");
}

const SECRET: &str = "p1peline-secret-0123456789";

/// With a separate environment.
fn within(text: &str, set: &[(&str, &str)]) -> (Option<String>, Vec<Diagnostic>) {
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let connection = format!("Server=db;Password={SECRET}");
    let environment = pairs(&[
        ("AZURE_CLIENT_SECRET", SECRET),
        ("GITHUB_TOKEN", "short"),
        ("COPY", SECRET),
        ("CONNECTION", &connection),
        ("SHORT", "short"),
        ("CONTOSO_API_KEY", "k3y"),
        ("BUILD", "17"),
    ]);
    let scope = Scope::with_environment(Path::new("/nonexistent"), &pairs(set), environment.into_iter());
    let source = Source::new("dvpack.yaml", text);
    let mut findings = Vec::new();
    let mut node = parse(&source, None, &mut findings).expect("a tree");
    evaluate(&mut node, &scope, &mut findings);
    let value = match &node.get("a").expect("a value").content {
        Content::Scalar(scalar) => Some(scalar.text.clone()),
        _ => None,
    };
    (value, findings)
}

#[test]
fn credentials_are_never_there_however_they_are_named() {
    for expression in [
        "env.AZURE_CLIENT_SECRET",
        "env['AZURE_CLIENT_SECRET']",
        "env['AZURE_' ~ 'CLIENT_SECRET']",
        "env.AZURE_CLIENT_SECRET[:3] ~ env.AZURE_CLIENT_SECRET[3:]",
        "env.AZURE_CLIENT_SECRET | default('x')",
        "'x' if env.AZURE_CLIENT_SECRET is undefined else 'y'",
        "'y' if 'AZURE_CLIENT_SECRET' in env else env.AZURE_CLIENT_SECRET | default('n')",
        "env['azure_client_secret'|upper]",
        "env.azure_client_secret",
        "env.SYSTEM_ACCESSTOKEN",
        "env.GITHUB_TOKEN",
        "env.DVPACK_KEY_PASSPHRASE",
        "env.COPY",
        "env.CONNECTION | reverse",
        "set.copy",
        "[env][0].AZURE_CLIENT_SECRET",
        "([env] | first).AZURE_CLIENT_SECRET",
        "[env.AZURE_CLIENT_SECRET] | join",
    ] {
        let (value, findings) = within(&format!("a: \"${{{{ {expression} }}}}\""), &[("copy", SECRET)]);
        assert_eq!(value, None, "{expression}");
        assert_eq!(findings.len(), 1, "{expression}");
        assert_eq!(findings[0].code, "expression-credential", "{expression}: {findings:?}");
        assert!(!format!("{findings:?}").contains(SECRET), "{expression}");
    }
    let listed = [
        "env|items|list",
        "env|tojson",
        "env|list",
        "env|string",
        "env",
        "debug()",
        "dict(env)",
        "env|pprint",
        "env|join",
        "env ~ ''",
        "env|attr('AZURE_CLIENT_SECRET')",
        "dict(env=env).env.AZURE_CLIENT_SECRET",
        "[env] | map(attribute='AZURE_CLIENT_SECRET') | list | tojson",
        "env|dictsort",
    ];
    for expression in listed {
        let (value, findings) = within(&format!("a: ${{{{ {expression} }}}}"), &[]);
        let all = format!("{value:?} {findings:?}");
        assert!(!all.contains("p1peline") && !all.contains("k3y"), "{expression}: {all}");
    }
}

#[test]
fn other_variables_are_read_and_names_that_look_secret_are_warned_of() {
    assert_eq!(within("a: v${{ env.BUILD }}", &[]), (Some("v17".into()), Vec::new()));
    assert_eq!(within("a: ${{ env.SHORT }}", &[]), (Some("short".into()), Vec::new()));
    for (text, name) in
        [("a: ${{ env.CONTOSO_API_KEY }}", "env.CONTOSO_API_KEY"), ("a: ${{ set.apiToken }}", "set.apiToken")]
    {
        let (value, findings) = within(text, &[("apiToken", "k3y")]);
        assert_eq!(value.as_deref(), Some("k3y"));
        assert_eq!((findings.len(), findings[0].code.as_ref()), (1, "expression-secret-name"));
        assert!(findings[0].message.starts_with(&format!("`{name}` looks like a secret")), "{findings:?}");
    }
}

#[test]
fn a_comment_accepts_a_name_that_looks_secret() {
    for text in
        ["a: ${{ env.CONTOSO_API_KEY }} # dvpack:allow-secret", "# dvpack:allow-secret\na: ${{ env.CONTOSO_API_KEY }}"]
    {
        assert_eq!(within(text, &[]), (Some("k3y".into()), Vec::new()), "{text}");
    }
    let far = "# dvpack:allow-secret\nb: 1\na: ${{ env.CONTOSO_API_KEY }}";
    assert_eq!(within(far, &[]).1.len(), 1);
}

/// The smallest stack that a main thread has is a megabyte (Windows); half of it must do for the largest
/// expressions that are let through.
#[test]
fn the_largest_expressions_need_little_stack() {
    let chains = [
        ".b".repeat(99),
        "|upper".repeat(99),
        "~'a'".repeat(99),
        " if b else a".repeat(49),
        "**2".repeat(66),
        "==a".repeat(66),
        " and a".repeat(99),
        "[0]".repeat(66),
        "()".repeat(99),
    ];
    let nested = [("(", ")"), ("[", "]"), ("not ", ""), ("- ", ""), ("{'a':", "}"), ("f(", ")")];
    let mut all: Vec<String> = chains.iter().map(|chain| format!("a{chain}")).collect();
    all.extend(nested.iter().map(|(open, close)| format!("{}a{}", open.repeat(15), close.repeat(15))));
    let mut deep = "a".to_owned();
    for level in 0..15 {
        deep = format!("(b|default({deep}, {level}))");
    }
    all.push(deep);
    for expression in all {
        let limits = limits::check(&expression);
        let run = move || run(&format!("a: \"${{{{ {expression} }}}}\""), &[]).1.len();
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(run).expect("a thread");
        assert!(thread.join().is_ok(), "{limits:?}");
    }
}

#[test]
fn expressions_that_are_too_large_point_at_the_characters() {
    for (expression, marked) in [
        ("not ".repeat(30_000), "not ".repeat(30_000).trim_end().len()),
        ("not ".repeat(500) + "a", 3),
        ("(".repeat(500), 1),
        (format!("a{}", ".b".repeat(300)), 1),
    ] {
        let (_, findings) = run(&format!("x: 1\na: ${{{{ {expression} }}}}"), &[]);
        let Some(crate::diagnostic::At::Span(span)) = &findings[0].at else { panic!("{findings:?}") };
        assert_eq!((findings.len(), findings[0].code.as_ref()), (1, "expression-too-large"));
        assert!(span.text().trim().len() == marked, "{} {marked}", span.text().len());
    }
}

#[test]
fn many_expressions_end_in_time() {
    let text = format!("a: [{}]", vec!["'${{ set.x }}'"; 40_000].join(","));
    let (_, findings) = run(&text, &[("x", "y")]);
    assert_eq!(findings.iter().map(|it| it.code.as_ref()).collect::<Vec<_>>(), ["expression-too-large"]);
    let long = "x".repeat(60_000);
    let text = format!("a: [{}]", vec!["\"${{ set.x }}\""; 5_000].join(","));
    assert_eq!(run(&text, &[("x", &long)]).1.len(), 1);
    let text = format!("a: [{}]", vec!["\"${{ set.x|replace('x','y')|upper|lower|length }}\""; 9_900].join(","));
    let (_, findings) = run(&text, &[("x", &long)]);
    assert_eq!(findings.iter().map(|it| it.code.as_ref()).collect::<Vec<_>>(), ["expression-too-large"]);
}

#[test]
fn expressions_give_single_values_and_nothing_that_grows() {
    let long = "x".repeat(60_000);
    let longer = "x".repeat(70_000);
    for expression in [
        "[['x'*1000]*1000]*1000",
        "([['x'*1000]*1000]*1000)|string",
        "([[[1]*1000]*1000]*1000) == ([[[1]*1000]*1000]*1000)",
        "([[[1]*1000]*1000]*1000) < ([[[1]*1000]*1000]*1000)",
        "[[1]*1000]*1000 | tojson",
        "{'a':1}|tojson(indent=1000000000)",
        "{'a':[[1]]}|tojson(indent=4000000000)",
        "set.x * 1000000",
        "set.x|replace('x', set.x)",
        "set.x|replace('', set.x)",
        "set.x|split('x')|join(set.x)",
        "set.longer",
        "set.x ~ set.x",
        "range(10000)|list",
        "dict(a=1)",
        "namespace()",
        "debug()",
        "[1, 2]",
        "(1, 2)",
        "set.x|split('x')",
        "env",
        "git",
        "git|string",
        "[1]|string",
        "'a'|indent(1000000000)",
        "'%1000000000d'|format(1)",
        "'a'|center(1000000000)",
    ] {
        let (node, findings) = run(&format!("a: \"${{{{ {expression} }}}}\""), &[("x", &long), ("longer", &longer)]);
        assert!(matches!(node.get("a").map(|it| &it.content), Some(Content::Refused)), "{expression}");
        assert_eq!(findings.len(), 1, "{expression}");
    }
}

#[test]
fn what_people_write_keeps_its_value() {
    for (expression, expected) in [
        ("set.x | replace('-', '_') | upper", "V1_DEV"),
        ("set.x | lower | trim('v1-')", "de"),
        ("set.x | split('-') | last", "dev"),
        ("set.x | split('-') | join('.')", "v1.dev"),
        ("'yes' if set.x in ['a', 'v1-dev'] else 'no'", "yes"),
        ("'yes' if set.x is startingwith('v') else 'no'", "yes"),
        ("set.x | length * 2 + 1", "13"),
        ("set.none | d('x') | title", "X"),
        ("set.x[1:2]", "1"),
        ("'true' == 'true'", "true"),
        ("set.x is defined and not false", "true"),
        ("'2.55' | float | round(1)", "2.5"),
    ] {
        let found = value(&format!("a: \"${{{{ {expression} }}}}\""), &[("x", "v1-dev")]);
        assert!(found == expected || (expected == "2.5" && found.starts_with("2.")), "{expression}: {found}");
    }
}
