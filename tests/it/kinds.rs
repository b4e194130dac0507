//! Every kind of component that a manifest can declare: its XML, beside a real one of that kind.
//!
//! `tests/kinds/<kind>/` holds a small manifest for each row of [`KINDS`]. What a real component has
//! and ours lacks, or the other way round, is listed with its reason; anything else fails, and so does
//! a reason for a difference that is no longer there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dvpack::manifest::{Request, load};
use dvpack::solution::xml::{self, Element, write_fragment};
use dvpack::solution::{SolutionPackage, Unpacked, assemble, read_folder, read_zip};

use crate::support::{Test, corpus, repository};

/// A kind and the components of it that are compared.
struct Row {
    /// The folder below `tests/kinds/`.
    kind: &'static str,
    pairs: &'static [Pair],
}

/// A component of ours and a real one.
struct Pair {
    ours: Part,
    /// An export of the corpus (`….zip`), or one of its unpacked solutions.
    solution: &'static str,
    theirs: Part,
    differences: &'static [Difference],
}

/// Where a component is.
enum Part {
    /// A section of customizations.xml, or an element further down (`Section/Element`), and a text
    /// that is the value of an attribute or of a child of the component.
    Section(&'static str, &'static str),
    /// An XML file of the zip.
    File(&'static str),
}

/// A path of elements (`Role/Description`), perhaps with an attribute at its end (`Role/@id`); it
/// stands for everything below it. And the reason.
enum Difference {
    /// Only the real one has it.
    Lacks(&'static str, &'static str),
    /// Only ours has it.
    Adds(&'static str, &'static str),
}

use Difference::{Adds, Lacks};
use Part::{File, Section};

const KINDS: &[Row] = &[
    Row {
        kind: "role",
        pairs: &[Pair {
            ours: Section("Roles", "Contoso Reader"),
            solution: "microsoft+PowerApps-Samples__ColumnLevelSecuritySampleSolution.zip",
            theirs: Section("Roles", "Column-level security sample role"),
            differences: &[
                Adds("Role/@isinherited", "written on purpose; exports since 9.2.24 leave it out"),
                Lacks("Role/IsAutoAssigned", "only in exports since 9.2.24, and 0 in all of them"),
            ],
        }],
    },
    Row { kind: "choice", pairs: CHOICE },
    Row { kind: "table", pairs: TABLE },
    Row { kind: "table-columns", pairs: COLUMNS },
    Row { kind: "existing-table", pairs: EXISTING },
    Row { kind: "form-view-chart", pairs: PARTS },
    Row { kind: "relationship", pairs: RELATIONSHIP },
    Row {
        kind: "web-resource",
        pairs: &[Pair {
            ours: Section("WebResources", "contoso_/logo.svg"),
            solution: "microsoft+Federal-Business-Applications__TranscriptPlaybackDemo_1_0_2_24_managed.zip",
            theirs: Section("WebResources", "demo_ico-speech-services"),
            differences: &[Adds("WebResource/LanguageCode", "optional, the real one has none")],
        }],
    },
    Row {
        kind: "environment-variable",
        pairs: &[Pair {
            ours: File("environmentvariabledefinitions/contoso_ApiBase/environmentvariabledefinition.xml"),
            solution: "microsoft+Federal-Business-Applications__TranscriptPlaybackDemo_1_0_2_24.zip",
            theirs: File("environmentvariabledefinitions/demo_SpeechToTextKey/environmentvariabledefinition.xml"),
            differences: &[Adds("environmentvariabledefinition/defaultvalue", "optional, the real one has none")],
        }],
    },
    Row {
        kind: "connection-reference",
        pairs: &[Pair {
            ours: Section("connectionreferences", "contoso_Dataverse"),
            solution: "microsoft+CopilotStudioSamples__ResumeJobFinderAgent_1_0_0_1.zip",
            theirs: Section(
                "connectionreferences",
                "/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps",
            ),
            differences: &[Adds("connectionreference/description", "optional, the real one has none")],
        }],
    },
    Row {
        kind: "plugin-assembly",
        pairs: &[Pair {
            ours: Section("SolutionPluginAssemblies", "1"),
            solution: "scottdurow+dataverse-ify__cdsifyintegrationtests.zip",
            theirs: Section("SolutionPluginAssemblies", "07c3d3db-020d-ed11-b83e-0022483d2320"),
            differences: &[
                Adds("PluginAssembly/Description", "optional, the real one has none"),
                Adds(
                    "PluginAssembly/PluginTypes/PluginType/WorkflowActivityGroupName",
                    "for workflow activities, the real one holds plug-ins",
                ),
            ],
        }],
    },
    Row {
        kind: "plugin-package",
        pairs: &[
            Pair {
                ours: File("pluginpackages/contoso_Contoso.Widgets/pluginpackage.xml"),
                solution: "mikefactorial+PluginPackageWorkaround__src",
                theirs: File("pluginpackages/mf_MF.Plugins/pluginpackage.xml"),
                differences: &[],
            },
            Pair {
                ours: File("customapis/contoso_AuditWidgets/customapi.xml"),
                solution: AUTOMATION_KIT,
                theirs: File("customapis/cat_auditfetchapi/customapi.xml"),
                differences: &[],
            },
            Pair {
                ours: Section("SdkMessageProcessingSteps", "Contoso.Widgets.Packaged.Audit: Update of account"),
                solution: AUTOMATION_KIT,
                theirs: Section("SdkMessageProcessingSteps", "{7a670693-4bd3-ee11-904d-0022481741cb}"),
                differences: &[],
            },
        ],
    },
    Row {
        kind: "step",
        pairs: &[
            Pair {
                ours: Section(
                    "SdkMessageProcessingSteps",
                    "Contoso.Widgets.Plugins.CheckSerialNumber: Create of account",
                ),
                solution: "austin-slayton+coe-starter-kit__ALMAcceleratorSampleSolution_SolutionPackage_src",
                theirs: Section("SdkMessageProcessingSteps", "{2e9fc4e4-ddf0-ed11-8848-6045bd08d866}"),
                differences: &[],
            },
            Pair {
                ours: Section("SdkMessageProcessingSteps", "Contoso hook: Create of contact"),
                solution: MOCK_SOLUTION,
                theirs: Section("SdkMessageProcessingSteps", "Test WebHook: Create of contact"),
                differences: &[Adds(
                    "SdkMessageProcessingStep/Description",
                    "other real steps have it; the registration tool gives it the name",
                )],
            },
            Pair {
                ours: Section("SdkMessageProcessingSteps", "Count the people of a company"),
                solution: "scottdurow+SparkleXrm__SparkleXRMMetadataServer_1_0_0_managed.zip",
                theirs: Section("SdkMessageProcessingSteps", "SparkleXrmMetadataServerPlugin"),
                differences: &[
                    Adds("SdkMessageProcessingStep/FilteringAttributes", "exports since 9.1 write it even if empty"),
                    Adds("SdkMessageProcessingStep/PluginTypeId", "in exports since 9.1"),
                    Adds(
                        "SdkMessageProcessingStep/SdkMessageProcessingStepImages/SdkMessageProcessingStepImage",
                        "no step of the corpus has an image; the order is that of the public schema 9.0",
                    ),
                ],
            },
        ],
    },
    Row {
        kind: "service-endpoint",
        pairs: &[
            Pair {
                ours: Section("ServiceEndpoints", "Contoso hook"),
                solution: MOCK_SOLUTION,
                theirs: Section("ServiceEndpoints", "Test WebHook"),
                differences: &[],
            },
            Pair {
                ours: Section("ServiceEndpoints", "Contoso queue"),
                solution: "austin-slayton+coe-starter-kit__ALMAcceleratorSampleSolution_SolutionPackage_src",
                theirs: Section("ServiceEndpoints", "SampleHook"),
                differences: &[
                    Lacks(
                        "ServiceEndpoint/Url",
                        "a queue has a namespace in place of an address, and the real one is a webhook",
                    ),
                    Adds(
                        "ServiceEndpoint/NamespaceAddress",
                        "of a queue; no real queue is in the corpus, the order is that of the public schema 9.0",
                    ),
                    Adds(
                        "ServiceEndpoint/SASKeyName",
                        "of a queue; no real queue is in the corpus, the order is that of the public schema 9.0",
                    ),
                    Adds("ServiceEndpoint/Description", "optional, the real one has none"),
                ],
            },
        ],
    },
    Row {
        kind: "custom-api",
        pairs: &[
            Pair {
                ours: File("customapis/contoso_RateAccount/customapi.xml"),
                solution: "microsoft+PowerApps-Samples__ExportDataUsingFetchXmlToAnnotation_1_0_0_0_managed.zip",
                theirs: File("customapis/sample_CleanupExportedDataAnnotations/customapi.xml"),
                differences: &[
                    Adds("customapi/boundentitylogicalname", "the real one is not bound to a table"),
                    Adds(
                        "customapi/executeprivilegename",
                        "optional, the real one has none; the column is in the table reference",
                    ),
                ],
            },
            Pair {
                ours: File("customapis/contoso_BestAccounts/customapi.xml"),
                solution: "scottdurow+dataverse-ify__cdsifyintegrationtests.zip",
                theirs: File("customapis/cdsify_BoundCollectionEcho/customapi.xml"),
                differences: &[Lacks(
                    "customapi/plugintypeid/plugintypeid",
                    "ours has no plug-in; newer exports write plugintypeexportkey there",
                )],
            },
            Pair {
                ours: File(
                    "customapis/contoso_RateAccount/customapirequestparameters/Reviewer/customapirequestparameter.xml",
                ),
                solution: "scottdurow+dataverse-ify__cdsifyintegrationtests.zip",
                theirs: File(
                    "customapis/cdsify_BoundEcho/customapirequestparameters/cdsify_BoundInEntityReference/customapirequestparameter.xml",
                ),
                differences: &[],
            },
            Pair {
                ours: File(
                    "customapis/contoso_RateAccount/customapiresponseproperties/Rating/customapiresponseproperty.xml",
                ),
                solution: "scottdurow+dataverse-ify__cdsifyintegrationtests.zip",
                theirs: File(
                    "customapis/cdsify_BoundEcho/customapiresponseproperties/cdsify_BoundOutEntity/customapiresponseproperty.xml",
                ),
                differences: &[],
            },
        ],
    },
    Row {
        kind: "code-component",
        pairs: &[Pair {
            ours: Section("CustomControls", "contoso_Contoso.Rating"),
            solution: "microsoft+powercat-creator-kit__CreatorKitCore__SolutionPackage__src",
            theirs: Section("CustomControls", "cat_PowerCAT.Persona"),
            differences: &[],
        }],
    },
    Row {
        kind: "custom-connector",
        pairs: &[Pair {
            ours: Section("Connectors", "Contoso Widgets"),
            solution: "pnp+powerplatform-samples__varify-bot.zip",
            theirs: Section("Connectors", "ba_api-2dfootball"),
            differences: &[
                Adds(
                    "Connector/customcodeblobcontent",
                    "the real one has no script; the column is in the table reference",
                ),
                Adds("Connector/scriptoperations", "the real one has no script; the column is in the table reference"),
            ],
        }],
    },
    Row {
        kind: "cloud-flow",
        pairs: &[Pair {
            ours: Section("Workflows", "Greet | new account"),
            solution: "microsoft+CopilotStudioSamples__BillingPolicyManagement_1_0_0_3.zip",
            theirs: Section("Workflows", "UnlinkAllEnvironmentsFrom BillingPolicy"),
            differences: &[Adds("Workflow/BillingContext", "given by `xml:`; 8 of 68 real flows have it")],
        }],
    },
    Row {
        kind: "column-security-profile",
        pairs: &[Pair {
            ours: Section("FieldSecurityProfiles", "Contoso credit desk"),
            solution: "microsoft+PowerApps-Samples__ColumnLevelSecuritySampleSolution.zip",
            theirs: Section("FieldSecurityProfiles", "Example Field Security Profile"),
            differences: &[Adds(
                "FieldSecurityProfile/FieldPermissions/FieldPermission/CanReadUnmasked",
                "masked columns are granted here; the sample has none",
            )],
        }],
    },
    Row {
        kind: "canvas-app",
        pairs: &[Pair {
            ours: Section("CanvasApps", "contoso_visits_1a2b3"),
            solution: "microsoft+Federal-Business-Applications__ResumeSimpleMDAsolution_1_0_0_3_unmanaged.zip",
            theirs: Section("CanvasApps", "saeltepu_resumeanalyzerapp_126ef"),
            differences: &[Lacks("CanvasApp/Description/@xsi:nil", "our app has a description")],
        }],
    },
    Row {
        kind: "model-driven-app",
        pairs: &[
            Pair {
                ours: Section("AppModules", "contoso_Desk"),
                solution: "microsoft+PowerApps-TestEngine__MDA_ClassicControls_Solution_1_0_0_3.zip",
                theirs: Section("AppModules", "cr693_MDA_Classic_Input_Controls_App"),
                differences: &[Adds("AppModule/WelcomePageId", "this app has a welcome page; 1 of 34 real ones does")],
            },
            Pair {
                ours: Section("AppModuleSiteMaps", "contoso_Desk"),
                solution: "microsoft+powerapps-tools__SalesHub_Customization_1_0_0_1.zip",
                theirs: Section("AppModuleSiteMaps", "SalesHubSitemap"),
                differences: &[
                    Adds(
                        "AppModuleSiteMap/SiteMap/Area/Group/SubArea/@Page",
                        "a custom page, as in 10 other real items",
                    ),
                    Adds(
                        "AppModuleSiteMap/SiteMap/Area/Group/SubArea/Descriptions",
                        "the schema has it; no real item does",
                    ),
                ],
            },
        ],
    },
    Row {
        kind: "dashboard",
        pairs: &[Pair {
            ours: Section("Dashboards", "{ab9c65e5-3063-5f0a-951c-d908e3c270cf}"),
            solution: "microsoft+Dynamics-365-Industry-Accelerators__Dynamics365HigherEducationAccelerator_1_0_1_6_unmanaged.zip",
            theirs: Section("Dashboards", "{10a86981-28ce-e811-a967-000d3a1c53e4}"),
            differences: &[
                Adds("Dashboard/Descriptions", "given here; the real one has no description"),
                Adds(
                    "Dashboard/FormXml/forms/form/tabs/tab/columns/column/sections/section/rows/row/cell/control/parameters/Url",
                    "of a web resource, as in real forms; the real dashboard has only charts",
                ),
                Adds(
                    "Dashboard/FormXml/forms/form/tabs/tab/columns/column/sections/section/rows/row/cell/control/parameters/PassParameters",
                    "of a web resource, as in real forms; the real dashboard has only charts",
                ),
                Adds(
                    "Dashboard/FormXml/forms/form/tabs/tab/columns/column/sections/section/rows/row/cell/control/parameters/Security",
                    "of a web resource, as in real forms; the real dashboard has only charts",
                ),
                Adds(
                    "Dashboard/FormXml/forms/form/tabs/tab/columns/column/sections/section/rows/row/cell/control/parameters/Scrolling",
                    "of a web resource, as in real forms; the real dashboard has only charts",
                ),
                Adds(
                    "Dashboard/FormXml/forms/form/tabs/tab/columns/column/sections/section/rows/row/cell/control/parameters/Border",
                    "of a web resource, as in real forms; the real dashboard has only charts",
                ),
            ],
        }],
    },
    // The corpus holds no e-mail template and no report.
    Row { kind: "email-template", pairs: &[] },
    Row { kind: "report", pairs: &[] },
    Row {
        kind: "connection-role",
        pairs: &[Pair {
            ours: Section("ConnectionRoles/ConnectionRoles", "Contoso mentor"),
            solution: "microsoft+Dynamics-365-Industry-Accelerators__MicrosoftDynamics365IATI_1_0_0_0_managed.zip",
            theirs: Section("ConnectionRoles/ConnectionRoles", "Document Link to Account"),
            differences: &[],
        }],
    },
    Row {
        kind: "record",
        pairs: &[
            Pair {
                ours: File("aiplugins/contoso_Visits/aiplugin.xml"),
                solution: "pnp+powerplatform-samples__ai-time-management-flow.zip",
                theirs: File("aiplugins/msdynaib_TimeManagement/aiplugin.xml"),
                differences: &[],
            },
            Pair {
                ours: File(
                    "maskingrules/contoso_LastFour/attributemaskingrules/account_contoso_iban/attributemaskingrule.xml",
                ),
                solution: "microsoft+PowerApps-Samples__ColumnLevelSecuritySampleSolution.zip",
                theirs: File(
                    "maskingrules/Email_HideName/attributemaskingrules/sample_example_sample_email/attributemaskingrule.xml",
                ),
                differences: &[],
            },
        ],
    },
];

/// Solutions that several rows name.
const AUTOMATION_KIT: &str = "microsoft+powercat-automation-kit__AutomationKitControlCenter__SolutionPackage__src";
const MOCK_SOLUTION: &str =
    "Capgemini+powerapps-packagedeployer-template__tests_pdt_PackageDeployerTemplate_MockSolution_src";
const CHOICE: &[Pair] = &[Pair {
    ours: Section("optionsets", "contoso_Stage"),
    solution: "microsoft+Federal-Business-Applications__OrganizationalPackageReview_1_0_0_0.zip",
    theirs: Section("optionsets", "bac_packagetype"),
    differences: &[Adds("optionset/options/option/@Color", "optional, the real one has no colours")],
}];
const TABLE: &[Pair] = &[
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
const COLUMNS: &[Pair] = &[
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
const EXISTING: &[Pair] = &[
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
            Lacks(
                "savedquery/fetchxml/fetch/entity/filter/@type",
                "the filter is the manifest's; `and` is the default",
            ),
            Lacks("savedquery/fetchxml/fetch/entity/filter/condition/@value", "our operator takes no value"),
            Lacks("savedquery/fetchxml/fetch/entity/link-entity", "ours shows no column of another table"),
            Lacks("savedquery/layoutxml/grid/row/cell/@disableSorting", "only for columns of another table"),
        ],
    },
];
const PARTS: &[Pair] = &[
    Pair {
        ours: Section("Entities/Entity/Visualizations", "Visits by day"),
        solution: "microsoft+Dynamics-365-Industry-Accelerators__Dynamics365HigherEducationAccelerator_1_0_1_6_managed.zip",
        theirs: Section("Entities/Entity/Visualizations", "{335FAEED-26CE-E811-A967-000D3A1C53E4}"),
        differences: &[
            Lacks(
                "visualization/presentationdescription/Chart/@PaletteCustomColors",
                "the environment's own colours are used",
            ),
            Lacks(
                "visualization/presentationdescription/Chart/Series/Series/@CustomProperties",
                "only how labels of a pie stand",
            ),
        ],
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
const RELATIONSHIP: &[Pair] = &[
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

/// What a snapshot shows of kinds whose whole XML would be long; the others show all of it.
const SHOWN: &[(&str, &[&str])] = &[
    ("table-columns", &["Entities/Entity/EntityInfo", "EntityImageConfigs", "AttributeImageConfigs", "optionsets"]),
    ("form-view-chart", &["Entities/Entity/FormXml", "Entities/Entity/SavedQueries", "Entities/Entity/Visualizations"]),
    ("relationship", &["EntityRelationships"]),
];

fn shown<'a>(element: &'a Element, path: &str) -> Vec<&'a Element> {
    let mut level = vec![element];
    for name in path.split('/') {
        level = level.into_iter().flat_map(Element::elements).filter(|child| child.name == name).collect();
    }
    level
}

fn build(kind: &str) -> (Vec<u8>, SolutionPackage) {
    let request = Request::new(repository().join("tests/kinds").join(kind));
    let loaded = load(&request).unwrap_or_else(|findings| panic!("{kind}: {findings:#?}"));
    let built = assemble(&loaded.package).unwrap_or_else(|findings| panic!("{kind}: {findings:#?}"));
    assert!(built.findings.is_empty(), "{kind}: {:#?}", built.findings);
    let package = read_zip(&built.zip, kind).expect("read again");
    (built.zip, package)
}

#[test]
fn every_kind_with_a_folder_has_a_row_and_every_row_a_folder() {
    let folder = repository().join("tests/kinds");
    let folders: BTreeSet<String> = fs::read_dir(folder)
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let rows: BTreeSet<String> = KINDS.iter().map(|row| row.kind.to_owned()).collect();
    assert_eq!(folders, rows);
}

#[test]
fn every_kind_gives_the_xml_that_was_reviewed() {
    for row in KINDS {
        let (_, package) = build(row.kind);
        let mut text = String::new();
        for root in package.root_components() {
            text.push_str(&write_fragment(root));
            text.push('\n');
        }
        let filled = |section: &&Element| section.name != "Languages" && !section.is_empty();
        let sections: Vec<&Element> = match SHOWN.iter().find(|(kind, _)| *kind == row.kind) {
            Some((_, paths)) => paths.iter().flat_map(|path| shown(&package.customizations, path)).collect(),
            None => package.customizations.elements().filter(filled).collect(),
        };
        for section in sections {
            text.push_str(&format!("\n{}\n", write_fragment(section)));
        }
        for (name, bytes) in &package.files {
            text.push_str(&format!("\n=== {name}\n"));
            let small = std::str::from_utf8(bytes).ok().filter(|text| text.len() < 8000 && !text.contains('\0'));
            text.push_str(small.map_or_else(|| format!("({} bytes)", bytes.len()), str::to_owned).trim_end());
            text.push('\n');
        }
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("kind_{}", row.kind), text.replace("\r\n", "\n"));
        });
    }
}

