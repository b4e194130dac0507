//! Records, which are files of their own: each is what its folder is called, says everything once, and stands in its place.

use crate::one_truth::{around, refused_for};
use crate::profile::with;
use crate::support::dvpack;

pub const API: &str = "customapis/contoso_Rate/customapi.xml";
const PARAMETER: &str = "customapis/contoso_Rate/customapirequestparameters/Stars/customapirequestparameter.xml";
pub const CUSTOM_API: &str = "<customapi uniquename=\"contoso_Rate\">\r\n  <description default=\"Rates\">\r\n    \
    <label description=\"Rates\" languagecode=\"1033\" />\r\n  </description>\r\n  <isfunction>0</isfunction>\r\n  \
    <plugintypeid>\r\n    <plugintypeexportkey>a</plugintypeexportkey>\r\n  </plugintypeid>\r\n</customapi>";
const API_PARAMETER: &str =
    "<customapirequestparameter uniquename=\"Stars\">\r\n  <type>7</type>\r\n</customapirequestparameter>";
const WIDGET: &str =
    "<contoso_setting contoso_name=\"a\">\r\n  <iscustomizable>1</iscustomizable>\r\n</contoso_setting>";

#[test]
fn a_record_is_what_its_folder_is_called_and_says_everything_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let good =
        with(&[(API, CUSTOM_API), (PARAMETER, API_PARAMETER), ("contoso_settings/a/contoso_setting.xml", WIDGET)]);
    std::fs::write(folder.path().join("it.dvpack"), around(&good)).expect("written");
    let ran = dvpack(folder.path()).args(["verify", "it.dvpack"]).output().expect("run");
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));

    let edit = |from: &str, to: &str| {
        assert!(CUSTOM_API.contains(from), "{from}");
        CUSTOM_API.replacen(from, to, 1)
    };
    for (what, text, said) in [
        (
            "another key",
            edit("contoso_Rate", "contoso_Other"),
            "it is in the folder `contoso_Rate`, but its key is `contoso_Other`",
        ),
        (
            "a key in another case",
            edit("contoso_Rate", "contoso_RATE"),
            "it is in the folder `contoso_Rate`, but its key is `contoso_RATE`",
        ),
        ("no key", edit(" uniquename=\"contoso_Rate\"", ""), "it is in the folder `contoso_Rate`, but its key is ``"),
        ("an empty key", edit("contoso_Rate", ""), "it is in the folder `contoso_Rate`, but its key is ``"),
        (
            "a key with a blank",
            edit("contoso_Rate", "contoso_Rate "),
            "it is in the folder `contoso_Rate`, but its key is `contoso_Rate `",
        ),
        (
            "a key by another attribute",
            edit("uniquename", "UniqueName"),
            "it is in the folder `contoso_Rate`, but its key is ``",
        ),
        (
            "another root",
            edit("<customapi ", "<other ").replace("</customapi>", "</other>"),
            "its root is `other`, not `customapi` as its file is called",
        ),
        (
            "a root in capitals",
            edit("<customapi ", "<CustomApi ").replace("</customapi>", "</CustomApi>"),
            "its root is `CustomApi`, not `customapi` as its file is called",
        ),
        (
            "a column twice",
            edit("<isfunction>", "<isfunction>1</isfunction><isfunction>"),
            "a second `isfunction` in `customapi`",
        ),
        (
            "a column in capitals",
            edit("<isfunction>", "<IsFunction>1</IsFunction><isfunction>"),
            "`IsFunction` in `customapi` is spelled `isfunction`",
        ),
        (
            "an unknown column twice",
            edit("<isfunction>", "<new>1</new><new>2</new><isfunction>"),
            "a second `new` in `customapi`",
        ),
        (
            "text between columns",
            edit("<isfunction>", "text<isfunction>"),
            "text in `customapi`, which has elements only: `text`",
        ),
        (
            "a comment",
            edit("<isfunction>", "<!-- --><isfunction>"),
            "a comment or processing instruction in `customapi`",
        ),
        (
            "a comment in a value",
            edit("<isfunction>0", "<isfunction>0<!-- -->1"),
            "a comment or processing instruction in `isfunction`",
        ),
        (
            "CDATA and text",
            edit("<isfunction>0", "<isfunction>0<?p?>1"),
            "a comment or processing instruction in `isfunction`",
        ),
        (
            "an element in a value",
            edit("<isfunction>0", "<isfunction>0<b>1</b>"),
            "`b` in `isfunction`, which has text only",
        ),
        (
            "a key twice",
            edit("<plugintypeexportkey>", "<plugintypeexportkey>b</plugintypeexportkey><plugintypeexportkey>"),
            "a second `plugintypeexportkey` in `plugintypeid`",
        ),
        (
            "a value beside a key",
            edit("<plugintypeid>", "<plugintypeid>guid"),
            "text in `plugintypeid`, which has elements only",
        ),
        (
            "an attribute of a column",
            edit("<isfunction>", "<isfunction x=\"1\">"),
            "`isfunction` may not have the attribute `x`",
        ),
        (
            "a namespace",
            edit("<customapi ", "<customapi xmlns=\"urn:x\" "),
            "`customapi` may not have the attribute `xmlns`",
        ),
        (
            "a prefix",
            edit("<isfunction>0</isfunction>", "<x:isfunction xmlns:x=\"urn:x\">0</x:isfunction>"),
            "`x:isfunction` in `customapi` is spelled `isfunction`",
        ),
        (
            "two labels of a language",
            edit("<label ", "<label description=\"x\" languagecode=\"1033\" /><label "),
            "a second `label` for the language 1033 in `description`",
        ),
        (
            "another default",
            edit("default=\"Rates\"", "default=\"Harmless\""),
            "the default of `description` is not its text in the base language",
        ),
        (
            "an unknown language",
            edit("1033", "1078"),
            "`languagecode`: `1078` is not the code of a language that Dataverse has",
        ),
        (
            "a language in another spelling",
            edit("1033", "01033"),
            "`languagecode`: `01033` is not the code of a language that Dataverse has",
        ),
        (
            "not UTF-8",
            edit("<customapi", "<?xml version=\"1.0\" encoding=\"utf-7\"?><customapi"),
            "it declares the encoding `utf-7`",
        ),
    ] {
        refused_for(what, folder.path(), &with(&[(API, &text)]), API, said);
    }
    let parameter = API_PARAMETER.replace("Stars", "Other");
    refused_for(
        "a key below",
        folder.path(),
        &with(&[(API, CUSTOM_API), (PARAMETER, &parameter)]),
        PARAMETER,
        "it is in the folder `Stars`, but its key is `Other`",
    );
}

