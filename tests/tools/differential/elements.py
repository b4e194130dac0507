"""Operators on what elements say: text among elements, columns, permissions, names, files, and what stands once."""

import re

from mutate import CUSTOMIZATIONS, SOLUTION, XML, NotHere, operator, pick
from sections import FILLED

PROCESS = (
    '<Workflow WorkflowId="{0badc0de-0000-4000-8000-0000000000b7}" Name="Hidden"><Category>0</Category>'
    "<StateCode>1</StateCode><StatusCode>2</StatusCode></Workflow>"
)


def one_of(rng, found):
    """Any of a list."""
    if not found:
        raise NotHere
    return rng.choice(found)


def replaced(text, pattern, new):
    """The text with the first match changed."""
    changed, count = re.subn(pattern, new, text, count=1)
    if not count or changed == text:
        raise NotHere
    return changed


def filled(text, name, content):
    """The text with this in a section, which it may have already."""
    if f"<{name} />" in text:
        return text.replace(f"<{name} />", f"<{name}>{content}</{name}>", 1)
    if f"<{name}>" in text:
        return text.replace(f"<{name}>", f"<{name}>{content}", 1)
    return text.replace("</ImportExportXml>", f"<{name}>{content}</{name}></ImportExportXml>", 1)


@operator(XML)
def element_content(case, rng):
    """Text beside elements, elements beside text, comments in a text, nil beside content; anywhere."""
    document = case.document()
    leaves = [it for it in document.elements if not it.children and not it.empty and document.content(it).strip()]
    groups = [it for it in document.elements if it.children and it.parent is not None]
    leaf, group = one_of(rng, leaves), one_of(rng, groups)
    inside, content = document.content(group), document.content(leaf)
    half = len(content) // 2
    if "&" in content or "<" in content:
        half = 0
    changed = pick(
            rng,
            case,
            {
                "element before": lambda: document.with_content(leaf, f"<b>evil</b>{content}"),
                "element between": lambda: document.with_content(leaf, f"{content[:half]}<b>evil</b>{content[half:]}"),
                "element instead": lambda: document.with_content(leaf, f"<b>{content}</b>"),
                "comment": lambda: document.with_content(leaf, f"{content[:half]}<!-- c -->{content[half:]}"),
                "instruction": lambda: document.with_content(leaf, f"{content[:half]}<?p?>{content[half:]}"),
                "nil and text": lambda: document.with_attribute(leaf, 'xsi:nil="true"'),
                "nil in a digit": lambda: document.with_attribute(leaf, 'xsi:nil="1"'),
                "nil by a prefix": lambda: document.with_attribute(
                    leaf, 'xmlns:y="http://www.w3.org/2001/XMLSchema-instance" y:nil="true"'
                ),
                "nil and elements": lambda: document.with_attribute(group, 'xsi:nil="true"'),
                "text before": lambda: document.with_content(group, f"evil{inside}"),
                "text behind": lambda: document.with_content(group, f"{inside}evil"),
                "unseen text": lambda: document.with_content(group, f"\u200b{inside}"),
                "comment in a group": lambda: document.with_content(group, f"<!-- c -->{inside}"),
            },
    )()
    case.say(changed)
    case.variants.append(f"{group.name}, {leaf.name}")


@operator(XML)
def column(case, rng):
    """A column twice, of two names, or secured and not."""
    document = case.document()
    it = one_of(rng, [it for it in document.all("attribute", "attributes") if "PhysicalName" in it.attributes])
    source, name = document.source(it), it.attributes["PhysicalName"]
    logical = re.search("<LogicalName>([^<]*)</LogicalName>", source)
    if not logical or "<IsSecured>" not in source:
        raise NotHere
    other = source.replace("<IsSecured>0", "<IsSecured>1", 1)
    new = pick(
        rng,
        case,
        {
            "twice": source + source,
            "twice and secured": source + other,
            "in another case": other.replace(name, name.upper(), 1) + source,
            "of one logical name": source + other.replace(f'"{name}"', '"contoso_Other"', 1),
            "secured": other,
            "secured twice": source.replace("<IsSecured>", "<IsSecured>1</IsSecured><IsSecured>", 1),
            "secured behind": source.replace("</IsSecured>", "</IsSecured><IsSecured>1</IsSecured>", 1),
            "issecured": source.replace("<IsSecured>", "<issecured>1</issecured><IsSecured>", 1),
            "true": re.sub("<IsSecured>[01]", "<IsSecured>true", source),
            "nil": source.replace("<IsSecured>", '<IsSecured xsi:nil="true">', 1),
            "blank": source.replace("<IsSecured>", "<IsSecured> ", 1),
            "another logical name": source.replace(logical[0], "<LogicalName>accountid</LogicalName>", 1),
            "two logical names": source.replace(logical[0], logical[0] + "<LogicalName>accountid</LogicalName>", 1),
            "another name": re.sub("<Name>[^<]*", "<Name>accountid", source, count=1),
            "no name": source.replace(f' PhysicalName="{name}"', "", 1),
        },
    )
    case.say(document.with_source(it, new))