#[test]
fn every_kind_looks_like_a_real_one() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    for row in KINDS {
        let (_, ours) = build(row.kind);
        for pair in row.pairs {
            let theirs = if Path::new(pair.solution).extension().is_some_and(|extension| extension == "zip") {
                let path = corpus.join("exported").join(pair.solution);
                read_zip(&fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())), pair.solution)
            } else {
                read_folder(&corpus.join("unpacked").join(pair.solution).join("src"))
            };
            let theirs = theirs.unwrap_or_else(|findings| panic!("{}: {}", pair.solution, findings[0]));
            let (ours, theirs) =
                (paths_of(&pair.ours, &ours, row.kind), paths_of(&pair.theirs, &theirs, pair.solution));
            let mut stale: Vec<String> = Vec::new();
            let mut explained: Vec<(bool, &str)> = Vec::new();
            for difference in pair.differences {
                let (lacks, path, reason) = match difference {
                    Lacks(path, reason) => (true, *path, reason),
                    Adds(path, reason) => (false, *path, reason),
                };
                assert!(reason.len() > 10, "{}: {path} without a reason", row.kind);
                let (with, without) = if lacks { (&theirs, &ours) } else { (&ours, &theirs) };
                if !with.difference(without).any(|found| covers(path, found)) {
                    stale.push(path.to_owned());
                }
                explained.push((lacks, path));
            }
            let open = |lacks: bool, with: &BTreeSet<String>, without: &BTreeSet<String>| {
                let known = |found: &str| explained.iter().any(|(side, path)| *side == lacks && covers(path, found));
                with.difference(without).filter(|found| !known(found)).cloned().collect::<Vec<_>>()
            };
            let (lacks, adds) = (open(true, &theirs, &ours), open(false, &ours, &theirs));
            let both = ours.intersection(&theirs).count();
            println!("{}: {both} paths as in {}, {} explained", row.kind, pair.solution, explained.len());
            if !(lacks.is_empty() && adds.is_empty() && stale.is_empty()) {
                let told = format!("lacks {lacks:#?}\nadds {adds:#?}\nno longer different {stale:#?}");
                wrong.push(format!("{} beside {}:\n{told}", row.kind, pair.solution));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn covers(path: &str, found: &str) -> bool {
    found.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The paths of all elements and attributes of a component.
fn paths_of(part: &Part, package: &SolutionPackage, of: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match part {
        File(name) => {
            let bytes = package.files.get(*name).unwrap_or_else(|| panic!("{of}: no file {name}"));
            let root = xml::parse(bytes, name).unwrap_or_else(|finding| panic!("{of}: {finding}"));
            paths(&root, "", &mut found);
        }
        Section(path, key) => {
            let names: Vec<&str> = path.split('/').collect();
            let element = find(&package.customizations, &names, key);
            paths(element.unwrap_or_else(|| panic!("{of}: no {key} in {path}")), "", &mut found);
        }
    }
    found
}

fn find<'a>(element: &'a Element, names: &[&str], key: &str) -> Option<&'a Element> {
    let named = |child: &Element| {
        child.attributes.iter().any(|(_, value)| value == key)
            || child.elements().any(|inner| {
                inner.content() == key || inner.elements().any(|label| label.attribute("description") == Some(key))
            })
    };
    match names {
        [] => element.elements().find(|child| named(child)),
        [name, rest @ ..] => element.elements().filter(|child| child.name == *name).find_map(|it| find(it, rest, key)),
    }
}

fn paths(element: &Element, above: &str, found: &mut BTreeSet<String>) {
    let path = if above.is_empty() { element.name.clone() } else { format!("{above}/{}", element.name) };
    for (name, _) in element.attributes.iter().filter(|(name, _)| !name.starts_with("xmlns")) {
        found.insert(format!("{path}/@{name}"));
    }
    for child in element.elements() {
        paths(child, &path, found);
    }
    found.insert(path);
}

#[test]
fn every_kind_gives_the_same_bytes_twice_and_survives_unpacking() {
    for row in KINDS {
        let (zip, package) = build(row.kind);
        assert!(zip == build(row.kind).0, "{}", row.kind);
        let mut test = Test::new();
        for (name, bytes) in Unpacked::new(&package).files() {
            test = test.file(name, bytes);
        }
        let again = read_folder(test.path()).unwrap_or_else(|findings| panic!("{}: {}", row.kind, findings[0]));
        assert_eq!(again.files, package.files, "{}", row.kind);
        for (one, other) in [(&package.manifest, &again.manifest), (&package.customizations, &again.customizations)] {
            assert_eq!(xml::first_difference(one, other), None, "{}", row.kind);
        }
    }
}
