"""What an environment may refuse or do oddly: name, what it does, the verb, the exit code (None: any), words in the output."""

import uuid

from odata_filter import Fault

APP = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40"
MISSING = 'Solution manifest import: FAILURE: Die folgende Lösung … <MissingDependencies><MissingDependency canResolveMissingDependency="False"><Required type="1" schemaName="msdyn_x" displayName="Größe" solution="msdyn_Base (9.0.0.0)" /><Dependent type="60" schemaName="f" displayName="F" /></MissingDependency></MissingDependencies> , ProductUpdatesOnly : False'


def always(status, code, message, method=None, path="", headers=()):
    def hook(h, m, rest, query, payload):
        if (method is None or m == method) and path in rest:
            raise Fault(status, code, message, headers)

    return hook


def first(n, *a, **k):
    f, c = always(*a, **k), [0]
    method, path = k.get("method"), k.get("path", "")

    def hook(h, m, rest, q, p):
        if (method is None or m == method) and path in rest:
            c[0] += 1
            if c[0] <= n:
                return f(h, m, rest, q, p)

    return hook


def body401(h, m, rest, q, p):
    h.send(401, {"error": {"code": "0x80072560", "message": "The user is not a member of the organization."}})
    return True


def stage_failed(details, errors):
    def hook(h, m, rest, q, p):
        if rest == "StageSolution":
            h.ok(
                "x",
                {
                    "StageSolutionResults": {
                        "StageSolutionUploadId": str(uuid.UUID(int=0)),
                        "StageSolutionStatus": "Failed",
                        "SolutionComponentsDetails": [],
                        "SolutionDetails": None,
                        "MissingDependencies": details,
                        "SolutionValidationResults": errors,
                    }
                },
            )
            return True

    return hook


def job_fails(message, code, friendly=None, result="Failed", status=31):
    def hook(h, m, rest, q, p):
        w = h.world
        if m == "GET" and rest.startswith("asyncoperations("):
            i = rest[16:-1].lower()
            w.jobs[i]["done"] = True
            w.t["asyncoperations"][i].update(
                statecode=3,
                statuscode=status,
                errorcode=code,
                message=message,
                friendlymessage=friendly,
                completedon=w.now(),
            )
        if rest.startswith("RetrieveSolutionImportResult"):
            h.ok(
                "x",
                {
                    "SolutionOperationResult": {
                        "FormattedResults": "",
                        "Type": "Import",
                        "Status": result,
                        "WarningMessages": [],
                        "ErrorMessages": [message] if message else [],
                        "ActionLink": {},
                    }
                },
            )
            return True

    return hook


def race(status, code):
    done = []

    def hook(h, m, rest, q, p):
        if m == "POST" and rest == "systemusers" and not done:
            done.append(1)
            h.world.user(APP, "# raced")
            raise Fault(status, code, "A record with matching key values already exists.")

    return hook


def dup_ref(status, code):
    done = []

    def hook(h, m, rest, q, p):
        if m == "POST" and rest.endswith("$ref") and not done:
            done.append(1)
            h.world.assigned.add(
                (rest.split("(")[1].split(")")[0].lower(), p["@odata.id"].split("(")[-1].rstrip(")").lower())
            )
            raise Fault(status, code, "Cannot insert duplicate key.")

    return hook


def two(h, m, rest, q, p):
    w = h.world
    if not w.count.get("two"):
        w.count["two"] = 1
        for i in range(2):
            w.user(APP, "# two")


def other_unit(h, m, rest, q, p):
    w = h.world
    if not w.count.get("two"):
        w.count["two"] = 1
        w.user(APP, "# two", unit=w.child)


def html(path, n=99, status=200):
    c = [0]

    def hook(h, m, rest, q, p):
        if path in rest:
            c[0] += 1
            if c[0] <= n:
                h.send(status, "<html>Sign in to Contoso proxy</html>", ctype="text/html")
                return True

    return hook


def redirect(h, m, rest, q, p):
    h.send(302, "", [("Location", "https://login.microsoftonline.com/x")])
    return True


def result_shape(status):
    def hook(h, m, rest, q, p):
        if rest.startswith("RetrieveSolutionImportResult"):
            h.ok("x", {"SolutionOperationResult": {"Status": status}})
            return True

    return hook


expire = [0]


def expiry(h, m, rest, q, p):
    expire[0] += 1
    if expire[0] in (3, 7, 11):
        h.world.token = "gone"
        raise Fault(401, "", "", [("WWW-Authenticate", 'Bearer error="invalid_token", error_description="expired"')])


def installed(version, managed):
    def hook(h, m, rest, q, p):
        if not h.world.count.get("i"):
            h.world.count["i"] = 1
            h.world.add("solutions", uniquename="contosowidgets", version=version, ismanaged=managed)

    return hook


