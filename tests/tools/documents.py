"""Every verb's JSON document, of success and of failure, against the schema that `dvpack schema --output VERB` prints.

usage: documents.py DVPACK [SARIF-SCHEMA]. Validator: jsonschema (PyPI), written by nobody here. In these tests the schemas are
closed: a field that the schema does not name is a fault. As printed they are open, since a document may get new fields.
"""
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

DVPACK = os.path.abspath(sys.argv[1])
SARIF = sys.argv[2] if len(sys.argv) > 2 else None
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLE = os.path.join(REPOSITORY, "examples", "contoso-widgets")
VERBS = ("init check build pack unpack inspect diff verify sign plan apply status remove doctor consent sandbox").split()
# Objects whose names are the user's or another specification's.
FREE = ("predicate", "properties", "declared", "texts")

work = tempfile.mkdtemp()
seen = {}
failures = []
injected = 0


def closed(schema):
    """The schema with `unevaluatedProperties: false` wherever a value stands."""
    def value(node):
        if isinstance(node, dict):
            walk(node)
            if any(key in node for key in ("$ref", "properties", "anyOf", "oneOf", "allOf")):
                node.setdefault("unevaluatedProperties", False)

    def walk(node):
        for key in ("anyOf", "oneOf", "allOf"):
            for inner in node.get(key, []):
                walk(inner)
        for inner in node.get("properties", {}).values():
            value(inner)
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict):
                value(node[key])
        for inner in node.get("prefixItems", []):
            value(inner)
        for inner in node.get("$defs", {}).values():
            walk(inner)

    schema = copy.deepcopy(schema)
    value(schema)
    return schema


def schema(verb):
    printed = json.loads(subprocess.run([DVPACK, "schema", "--output", verb], capture_output=True, check=True).stdout)
    Draft202012Validator.check_schema(printed)
    return printed


SCHEMAS = {verb: schema(verb) for verb in VERBS}
CLOSED = {verb: Draft202012Validator(closed(SCHEMAS[verb])) for verb in VERBS}
OPEN = {verb: Draft202012Validator(SCHEMAS[verb]) for verb in VERBS}


def objects(node, path=()):
    if isinstance(node, dict):
        yield path
        for key, inner in node.items():
            if key not in FREE:
                yield from objects(inner, path + (key,))
    elif isinstance(node, list):
        for index, inner in enumerate(node[:2]):
            yield from objects(inner, path + (index,))


def validate(verb, name, document):
    global injected
    problem = next(CLOSED[verb].iter_errors(document), None)
    if problem is not None:
        failures.append(f"{name}: {list(problem.absolute_path)}: {problem.message[:600]}")
        return
    # The validator sees a field that nobody named, wherever it stands.
    for path in list(objects(document))[:60]:
        spoilt = copy.deepcopy(document)
        node = spoilt
        for key in path:
            node = node[key]
        node["nobodyNamedThis"] = 1
        injected += 1
        if CLOSED[verb].is_valid(spoilt):
            failures.append(f"{name}: an unknown field at {list(path)} passes")
        if not OPEN[verb].is_valid(spoilt):
            failures.append(f"{name}: the printed schema refuses a new field at {list(path)}")
    for spoilt in ({**document, "format": 999}, {**document, "ok": "yes"}):
        if OPEN[verb].is_valid(spoilt):
            failures.append(f"{name}: {spoilt['format']}, {spoilt['ok']} passes")


def run(line, code, cwd=work, environment=None, reports=()):
    arguments = line.split()
    verb = arguments[0]
    name = f"dvpack {line}"
    clean = {"PATH": os.environ["PATH"], "HOME": work, "DVPACK_TEST_PACE": "1000", **(environment or {})}
    ran = subprocess.run([DVPACK, *arguments, "--format", "json"], cwd=cwd, env=clean, capture_output=True, text=True)
    if ran.returncode != code:
        failures.append(f"{name}: exit {ran.returncode}, not {code}: {ran.stderr[-600:]}")
        return None
    try:
        document = json.loads(ran.stdout)
    except ValueError as error:
        failures.append(f"{name}: {error}: {ran.stdout[:300]}")
        return None
    validate(verb, name, document)
    seen.setdefault(verb, set()).add("success" if code in (0, 10) else "failure")
    for report in reports:
        with open(os.path.join(cwd, report), encoding="utf-8") as file:
            if json.load(file) != document:
                failures.append(f"{name}: the report is another document")
    return document


def path(*parts):
    return os.path.join(work, *parts)


shutil.copytree(EXAMPLE, path("project"))
shutil.copytree(EXAMPLE, path("other"))
with open(path("other", "dvpack.yaml"), encoding="utf-8") as file:
    text = file.read()
with open(path("other", "dvpack.yaml"), "w", encoding="utf-8") as file:
    file.write(text.replace("1.4.0.0", "1.5.0.0").replace("    account: { read: organization", "    account: { write: organization, read: organization"))
with open(path("other", "web", "widgets.css"), "a", encoding="utf-8") as file:
    file.write("/* new */\n")
with open(path("bad.yaml"), "w", encoding="utf-8") as file:
    file.write("dvpack: 1\nsolutoin: { name: A }\n")
subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("sec1.pem")], check=True)
subprocess.run(["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", path("sec1.pem"), "-out", path("key.pem")], check=True)
subprocess.run(["openssl", "ec", "-in", path("key.pem"), "-pubout", "-out", path("key.pub.pem")], check=True, capture_output=True)
os.chmod(path("key.pem"), 0o600)

