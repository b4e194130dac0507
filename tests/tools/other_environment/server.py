"""An Entra ID and a Dataverse environment over HTTP, written from the documents alone; shares nothing with dvpack's own sandbox.

Every choice that the documents leave open is made by `choices.py`: the case of headers and GUIDs, how a created row is
answered, pages, encodings, what is absent, how soon a job is seen.
"""

import base64
import gzip
import json
import random
import re
import threading
import time
import urllib.parse as up
import uuid
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odata_filter import Fault, compile_filter, split
from world import ADMIN_APP, CSDL, PRIV, World, parse_zip

TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
SECRET = "s3cr3t~with/odd+chars=&%"
TEXT = {"en": "failed", "de": "ist fehlgeschlagen: Größe „Ä“", "zh": "失败：未找到"}


NAV = {  # (set, navigation) -> ("one", set, column) or ("many", set, column)
    ("systemusers", "businessunitid"): ("one", "businessunits", "_businessunitid_value"),
    ("solutions", "publisherid"): ("one", "publishers", "_publisherid_value"),
    ("environmentvariabledefinitions", "environmentvariabledefinition_environmentvariablevalue"): (
        "many",
        "environmentvariablevalues",
        "_environmentvariabledefinitionid_value",
    ),
    ("systemusers", "systemuserroles_association"): ("roles", "roles", None),
}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    world = None

    def log_message(self, *a):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True

    # ---- sending
    def case(self, name):
        c = self.world.q["header_case"]
        return {
            "as": name,
            "lower": name.lower(),
            "UPPER": name.upper(),
            "oDd": "".join(x.upper() if i % 2 else x.lower() for i, x in enumerate(name)),
        }[c]

    def send(self, status, body=None, headers=(), ctype=None):
        q = self.world.q
        data = b""
        if body is not None:
            data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
            if q["bom"] and status < 300:
                data = b"\xef\xbb\xbf" + data
        hs = [
            ("Cache-Control", "no-cache"),
            ("x-ms-service-request-id", str(uuid.uuid4())),
            ("REQ_ID", str(uuid.uuid4())),
            ("OData-Version", "4.0"),
            ("Date", formatdate(usegmt=True)),
            ("Set-Cookie", "ARRAffinity=abc; path=/; HttpOnly"),
            ("Strict-Transport-Security", "max-age=1"),
            ("Vary", "Accept-Encoding,Prefer"),
        ]
        if body is not None:
            hs.append(("Content-Type", ctype or q["content_type"]))
        hs += headers
        if data and (
            q["gzip"] == "always" or (q["gzip"] == "asked" and "gzip" in self.headers.get("accept-encoding", ""))
        ):
            data = gzip.compress(data)
            hs.append(("Content-Encoding", "gzip"))
        self.send_response_only(status)
        for k, v in hs:
            self.wfile_header(k, v)
        bodyless = status in (204, 304)
        if bodyless:
            self.finish_headers()
            return
        mode = q["transfer"]
        if q["reuse"] == "close" or mode == "close":
            self.wfile_header("Connection", "close")
            self.close_connection = True
        if mode == "chunked":
            self.wfile_header("Transfer-Encoding", "chunked")
            self.finish_headers()
            for i in range(0, len(data), 97):
                part = data[i : i + 97]
                self.wfile.write(b"%x;ext=1\r\n" % len(part) + part + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        elif mode == "close":
            self.finish_headers()
            self.wfile.write(data)
        else:
            self.wfile_header("Content-Length", str(len(data)))
            self.finish_headers()
            self.wfile.write(data)

    def wfile_header(self, k, v):
        self.send_header(self.case(k), v)

    def finish_headers(self):
        self.end_headers()

    def complain(self, text):
        self.world.complaints.append("%s %s: %s" % (self.command, self.path[:200], text))

    # ---- receiving
    def read_body(self):
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            out = b""
            while True:
                n = int(self.rfile.readline().split(b";")[0], 16)
                out += self.rfile.read(n)
                self.rfile.readline()
                if n == 0:
                    return out
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def do_any(self):
        body = self.read_body()
        with self.world.lock:
            try:
                url = up.urlsplit(self.path)
                if url.path.startswith("/api/data/"):
                    self.dataverse(url, body)
                else:
                    self.entra(url, body)
            except Fault as f:
                self.world.log.append((self.command, self.path, f.status, f.code))
                if f.status == 401:
                    self.send(401, None, f.headers + [("Content-Length", "0")])
                else:
                    text = f.message + (" " + TEXT[self.world.q["locale"]])
                    self.send(f.status, {"error": {"code": f.code, "message": text}}, f.headers)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_any

    # ---- Entra
    def entra(self, url, body):
        w, q = self.world, self.world.q
        if url.path.endswith("/oauth2/v2.0/token"):
            form = dict(up.parse_qsl(body.decode(), keep_blank_values=True))
            if form.get("client_id") != ADMIN_APP or form.get("grant_type") != "client_credentials":
                return self.send(
                    400,
                    {
                        "error": "unauthorized_client",
                        "error_description": "AADSTS700016: nope\r\nTrace ID: x",
                        "error_codes": [700016],
                    },
                )
            if form.get("client_secret") != SECRET:
                return self.send(
                    401,
                    {
                        "error": "invalid_client",
                        "error_description": "AADSTS7000215: Invalid client secret",
                        "error_codes": [7000215],
                    },
                )
            if form.get("scope") != self.origin() + "/.default":
                self.complain("scope %r" % form.get("scope"))
            w.token = "tok." + uuid.uuid4().hex
            reply = {"token_type": q["token_type"], "access_token": w.token, "ext_expires_in": 3599}
            if q["expires"] is not None:
                reply["expires_in"] = q["expires"]
            return self.send(200, reply, ctype="application/json; charset=utf-8")
        raise Fault(404, "", "no page " + url.path)

    def origin(self):
        return "http://" + self.headers["host"]

    # ---- Dataverse
    def dataverse(self, url, body):
        w, q = self.world, self.world.q
        h = self.headers
        if h.get("authorization") is None or h["authorization"] != "Bearer " + getattr(w, "token", "-"):
            t = "common" if q["challenge"] == "common" else TENANT
            a, r = "authorization_uri=%s/%s/oauth2/authorize" % (self.origin(), t), "resource_id=%s/" % self.origin()
            if q["challenge"] == "quoted":
                a, r = a.replace("=", '="', 1) + '"', r.replace("=", '="', 1) + '"'
            if q["challenge"] == "noslash":
                r = r.rstrip("/")
            value = "Bearer " + (r + ", " + a if q["challenge"] == "reversed" else a + ", " + r)
            hs = [("WWW-Authenticate", value)]
            if q["challenge"] == "two":
                hs.insert(0, ("WWW-Authenticate", "Negotiate"))
            raise Fault(401, "", "", hs)
        for k, v in (("accept", "application/json"), ("odata-maxversion", "4.0"), ("odata-version", "4.0")):
            if h.get(k) != v:
                self.complain("header %s is %r" % (k, h.get(k)))
        if self.command == "GET" and h.get("if-none-match") != "null":
            self.complain("no If-None-Match: null")
        if body and not (h.get("content-type") or "").startswith("application/json"):
            self.complain("content type %r" % h.get("content-type"))
        if self.command == "PATCH" and h.get("if-match") != "*":
            self.complain("PATCH without If-Match: *")
        parts = url.path.split("/", 4)
        rest = up.unquote(parts[4])
        if q["throttle"] and self.command in ("GET", "POST"):
            n = w.count["all"] = w.count.get("all", 0) + 1
            if n % q["throttle"] == 0 and w.count.get("throttled", 0) < 6:
                w.count["throttled"] = w.count.get("throttled", 0) + 1
                hs = []
                if q["retry_after"] == "date":
                    hs = [("Retry-After", formatdate(time.time() + 1, usegmt=True))]
                elif q["retry_after"] is not None:
                    hs = [("Retry-After", q["retry_after"])]
                raise Fault(429, q["throttle_code"], "Number of requests exceeded", hs)
        query = dict(up.parse_qsl(url.query, keep_blank_values=True))
        w.log.append((self.command, up.unquote(self.path), "", (body[:300] if len(body) < 3000 else b"...")))
        self.base = self.origin() + "/api/data/" + parts[3]
        payload = json.loads(body) if body else {}
        self.route(rest, query, payload)

    def out(self, row):
        """Last changes of a JSON answer."""
        q = self.world.q

        def fix(v, key=""):
            if isinstance(v, dict):
                d = {k: fix(x, k) for k, x in v.items() if not (x is None and q["nulls"] == "absent")}
                if q["extra"] and key != "Attributes":
                    d["new_unknowncolumn"] = {"a": [1, None, {"b": True}]}
                    d["@Microsoft.Dynamics.CRM.whatever"] = "x"
                return d
            if isinstance(v, list):
                return [fix(x, key) for x in v]
            if (
                isinstance(v, str)
                and q["guid"] == "upper"
                and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", v)
            ):
                return v.upper()
            return v

        return fix(row)

    def context(self, frag):
        c = self.world.q["context"]
        return {
            "full": {"@odata.context": self.base + "/$metadata#" + frag},
            "none": {},
            "relative": {"@odata.context": "$metadata#" + frag},
        }[c]

    def ok(self, frag, body, status=200, headers=()):
        self.send(status, self.out({**self.context(frag), **body}), headers)

    def checker(self, type_):
        def known(path):
            t = type_
            for i, p in enumerate(path.split("/")):
                ps = CSDL.props(t)
                if p not in ps:
                    raise Fault(400, "0x80060888", "Could not find a property named '%s' on type '%s'." % (p, t))
                if ps[p].startswith("nav:"):
                    t = ps[p][4:].replace("Collection(", "").rstrip(")").split(".")[-1]

        return known

    def shape(self, set_, row, select, expands):
        w, type_ = self.world, CSDL.sets[set_]
        props = CSDL.props(type_)
        known = self.checker(type_)
        for s in select:
            known(s)
        out = {"@odata.etag": 'W/"%d"' % row.get("versionnumber", 1)}
        names = select or [p for p in props if not props[p].startswith("nav:")]
        for n in list(names) + [CSDL.key(type_)]:
            out[n] = row.get(n)
        for name, inner in expands:
            known(name)
            kind, target, col = NAV[(set_, name)]
            opts = dict(p.split("=", 1) for p in split(inner, ";"))
            bad = set(opts) - {"$select", "$filter", "$expand", "$orderby", "$top"}
            if bad:
                raise Fault(400, "0x80060888", "expand option %s" % bad)
            sel = [s for s in opts.get("$select", "").split(",") if s]
            ex = self.expands(opts.get("$expand", ""))
            if kind == "one":
                r = w.t[target].get(row.get(col))
                out[name] = self.shape(target, r, sel, ex) if r else None
            else:
                rows = self.related(set_, row, name)
                random.Random(w.version).shuffle(rows)
                if w.q["expanded"] != "whole":
                    # Before 9.2 only the link; with small pages later the first ones and the link.
                    rows = rows[:1] if w.q["expanded"] == "cut" else []
                    where = "%s(%s)/%s" % (set_, row[CSDL.key(type_)], name)
                    out[name + "@odata.nextLink"] = self.base + "/" + where + "?" + up.quote(inner.replace(";", "&"), safe="$=&,")
                out[name] = [self.shape(target, r, sel, ex) for r in rows]
        return out

    def related(self, set_, row, name):
        """The rows that a list of a row holds."""
        w = self.world
        kind, target, col = NAV[(set_, name)]
        if kind == "roles":
            return [w.t["roles"][b] for a, b in sorted(w.assigned) if a == row["systemuserid"]]
        return [r for r in w.t[target].values() if r.get(col) == row[CSDL.key(CSDL.sets[set_])]]

    def expands(self, text):
        out = []
        for item in split(text, ","):
            m = re.fullmatch(r"\s*(\w+)(?:\((.*)\))?\s*", item, re.S)
            out.append((m.group(1), m.group(2) or ""))
        return out

    def virtual(self, set_, row):
        """A row with what paths in filters may ask for."""
        r = dict(row)
        for (s, n), (kind, target, col) in NAV.items():
            if s == set_ and kind == "one":
                r[n] = self.world.t[target].get(row.get(col))
        if set_ == "businessunits":
            r["parentbusinessunitid"] = self.world.t["businessunits"].get(row.get("_parentbusinessunitid_value"))
        return r

    def listing(self, set_, rows, query, where=None):
        q = self.world.q
        where = where or set_
        bad = set(query) - {"$select", "$filter", "$expand", "$orderby", "$top", "$count", "$skiptoken"}
        if bad:
            raise Fault(400, "0x80060888", "The query parameter %s is not supported" % bad)
        if query.get("$filter") is not None:
            f = compile_filter(query["$filter"], self.checker(CSDL.sets[set_]))
            rows = [r for r in rows if f(self.virtual(set_, r))]
        random.Random(len(rows)).shuffle(rows)
        sel = [s for s in query.get("$select", "").split(",") if s]
        ex = self.expands(query.get("$expand", ""))
        start = 0
        if "$skiptoken" in query:
            start = int(re.search(r"start=(\d+)", query["$skiptoken"]).group(1))
        page = q["page"]
        m = re.search(r"odata.maxpagesize=(\d+)", self.headers.get("prefer", ""))
        if m:
            page = min(page, int(m.group(1)))
        part = rows[start : start + page]
        body = {"value": [self.shape(set_, r, sel, ex) for r in part]}
        if start + page < len(rows):
            qs = {k: v for k, v in query.items() if k != "$skiptoken"}
            qs["$skiptoken"] = '<cookie pagenumber="2" start=%d istracking="False" />' % (start + page)
            text = up.urlencode(qs, quote_via=up.quote)
            body["@odata.nextLink"] = {
                "absolute": self.base + "/" + where + "?" + text,
                "relative": where + "?" + text,
                "path": "/api/data/v9.2/" + where + "?" + text,
            }[q["next"]]
        self.ok(set_, body)

    def look(self, jid):
        w, q = self.world, self.world.q
        j = w.jobs[jid]
        if j["done"]:
            return
        j["looks"] += 1
        row = w.t["asyncoperations"][jid]
        if j["looks"] <= q["job_steps"]:
            st = [(0, 0), (0, 10), (2, 20), (2, 20)][min(j["looks"], 3)]
            row.update(statecode=st[0], statuscode=st[1])
            return
        j["done"] = True
        row.update(statecode=3, statuscode=30, completedon=w.now())
        p = j["package"]
        if j["kind"] == "uninstall":
            for i, r in list(w.t["solutions"].items()):
                if r["uniquename"] == j["name"]:
                    del w.t["solutions"][i]
            return
        w.imports.append((p["name"], p["version"], j["kind"]))
        w.put(
            "importjobs",
            j["key"],
            importjobid=j["key"],
            progress=100.0,
            solutionname=p["name"],
            completedon=w.now(),
            startedon=w.now(),
            data="<importexportxml progress='100' processed='true'><solutionManifests/></importexportxml>",
        )
        old = [i for i, r in w.t["solutions"].items() if r["uniquename"] == p["name"]]
        cols = dict(uniquename=p["name"], version=p["version"], ismanaged=p["managed"])
        sid = w.put("solutions", old[0], **cols) if old else w.add("solutions", **cols)
        for typ, i, n in p["roots"]:
            if i:
                w.add("solutioncomponents", componenttype=typ, objectid=i.strip("{}").lower(), _solutionid_value=sid)
        for rid, name, privs in p["roles"]:
            held = {}
            for n, level in privs:
                held[n] = level
                if n not in PRIV:
                    PRIV[n] = str(uuid.uuid5(uuid.NAMESPACE_OID, n.lower()))
                if PRIV[n] not in w.t["privileges"]:
                    w.put("privileges", PRIV[n], privilegeid=PRIV[n], name=n)
                w.role_privs[w.sysadmin].setdefault(n, "Global")
            held.setdefault("prvReadSharePointData", "Global")
            PRIV.setdefault("prvReadSharePointData", str(uuid.uuid4()))
            w.put(
                "roles",
                rid,
                roleid=rid,
                name=name,
                _businessunitid_value=w.root,
                _parentrootroleid_value=rid,
                _parentroleid_value=None,
                ismanaged=True,
                componentstate=0,
                isinherited=1,
            )
            w.role_privs[rid] = held
            if q["role_copy"] == "child_too":
                for u in [u for u, r in w.t["businessunits"].items() if r["_parentbusinessunitid_value"]]:
                    c = str(uuid.uuid5(uuid.NAMESPACE_OID, rid + u))
                    w.put(
                        "roles",
                        c,
                        roleid=c,
                        name=name,
                        _businessunitid_value=u,
                        _parentrootroleid_value=rid,
                        _parentroleid_value=rid,
                        ismanaged=True,
                        componentstate=0,
                    )
                    w.role_privs[c] = held
        given = {x.get("schemaname") or x.get("connectionreferencelogicalname"): x for x in j["parameters"]}
        for n, d in p["vars"]:
            have = [i for i, r in w.t["environmentvariabledefinitions"].items() if r["schemaname"] == n]
            did = (
                have[0]
                if have
                else w.add("environmentvariabledefinitions", schemaname=n, defaultvalue=d, type=100000000)
            )
            if n in given:
                vals = [
                    i
                    for i, r in w.t["environmentvariablevalues"].items()
                    if r["_environmentvariabledefinitionid_value"] == did
                ]
                if vals:
                    w.t["environmentvariablevalues"][vals[0]]["value"] = given[n]["value"]
                else:
                    w.add(
                        "environmentvariablevalues",
                        schemaname=n,
                        value=given[n]["value"],
                        _environmentvariabledefinitionid_value=did,
                    )
        for n, c in p["refs"]:
            have = [i for i, r in w.t["connectionreferences"].items() if r["connectionreferencelogicalname"] == n]
            rid = (
                have[0]
                if have
                else w.add("connectionreferences", connectionreferencelogicalname=n, connectorid=c, connectionid=None)
            )
            if n in given:
                w.t["connectionreferences"][rid]["connectionid"] = given[n]["connectionid"]
        for i, n, s in p["flows"]:
            w.put("workflows", i, workflowid=i, name=n, statecode=0, statuscode=1)
        for i, n, s in p["steps"]:
            w.put("sdkmessageprocessingsteps", i, sdkmessageprocessingstepid=i, name=n, statecode=1, statuscode=2)

    def route(self, rest, query, payload):
        w, q, m = self.world, self.world.q, self.command
        hook = q.get("hook")
        if hook and hook(self, m, rest, query, payload):
            return
        if m == "POST" and rest == "StageSolution":
            if set(payload) - {"CustomizationFile", "StageSolutionUploadId"}:
                raise Fault(400, "0x80048d19", "parameter")
            p = parse_zip(base64.b64decode(payload["CustomizationFile"], validate=True))
            up_ = str(uuid.uuid4())
            w.uploads[up_] = p
            prev = [r for r in w.t["solutions"].values() if r["uniquename"] == p["name"]]
            return self.ok(
                "Microsoft.Dynamics.CRM.StageSolutionResponse",
                {
                    "StageSolutionResults": {
                        "StageSolutionUploadId": up_,
                        "StageSolutionStatus": "Passed",
                        "SolutionComponentsDetails": [],
                        "SolutionDetails": {
                            "SolutionUniqueName": p["name"],
                            "SolutionVersion": p["version"],
                            "IsManaged": p["managed"],
                            "PreviousSolutionVersion": prev[0]["version"] if prev else None,
                        },
                        "MissingDependencies": None if q["nulls"] == "absent" else [],
                        "SolutionValidationResults": [
                            {
                                "SolutionValidationResultType": "Info",
                                "Message": "hello",
                                "ErrorCode": 0,
                                "AdditionalInfo": None,
                            }
                        ],
                    }
                },
            )
        if m == "POST" and rest in ("ImportSolutionAsync", "StageAndUpgradeAsync"):
            allowed = {
                "OverwriteUnmanagedCustomizations",
                "PublishWorkflows",
                "CustomizationFile",
                "ConvertToManaged",
                "SkipProductUpdateDependencies",
                "SkipQueueRibbonJob",
                "LayerDesiredOrder",
                "AsyncRibbonProcessing",
                "ComponentParameters",
                "SolutionParameters",
            }
            if rest == "ImportSolutionAsync":
                allowed.add("HoldingSolution")
            if set(payload) - allowed:
                raise Fault(
                    400,
                    "0x80048d19",
                    "The parameter %s in the request payload is not a valid parameter" % (set(payload) - allowed),
                )
            if w.strike("lock", q["lock"]):
                raise Fault(
                    429,
                    "0x80071151",
                    "Microsoft.Crm.ObjectModel.CustomizationLockException: Cannot start the requested operation [Import]",
                )
            u = (payload.get("SolutionParameters") or {}).get("StageSolutionUploadId")
            p = w.uploads[u.lower()] if u else parse_zip(base64.b64decode(payload["CustomizationFile"]))
            jid, key = str(uuid.uuid4()), str(uuid.uuid4())
            w.jobs[jid] = dict(
                key=key,
                package=p,
                done=False,
                looks=0,
                kind=rest,
                parameters=payload.get("ComponentParameters") or [],
                name=p["name"],
            )
            w.put(
                "asyncoperations",
                jid,
                asyncoperationid=jid,
                name="ImportSolution",
                messagename=rest,
                operationtype=54,
                statecode=0,
                statuscode=0,
                completedon=None,
            )
            return self.ok(
                "Microsoft.Dynamics.CRM.%sResponse" % rest,
                {"ImportJobKey": key.upper() if q["job_key_case"] == "upper" else key, "AsyncOperationId": jid},
            )
        if m == "POST" and rest == "UninstallSolutionAsync":
            jid = str(uuid.uuid4())
            w.jobs[jid] = dict(
                key=None,
                package=None,
                done=False,
                looks=0,
                kind="uninstall",
                name=payload["SolutionUniqueName"],
                parameters=[],
            )
            w.put(
                "asyncoperations",
                jid,
                asyncoperationid=jid,
                messagename="UninstallSolutionAsync",
                statecode=0,
                statuscode=0,
            )
            return self.ok("x", {"AsyncOperationId": jid})
        mm = re.fullmatch(r"(\w+)\((.*)\)", rest)
        if m == "GET" and rest in ("WhoAmI", "WhoAmI()"):
            return self.ok(
                "Microsoft.Dynamics.CRM.WhoAmIResponse",
                {"BusinessUnitId": w.root, "UserId": w.admin, "OrganizationId": "97793ec4-ace2-ee11-9049-0022486f7458"},
            )
        if m == "GET" and rest in ("RetrieveVersion()", "RetrieveVersion"):
            return self.ok("x", {"Version": q["version_text"]})
        if m == "GET" and rest == "RetrieveProvisionedLanguages()":
            return self.ok("x", {"RetrieveProvisionedLanguages": [1031] + [1033] * (q["page"] % 2)})
        if m == "GET" and mm and mm.group(1) == "RetrieveRolePrivilegesRole":
            rid = mm.group(2).split("=")[1].lower()
            if rid not in w.role_privs:
                raise Fault(404, "0x80040217", "role With Id = %s Does Not Exist" % rid)
            rows = [
                {
                    "Depth": d,
                    "PrivilegeId": PRIV[n],
                    "BusinessUnitId": w.root,
                    **({"PrivilegeName": n} if q["privilege_name"] else {}),
                }
                for n, d in w.role_privs[rid].items()
            ]
            return self.ok("x", {"RolePrivileges": rows})
        if m == "GET" and mm and mm.group(1) == "RetrieveSolutionImportResult":
            if q["no_result"]:
                raise Fault(404, "0x8006088a", "Resource not found for the segment 'RetrieveSolutionImportResult'.")
            key = mm.group(2).split("=")[1].lower()
            j = [j for j in w.jobs.values() if j["key"] == key]
            if not j or not j[0]["done"] or (q["result_late"] and w.strike("result " + key, 1)):
                raise Fault(404, "0x80040217", "importjob With Id = %s Does Not Exist" % key)
            return self.ok(
                "x",
                {
                    "SolutionOperationResult": {
                        "FormattedResults": "<x/>",
                        "Type": "Import",
                        "Status": "Passed",
                        "WarningMessages": None if q["nulls"] == "absent" else [],
                        "ErrorMessages": [],
                        "ActionLink": {"Label": None, "Target": None},
                    }
                },
            )
        if m == "GET" and mm and mm.group(1) in ("RetrieveDependenciesForUninstall", "RetrieveMissingDependencies"):
            return self.ok("dependencies", {"value": []})
        x = re.fullmatch(r"systemusers\((.*?)\)/Microsoft\.Dynamics\.CRM\.RetrieveUserPrivileges\(\)", rest)
        if m == "GET" and x:
            held = {}
            for u, r in w.assigned:
                if u == x.group(1).lower():
                    held.update(w.role_privs.get(r, {}))
            return self.ok(
                "x",
                {
                    "RolePrivileges": [
                        {"Depth": d, "PrivilegeId": PRIV[n], "BusinessUnitId": w.root} for n, d in held.items()
                    ]
                },
            )
        x = re.fullmatch(
            r"systemusers\((.*?)\)/Microsoft\.Dynamics\.CRM\.RetrieveUserPrivilegeByPrivilegeName\(PrivilegeName='(.*)'\)", rest
        )
        if m == "GET" and x:
            found = [
                {"Depth": d, "PrivilegeId": PRIV[n], "BusinessUnitId": w.root}
                for u, r in w.assigned
                if u == x.group(1).lower()
                for n, d in w.role_privs.get(r, {}).items()
                if n.lower() == x.group(2).lower()
            ]
            return self.ok("x", {"RolePrivileges": found})
        x = re.fullmatch(r"systemusers\((.*?)\)/systemuserroles_association(?:\((.*?)\))?(/\$ref)?", rest)
        if x:
            u = x.group(1).lower()
            if u not in w.t["systemusers"]:
                raise Fault(404, "0x80040217", "no user")
            if m == "GET" and not x.group(3):
                return self.listing("roles", [w.t["roles"][b] for a, b in w.assigned if a == u], query, rest)
            if m == "POST" and x.group(3):
                ref = payload.get("@odata.id", "")
                if not ref.startswith(self.base + "/roles("):
                    self.complain("reference %r" % ref)
                r = ref.split("(")[1].rstrip(")").lower()
                if w.t["roles"][r]["_businessunitid_value"] != w.t["systemusers"][u]["_businessunitid_value"]:
                    raise Fault(400, "0x80041409", "UserInWrongBusiness")
                if (u, r) in w.assigned:
                    self.complain("assigned twice")
                w.assigned.add((u, r))
                return self.send(204) if q["ref"] == "204" else self.send(200, {})
            if m == "DELETE":
                w.assigned.discard((u, (x.group(2) or "").lower()))
                return self.send(204)
        x = re.fullmatch(r"(\w+)\(([-0-9A-Fa-f]+)\)/(\w+)", rest)
        if x and m == "GET" and NAV.get((x.group(1), x.group(3)), ("one",))[0] != "one":
            set_, key, name = x.group(1), x.group(2).lower(), x.group(3)
            if key not in w.t[set_]:
                raise Fault(404, "0x80040217", "%s With Id = %s Does Not Exist" % (set_, key))
            return self.listing(NAV[(set_, name)][1], self.related(set_, w.t[set_][key], name), query, rest)
        set_, _, key = rest.partition("(")
        key = key.rstrip(")").lower()
        if set_ not in CSDL.sets or "/" in rest.split("(")[0]:
            raise Fault(404, "0x8006088a", "Resource not found for the segment '%s'." % rest)
        if set_ == "asyncoperations":
            for j in list(w.jobs):
                self.look(j)
        if m == "GET" and not key:
            return self.listing(set_, list(w.t[set_].values()), query)
        if m == "POST" and not key:
            return self.create(set_, payload)
        if key not in w.t[set_]:
            raise Fault(404, "0x80040217", "%s With Id = %s Does Not Exist" % (set_, key))
        row = w.t[set_][key]
        if m == "GET":
            if set_ == "importjobs" and q["importjob_late"] and w.strike("ij", 1):
                raise Fault(404, "0x80040217", "not yet")
            sel = [s for s in query.get("$select", "").split(",") if s]
            return self.ok(set_ + "/$entity", self.shape(set_, row, sel, self.expands(query.get("$expand", ""))))
        if m == "PATCH":
            props = CSDL.props(CSDL.sets[set_])
            for k in payload:
                if k.split("@")[0] not in props:
                    raise Fault(400, "0x80048d19", "undeclared property " + k)
            w.put(set_, key, **payload)
            if q["patch"] == "200body":
                return self.ok(set_ + "/$entity", self.shape(set_, row, [], []))
            return self.send(
                204,
                None,
                [] if q["patch"] == "204nothing" else [("OData-EntityId", self.base + "/%s(%s)" % (set_, key))],
            )
        if m == "DELETE":
            if set_ == "systemusers" and row["deletedstate"] == 0:
                row["deletedstate"] = 1
            else:
                del w.t[set_][key]
            return self.send(204)
        raise Fault(405, "0x80060888", "method")

    def create(self, set_, payload):
        w, q = self.world, self.world.q
        props = CSDL.props(CSDL.sets[set_])
        cols = {}
        for k, v in payload.items():
            name = k.split("@")[0]
            if name not in props:
                raise Fault(400, "0x80048d19", "undeclared property " + k)
            if k.endswith("@odata.bind"):
                cols["_%s_value" % name.lower()] = v.split("(")[1].rstrip(")").lower()
            elif "@" not in k:
                cols[k] = v
        if set_ == "systemusers":
            if "_businessunitid_value" not in cols:
                raise Fault(400, "0x80040530", "Unable to retrieve attribute=businessunitid")
            app = cols["applicationid"].lower()
            if w.strike("lag", q["lag"]):
                raise Fault(400, "0x8004F510", "We didn’t find that application ID")
            if [r for r in w.t[set_].values() if (r.get("applicationid") or "").lower() == app]:
                raise Fault(
                    400, "0x8004F511", "You are attempting to create an Application ID = %s that already exists." % app
                )
            cols.update(fullname="# Widgets", isdisabled=False, deletedstate=0)
        id_ = w.add(set_, **cols)
        url = self.base + "/%s(%s)" % (set_, id_)
        c = q["create"]
        full = [("Location", url), ("OData-EntityId", url)]
        if c == "201body":
            return self.ok(set_ + "/$entity", self.shape(set_, w.t[set_][id_], [], []), 201, full)
        if c == "200body":
            return self.ok(set_ + "/$entity", self.shape(set_, w.t[set_][id_], [], []), 200)
        hs = {
            "204": full,
            "204noid": [],
            "204locationonly": [("Location", url)],
            "204relative": [("OData-EntityId", "%s(%s)" % (set_, id_))],
            "204upper": [("OData-EntityId", self.base + "/%s(%s)" % (set_, id_.upper()))],
            "204ownerid": [("OData-EntityId", self.base + "/%s(ownerid=%s)" % (set_, id_))],
        }[c]
        self.send(204, None, hs)


def serve(q, app):
    """A running server with these choices, and its world."""
    world = World(q, app)
    handler = type("H", (Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, world