CASES = [
    (
        "not a member 403",
        always(403, "0x80072560", "The user is not a member of the organization."),
        "apply",
        None,
        "application user|member",
    ),
    ("not a member 401", body401, "apply", None, "member"),
    ("not a member 401, doctor", body401, "doctor", None, "member"),
    (
        "stage missing",
        stage_failed(
            [
                {
                    "RequiredComponentSchemaName": "msdyn_x",
                    "RequiredComponentDisplayName": "X",
                    "RequiredComponentParentSchemaName": None,
                    "RequiredComponentParentDisplayName": None,
                    "RequiredComponentId": str(uuid.UUID(int=0)),
                    "RequiredSolutionName": "msdyn_Base",
                }
            ],
            [],
        ),
        "apply",
        7,
        "msdyn_Base",
    ),
    (
        "stage missing, doctor",
        stage_failed([{"RequiredComponentSchemaName": "msdyn_x", "RequiredSolutionName": "msdyn_Base"}], []),
        "doctor",
        None,
        "msdyn_Base",
    ),
    (
        "stage missing no names",
        stage_failed(
            [
                {
                    "RequiredComponentSchemaName": None,
                    "RequiredComponentDisplayName": "X thing",
                    "RequiredSolutionName": None,
                    "RequiredComponentId": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
                }
            ],
            [],
        ),
        "apply",
        7,
        "X thing",
    ),
    (
        "stage error",
        stage_failed(
            [],
            [
                {
                    "SolutionValidationResultType": "Error",
                    "Message": "Die Lösung ist ungültig",
                    "ErrorCode": -2147188707,
                    "AdditionalInfo": None,
                }
            ],
        ),
        "apply",
        1,
        "ungültig",
    ),
    ("stage failed null lists", stage_failed(None, None), "apply", 1, ""),
    ("job missing deps", job_fails(MISSING, -2147188707), "apply", 7, "msdyn_Base"),
    ("job fails friendly", job_fails(None, -2147188685, "Fehler beim Import von Größe"), "apply", 1, "Größe"),
    (
        "job succeeded result failed",
        job_fails("the dashboard is broken", None, None, "Failed", 30),
        "apply",
        1,
        "dashboard",
    ),
    ("job canceled", job_fails("canceled", None, None, "Failed", 32), "apply", 1, "cancel"),
    ("import 500 missing", always(500, "0x80048033", MISSING, path="ImportSolutionAsync"), "apply", 7, "msdyn_Base"),
    ("import 413", always(413, "", "Request Entity Too Large", path="ImportSolutionAsync"), "apply", 1, ""),
    ("stage 413 html", html("StageSolution", status=413), "apply", 1, ""),
    (
        "import 400 bad zip",
        always(400, "0x80048060", "The solution file is invalid", path="StageSolution"),
        "apply",
        1,
        "",
    ),
    (
        "lock as 503",
        first(2, 503, "0x80071151", "CustomizationLockException", path="ImportSolutionAsync"),
        "apply",
        0,
        "",
    ),
    (
        "lock decimal",
        first(2, 429, "-2147020463", "CustomizationLockException", path="ImportSolutionAsync"),
        "apply",
        0,
        "",
    ),
    ("lock 0x80071154", first(2, 429, "0x80071154", "x", path="ImportSolutionAsync"), "apply", 0, ""),
    ("lock stage", first(2, 429, "0x80071151", "x", path="StageSolution"), "apply", 0, ""),
    ("two users", two, "apply", 7, ""),
    ("other unit", other_unit, "apply", 7, "Vertrieb"),
    (
        "no principal",
        always(400, "0x8004F510", "We didn’t find that application ID", method="POST", path="systemusers"),
        "apply",
        5,
        "consent",
    ),
    ("race 400", race(400, "0x8004F511"), "apply", 0, ""),
    ("race 412", race(412, "0x80040237"), "apply", 0, ""),
    ("race 412 b", race(412, "0x80060892"), "apply", 0, ""),
    ("race 409", race(409, "-2147158767"), "apply", 0, ""),
    ("dup ref", dup_ref(412, "0x80040237"), "apply", 0, ""),
    ("dup ref 400", dup_ref(400, "0x80040237"), "apply", 0, ""),
    ("wrong unit", always(400, "0x80041409", "belongs to a different business unit", path="$ref"), "apply", 1, ""),
    (
        "missing privileges of role",
        always(403, "0x80048D3B", "Fehlende Rechte: prvReadAccount", path="$ref"),
        "apply",
        None,
        "prvReadAccount",
    ),
    (
        "no prvCreateUser",
        always(
            403,
            "0x80040220",
            "Principal user (Id=1, type=8), is missing prvCreateUser privilege (Id=2) on OTC=8 for entity 'systemuser'",
            method="POST",
            path="systemusers",
        ),
        "apply",
        None,
        "prvCreateUser",
    ),
    (
        "no asyncoperation read",
        always(403, "0x80040220", "is missing prvReadAsyncOperation privilege", path="asyncoperations"),
        "apply",
        None,
        "prvReadAsyncOperation",
    ),
    ("day", always(429, "0x80072322", "x", headers=[("Retry-After", "86400")], path="solutions"), "apply", 8, ""),
    ("redirect", redirect, "apply", 1, "redirect"),
    ("html for ever", html("solutions"), "apply", 1, ""),
    ("html once", html("solutions", 1), "apply", 0, ""),
    ("503 twice", first(2, 503, "", "Service Unavailable", path="solutions"), "apply", 0, ""),
    ("expiry", expiry, "apply", 0, ""),
    ("status number", result_shape(1), "apply", 0, ""),
    ("status absent", result_shape(None), "apply", 0, ""),
    ("status lower", result_shape("passed"), "apply", 0, ""),
    ("higher installed", installed("9.0.0.0", True), "apply", 7, "9.0.0.0"),
    ("unmanaged installed", installed("1.0.0.0", False), "apply", 7, "unmanaged"),
    ("installed three-part version", installed("1.0.0", True), "apply", 0, ""),
]