run("init new --publisher contoso --client-id 6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10", 0)
run("init new", 2)
run("check project --report out/check.json --report sarif:out/check.sarif", 0, reports=["out/check.json"])
run("check bad.yaml --report out/bad.json --report out/bad.sarif", 3, reports=["out/bad.json"])
run("check nowhere", 3)
built = run("build project --environment uat -o out", 0)
run("build bad.yaml", 3)
bundle, zipped = path(built["bundle"]["file"]), path(built["solution"]["file"])
shutil.copy(bundle, path("it.dvpack"))
shutil.copy(zipped, path("it.zip"))
run("build project --environment uat --check it.dvpack", 0)
for name in ("widgets.js", "widgets.css"):
    with open(path("project", "web", name), "rb") as file:
        was = file.read()
    with open(path("project", "web", name), "wb") as file:
        file.write(was.replace(b"\n", b"\r\n") if name == "widgets.js" else was)
    if name == "widgets.js":
        differs = run("build project --environment uat --check it.dvpack", 9)
        if not differs or differs["differences"][0]["code"] != "line-endings":
            failures.append(f"line endings are not named as the cause: {differs}")
        with open(path("project", "web", name), "wb") as file:
            file.write(was)
run("init adopted --from it.zip", 0)
run("unpack it.zip unpacked", 0)
run("unpack it.zip unpacked", 1)
run("pack unpacked packed.zip", 0)
run("pack nowhere packed.zip", 3)
for what in ("it.dvpack", "it.zip", "project", "unpacked"):
    run(f"inspect {what}", 0)
run("inspect bad.yaml", 3)
run("diff project other", 10)
run("diff project project", 0)
run("diff project bad.yaml", 3)
run("sign it.dvpack --key key.pem --source project -o signed.dvpack", 0)
run("sign bad.yaml --key key.pem", 3)
run("verify signed.dvpack --key key.pub.pem --report out/verify.json", 0, reports=["out/verify.json"])
run("verify it.dvpack", 0)
run("verify it.dvpack --key key.pub.pem --report out/refused.json", 3, reports=["out/refused.json"])
run("verify it.zip", 3)
run("consent --client-id 6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10", 0)
run("consent bad.yaml", 3)
run("sandbox --application nobody=NOWHERE", 2)

sandbox = subprocess.Popen(
    [DVPACK, "sandbox", "--format", "json", "--ready-file", path("ready.json")],
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"PATH": os.environ["PATH"], "HOME": work},
)
try:
    lines = []
    while not lines or lines[-1] != "}\n":
        lines.append(sandbox.stdout.readline())
    printed = json.loads("".join(lines))
    validate("sandbox", "dvpack sandbox", printed)
    seen.setdefault("sandbox", set()).add("success")
    with open(path("ready.json"), encoding="utf-8") as file:
        ready = json.load(file)
    validate("sandbox", "the ready file", ready)
    identity = {
        "AZURE_TENANT_ID": ready["tenantId"], "AZURE_CLIENT_ID": ready["clientId"],
        "AZURE_CLIENT_SECRET": ready["clientSecret"],
        "CONTOSO_API_KEY": "x",
    }
    there = f"project --url {ready['url']}"

    def live(line, code, **more):
        return run(f"{line} {there} {more.pop('tail', '')}", code, environment=identity, **more)

    live("status", 9, tail="--report out/status.json", reports=["out/status.json"])
    live("plan", 10, tail="--report out/plan.json -o saved.json", reports=["out/plan.json"])
    live("doctor", 0, tail="--report out/doctor.json", reports=["out/doctor.json"])
    live("apply", 2)
    live("apply", 0, tail="--yes --report out/apply.json", reports=["out/apply.json"])
    for verb in ("plan", "status", "doctor"):
        live(verb, 0)
    live("apply", 0, tail="--yes")
    live("remove", 2)
    live("remove", 0, tail="--yes")
    live("remove", 0, tail="--yes")
finally:
    sandbox.terminate()
    sandbox.wait(timeout=20)

for scenario, verb, code in [
    ("missing-dependency", "apply", 7), ("missing-dependency", "doctor", 7), ("import-fails", "apply", 1),
    ("expired-secret", "plan", 4), ("expired-secret", "status", 4), ("expired-secret", "apply", 4),
]:
    run(f"{verb} project --sandbox --scenario {scenario} --report out/{verb}.json", code, reports=[f"out/{verb}.json"])

for verb in VERBS:
    if seen.get(verb, set()) != {"success", "failure"}:
        failures.append(f"{verb}: seen only {sorted(seen.get(verb, []))}")

if SARIF:
    with open(SARIF, encoding="utf-8") as file:
        rules = json.load(file)
    validator = validator_for(rules)(rules)
    for name in ("check.sarif", "bad.sarif"):
        with open(path("out", name), encoding="utf-8") as file:
            log = json.load(file)
        for problem in validator.iter_errors(log):
            failures.append(f"{name}: {list(problem.absolute_path)}: {problem.message[:300]}")
        if not log["runs"][0]["results"] and name == "bad.sarif":
            failures.append("bad.sarif has no result")
        spoilt = copy.deepcopy(log)
        spoilt["runs"][0]["tool"]["driver"]["nobodyNamedThis"] = 1
        if validator.is_valid(spoilt):
            failures.append(f"{name}: the SARIF schema sees nothing")

shutil.rmtree(work)
if failures:
    sys.exit("\n".join(failures))
print(f"{len(VERBS)} verbs, success and failure; {injected} unknown fields were seen; SARIF: {'yes' if SARIF else 'no schema'}")
