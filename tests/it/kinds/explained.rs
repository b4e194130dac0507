//! Why our XML differs from that of real solutions, where it does. “Elsewhere” are packages of public repositories that are
//! not in the corpus.

use super::exports::Fault::{self, Adds, Form, Lacks, Order, Value};

/// What differs, the path from which on, and the reason.
pub struct Reason(pub Fault, pub &'static str, pub &'static str);

pub const EXPLAINED: &[Reason] = &[
    Reason(
        Adds,
        "AppModuleSiteMaps/AppModuleSiteMap/SiteMap/Area/Group/SubArea/Descriptions",
        "the schema has it; no real item has a description",
    ),
    Reason(Lacks, "ConnectionRoles/ConnectionRoles/ConnectionRole/description", "optional; one of ours has none"),
    Reason(Adds, "Connectors/Connector/customcodeblobcontent", "no real one has a script; a column of the table"),
    Reason(Adds, "Connectors/Connector/scriptoperations", "no real one has a script; a column of the table"),
    Reason(Lacks, "Controls/manifest/control/@api-version", "of the build of a control, which is carried as it is"),
    Reason(Lacks, "Controls/manifest/control/built-by", "of the build of a control, which is carried as it is"),
    Reason(Value, "Controls/manifest/control/@namespace", "ours is Contoso's"),
    Reason(
        Adds,
        "Dashboards/Dashboard/Descriptions",
        "optional; one of 38 real ones outside of the corpus has it there",
    ),
    Reason(
        Adds,
        "Dashboards/Dashboard/FormXml/forms(dashboard)/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(9fdf5f91-88b1-47f4-ad53-c11efc01a01d)",
        "a web resource, as in forms; real dashboards have charts and lists",
    ),
    Reason(
        Adds,
        "Dashboards/Dashboard/FormXml/forms(dashboard)/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(fd2a7985-3187-444e-908d-6624b21f69c0)",
        "a web page, as in forms; real dashboards have charts and lists",
    ),
    Reason(
        Form,
        "Entities/Entity(own)/EntityInfo/entity(own)/attributes/attribute(float)",
        "limits and accuracy are the manifest's; the only real column has 0",
    ),
    Reason(
        Value,
        "Entities/Entity(own)/EntityInfo/entity(own)/attributes/attribute(ntext)/Format",
        "the manifest's `format: richText`; no column of the corpus has it",
    ),
    Reason(
        Form,
        "Entities/Entity(own)/EntityInfo/entity(own)/attributes/attribute(int)/SourceType",
        "2, a rollup; real ones are plain or calculated",
    ),
    Reason(
        Adds,
        "Entities/Entity(own)/EntityInfo/entity(own)/attributes/attribute(multiselectpicklist)",
        "the real ones are of 9.1 and have options of their own; 8 of 9.2 elsewhere are as ours",
    ),
    Reason(
        Lacks,
        "Entities/Entity(own)/EntityInfo/entity(own)/attributes/attribute(multiselectpicklist)/optionset(picklist)",
        "ours takes a global choice",
    ),
    Reason(
        Adds,
        "Entities/Entity(own)/FormXml/forms(quickcreate)",
        "the real ones are of tables that are not the solution's own",
    ),
    Reason(
        Order,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/formLibraries before events",
        "both orders are real: forms of other tables have events first",
    ),
    Reason(
        Adds,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/header/rows/row/cell/control(5d68b988-0661-4db2-bc3e-17598ad3be6c)",
        "the status reason in a header; the same control as in sections",
    ),
    Reason(
        Adds,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(0d2c745a-e5a8-4c8f-ba63-c6d3bb604660)",
        "of a float column; no real form of the corpus shows one, 16 elsewhere do",
    ),
    Reason(
        Lacks,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(0a7ff475-b016-4687-9ce5-042bfdbd6519)/@disabled",
        "only where the manifest says `readOnly`; 2107 of 7194 controls of real forms have none",
    ),
    Reason(
        Lacks,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(4aa28ab7-9c13-4f57-a73d-ad894d048b5f)/@disabled",
        "only where the manifest says `readOnly`; 2107 of 7194 controls of real forms have none",
    ),
    Reason(
        Lacks,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(71716b6c-711e-476c-8ab8-5d11542bfb47)/@disabled",
        "only where the manifest says `readOnly`; 2107 of 7194 controls of real forms have none",
    ),
    Reason(
        Lacks,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(ada2203e-b4cd-49be-9ddf-234642b43b52)/@disabled",
        "only where the manifest says `readOnly`; 2107 of 7194 controls of real forms have none",
    ),
    Reason(
        Lacks,
        "Entities/Entity(own)/FormXml/forms(main)/systemform/form/tabs/tab/columns/column/sections/section/rows/row/cell/control(c3efe0c3-0ec6-42be-8349-cbd9079dfd8e)/@disabled",
        "only where the manifest says `readOnly`; 2107 of 7194 controls of real forms have none",
    ),
    Reason(
        Value,
        "Entities/Entity(own)/SavedQueries/savedqueries/savedquery(0)/fetchxml/fetch/entity/filter/condition/@operator",
        "the filter is the manifest's",
    ),
    Reason(
        Lacks,
        "Entities/Entity(own)/Visualizations/visualization/presentationdescription/Chart/@PaletteCustomColors",
        "the environment's own colours are used",
    ),
    Reason(
        Adds,
        "Entities/Entity(shell)/EntityInfo/entity(shell)/ChangeTrackingEnabled",
        "a single setting; real tables come with all of them or none",
    ),
    Reason(
        Adds,
        "Entities/Entity(shell)/EntityInfo/entity(shell)/EntitySetName",
        "beside a single setting; real tables come with all of them or none",
    ),
    Reason(
        Adds,
        "FieldSecurityProfiles/FieldSecurityProfile/FieldPermissions/FieldPermission/CanReadUnmasked",
        "masking is younger than the profiles of the corpus; exports of 9.2.26034 have it",
    ),
    Reason(
        Adds,
        "InteractionCentricDashboards/InteractionCentricDashboard/IsCustomizable",
        "the real ones are of 9.1; one of 9.2.23031 elsewhere has it",
    ),
    Reason(
        Lacks,
        "InteractionCentricDashboards/InteractionCentricDashboard/Descriptions",
        "optional; ours has none, and neither has the one of 9.2.23031",
    ),
    Reason(Adds, "Reports", "no report is in the corpus; see docs/components.md"),
    Reason(
        Form,
        "SdkMessageProcessingSteps/SdkMessageProcessingStep/FilteringAttributes",
        "the real ones are for any column",
    ),
    Reason(Form, "SdkMessageProcessingSteps/SdkMessageProcessingStep/Rank", "any number; the real ones are first"),
    Reason(
        Adds,
        "SdkMessageProcessingSteps/SdkMessageProcessingStep/SdkMessageProcessingStepImages/SdkMessageProcessingStepImage",
        "no step of the corpus has an image; see docs/components.md",
    ),
    Reason(Adds, "ServiceEndpoints/ServiceEndpoint(2)", "a queue; no public solution has one, see docs/components.md"),
    Reason(
        Adds,
        "SolutionManifest/RootComponents/RootComponent(31)",
        "no report is in the corpus; see docs/components.md",
    ),
    Reason(
        Adds,
        "SolutionManifest/RootComponents/RootComponent(36)",
        "no e-mail template is in the corpus; see docs/components.md",
    ),
    Reason(Adds, "SolutionPluginAssemblies/PluginAssembly/Description", "optional; a column of the table"),
    Reason(
        Adds,
        "SolutionPluginAssemblies/PluginAssembly/PluginTypes/PluginType/WorkflowActivityGroupName",
        "of a workflow activity; the real assemblies hold plug-ins",
    ),
    Reason(Adds, "Templates", "no e-mail template is in the corpus; see docs/components.md"),
    Reason(Adds, "customapis/customapi/executeprivilegename", "optional; a column of the table"),
    Reason(
        Adds,
        "environmentvariabledefinitions/environmentvariabledefinition(100000004)/hint",
        "given with `xml:`; a column of the table",
    ),
    Reason(Adds, "maskingrules/maskingrule/displayname", "a record: its columns are the manifest's"),
    Reason(Form, "optionsets/optionset(picklist)/options/option/@ExternalValue", "set here; the real ones are empty"),
    Reason(Value, "optionsets/optionset(picklist)/options/option/@ExternalValue", "set here; the real ones are empty"),
    Reason(
        Form,
        "optionsets/optionset(picklist)/options/option/Descriptions/Description/@description",
        "set here; the real ones are empty",
    ),
];