#[test]
fn records_stand_in_their_place_only() {
    let folder = tempfile::tempdir().expect("a folder");
    for place in [
        "CustomApis/contoso_Rate/customapi.xml",
        "customapis/contoso_Rate/CustomApi.xml",
        "customapis/contoso_Rate/more/customapi.xml",
        "customapis/customapi.xml",
        "customapi.xml",
        "WebResources/customapi.xml",
        "Controls/contoso_Rate/customapi.xml",
        "other/contoso_Rate/customapi.xml",
        "customapis/contoso_Rate/other.xml",
        "bots/contoso_Rate/customapi.xml",
        "customapis/contoso_Rate/customapirequestparameters/contoso_Rate/customapi.xml",
    ] {
        refused_for(
            place,
            folder.path(),
            &with(&[(place, CUSTOM_API)]),
            place,
            "a `customapi` stands in `customapis/<key>/customapi.xml`, and nowhere else",
        );
    }
    for (what, parts, said) in [
        (
            "another table's key",
            [("contoso_settings/b/contoso_setting.xml", WIDGET), (API, CUSTOM_API)],
            "it is in the folder `b`, but its key is `a`",
        ),
        (
            "another table's root",
            [("contoso_settings/a/contoso_other.xml", WIDGET), (API, CUSTOM_API)],
            "its root is `contoso_setting`, not `contoso_other` as its file is called",
        ),
        (
            "two records of one folder",
            [
                ("contoso_settings/a/contoso_setting.xml", WIDGET),
                ("contoso_settings/a/contoso_other.xml", "<contoso_other contoso_name=\"a\" />"),
            ],
            "its folder has a record already, `contoso_other.xml`",
        ),
    ] {
        refused_for(what, folder.path(), &with(&parts), "contoso_settings/", said);
    }
    let inner = "customapis/contoso_Rate/applicationusers/a/applicationuser.xml";
    let hidden = with(&[(API, CUSTOM_API), (inner, "<applicationuser applicationid=\"a\" />")]);
    std::fs::write(folder.path().join("it.zip"), hidden).expect("written");
    let shown = dvpack(folder.path()).args(["inspect", "it.zip"]).output().expect("run");
    assert!(String::from_utf8_lossy(&shown.stdout).contains(inner), "a record in another's folder is listed");
}
