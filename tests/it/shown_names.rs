//! The name that people are shown is the one that Dataverse takes: one label for each language, the base language's first.

use crate::one_truth::{CUSTOMIZATIONS, MANIFEST, all_refused};

const VARIABLE: &str = "environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml";

#[test]
fn the_name_that_is_shown_is_the_one_that_dataverse_takes() {
    let label =
        |text: &str, language: &str| format!("<LocalizedName description=\"{text}\" languagecode=\"{language}\" />");
    let own = label("Contoso Widgets", "1033");
    let name = |labels: &[String]| labels.concat();
    let workflow = |attributes: &str, more: &str| {
        format!(
            "<Workflows><Workflow WorkflowId=\"{{0badc0de-0000-4000-8000-0000000000b0}}\" {attributes}>\
             <Category>0</Category>{more}</Workflow></Workflows>"
        )
    };
    let names = |text: &str, language: &str| format!("<LocalizedNames>{}</LocalizedNames>", label(text, language));
    let choice = |name: &str, shown: &str| {
        format!(
            "<optionsets><optionset Name=\"contoso_x\" localizedName=\"{name}\"><displaynames><displayname \
             description=\"{shown}\" languagecode=\"1033\" /></displaynames></optionset></optionsets>"
        )
    };
    let nested = "<Unknown><Thing><LocalizedNames><LocalizedName description=\"a\" languagecode=\"1033\" /><LocalizedName \
                  description=\"b\" languagecode=\"1033\" /></LocalizedNames></Thing></Unknown><optionsets />";
    let lists = "<Unknown><Thing><LocalizedNames><LocalizedName description=\"a\" languagecode=\"1033\" /></LocalizedNames>\
                 <LocalizedNames><LocalizedName description=\"b\" languagecode=\"1033\" /></LocalizedNames></Thing></Unknown>\
                 <optionsets />";
    all_refused(&[
        (
            "two labels of a language",
            MANIFEST,
            &own,
            &name(&[label("Harmless", "1033"), own.clone()]),
            "a second `LocalizedName` for the language 1033 in `LocalizedNames`",
        ),
        (
            "another language first",
            MANIFEST,
            &own,
            &name(&[label("Harmless", "1036"), own.clone()]),
            "the first label of `LocalizedNames` is not in the solution's base language 1033",
        ),
        (
            "two labels, none in the base language",
            MANIFEST,
            &own,
            &name(&[label("a", "1036"), label("b", "1031")]),
            "the first label of `LocalizedNames` is not in the solution's base language 1033",
        ),
        (
            "an unknown language",
            MANIFEST,
            &own,
            &name(&[own.clone(), label("a", "1078")]),
            "`languagecode`: `1078` is not the code of a language that Dataverse has",
        ),
        (
            "no language",
            MANIFEST,
            &own,
            &name(&[own.clone(), label("a", "0")]),
            "`languagecode`: `0` is not the code of a language that Dataverse has",
        ),
        (
            "a plus",
            MANIFEST,
            &own,
            &label("Contoso Widgets", "+1033"),
            "`languagecode`: `+1033` is not the code of a language that Dataverse has",
        ),
        (
            "a blank",
            MANIFEST,
            &own,
            &label("Contoso Widgets", " 1033"),
            "`languagecode`: ` 1033` is not the code of a language that Dataverse has",
        ),
        (
            "zeros before",
            MANIFEST,
            &own,
            &label("Contoso Widgets", "001033"),
            "`languagecode`: `001033` is not the code of a language that Dataverse has",
        ),
        (
            "hexadecimal",
            MANIFEST,
            &own,
            &label("Contoso Widgets", "0x409"),
            "`languagecode`: `0x409` is not the code of a language that Dataverse has",
        ),
        (
            "wide digits",
            MANIFEST,
            &own,
            &label("Contoso Widgets", "\u{ff11}033"),
            "`languagecode`: `１033` is not the code of a language that Dataverse has",
        ),
        (
            "a tag",
            MANIFEST,
            &own,
            &label("Contoso Widgets", "en-US"),
            "`languagecode`: `en-US` is not the code of a language that Dataverse has",
        ),
        (
            "a process with another label",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow("Name=\"Harmless\"", &names("Other", "1033")),
            "`@Name` of `Workflow` is `Harmless`, but `LocalizedNames/LocalizedName/@description` is `Other`",
        ),
        (
            "a process with a label in one other language",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow("Name=\"Harmless\"", &names("Other", "1036")),
            "`@Name` of `Workflow` is `Harmless`, but `LocalizedNames/LocalizedName/@description` is `Other`",
        ),
        (
            "a process that is off and active",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow("Name=\"x\"", "<StateCode>0</StateCode><StatusCode>2</StatusCode>"),
            "`StateCode` 0 and `StatusCode` 2 of `Workflow` do not go together",
        ),
        (
            "a process with another description",
            CUSTOMIZATIONS,
            "<Workflows />",
            &workflow(
                "Name=\"x\" Description=\"Harmless\"",
                "<Descriptions><Description description=\"Other\" languagecode=\"1033\" /></Descriptions>",
            ),
            "`@Description` of `Workflow` is `Harmless`, but `Descriptions/Description/@description` is `Other`",
        ),
        (
            "a choice with another label",
            CUSTOMIZATIONS,
            "<optionsets />",
            &choice("Harmless", "Other"),
            "`@localizedName` of `optionset` is `Harmless`, but `displaynames/displayname/@description` is `Other`",
        ),
        (
            "a table of two names",
            CUSTOMIZATIONS,
            "<Entities>",
            "<Entities><Entity><Name LocalizedName=\"A\" OriginalName=\"A\">contoso_a</Name><EntityInfo><entity \
             Name=\"contoso_b\" /></EntityInfo></Entity>",
            "`Name` of `Entity` is `contoso_a`, but `EntityInfo/entity/@Name` is `contoso_b`",
        ),
        (
            "labels of an unknown thing",
            CUSTOMIZATIONS,
            "<optionsets />",
            nested,
            "a second `LocalizedName` for the language 1033 in `LocalizedNames`",
        ),
        (
            "two lists of labels of an unknown thing",
            CUSTOMIZATIONS,
            "<optionsets />",
            lists,
            "a second `LocalizedNames` in `Thing`",
        ),
        (
            "a variable's other default",
            VARIABLE,
            "<displayname default=\"Contoso API\"",
            "<displayname default=\"Harmless\"",
            "the default of `displayname` is not its text in the base language",
        ),
    ]);
}
