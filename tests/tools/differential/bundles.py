"""Operators on bundle.json and the files around the solution. None of what they make may be accepted."""

import json

from mutate import BUNDLE, NotHere, operator, pick

DESCRIPTOR = "bundle.json"


def edit(case, change):
    """A change of the bundle's entries, made before its sums are computed again."""
    if case.base.bundle is None:
        raise NotHere

    def careful(entries):
        try:
            change(entries)
        except (ValueError, KeyError, TypeError, IndexError):
            pass  # Another operator left nothing of bundle.json that could be changed; that alone must be refused.

    case.edit_bundle.append(careful)
    case.must_refuse = True


def described(case, change):
    """A change of what bundle.json says."""
    if case.base.bundle is None:
        raise NotHere
    probe = json.loads(dict(case.base.bundle)[DESCRIPTOR])
    change(probe)  # raises NotHere where the base says nothing that could be changed

    def change_entry(entries):
        document = json.loads(entries[DESCRIPTOR])
        try:
            change(document)
        except NotHere:
            document["unknown"] = True  # another operator took away what was to be changed
        entries[DESCRIPTOR] = json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"

    edit(case, change_entry)


def need(value):
    """A value that must be there."""
    if not value:
        raise NotHere
    return value


def setting(document, kind):
    """The first setting of a kind."""
    return need([it for it in document.get("settings", []) if it["kind"] == kind])[0]


@operator(BUNDLE)
def bundle_member_case(case, rng):
    """A member that is equal to a known one but for case."""

    def user(document):
        document["ApplicationUser"] = {**need(document.get("applicationUser")), "businessUnit": {"name": "Other"}}

    def value(document):
        setting(document, "environmentVariable")["Value"] = {"text": "https://other.example.net"}

    def privileges(document):
        role = need(document.get("roles"))[0]
        role["Privileges"] = [*role["privileges"], {"name": "prvWriteRole", "level": "Global"}]

    def of(holder, name, new):
        def change(document):
            where = need(document.get(holder)) if holder else document
            (where[0] if isinstance(where, list) else where)[name] = new

        return change

    described(
        case,
        pick(
            rng,
            case,
            {
                "ApplicationUser": user,
                "Value": value,
                "Privileges": privileges,
                "Roles": of(None, "Roles", []),
                "Settings": of(None, "SETTINGS", []),
                "File": of("solutions", "File", "../other.zip"),
                "Sha256": of("solutions", "SHA256", "0" * 64),
                "Publisher": of(None, "Publisher", {"name": "other"}),
                "Id": of("roles", "Id", "0badc0de-0000-4000-8000-0000000000a0"),
                "Version": of("solutions", "Version", "9.9.9.9"),
                "Format": of(None, "Format", 1),
                "ClientId": of("application", "ClientId", "0badc0de-0000-4000-8000-0000000000a1"),
            },
        ),
    )


@operator(BUNDLE)
def bundle_member_unknown(case, rng):
    """A member that bundle.json does not have."""

    def of(holder):
        def change(document):
            where = need(document.get(holder)) if holder else document
            (where[0] if isinstance(where, list) else where)["extra"] = "value"

        return change

    described(
        case,
        pick(
            rng,
            case,
            {
                holder or "top": of(holder)
                for holder in (
                    None,
                    "tool",
                    "publisher",
                    "solutions",
                    "roles",
                    "settings",
                    "application",
                    "applicationUser",
                    "requires",
                )
            },
        ),
    )


@operator(BUNDLE)
def bundle_member_twice(case, rng):
    """A member twice in the text."""
    member, other = pick(
        rng,
        case,
        {
            "roles": ("roles", "[]"),
            "applicationUser": ("applicationUser", "{}"),
            "version": ("version", '"9.9.9.9"'),
            "name": ("name", '"other"'),
            "sha256": ("sha256", '"00"'),
            "settings": ("settings", "[]"),
            "format": ("format", "1"),
            "escaped": ("\\u0072oles", "[]"),
            "level": ("level", '"Global"'),
        },
    )
    first = rng.random() < 0.5

    def change(entries):
        text = entries[DESCRIPTOR].decode()
        plain = member.replace("\\u0072", "r")
        at = text.find(f'"{plain}":')
        if at < 0:
            text = text.replace("{", '{"format": 2, ', 1)
        elif first:
            text = f'{text[:at]}"{member}": {other}, {text[at:]}'
        else:
            # Behind the value, whatever it is.
            _, length = json.JSONDecoder().raw_decode(text[at + len(plain) + 3 :].lstrip())
            end = (
                at
                + len(plain)
                + 3
                + len(text[at + len(plain) + 3 :])
                - len(text[at + len(plain) + 3 :].lstrip())
                + length
            )
            text = f'{text[:end]}, "{member}": {other}{text[end:]}'
        entries[DESCRIPTOR] = text.encode()

    edit(case, change)


@operator(BUNDLE)
def bundle_lists(case, rng):
    """A role, privilege, setting or solution twice, less, or more."""

    def twice(holder):
        return lambda document: need(document.get(holder)).append(document[holder][0])

    def role_again(document):
        role = need(document.get("roles"))[0]
        document["roles"].append(
            {**role, "name": "Other", "privileges": [*role["privileges"], {"name": "prvWriteRole", "level": "Global"}]}
        )

    def role_upper(document):
        role = need(document.get("roles"))[0]
        document["roles"].append({**role, "id": role["id"].upper()})

    def privilege(new):
        def change(document):
            some = need(document.get("roles"))[0]["privileges"]
            need(some).append({"name": new(some[0]["name"]), "level": "Global"})

        return change

    def fewer(document):
        need(need(document.get("roles"))[0]["privileges"]).pop()

    def assigned(document):
        need(document.get("applicationUser"))["roles"].append("627090ff-40a3-4053-8790-584edc5be201")

    def no_settings(document):
        need(document.get("settings"))
        document["settings"] = []

    described(
        case,
        pick(
            rng,
            case,
            {
                "role twice": twice("roles"),
                "solution twice": twice("solutions"),
                "setting twice": twice("settings"),
                "role with more": role_again,
                "role in capitals": role_upper,
                "privilege twice": privilege(lambda it: it),
                "privilege in capitals": privilege(str.upper),
                "privilege more": privilege(lambda it: "prvWriteRole"),
                "privilege less": fewer,
                "another role assigned": assigned,
                "no settings": no_settings,
            },
        ),
    )


