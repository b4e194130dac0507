"""Operators on sections and root components."""

import re

from mutate import CUSTOMIZATIONS, SOLUTION, XML, NotHere, in_another_case, operator, pick, swapped

NEW = "0badc0de-0000-4000-8000-%012x"
FILLED = {
    "OrganizationSettings": '<OrganizationSetting name="isauditenabled" value="0"/>',
    "EntityMaps": (
        "<EntityMap><EntitySource>account</EntitySource><EntityTarget>contact</EntityTarget><AttributeMaps/></EntityMap>"
    ),
    "Templates": (
        "<EmailTemplates><EmailTemplate><templateid>{0badc0de-0000-4000-8000-0000000000e0}</templateid><title>Hidden</title></EmailTemplate></EmailTemplates>"
    ),
    "optionsets": (
        '<optionset Name="contoso_hidden"'
        ' localizedName="Hidden"><OptionSetType>picklist</OptionSetType><options/></optionset>'
    ),
    "FieldSecurityProfiles": (
        '<FieldSecurityProfile name="Hidden"'
        ' fieldsecurityprofileid="{0badc0de-0000-4000-8000-0000000000f0}"><FieldPermissions>'
        "<FieldPermission><EntityName>account</EntityName><AttributeName>name</AttributeName><CanRead>4</CanRead>"
        "<CanUpdate>4</CanUpdate><CanCreate>4</CanCreate></FieldPermission></FieldPermissions></FieldSecurityProfile>"
    ),
    "Roles": (
        '<Role id="{0badc0de-0000-4000-8000-0000000000a0}"'
        ' name="Hidden"><IsCustomizable>1</IsCustomizable><RolePrivileges><RolePrivilege name="prvDeleteAccount"'
        ' level="Global"/></RolePrivileges></Role>'
    ),
    "Workflows": (
        '<Workflow WorkflowId="{0badc0de-0000-4000-8000-0000000000b0}"'
        ' Name="Hidden"><JsonFileName>/Workflows/h.json</JsonFileName>'
        "<Type>1</Type><Category>5</Category><StateCode>1</StateCode><StatusCode>2</StatusCode></Workflow>"
    ),
    "SolutionPluginAssemblies": (
        '<PluginAssembly FullName="Hidden, Version=1.0.0.0, Culture=neutral, PublicKeyToken=ec2db1e3e8c65693" '
        'PluginAssemblyId="0badc0de-0000-4000-8000-0000000000c0"><IsolationMode>2</IsolationMode></PluginAssembly>'
    ),
    "SdkMessageProcessingSteps": (
        '<SdkMessageProcessingStep Name="Hidden" SdkMessageProcessingStepId="{0badc0de-0000-4000-8000-0000000000d0}">'
        "<SdkMessageId>20bebb1b-ea3e-db11-86a7-000a3a5473e8</SdkMessageId><Stage>40</Stage></SdkMessageProcessingStep>"
    ),
    "connectionreferences": (
        "<connectionreference"
        ' connectionreferencelogicalname="contoso_hidden"><connectorid>/providers/Microsoft.PowerApps/'
        "apis/shared_sql</connectorid></connectionreference>"
    ),
    "ServiceEndpoints": (
        '<ServiceEndpoint ServiceEndpointId="{0badc0de-0000-4000-8000-000000000100}"'
        ' Name="Hidden"><Contract>8</Contract><Url>https://hidden.example.net/</Url></ServiceEndpoint>'
    ),
}


def section(case, rng, filled=True):
    """One of the top-level sections (with something in it), the document."""
    document = case.document()
    found = [it for it in document.root.children if it.children or not filled]
    if not found:
        raise NotHere
    # Sections that matter are taken more often.
    some = [it for it in found if it.name in FILLED]
    return document, rng.choice(some if some and rng.random() < 0.7 else found)


def append(document, source):
    """The text with a further section, at the end of the root."""
    at = document.root.close
    return document.text[:at] + source + document.text[at:]