@operator(XML)
def nameless(case, rng):
    """An item without what it is known by."""
    text = case.text(CUSTOMIZATIONS)
    changed = replaced(
            text,
            *pick(
                rng,
                case,
                {
                    "process without an id": (r' WorkflowId="[^"]*"', ""),
                    "process with an empty id": (r' WorkflowId="[^"]*"', ' WorkflowId=""'),
                    "process without a name": (r'(<Workflow [^>]*?) Name="[^"]*"', r"\1"),
                    "process without a category": (r"<Category>\d+</Category>", ""),
                    "status alone": (r"<StateCode>\d</StateCode>", ""),
                    "state alone": (r"<StatusCode>\d</StatusCode>", ""),
                    "step without an id": (r' SdkMessageProcessingStepId="[^"]*"', ""),
                    "endpoint without an id": (r' ServiceEndpointId="[^"]*"', ""),
                    "reference without a name": (r' connectionreferencelogicalname="[^"]*"', ""),
                    "reference without a connector": (r"(<connectionreference (?:.|\n)*?)<connectorid>[^<]*</connectorid>", r"\1"),
                    "table without a name": (r"<Name LocalizedName=[^>]*>[^<]*</Name>", ""),
                    "table with a blank name": (r"(<Name LocalizedName=[^>]*>)[^<]*(</Name>)", r"\1 \2"),
                    "entity without a name": (r"(<entity) Name=\"[^\"]*\"", r"\1"),
                    "web resource without a name": (r"(<WebResource>(?:.|\n)*?)<Name>[^<]*</Name>", r"\1"),
                    "web resource with a blank name": (r"(<WebResource>(?:.|\n)*?<Name>)[^<]*", r"\1"),
                    "profile without an id": (r' fieldsecurityprofileid="[^"]*"', ""),
                    "choice without a name": (r'(<optionset) Name="[^"]*"( localizedName)', r"\1\2"),
                },
            ),
    )
    case.say(changed)


@operator(XML)
def process_elsewhere(case, rng):
    """A process inside of another item, or without what makes it known."""
    text = case.text(CUSTOMIZATIONS)
    rule = "<RoutingRule><RoutingRuleId>{{1}}</RoutingRuleId><Name>S</Name>{}</RoutingRule>".format
    inside = f"<Workflows>{PROCESS}</Workflows>"
    content = pick(
        rng,
        case,
        {
            "in a rule": ("RoutingRules", rule(inside)),
            "in an access rule": ("ChannelAccessProfileRules", f"<ChannelAccessProfileRule><Name>S</Name>{inside}</ChannelAccessProfileRule>"),
            "in a convert rule": ("ConvertRules", f"<ConvertRule><Name>S</Name>{inside}</ConvertRule>"),
            "in an item of a rule": ("RoutingRules", rule(f"<RoutingRuleItems>{inside}</RoutingRuleItems>")),
            "in a rule without an id": ("RoutingRules", rule(inside.replace("WorkflowId", "Id"))),
            "twice in a rule": ("RoutingRules", rule(inside.replace(PROCESS, PROCESS * 2))),
            "in two lists": ("RoutingRules", rule(inside * 2)),
            "in a list in small letters": ("RoutingRules", rule(inside.replace("Workflows", "workflows"))),
            "of no known category": ("Workflows", PROCESS.replace("<Category>0", "<Category>99")),
            "with a status alone": ("Workflows", PROCESS.replace("<StateCode>1</StateCode>", "")),
            "without a state": ("Workflows", re.sub("<State.*Code>", "", PROCESS)),
        },
    )
    case.say(filled(text, *content))
    # Elsewhere `inspect` names the place that hides it.
    if case.variants[-1] in ("in a rule", "in an access rule", "of no known category", "without a state"):
        case.must_show.append("Hidden")


@operator(XML)
def once_in_a_section(case, rng):
    """What stands once in a section, twice."""
    text = case.text(CUSTOMIZATIONS)
    sales = "<sales><maxproductsinbundle>{}</maxproductsinbundle></sales>".format
    mail = "<EmailTemplates><emailtemplate><title>a</title></emailtemplate></EmailTemplates>"
    content = pick(
        rng,
        case,
        {
            "a setting": ("OrganizationSettings", sales(71)),
            "two groups": ("OrganizationSettings", sales(71) + sales(72)),
            "two groups apart": ("OrganizationSettings", sales(71) + "<general />" + sales(72)),
            "a group in another case": ("OrganizationSettings", sales(71) + sales(72).replace("sales", "Sales")),
            "a setting twice": ("OrganizationSettings", sales("71</maxproductsinbundle><maxproductsinbundle>72")),
            "a setting with an element": ("OrganizationSettings", sales("71<b>72</b>")),
            "templates": ("Templates", mail + mail),
            "site maps": ("SiteMap", '<SiteMap><Area Id="71" /></SiteMap><SiteMap><Area Id="72" /></SiteMap>'),
            "languages": ("Languages", "<Language>1033</Language><Language>1033</Language>"),
        },
    )
    case.say(filled(text, *content))
    if content[0] == "OrganizationSettings":
        case.must_show.append("71")


