use super::*;

const GUID: &str = "11111111-2222-3333-4444-555555555555";

/// Two web resources, two environment variables, a flow, and a file that belongs to none of them.
fn changed(from: &str, to: &str) -> BTreeMap<(String, String), String> {
    let edit = |text: &str| text.replacen(from, to, 1);
    let resource = |name: &str| {
        format!(
            "<WebResource><Name>contoso_/{name}.js</Name><DisplayName>{name} shown</DisplayName><FileName>/WebResources/contoso_{name}</FileName></WebResource>"
        )
    };
    let customizations = format!(
        "<ImportExportXml><WebResources>{}{}</WebResources><Workflows><Workflow WorkflowId=\"{{{GUID}}}\" Name=\"Flow\"><Category>5</Category><JsonFileName>/Workflows/Flow-{GUID}.json</JsonFileName></Workflow></Workflows></ImportExportXml>",
        resource("one"),
        resource("two"),
    );
    let solution = format!(
        "<ImportExportXml><SolutionManifest><UniqueName>W</UniqueName><Version>1.0</Version><Managed>1</Managed><Publisher><UniqueName>c</UniqueName></Publisher><RootComponents><RootComponent type=\"61\" schemaName=\"contoso_/one.js\" /><RootComponent type=\"61\" schemaName=\"contoso_/two.js\" /><RootComponent type=\"29\" id=\"{{{GUID}}}\" /><RootComponent type=\"380\" schemaName=\"contoso_A\" /><RootComponent type=\"380\" schemaName=\"contoso_B\" /></RootComponents></SolutionManifest></ImportExportXml>"
    );
    let variable = |name: &str| {
        let path = format!("environmentvariabledefinitions/{name}/environmentvariabledefinition.xml");
        let text = format!(
            "<environmentvariabledefinition schemaname=\"{name}\"><type>{name} type</type></environmentvariabledefinition>"
        );
        (path, text)
    };
    let mut files = vec![
        ("customizations.xml".to_owned(), customizations),
        ("solution.xml".to_owned(), solution),
        ("WebResources/contoso_one".to_owned(), "first file".to_owned()),
        ("WebResources/contoso_two".to_owned(), "second file".to_owned()),
        (format!("Workflows/Flow-{GUID}.json"), "{ \"flow\": 1 }".to_owned()),
        ("Other/readme.txt".to_owned(), "of nobody".to_owned()),
    ];
    files.extend(["contoso_A", "contoso_B"].map(variable));
    let entries: Vec<_> = files.into_iter().map(|(name, text)| crate::archive::Entry::new(name, edit(&text))).collect();
    let zip = crate::archive::write(&entries).expect("written");
    Contents::read(&zip, "w.zip").expect("read").digests
}

#[test]
fn a_change_shows_at_the_component_that_it_belongs_to_and_nowhere_else() {
    let before = changed("", "");
    let names: Vec<String> = before.keys().map(|(kind, name)| format!("{kind} {name}")).collect();
    assert_eq!(
        names,
        [
            "Cloud flow Flow",
            "Environment variable contoso_A",
            "Environment variable contoso_B",
            "File Other/readme.txt",
            "Web resource contoso_/one.js",
            "Web resource contoso_/two.js"
        ]
    );
    for (from, to, name) in [
        ("first file", "other", "contoso_/one.js"),
        ("two shown", "other", "contoso_/two.js"),
        ("second file", "other", "contoso_/two.js"),
        ("\"flow\": 1", "\"flow\": 2", "Flow"),
        ("contoso_B type", "other", "contoso_B"),
        ("of nobody", "other", "Other/readme.txt"),
    ] {
        let after = changed(from, to);
        let differ: Vec<&str> = after
            .iter()
            .filter(|(key, digest)| before.get(key) != Some(digest))
            .map(|((_, it), _)| it.as_str())
            .collect();
        assert_eq!(differ, [name], "{from}");
        assert_eq!(after.len(), before.len());
    }
}

#[test]
fn a_bundle_says_whom_it_is_for_and_who_gives_a_setting() {
    let mut descriptor = crate::bundle::build::tests::built().descriptor;
    let side = Side::of_bundle("old.dvpack", &descriptor, &[], &[]);
    assert_eq!(side.label, "old.dvpack");
    assert_eq!(side.settings["contoso_Sql"], "(the subscriber gives it)");
    assert_eq!(side.settings["contoso_ApiBase"], "https://api.contoso.example/<x>");
    assert_eq!(side.facts["application.redirectUris"], "https://contoso.example/done?a=b");
    assert_eq!(side.facts["applicationUser.roles"], "Contoso Service");
    for setting in &mut descriptor.settings {
        setting.required = false;
    }
    descriptor.application.as_mut().expect("there").redirect_uris.web.clear();
    let side = Side::of_bundle("new.dvpack", &descriptor, &[], &[]);
    assert_eq!(side.settings["contoso_Sql"], "(the default)");
    assert!(!side.facts.contains_key("application.redirectUris"));
}
