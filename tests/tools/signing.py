"""Verifies a Sigstore bundle of dvpack with securesystemslib, in-toto-attestation and sha256sum's arithmetic.

usage: signing.py SIGSTORE.json PUBLIC.pem FOLDER [NODE-HELPER]

The good one must pass, and it must fail after a change of one byte at each of 200 places (a fixed seed): half of them in
the signed statement, half in the signature. With a helper the same 201 documents are also given to sigstore-js.
"""
import base64
import copy
import hashlib
import json
import os
import random
import subprocess
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

document_path, key_path, folder = sys.argv[1:4]
document = json.load(open(document_path, encoding="utf-8"))
public = load_pem_public_key(open(key_path, "rb").read())


def accepts(bundle):
    """Whether securesystemslib takes the envelope."""
    envelope = bundle["dsseEnvelope"]
    key = SSlibKey.from_crypto(public, keyid=envelope["signatures"][0]["keyid"])
    try:
        return bool(Envelope.from_dict(copy.deepcopy(envelope)).verify([key], 1))
    except VerificationError:
        return False


def changed(bundle, numbers, where):
    """A copy with one byte of payload or signature changed."""
    out = copy.deepcopy(bundle)
    holder, name = (out["dsseEnvelope"], "payload") if where == "payload" else (out["dsseEnvelope"]["signatures"][0], "sig")
    content = bytearray(base64.b64decode(holder[name]))
    content[numbers.randrange(len(content))] ^= numbers.randrange(1, 256)
    holder[name] = base64.b64encode(content).decode()
    return out


numbers = random.Random(6)
bad = [changed(document, numbers, "payload" if n < 100 else "sig") for n in range(200)]
assert accepts(document), "securesystemslib refuses the good signature"
assert not any(accepts(one) for one in bad), "securesystemslib accepts a changed one"
print("ok   securesystemslib: accepts the good one, rejects 200 of 200 changed ones")

payload = base64.b64decode(document["dsseEnvelope"]["payload"])
message = json_format.Parse(payload, statement_pb2.Statement())
Statement.copy_from_pb(message).validate()
json_format.ParseDict(json.loads(payload)["predicate"], provenance_pb2.Provenance())
print("ok   in-toto-attestation: a Statement v1 with SLSA provenance v1")

statement = json.loads(payload)
checked = 0
for subject in statement["subject"][1:]:
    with open(os.path.join(folder, subject["name"]), "rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == subject["digest"]["sha256"], subject["name"]
    checked += 1
on_disk = sum(len(files) for root, _, files in os.walk(folder) if os.path.basename(root) != "signatures")
assert checked == on_disk, f"{checked} subjects, {on_disk} files"
print(f"ok   all {checked} files are subjects with their digests")

if len(sys.argv) > 4:
    lines = "\n".join(json.dumps(one) for one in [document, *bad])
    ran = subprocess.run(["node", sys.argv[4], key_path], input=lines, capture_output=True, text=True, check=True)
    verdicts = ran.stdout.split()
    assert verdicts == ["good"] + ["bad"] * 200, ran.stdout[:200] + ran.stderr
    print("ok   sigstore-js: accepts the good one, rejects 200 of 200 changed ones")