@operator(BUNDLE)
def bundle_says_other(case, rng):
    """Names, types and connectors that are not the solution's; settings of another publisher."""

    def put(holder, name, new):
        def change(document):
            where = need(document.get(holder))
            where = where[0] if isinstance(where, list) else where
            if name not in where:
                raise NotHere
            where[name] = new

        return change

    def connector(document):
        setting(document, "connectionReference")["connector"] = "/providers/Microsoft.PowerApps/apis/shared_sql"

    def kind(document):
        it = setting(document, "environmentVariable")
        it["type"] = "json" if it.get("type") != "json" else "number"

    def foreign(document):
        document.setdefault("settings", []).append(
            {
                "name": "fabrikam_Url",
                "kind": "environmentVariable",
                "type": "string",
                "required": False,
                "value": {"text": "https://other.example.net"},
            }
        )

    def own(document):
        document.setdefault("settings", []).append(
            {
                "name": "contoso_Unknown",
                "kind": "environmentVariable",
                "type": "string",
                "required": False,
                "value": {"text": "x"},
            }
        )

    def rename(document):
        first = need(document.get("settings"))[0]
        first["name"] = first["name"].upper()

    described(
        case,
        pick(
            rng,
            case,
            {
                "publisher's display name": put("publisher", "displayName", "Microsoft"),
                "solution's display name": put("solutions", "displayName", "Other"),
                "role's name": put("roles", "name", "Basic User"),
                "connector": connector,
                "type": kind,
                "foreign setting": foreign,
                "unknown setting": own,
                "setting in capitals": rename,
                "prefix": put("publisher", "prefix", "other"),
                "publisher": put("publisher", "name", "other"),
                "version": put("solutions", "version", "9.9.9.9"),
                "name": put("solutions", "name", "Other"),
                "managed": put("solutions", "managed", False),
            },
        ),
    )


@operator(BUNDLE)
def bundle_text(case, rng):
    """bundle.json as JSON of other forms: marks, comments, what follows, numbers as text."""

    def of(before, after):
        def change(entries):
            text = entries[DESCRIPTOR].decode()
            entries[DESCRIPTOR] = (text.replace(before, after, 1) if before else after + text).encode(
                "utf-8", "surrogatepass"
            )

        return change
    behind = lambda more: lambda entries: entries.update({DESCRIPTOR: entries[DESCRIPTOR] + more})
    edit(
        case,
        pick(
            rng,
            case,
            {
                "mark": of("", "\ufeff"),
                "comment": of("{", "{ /* c */"),
                "behind": behind(b"{}"),
                "null behind": behind(b"\0"),
                "format as text": of('"format": ', '"format": "2", "f": '),
                "newer": of('"format": ', '"format": 3, "was": '),
                "utf-16": lambda entries: entries.update({DESCRIPTOR: entries[DESCRIPTOR].decode().encode("utf-16")}),
                "trailing comma": lambda entries: entries.update(
                    {DESCRIPTOR: entries[DESCRIPTOR].rstrip()[:-1] + b",}"}
                ),
                "single quotes": of('"format"', "'format'"),
                "lone surrogate": of('"tool"', '"\\ud800": 1, "tool"'),
            },
        ),
    )


@operator(BUNDLE)
def bundle_file_changed(case, rng):
    """Scripts, page, settings and bill of materials with other content, or without them."""
    name = rng.choice(
        [
            "post-import/apply.sh",
            "post-import/Apply-Package.ps1",
            "INSTALL.html",
            "deploymentSettings.json",
            "sbom.cdx.json",
        ]
    )
    change = pick(
        rng,
        case,
        {
            "line behind": lambda data: data + b"\n# more\n",
            "line less": lambda data: data[: data.rstrip().rfind(b"\n")],
            "empty": lambda data: b"",
            "one letter": lambda data: data.replace(b"e", b"E", 1),
            "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
            "gone": lambda data: None,
            "blank": lambda data: data + b" ",
        },
    )
    case.variants.append(name)

    def changed(entries):
        before = entries.pop(name)
        data = change(before)
        if data is not None:
            entries[name] = data if data != before else data + b" "

    edit(case, changed)


@operator(BUNDLE)
def bundle_file_more(case, rng):
    """Files that a bundle does not have."""
    name = pick(
        rng,
        case,
        {
            "script": "post-import/other.sh",
            "zip": "solutions/Other_1_0_0_0_managed.zip",
            "top": "README.md",
            "case": "Bundle.json",
            "case of a script": "post-import/Apply.sh",
            "signature": "signatures/readme.txt",
            "below signatures": "signatures/x/y.sh",
            "key without a signature": "signatures/other.pub.pem",
            "page": "install.html",
            "folder": "post-import/lib/",
            "sums": "sha256sums",
            "encoded": "bundle%2Ejson",
            "program": "setup.exe",
            "hidden": ".env",
        },
    )
    edit(case, lambda entries: entries.update({name: b"" if name.endswith("/") else b"more\n"}))
