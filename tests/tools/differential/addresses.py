"""Operators on where data goes: an address in another spelling or in a layer below, and records of tables that have a section."""

import re

from mutate import CUSTOMIZATIONS, PARTS, TYPES, XML, NotHere, operator, pick
from records import record
from variables import definition

HOST = "spelt.example.net"
# In XML text, without characters that a document would have to escape.
PLAIN = {
    "as it is": f"https://{HOST}/x",
    "backslashes": f"https:\\\\{HOST}\\x",
    "one slash": f"https:/{HOST}/x",
    "full stop": "https://spelt\u3002example.net/x",
    "percent": "https://spelt%2Eexample%2enet/x",
    "full width": "https://\uff53pelt.example.net/x",
    "zero width": "https://sp\u200belt.example.net/x",
    "capitals": "HTTPS://SPELT.EXAMPLE.NET/x",
    "another scheme": f"net.tcp://{HOST}/x",
    "of the page": f"//{HOST}/x",
    "user": f"https://api.contoso.com@{HOST}/x",
    "user with a mark": f"https://api.contoso.com!@{HOST}/x",
    "JSON": '{"u":"https:\\u002f\\u002fspelt.exa\\u006dple.net/x"}',
    "JSON in JSON": '{"u":"{\\"v\\":\\"https:\\\\u002f/spelt.example.net\\"}"}',
    "inside another": "https://www.w3.org/?to=https%3A%2F%2Fspelt.example.net",
    "XML": "&lt;a u=\"https:&amp;#47;/spelt.example.net\" /&gt;",
}
# Where .NET reads the same, and the profile wants another form.
WRITTEN = {
    "references": "https:&#47;&#x2f;spelt.example.net",
    "a letter": "https://&#115;pelt.example.net",
    "CDATA": "<![CDATA[https://spelt.example.net]]>",
    "CDATA inside": "https:/<![CDATA[/]]>spelt.example.net",
}


@operator(XML)
def address_spelling(case, rng):
    """An address in another spelling: the default of a variable, a webhook, or a text of a record."""
    name, pattern = pick(
        rng,
        case,
        {
            "default": (None, r"(<defaultvalue>)[^<]*(</defaultvalue>)"),
            "web resource": (CUSTOMIZATIONS, r"(<Description>)[^<]*(</Description>)"),
            "label": (CUSTOMIZATIONS, r"(<DisplayName>)[^<]*(</DisplayName>)"),
        },
    )
    name = name or definition(case, rng)
    some = PLAIN if name == CUSTOMIZATIONS or rng.random() < 0.6 else WRITTEN
    address = pick(rng, case, some)
    text, count = re.subn(pattern, lambda found: found[1] + address + found[2], case.text(name), count=1)
    if not count:
        raise NotHere
    case.write(text, name)
    case.must_show.append((HOST, address))
    case.must_refuse |= some is WRITTEN


@operator(XML)
def record_layout(case, rng):
    """A record in another form that says the same."""
    name, text, tag = record(case, rng)
    new = pick(
        rng,
        case,
        {
            "line ends": text.replace("\r\n", "\n"),
            "tabs": text.replace("\r\n  ", "\r\n\t"),
            "a blank in a tag": text.replace(tag[0], tag[0].replace(" ", "  ", 1), 1),
            "quotes": text.replace(tag[0], tag[0].replace('"', "'"), 1),
            "a line end behind": text + "\r\n",
            "a declaration": '<?xml version="1.0" encoding="utf-8"?>' + text,
            "a mark": "\ufeff" + text,
            "a reference": text.replace(tag[0], re.sub(r'"([a-z])', lambda it: f'"&#{ord(it[1])};', tag[0], count=1), 1),
        },
    )
    if new == text:
        raise NotHere
    case.write(new, name)
    case.must_refuse = True


@operator(PARTS)
def record_elsewhere(case, rng):
    """A record of a table that has a section of its own, or that no solution has."""
    table, place = pick(
        rng,
        case,
        {
            "role": ("role", "roles"),
            "step": ("sdkmessageprocessingstep", "sdkmessageprocessingsteps"),
            "flow": ("workflow", "workflows"),
            "endpoint": ("serviceendpoint", "serviceendpoints"),
            "reference": ("connectionreference", "connectionreferences"),
            "profile": ("fieldsecurityprofile", "fieldsecurityprofiles"),
            "user": ("systemuser", "systemusers"),
            "roles of users": ("systemuserroles", "systemuserrolescollection"),
            "inside a record": ("role", "customapis/contoso_A/roles"),
            "another set": ("role", "contoso_things"),
        },
    )
    case.add(f"{place}/x/{table}.xml", f'<{table} name="x">\r\n  <a>b</a>\r\n</{table}>')
    case.must_refuse = True


@operator(PARTS)
def stray_file(case, rng):
    """A file in the folder of a record that no reader takes."""
    folders = sorted({name.rsplit("/", 1)[0] for name, _ in case.parts if re.fullmatch(r"[a-z_]+/[^/]+/[a-z_]+\.xml", name)})
    if not folders:
        raise NotHere
    folder = rng.choice(folders)
    file = pick(rng, case, {"text": "stray.txt", "script": "stray.js", "below": "more/stray.txt", "library": "stray.dll"})
    case.add(f"{folder}/{file}", "stray")
    extension = file.rsplit(".", 1)[1].encode()
    types = case.part(TYPES)
    if b'Extension="' + extension + b'"' not in types:
        more = b'<Default Extension="' + extension + b'" ContentType="application/octet-stream" /></Types>'
        case.put(TYPES, types.replace(b"</Types>", more))
    case.must_list.append(f"{folder}/{file}")