def other_ids(source, rng):
    """The same items under other GUIDs."""
    return re.sub(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", lambda _: NEW % rng.randrange(1 << 40), source
    )


@operator(XML)
def second_section(case, rng):
    """A section once more."""
    document, it = section(case, rng)
    source = document.source(it)
    chosen = pick(
        rng,
        case,
        {"alike": lambda: source, "other ids": lambda: other_ids(source, rng), "empty": lambda: f"<{it.name}/>"},
    )
    first = rng.random() < 0.5
    at = it.start if first else document.root.close
    case.say(document.text[:at] + chosen() + document.text[at:])
    case.variants.append(it.name)


@operator(XML)
def hidden_section(case, rng):
    """A second section, or a first, with an item that is not shown."""
    name = rng.choice(sorted(FILLED))
    spelled = pick(
        rng, case, {"same": lambda n: n, "first letter": swapped, "small": str.lower, "capitals": str.upper}
    )(name)
    case.variants.append(name)
    case.say(append(case.document(), f"<{spelled}>{FILLED[name]}</{spelled}>"))


@operator(XML)
def filled_section(case, rng):
    """An item in a section that was empty or absent (or one more in it)."""
    document = case.document()
    name = rng.choice(sorted(FILLED))
    case.variants.append(name)
    there = [it for it in document.root.children if it.name == name]
    if there:
        case.say(
            document.with_content(there[0], ("" if there[0].empty else document.content(there[0])) + FILLED[name])
        )
    else:
        case.say(append(document, f"<{name}>{FILLED[name]}</{name}>"))


@operator(XML)
def section_case(case, rng):
    """A section's name in another case."""
    document, it = section(case, rng)
    in_another_case(case, rng, document, it)


@operator(XML)
def section_misspelt(case, rng):
    """A section under a name that is nearly its own."""
    document, it = section(case, rng)
    name = pick(
        rng,
        case,
        {
            "one more letter": lambda n: n + "s",
            "one less": lambda n: n[:-1],
            "a dot": lambda n: n + ".",
            "cyrillic": lambda n: n.replace("o", "\u043e").replace("e", "\u0435"),
        },
    )(it.name)
    case.say(document.with_source(it, document.renamed(it, name)))
    case.variants.append(it.name)


@operator(XML)
def section_nested(case, rng):
    """A section inside another element."""
    document, it = section(case, rng)
    wrapped = pick(
        rng,
        case,
        {
            "unknown": "Extra",
            "itself": it.name,
            "the root's name": "ImportExportXml",
            "Entities": "Entities",
            "Languages": "Languages",
        },
    )
    case.say(document.with_source(it, f"<{wrapped}>{document.source(it)}</{wrapped}>"))
    case.variants.append(it.name)


@operator(XML)
def section_moved(case, rng):
    """A section at another place: into another section, or to the end."""
    document, it = section(case, rng)
    source = document.source(it)
    rest = document.text[: it.start] + document.text[it.end :]
    into = pick(rng, case, {"end": "</ImportExportXml>", "Languages": "</Languages>", "Entities": "</Entities>"})
    if into not in rest or it.name in into:
        raise NotHere
    case.say((source + into).join(rest.rsplit(into, 1)))
    case.variants.append(it.name)


@operator(XML)
def section_elsewhere(case, rng):
    """A section in solution.xml."""
    document = case.document(SOLUTION)
    name = rng.choice(["Roles", "Workflows", "SolutionPluginAssemblies", "connectionreferences"])
    where = pick(
        rng, case, {"root": "</ImportExportXml>", "manifest": "</SolutionManifest>", "publisher": "</Publisher>"}
    )
    case.say(document.text.replace(where, f"<{name}>{FILLED[name]}</{name}>{where}", 1), SOLUTION)


