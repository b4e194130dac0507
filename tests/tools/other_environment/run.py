"""Drives the dvpack program against environments that nobody of its authors' sandbox knows: by chance, and case by case.

Usage: run.py FIRST LAST (seeds), or run.py cases [WORDS]. DVPACK names the program, DVPACK_REFERENCE_CSDL the folder with the published service
description. Ends with exit code 1 when something is not as it should be.
"""

import os
import subprocess
import sys
import tempfile

from cases import APP, CASES
from choices import QUIRKS, quirks
from server import SECRET, serve
from world import ADMIN_APP, ROOT

DVPACK = os.environ["DVPACK"]
WORK = tempfile.mkdtemp()


def bundle(version):
    """The example in this version, built for its `uat` environment."""
    folder = os.path.join(WORK, version)
    subprocess.run(["cp", "-r", os.path.join(ROOT, "examples/contoso-widgets"), folder], check=True)
    path = os.path.join(folder, "dvpack.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("version: 1.4.0.0", f"version: {version}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    command = [DVPACK, "build", folder, "--environment", "uat", "-o", os.path.join(folder, "made")]
    subprocess.run(command, check=True, capture_output=True)
    return os.path.join(folder, "made", f"ContosoWidgets_{version.replace('.', '_')}_uat.dvpack")


FIRST, NEXT = bundle("1.4.0.0"), bundle("1.5.0.0")


def run(verb, path, url, *more):
    """The exit code, and what was printed."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": WORK,
        "AZURE_CLIENT_ID": ADMIN_APP,
        "AZURE_CLIENT_SECRET": SECRET,
        "DVPACK_TEST_PACE": "1000",
    }
    # The bundle is the example's for another environment, and nobody can be asked.
    consents = ["--other-environment"] if verb in ("plan", "apply", "status", "doctor", "remove", "diff") else []
    consents += ["--yes"] if verb == "apply" and "--yes" not in more and "--dry-run" not in more else []
    command = [DVPACK, verb, path, *more, *consents, "--url", url]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def by_chance(seed):
    """Everything that is wrong with a whole life in the environment of this seed."""
    choices = quirks(seed)
    server, world = serve(choices, APP)
    path = ["", "/", "/main.aspx?appid=1", "/api/data/v9.2/"][seed % 4]
    url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    wrong = []

    def step(verb, codes, bundle_path, *more):
        code, text = run(verb, bundle_path, url, *more)
        if code not in codes:
            wrong.append(f"{verb}: exit code {code}\n" + "\n".join(text.strip().splitlines()[-8:]))

    def writes():
        return len([entry for entry in world.log if entry[0] != "GET" and "StageSolution" not in entry[1]])

    def as_it_should_be(version):
        users = [
            user
            for user in world.t["systemusers"].values()
            if (user.get("applicationid") or "").lower() == APP and not user["deletedstate"]
        ]
        if len(users) != 1 or users[0]["isdisabled"]:
            wrong.append(f"users: {users}")
            return
        held = {world.t["roles"][role]["name"] for user, role in world.assigned if user == users[0]["systemuserid"]}
        if "Contoso Widgets Service" not in held:
            wrong.append(f"roles: {held}")
        found = [row["version"] for row in world.t["solutions"].values() if row["uniquename"] == "ContosoWidgets"]
        if found != [version]:
            wrong.append(f"solutions: {found}")
        values = {row["schemaname"]: row["value"] for row in world.t["environmentvariablevalues"].values()}
        if values.get("contoso_ApiBase") != "https://api.uat.contoso.com":
            wrong.append(f"values: {values}")

    # Roles that somebody assigned by hand stay, and every verb reports them as a difference.
    done = [9] if choices["preexisting"] == "active_roles" else [0]
    step("doctor", done, FIRST)
    step("plan", [10], FIRST)
    step("diff", [0, 10], FIRST)
    if writes():
        wrong.append("a verb that reads wrote")
    # Consent may come late, and a person who waits for it says so.
    step("apply", done, FIRST, "--wait-for-consent", "1m")
    as_it_should_be("1.4.0.0")
    before = writes()
    step("apply", done, FIRST)
    if writes() != before:
        wrong.append("the second apply wrote")
    step("status", done, FIRST)
    step("apply", done, NEXT)
    as_it_should_be("1.5.0.0")
    if len(world.imports) != 2:
        wrong.append(f"imports: {world.imports}")
    for value in world.t["environmentvariablevalues"].values():
        value["value"] = "changed by somebody"
    step("status", [9], NEXT)
    step("apply", done, NEXT)
    as_it_should_be("1.5.0.0")
    step("remove", [0], NEXT, "--yes")
    if [row for row in world.t["solutions"].values() if row["uniquename"] == "ContosoWidgets"]:
        wrong.append("it is still installed")
    server.shutdown()
    unusual = {name: value for name, value in choices.items() if value != QUIRKS.get(name, [seed])[0]}
    return unusual, wrong + world.complaints


def case(hook, verb, code, words):
    """Everything that is wrong with one case."""
    choices = dict(quirks(0), hook=hook)
    server, world = serve(choices, APP)
    found, text = run(verb, FIRST, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    wrong = list(world.complaints)
    if code is not None and found != code:
        wrong.append(f"exit code {found}, not {code}")
    if words and not any(part in text for part in words.split("|")):
        wrong.append(f"`{words}` is not told")
    return wrong and wrong + text.strip().splitlines()[-6:]


def main(arguments):
    passed, failed = 0, 0

    def judge(name, wrong):
        nonlocal passed, failed
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print(f"{name}:\n  " + "\n  ".join(wrong), flush=True)

    if arguments[0] == "cases":
        for name, hook, verb, code, words in CASES:
            if not arguments[1:] or arguments[1] in name:
                judge(name, case(hook, verb, code, words))
    else:
        for seed in range(int(arguments[0]), int(arguments[1]) + 1):
            unusual, wrong = by_chance(seed)
            judge(f"seed {seed} {unusual}", wrong)
    print(f"{passed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
