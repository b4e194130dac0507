//! The table family beside real tables, columns, forms, views, charts and relationships.

use super::row::Difference::{Adds, Lacks};
use super::row::Part::Section;
use super::row::{Difference, Pair};

/// Solutions that several rows name.
pub const AUTOMATION_KIT: &str = "microsoft+powercat-automation-kit__AutomationKitControlCenter__SolutionPackage__src";
pub const MOCK_SOLUTION: &str =
    "Capgemini+powerapps-packagedeployer-template__tests_pdt_PackageDeployerTemplate_MockSolution_src";
pub const CHOICE: &[Pair] = &[Pair {
    ours: Section("optionsets", "contoso_Stage"),
    solution: "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
    theirs: Section("optionsets", "bac_packagetype"),
    differences: &[Adds("optionset/options/option/@Color", "optional, the real one has no colours")],
}];
pub const TABLE: &[Pair] = &[
    Pair {
        ours: Section("Entities", "contoso_Widget"),
        solution: "microsoft+PowerApps-Samples__ColumnLevelSecuritySampleSolution.zip",
        theirs: Section("Entities", "sample_Example"),
        differences: &[
            Adds("Entity/EntityInfo/entity/EntityKeys", "the real one has no keys"),
            Adds("Entity/EntityInfo/entity/attributes/attribute/Accuracy", "the real one has no money"),
            Adds("Entity/EntityInfo/entity/attributes/attribute/AccuracySource", "the real one has no money"),
            Adds("Entity/EntityInfo/entity/attributes/attribute/CalculationOf", "the real one has no money"),
            Adds("Entity/EntityInfo/entity/attributes/attribute/AppDefaultValue", "the real one has no choices"),
            Adds(
                "Entity/EntityInfo/entity/attributes/attribute/optionset/ExternalTypeName",
                "the real one has no choices",
            ),
            Adds("Entity/EntityInfo/entity/attributes/attribute/optionset/options", "the real one has no choices"),
        ],
    },
    Pair {
        ours: Section("Entities/Entity/EntityInfo/entity/EntityKeys", "contoso_ByCode"),
        solution: "microsoft+PowerApps-Samples__ChangeTrackingSample_1_0_0_0_managed.zip",
        theirs: Section("Entities/Entity/EntityInfo/entity/EntityKeys", "sample_bookcode"),
        differences: &[],
    },
];
pub const COLUMNS: &[Pair] = &[
    column("contoso_text", "ls5986+DRACRM_Dataverse__updated-DRA.zip", "dra_newcolumn", &[]),
    column(
        "contoso_area",
        "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
        "bac_json",
        &[],
    ),
    column(
        "contoso_mail",
        "ls5986+DRACRM_Dataverse__updated-DRA.zip",
        "dra_email",
        &[
            Adds("attribute/Length", "this export of 9.2.25032 leaves it out; those before and after have it"),
            Adds("attribute/ValidForReadApi", "this export of 9.2.25032 leaves it out; those before and after have it"),
        ],
    ),
    column(
        "contoso_phone",
        "ls5986+DRACRM_Dataverse__updated-DRA.zip",
        "dra_phone",
        &[
            Adds("attribute/Length", "this export of 9.2.25032 leaves it out; those before and after have it"),
            Adds("attribute/ValidForReadApi", "this export of 9.2.25032 leaves it out; those before and after have it"),
        ],
    ),
    column(
        "contoso_link",
        "microsoft+Federal-Business-Applications__TranscriptPlaybackDemo_1_0_2_24.zip",
        "demo_sourceurl",
        &[],
    ),
    column(
        "contoso_memo",
        "microsoft+Federal-Business-Applications__ResumeSimpleMDAsolution_1_0_0_3_unmanaged.zip",
        "crd26_aigeneratedrecommendation",
        &[],
    ),
    column(
        "contoso_whole",
        "microsoft+Federal-Business-Applications__TranscriptPlaybackDemo_1_0_2_24.zip",
        "demo_speaker",
        &[],
    ),
    column(
        "contoso_minutes",
        "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
        "bpf_duration",
        &[Lacks("attribute/FormulaDefinitionFileName", "the real one is calculated, ours is not")],
    ),
    column("contoso_big", "scottdurow+dataverse-ify__cdsifyintegrationtests.zip", "cdsify_bigint", &[]),
    column(
        "contoso_decimal",
        "ls5986+DRACRM_Dataverse__updated-DRA.zip",
        "dra_interestrate",
        &[Adds("attribute/ValidForReadApi", "this export of 9.2.25032 leaves it out; those before and after have it")],
    ),
    column(
        "contoso_money",
        "microsoft+CopilotStudioSamples__ResumeJobFinderAgent_1_0_0_1.zip",
        "cref7_maximumsalary",
        &[],
    ),
    column(
        "contoso_money_base",
        "microsoft+CopilotStudioSamples__ResumeJobFinderAgent_1_0_0_1.zip",
        "cref7_maximumsalary_base",
        &[],
    ),
    column("contoso_flag", "pnp+powerplatform-samples__editable-subgrid.zip", "sha_feespaid", &[]),
    column(
        "contoso_when",
        "microsoft+Federal-Business-Applications__ElectronicSignatureDemo_1_0_0_7.zip",
        "cr7a2_signaturedate",
        &[],
    ),
    column("contoso_day", "microsoft+CopilotStudioSamples__ResumeJobFinderAgent_1_0_0_1.zip", "cref7_dateposted", &[]),
    column(
        "contoso_stage",
        "microsoft+CopilotStudioSamples__ResumeJobFinderAgent_1_0_0_1.zip",
        "cref7_employmenttype",
        &[
            Lacks("attribute/optionset/options/option/@IsHidden", "optional, none of ours is hidden"),
            Adds("attribute/optionset/options/option/@Color", "optional, the real one has no colours"),
        ],
    ),
    column(
        "contoso_colour",
        "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
        "bac_packagetype",
        &[],
    ),
    column("contoso_several", "scottdurow+dataverse-ify__cdsifyintegrationtests.zip", "cdsify_multiselect", &[]),
    column(
        "contoso_accountid",
        "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
        "bac_package",
        &[Adds("attribute/ImeMode", "10 of 23 real lookups have it")],
    ),
    column(
        "contoso_buyer",
        "microsoft+Dynamics-365-Industry-Accelerators__MicrosoftDynamics365NonprofitAccelerator_2_0_0_0_managed.zip",
        "msnfp_recipient",
        &[
            Adds("attribute/IsFilterable", "the real one is of 9.1.0, which did not know it"),
            Adds("attribute/IsLocalizable", "the real one is of 9.1.0, which did not know it"),
            Adds("attribute/IsRetrievable", "the real one is of 9.1.0, which did not know it"),
            Adds("attribute/IsSearchable", "the real one is of 9.1.0, which did not know it"),
        ],
    ),
    column(
        "contoso_picture",
        "pnp+powerplatform-samples__ai-driven-expense-report-processing-sample.zip",
        "gmx_receipt",
        &[],
    ),
    column("contoso_paper", "scottdurow+dataverse-ify__cdsifyintegrationtests.zip", "cdsify_file1", &[]),
    column(
        "contoso_guid",
        "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
        "processid",
        &[],
    ),
    column(
        "contoso_double",
        "microsoft+Federal-Business-Applications__TranscriptPlaybackDemo_1_0_2_24.zip",
        "demo_outset",
        &[
            Lacks("attribute/Accuracy", "the real one is a decimal, ours a whole number"),
            Adds("attribute/Format", "the real one is a decimal, ours a whole number"),
        ],
    ),
];
pub const EXISTING: &[Pair] = &[
    Pair {
        ours: Section("Entities", "Account"),
        solution: "scottdurow+dataverse-ify__cdsifyintegrationtests_managed.zip",
        theirs: Section("Entities", "Account"),
        differences: &[
            Lacks("Entity/EntityInfo/entity/attributes/attribute/OptionSetName", "ours adds no choice to the table"),
            Adds("Entity/EntityInfo/entity/attributes/attribute/Format", "the real one adds no number"),
            Adds("Entity/EntityInfo/entity/attributes/attribute/MinValue", "the real one adds no number"),
            Adds("Entity/EntityInfo/entity/attributes/attribute/MaxValue", "the real one adds no number"),
            Adds("Entity/SavedQueries", "the real one adds no view"),
        ],
    },
    Pair {
        ours: Section("Entities/Entity/SavedQueries/savedqueries", "Rated accounts"),
        solution: "microsoft+Dynamics-365-Industry-Accelerators__Dynamics365HigherEducationAccelerator_1_0_1_6_unmanaged.zip",
        theirs: Section("Entities/Entity/SavedQueries/savedqueries", "Active Campuses"),
        differences: &[
            Lacks("savedquery/fetchxml/fetch/@distinct", "optional in FetchXML"),
            Lacks("savedquery/fetchxml/fetch/@output-format", "of older editors; generated views of 9.2 have none"),
            Lacks("savedquery/fetchxml/fetch/entity/filter/condition/@value", "our operator takes no value"),
            Lacks("savedquery/fetchxml/fetch/entity/link-entity", "ours shows no column of another table"),
            Lacks("savedquery/layoutxml/grid/row/cell/@disableSorting", "only for columns of another table"),
        ],
    },
];
pub const PARTS: &[Pair] = &[
    Pair {
        ours: Section("Entities/Entity/Visualizations", "Visits by day"),
        solution: "microsoft+Dynamics-365-Industry-Accelerators__Dynamics365HigherEducationAccelerator_1_0_1_6_managed.zip",
        theirs: Section("Entities/Entity/Visualizations", "{335FAEED-26CE-E811-A967-000D3A1C53E4}"),
        differences: &[Lacks(
            "visualization/presentationdescription/Chart/@PaletteCustomColors",
            "the environment's own colours are used",
        )],
    },
    Pair {
        ours: Section("Entities/Entity/Visualizations", "Cost by day"),
        solution: "microsoft+Dynamics-365-Industry-Accelerators__Dynamics365HigherEducationAccelerator_1_0_1_6_managed.zip",
        theirs: Section("Entities/Entity/Visualizations", "{25936304-29CE-E811-A967-000D3A1C53E4}"),
        differences: &[Lacks(
            "visualization/presentationdescription/Chart/@PaletteCustomColors",
            "the environment's own colours are used",
        )],
    },
    Pair {
        ours: Section("Entities/Entity/FormXml/forms", "Visit"),
        solution: "Neamidea+Mini-CRM-Solution__MiniCrmUnpackaged",
        theirs: Section("Entities/Entity/FormXml/forms", "{d4f3092e-7605-4085-94fc-b5cdba3c719e}"),
        differences: &[
            Lacks("systemform/form/@headerdensity", "79 of 277 exports have it; the default applies"),
            Lacks(
                "systemform/form/DisplayConditions",
                "everyone sees the form, which is the default: most real forms have none",
            ),
            Lacks("systemform/form/footer", "empty there"),
            Lacks("systemform/form/header/rows/row/cell/@colspan", "on an empty cell there, which fills the header"),
            Lacks("systemform/form/header/rows/row/cell/@rowspan", "on an empty cell there, which fills the header"),
            Lacks("systemform/form/header/rows/row/cell/@showlabel", "optional; their header hides the labels"),
            Lacks(
                "systemform/form/tabs/tab/columns/column/sections/section/rows/row/cell/@locklevel",
                "0 there, the default",
            ),
            Adds("systemform/form/header/rows/row/cell/control/@disabled", "readOnly is written in our manifest"),
            Adds("systemform/form/tabs/tab/@expanded", "written in our manifest"),
            Adds("systemform/form/tabs/tab/@name", "written in our manifest"),
            Adds("systemform/form/tabs/tab/columns/column/sections/section/@columns", "written in our manifest"),
        ],
    },
];
pub const RELATIONSHIP: &[Pair] = &[
    Pair {
        ours: Section("EntityRelationships", "contoso_account_projects"),
        solution: "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
        theirs: Section("EntityRelationships", "bac_bac_assignment_Person_aaduser"),
        differences: &[],
    },
    Pair {
        ours: Section("EntityRelationships", "contoso_contoso_project_contact"),
        solution: "microsoft+Dynamics-365-Industry-Accelerators__Dynamics365HigherEducationAccelerator_1_0_1_6_managed.zip",
        theirs: Section("EntityRelationships", "mshied_contact_areaofinterest"),
        differences: &[Lacks(
            "EntityRelationship/EntityRelationshipRoles/EntityRelationshipRole/CustomLabels",
            "empty there; only where UseLabel is chosen would it hold text",
        )],
    },
];

/// A column of ours beside a real one of its type.
const fn column(
    ours: &'static str,
    solution: &'static str,
    theirs: &'static str,
    differences: &'static [Difference],
) -> Pair {
    const PLACE: &str = "Entities/Entity/EntityInfo/entity/attributes";
    Pair { ours: Section(PLACE, ours), solution, theirs: Section(PLACE, theirs), differences }
}
