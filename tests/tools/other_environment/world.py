"""What the environment holds: tables as the published service description has them, and rows in them."""

import datetime
import io
import os
import threading
import uuid
import xml.etree.ElementTree as ET
import zipfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
ADMIN_APP = "11111111-2222-3333-4444-555555555555"

NS = "{http://docs.oasis-open.org/odata/ns/edm}"


class Csdl:
    """The service description: types and sets."""

    def __init__(self, path):
        root = ET.parse(path).getroot()
        self.types, self.sets = {}, {}
        for e in root.iter(NS + "EntityType"):
            self.types[e.get("Name")] = e
        for s in root.iter(NS + "EntitySet"):
            self.sets[s.get("Name")] = s.get("EntityType").split(".")[-1]

    def props(self, name):
        out = {}
        while name:
            e = self.types[name]
            for p in e.findall(NS + "Property"):
                out.setdefault(p.get("Name"), p.get("Type"))
            for p in e.findall(NS + "NavigationProperty"):
                out.setdefault(p.get("Name"), "nav:" + p.get("Type"))
            b = e.get("BaseType")
            name = b.split(".")[-1] if b else None
        return out

    def key(self, name):
        if name == "systemuser":
            return "systemuserid"
        while name:
            e = self.types[name]
            k = e.find(NS + "Key/" + NS + "PropertyRef")
            if k is not None and name != "principal":
                return k.get("Name")
            b = e.get("BaseType")
            name = b.split(".")[-1] if b else None


CSDL = Csdl(os.path.join(os.environ["DVPACK_REFERENCE_CSDL"], "emulator-v9.2-merged.xml"))
# Privileges by name.
PRIV = {}
with open(os.path.join(ROOT, "manifests/catalog/privileges.tsv"), encoding="utf-8") as catalog:
    for line in catalog:
        name = line.split("\t")[0]
        if name.startswith("prv"):
            PRIV[name] = str(uuid.uuid5(uuid.NAMESPACE_OID, name.lower()))


class World:
    """Rows by set and id, who has which role, jobs, and what the client did that it should not have."""

    def __init__(self, q, app):
        self.q, self.lock = q, threading.RLock()
        self.t = {s: {} for s in CSDL.sets}
        self.version, self.log, self.complaints = 1000, [], []
        self.jobs, self.uploads, self.imports = {}, {}, []
        self.count = {}
        self.role_privs, self.assigned = {}, set()
        self.root = self.add("businessunits", name="contoso", _parentbusinessunitid_value=None)
        for i in range(q["extra_units"]):
            self.add("businessunits", name="unit %d" % i, _parentbusinessunitid_value=self.root)
        self.child = self.add("businessunits", name="Vertrieb", _parentbusinessunitid_value=self.root)
        for n, i in PRIV.items():
            self.put("privileges", i, privilegeid=i, name=n)
        self.sysadmin = self.add(
            "roles",
            name="System Administrator",
            _businessunitid_value=self.root,
            _parentrootroleid_value=None,
            _roletemplateid_value="627090ff-40a3-4053-8790-584edc5be201",
        )
        self.t["roles"][self.sysadmin]["_parentrootroleid_value"] = self.sysadmin
        self.role_privs[self.sysadmin] = {n: "Global" for n in PRIV}
        self.admin = self.user(ADMIN_APP, "# admin")
        self.assigned.add((self.admin, self.sysadmin))
        for i in range(q["extra_users"]):
            self.user(str(uuid.uuid4()) if i % 2 else None, "# other %d" % i, disabled=bool(i % 3))
        if q["soft_deleted"]:
            self.user(app, "# old", disabled=True, deleted=1)
        if q["preexisting"] != "none":
            u = self.user(app, "# app", disabled=q["preexisting"] == "disabled")
            if q["preexisting"] == "active_roles":
                for i in range(5):
                    r = self.add(
                        "roles", name="Other role %d" % i, _businessunitid_value=self.root, _parentrootroleid_value=None
                    )
                    self.t["roles"][r]["_parentrootroleid_value"] = r
                    self.assigned.add((u, r))
        if q["organization"] != "none":
            self.add("organizations", maxuploadfilesize=5242880, languagecode={"row": 1033, "other": 1031}[q["organization"]])
        for n in ("Active", "Default", "System", "Basic"):
            self.add("solutions", uniquename=n, version="1.0", ismanaged=False)

    def now(self):
        n = datetime.datetime.now(datetime.timezone.utc)
        f = self.q["date"]
        if f == "fraction":
            return n.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        if f == "offset":
            return n.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        return n.strftime("%Y-%m-%dT%H:%M:%SZ")

    def put(self, set_, id_, **cols):
        self.version += 1
        r = self.t[set_].setdefault(id_, {"createdon": self.now()})
        r.update(cols)
        r["versionnumber"] = self.version
        r["modifiedon"] = self.now()
        return id_

    def add(self, set_, **cols):
        id_ = str(uuid.uuid4())
        cols[CSDL.key(CSDL.sets[set_])] = id_
        if set_ == "systemusers":
            cols["ownerid"] = id_
        return self.put(set_, id_, **cols)

    def user(self, application, name, disabled=False, deleted=0, unit=None):
        return self.add(
            "systemusers",
            applicationid=application,
            fullname=name,
            isdisabled=disabled,
            deletedstate=deleted,
            _businessunitid_value=unit or self.root,
        )

    def strike(self, what, n):
        c = self.count[what] = self.count.get(what, 0) + 1
        return c <= n


def parse_zip(data):
    """What of a solution package matters here."""
    z = zipfile.ZipFile(io.BytesIO(data))
    names = {n.lower(): n for n in z.namelist()}
    s = ET.fromstring(z.read(names["solution.xml"]))
    c = ET.fromstring(z.read(names["customizations.xml"]))
    p = {
        "name": s.findtext(".//UniqueName"),
        "version": s.findtext(".//Version"),
        "managed": s.findtext(".//Managed") == "1",
        "roles": [],
        "vars": [],
        "refs": [],
        "missing": [],
        "roots": [],
        "flows": [],
        "steps": [],
    }
    for r in c.iter("Role"):
        p["roles"].append(
            (
                r.get("id").strip("{}").lower(),
                r.get("name"),
                [(x.get("name"), x.get("level")) for x in r.iter("RolePrivilege")],
            )
        )
    for n in z.namelist():
        if n.lower().endswith("environmentvariabledefinition.xml"):
            e = ET.fromstring(z.read(n))
            p["vars"].append((e.get("schemaname"), e.findtext("defaultvalue")))
    for e in c.iter("connectionreference"):
        p["refs"].append((e.get("connectionreferencelogicalname"), e.findtext("connectorid")))
    for e in c.iter("Workflow"):
        p["flows"].append((e.get("WorkflowId").strip("{}").lower(), e.get("Name"), e.findtext("StateCode")))
    for e in c.iter("SdkMessageProcessingStep"):
        p["steps"].append(
            (e.get("SdkMessageProcessingStepId").strip("{}").lower(), e.get("Name"), e.findtext("StateCode"))
        )
    for e in s.iter("RootComponent"):
        p["roots"].append((int(e.get("type")), e.get("id"), e.get("schemaName")))
    return p