@operator(XML)
def section_unknown(case, rng):
    """A section that nobody knows."""
    source = pick(
        rng,
        case,
        {
            "items": '<RoutingRules><RoutingRule Name="Hidden"/></RoutingRules>',
            "text": "<Extra>text</Extra>",
            "empty": "<Extra/>",
            "attribute": '<Extra on="1"/>',
            "deep": '<a><b><c><d e="f">g</d></c></b></a>',
            "another root": "<ImportExportXml><Roles>" + FILLED["Roles"] + "</Roles></ImportExportXml>",
        },
    )
    case.say(append(case.document(), source))


@operator(XML)
def section_removed(case, rng):
    """A section less."""
    document, it = section(case, rng)
    case.say(
        document.with_source(
            it, pick(rng, case, {"gone": "", "empty": f"<{it.name}/>", "open and shut": f"<{it.name}></{it.name}>"})
        )
    )
    case.variants.append(it.name)


@operator(XML)
def root_component(case, rng):
    """Root components twice, in another case, with other attributes."""
    document = case.document(SOLUTION)
    found = document.all("RootComponent")
    if not found:
        raise NotHere
    it = rng.choice(found)
    source = document.source(it)
    new = pick(
        rng,
        case,
        {
            "twice": source + source,
            "small": document.renamed(it, "rootcomponent"),
            "twice in another case": source + source.replace('schemaName="c', 'schemaName="C').replace("{b", "{B"),
            "twice with another behavior": source + re.sub('behavior="."', 'behavior="2"', source),
            "foreign step": (
                source + '<RootComponent type="92" id="{0badc0de-0000-4000-8000-0000000000a2}" behavior="0" />'
            ),
            "gone": "",
            "hidden role": (
                source + '<RootComponent type="20" id="{0badc0de-0000-4000-8000-0000000000a0}" behavior="0" />'
            ),
            "behavior": re.sub('behavior="."', 'behavior="2"', source),
            "type blank": source.replace('type="', 'type=" '),
            "type zero": source.replace('type="', 'type="0'),
            "unknown attribute": source.replace("<RootComponent", '<RootComponent extra="1"'),
            "unknown type": (
                source + '<RootComponent type="99999" id="{0badc0de-0000-4000-8000-0000000000a1}" behavior="0" />'
            ),
            "child": document.renamed(it, it.name).replace("/>", "><Extra/></RootComponent>"),
            "text": "text" + source,
            "Id": source.replace(" id=", " Id=").replace(" schemaName=", " schemaname="),
        },
    )
    case.say(document.with_source(it, new), SOLUTION)


@operator(XML)
def root_components_twice(case, rng):
    """Two lists of root components or dependencies."""
    document = case.document(SOLUTION)
    lists = document.all("RootComponents") or document.all("MissingDependencies")
    if not lists:
        raise NotHere
    source = document.source(lists[0])
    case.say(
        document.with_source(
            lists[0],
            pick(
                rng,
                case,
                {
                    "alike": source * 2,
                    "empty behind": source + "<RootComponents/>",
                    "empty before": "<RootComponents/>" + source,
                    "small": (
                        source + '<rootcomponents><RootComponent type="20"'
                        ' id="{0badc0de-0000-4000-8000-0000000000a0}"/></rootcomponents>'
                    ),
                    "dependencies": source + "<MissingDependencies/><MissingDependencies/>",
                },
            ),
        ),
        SOLUTION,
    )


@operator(XML)
def root_attribute(case, rng):
    """Attributes of the root of either document."""
    part = rng.choice([CUSTOMIZATIONS, SOLUTION])
    document = case.document(part)
    attribute = pick(
        rng,
        case,
        {
            "unknown": 'extra="1"',
            "lang": 'xml:lang="en"',
            "schema": 'xsi:noNamespaceSchemaLocation="x.xsd"',
            "version": 'Version="9.9"',
            "managed": 'Managed="1"',
        },
    )
    case.say(document.with_attribute(document.root, attribute), part)