@operator(XML)
def permission(case, rng):
    """What a column security profile allows: twice, in another case, in another spelling."""
    one = (
        "<FieldPermission><EntityName>account</EntityName><AttributeName>name</AttributeName><CanRead>{}</CanRead>"
        "<CanUpdate>0</CanUpdate><CanCreate>0</CanCreate></FieldPermission>"
    ).format
    inner = pick(
        rng,
        case,
        {
            "fine": one(4),
            "twice": one(4) + one(0),
            "in another case": one(0) + one(4).replace("account", "Account").replace(">name", ">NAME"),
            "with a zero": one("04"),
            "with a blank": one(" 4"),
            "another value": one(1),
            "read twice": one(0).replace("<CanUpdate>", "<CanRead>4</CanRead><CanUpdate>"),
            "in small letters": one(0).replace("<CanUpdate>", "<canread>4</canread><CanUpdate>"),
            "without a column": one(4).replace("<AttributeName>name</AttributeName>", ""),
            "without a table": one(4).replace(">account<", "><"),
            "unmasked": one(4).replace("</FieldPermission>", "<CanReadUnmasked>3</CanReadUnmasked></FieldPermission>"),
            "unmasked otherwise": one(4).replace("</FieldPermission>", "<CanReadUnmasked>2</CanReadUnmasked></FieldPermission>"),
            "an unknown right": one(0).replace("</FieldPermission>", "<CanShare>4</CanShare></FieldPermission>"),
            "in a second list": one(0) + "</FieldPermissions><FieldPermissions>" + one(4),
            "nested": one(0).replace("</FieldPermission>", one(4) + "</FieldPermission>"),
        },
    )
    profile = re.sub("<FieldPermissions>.*</FieldPermissions>", f"<FieldPermissions>{inner}</FieldPermissions>", FILLED["FieldSecurityProfiles"])
    case.say(filled(case.text(CUSTOMIZATIONS), "FieldSecurityProfiles", profile))


@operator(XML)
def named_file(case, rng):
    """The file that an item names: in another spelling, missing, or another item's."""
    text = case.text(CUSTOMIZATIONS)
    found = one_of(rng, list(re.finditer(r"<(FileName|JsonFileName|XamlFileName)>(/[^<]*)</", text)))
    tag, file = found[1], found[2]
    others = [it[2] for it in re.finditer(r"<(FileName|JsonFileName|XamlFileName)>(/[^<]*)</", text) if it[2] != file]
    variants = {
        "two slashes": "/" + file,
        "no slash": file[1:],
        "a blank before": " " + file,
        "a blank behind": file + " ",
        "a step back": "/x/.." + file,
        "a dot": "/." + file,
        "a backslash": file.replace("/", "\\"),
        "encoded": "/%" + format(ord(file[1]), "x") + file[2:],
        "in capitals": file.upper(),
        "missing": file + "x",
        "empty": "",
    }
    if others:
        variants["another item's"] = others[0]
        variants["another item's in capitals"] = others[0].upper()
    new = pick(rng, case, variants)
    case.write(text[: found.start()] + f"<{tag}>{new}</" + text[found.end() :])
    case.variants.append(tag)


@operator(XML)
def base_language(case, rng):
    """The code of the base language and the version in other spellings."""
    text = case.text(SOLUTION)
    code = re.search(r'languagecode="(\d+)" generatedBy', text) or re.search(r'languagecode="(\d+)"', text)
    version = re.search(r"<Version>(\d[^<]*)</Version>", text)
    if not code or not version:
        raise NotHere
    spelled = '{}="{}"'.format
    case.write(
        pick(
            rng,
            case,
            {
                "blank": text.replace(code[0], code[0].replace(code[1], " " + code[1]), 1),
                "blank behind": text.replace(code[0], code[0].replace(code[1], code[1] + " "), 1),
                "zero": text.replace(code[0], code[0].replace(code[1], "0" + code[1]), 1),
                "plus": text.replace(code[0], code[0].replace(code[1], "+" + code[1]), 1),
                "word": text.replace(code[0], code[0].replace(code[1], "x"), 1),
                "empty": text.replace(code[0], code[0].replace(code[1], ""), 1),
                "none": text.replace(spelled("languagecode", code[1]), "", 1),
                "version with a zero": text.replace(version[0], f"<Version>0{version[1]}</Version>", 1),
                "version with two zeros": text.replace(version[0], re.sub(r"\.(\d+)</", r".0\1</", version[0]), 1),
            },
        ),
        SOLUTION,
    )
