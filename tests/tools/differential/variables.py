"""Operators on definitions and values of environment variables, and on the addresses that a solution names."""

import re

from mutate import CUSTOMIZATIONS, TYPES, XML, NotHere, operator, pick


def definition(case, rng):
    """The part of a variable's definition."""
    found = [name for name, _ in case.parts if name.endswith("environmentvariabledefinition.xml")]
    if not found:
        raise NotHere
    return rng.choice(found)


@operator(XML)
def variable_values(case, rng):
    """A variable's value, in a file that Dataverse reads."""
    folder = definition(case, rng).rsplit("/", 1)[0]
    name = pick(
        rng,
        case,
        {
            "right": "environmentvariablevalues.json",
            "capitals": "EnvironmentVariableValues.json",
            "upper": "ENVIRONMENTVARIABLEVALUES.JSON",
        },
    )
    case.add(
        f"{folder}/{name}",
        '{"environmentvariablevalues":{"environmentvariablevalue":{"iscustomizable":"1","value":"https://value.example.net"}}}',
    )
    if b'Extension="json"' not in case.part(TYPES):
        case.put(
            TYPES,
            case.part(TYPES).replace(
                b"</Types>", b'<Default Extension="json" ContentType="application/octet-stream" /></Types>'
            ),
        )
    case.must_show.append("value.example.net")


@operator(XML)
def variable_second(case, rng):
    """A second definition: in the folder, in another folder, of the same name, in another case."""
    name = definition(case, rng)
    data = case.part(name)
    schema = name.split("/")[1]
    hidden_name, new = pick(
        rng,
        case,
        {
            "another folder": (name.replace(schema, schema + "2"), data),
            "case of the file": (name.replace("definition.xml", "Definition.xml"), data),
            "case of the folder": (
                name.replace("environmentvariabledefinitions", "EnvironmentVariableDefinitions").replace(
                    schema, "contoso_hidden"
                ),
                data.replace(schema.encode(), b"contoso_hidden"),
            ),
            "deeper": (name.replace(schema, schema + "/more"), data.replace(schema.encode(), b"contoso_hidden")),
            "another name": (name.replace(schema, "contoso_hidden"), data.replace(schema.encode(), b"contoso_hidden")),
            "name of another file": (name.replace("definition.xml", "definition2.xml"), data),
            "case of the variable": (
                name.replace(schema, schema.upper()),
                data.replace(schema.encode(), schema.upper().encode()),
            ),
        },
    )
    case.add(hidden_name, new)


@operator(XML)
def variable_definition(case, rng):
    """What a definition says: default twice, name in another case, comment, another type."""
    name = definition(case, rng)
    text = case.text(name)
    schema = re.search(r'schemaname="([^"]*)"', text)
    if not schema:
        raise NotHere
    end = "</environmentvariabledefinition>"
    other = "<defaultvalue>https://other.example.net</defaultvalue>"
    case.write(
        pick(
            rng,
            case,
            {
                "default behind": text.replace(end, other + end),
                "default before": re.sub(r"(<environmentvariabledefinition[^>]*>)", rf"\1{other}", text, count=1),
                "Default": text.replace(end, other.replace("default", "Default") + end),
                "name in capitals": text.replace(schema[1], schema[1].upper()),
                "another name": text.replace(schema[1], schema[1] + "x"),
                "SchemaName": text.replace(" schemaname=", ' SchemaName="contoso_other" schemaname='),
                "comment": text.replace("<type>", "<!-- c --><type>"),
                "comment in the type": re.sub(r"<type>(\d)", r"<type>\1<!-- c -->", text),
                "two types": text.replace(end, "<type>100000005</type>" + end),
                "nested": (
                    text.replace(end, f"<Extra>{text}</Extra>" + end) if not text.startswith("<?") else text + " "
                ),
                "root in capitals": text.replace("environmentvariabledefinition", "EnvironmentVariableDefinition"),
                "blank in the name": text.replace(f'"{schema[1]}"', f'"{schema[1]} "'),
                "unknown": text.replace(end, "<extra>1</extra>" + end),
                "type out of range": re.sub(r"<type>\d+", "<type>100000006", text),
                "another kind of type": re.sub(r"<type>\d+", "<type>1", text),
                "blank in the type": text.replace("<type>", "<type> "),
                "no type": re.sub(r"<type>\d+</type>", "", text),
                "required in words": re.sub(r"<isrequired>\d", "<isrequired>true", text),
                "required twice over": re.sub(r"<isrequired>\d", "<isrequired>2", text),
                "another secret store": re.sub(r"<secretstore>\d", "<secretstore>7", text),
                "secret store": text.replace(end, "<secretstore>1</secretstore>" + end),
            },
        ),
        name,
    )


@operator(XML)
def address(case, rng):
    """Where data goes and what a setting is by default: a reviewer must be shown it."""
    name, pattern = pick(
        rng,
        case,
        {
            "webhook": (CUSTOMIZATIONS, r"(<Url>)[^<]*(</Url>)"),
            "queue": (CUSTOMIZATIONS, r"(<NamespaceAddress>)[^<]*(</NamespaceAddress>)"),
            "connector": (CUSTOMIZATIONS, r"(<connectorid>)[^<]*(</connectorid>)"),
            "default": (None, r"(<defaultvalue>)[^<]*(</defaultvalue>)"),
        },
    )
    name = name or definition(case, rng)
    text, count = re.subn(pattern, r"\1https://moved.example.net/x\2", case.text(name), count=1)
    if not count:
        raise NotHere
    case.write(text, name)
    case.must_show.append("moved.example.net")
