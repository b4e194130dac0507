"""Gives dvpack keyless signatures that sigstore-js made: good ones must pass, changed ones must not.

usage: keyless.py DVPACK BUNDLE FOLDER, where FOLDER is what keyless.cjs wrote.
"""
import base64
import copy
import json
import os
import random
import subprocess
import sys

program, bundle, folder = sys.argv[1:4]
WORKFLOW = "https://github.com/contoso/widgets/.github/workflows/release.yml@refs/tags/v1"
CHANGES = int(os.environ.get("DVPACK_CHANGES", "42"))
ISSUER = "https://token.actions.githubusercontent.com"
root = ["--trusted-root", f"{folder}/trusted_root.json"]
who = ["--identity", WORKFLOW, "--issuer", ISSUER]


def verify(path, *more):
    """The exit code of `dvpack verify` and what it says."""
    ran = subprocess.run([program, "verify", path, *more], capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr


for name in ["provenance", "message"]:
    beside = ["--signature", f"{folder}/{name}.sigstore.json"]
    assert verify(bundle, *beside, *root, *who)[0] == 0, verify(bundle, *beside, *root, *who)
    assert verify(bundle, *beside, *who)[0] == 3, "Sigstore's public instance did not sign this"
    code, words = verify(bundle, *beside, *root, "--identity", "somebody@example.com", "--issuer", ISSUER)
    assert code == 3 and "signed by somebody else" in words, words
    assert verify(bundle, *beside, *root, *who[:2], "--issuer", "https://accounts.example.com")[0] == 3
print("ok   keyless: both forms pass; another root, identity or issuer is refused")

signed = f"{folder}/attached.dvpack"
attach = ["sign", bundle, "--attach", f"{folder}/provenance.sigstore.json", *root, "-o", signed]
told = subprocess.run([program, *attach, "--format", "json"], check=True, capture_output=True, text=True).stdout
definition = json.loads(told)["statement"]["predicate"]["buildDefinition"]
assert definition["buildType"] == "https://actions.github.io/buildtypes/workflow/v1", told
assert verify(signed, *root, *who)[0] == 0
policy = f"{folder}/policy.yaml"
for repository, wanted in [("https://github.com/contoso/widgets", 0), ("https://github.com/contoso/other", 6)]:
    with open(policy, "w", encoding="utf-8") as file:
        file.write(
            f"dvpackPolicy: 1\nidentities:\n  - identity: https://github.com/contoso/*\n    issuer: {ISSUER}\n"
            f"    solutions: [ContosoWidgets]\n    publisherPrefixes: [contoso]\n    repository: {repository}\n"
        )
    assert verify(signed, *root, "--policy", policy)[0] == wanted, repository
# Attached beside another signature, and again: each is there once.
subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", f"{folder}/key.pem"], check=True)
subprocess.run(["openssl", "pkey", "-in", f"{folder}/key.pem", "-pubout", "-out", f"{folder}/key.pub"], check=True)
both = f"{folder}/both.dvpack"
subprocess.run([program, "sign", bundle, "--key", f"{folder}/key.pem", "-o", both], check=True, capture_output=True)
for _ in range(2):
    subprocess.run([program, "sign", both, *attach[2:4], *root], check=True, capture_output=True)
assert verify(both, "--key", f"{folder}/key.pub", *root)[0] == 0 and verify(both, *root, *who)[0] == 0
listed = subprocess.run(["unzip", "-Z1", both], check=True, capture_output=True, text=True).stdout
assert listed.count(".sigstore.json") == 2, listed
print("ok   keyless: attached, beside a key's signature too, and judged by a policy")

numbers = random.Random(8)
document = json.load(open(f"{folder}/provenance.sigstore.json", encoding="utf-8"))
entry = document["verificationMaterial"]["tlogEntries"][0]
PLACES = {
    "payload": (lambda it: it["dsseEnvelope"], "payload"),
    "signature": (lambda it: it["dsseEnvelope"]["signatures"][0], "sig"),
    "certificate": (lambda it: it["verificationMaterial"]["certificate"], "rawBytes"),
    "log entry": (lambda it: it["verificationMaterial"]["tlogEntries"][0], "canonicalizedBody"),
    "promise": (lambda it: it["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"], "signedEntryTimestamp"),
    "root hash": (lambda it: it["verificationMaterial"]["tlogEntries"][0]["inclusionProof"], "rootHash"),
    "log": (lambda it: it["verificationMaterial"]["tlogEntries"][0]["logId"], "keyId"),
}
changed = f"{folder}/changed.json"
tried = 0
for number in range(CHANGES):
    what = list(PLACES)[number % len(PLACES)]
    one = copy.deepcopy(document)
    find, name = PLACES[what]
    holder = find(one)
    content = bytearray(base64.b64decode(holder[name]))
    content[numbers.randrange(len(content))] ^= numbers.randrange(1, 256)
    holder[name] = base64.b64encode(content).decode()
    with open(changed, "w", encoding="utf-8") as file:
        json.dump(one, file)
    code, words = verify(bundle, "--signature", changed, *root, *who)
    assert code == 3, f"a change of the {what} was accepted: {words}"
    tried += 1
print(f"ok   keyless: {tried} of {tried} one-byte changes of {len(PLACES)} parts of a signature are refused")

good = open(signed, "rb").read()
path = f"{folder}/changed.dvpack"
for _ in range(CHANGES):
    one = bytearray(good)
    one[numbers.randrange(len(one))] ^= numbers.randrange(1, 256)
    with open(path, "wb") as file:
        file.write(one)
    code, words = verify(path, *root, *who)
    assert code == 3, words
os.remove(path)
print(f"ok   keyless: {CHANGES} of {CHANGES} one-byte changes of a signed bundle are refused")
