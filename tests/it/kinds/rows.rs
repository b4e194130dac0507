//! The rows: one for each folder below `tests/kinds/`.

use super::row::Difference::{Adds, Lacks};
use super::row::Part::{File, Section};
use super::row::{Pair, Row};
use super::tables::{AUTOMATION_KIT, CHOICE, COLUMNS, EXISTING, MOCK_SOLUTION, PARTS, RELATIONSHIP, TABLE};

pub const KINDS: &[Row] = &[
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
                        "no step of the corpus has an image; its elements are those of 113 images in 11 other public packages of 8.2 to 9.2",
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
