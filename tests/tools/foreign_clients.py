"""Other people's clients against `dvpack sandbox --tls`.

Usage: foreign_clients.py READY_FILE METADATA_FILE FOLDER: the first is what `--ready-file` wrote, the second gets `$metadata`, the third
has the key (key.pem) and the certificate (certificate.pem) of the signed-in application. Needs the packages `msal` and `PowerPlatform-Dataverse-Client`. Set REQUESTS_CA_BUNDLE to the sandbox's certificate.
"""

import hashlib
import json
import ssl
import sys

import msal
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient

ready = json.load(open(sys.argv[1], encoding="utf-8"))
url = ready["url"].rstrip("/")
authority = f"{url}/{ready['tenantId']}"

confidential = msal.ConfidentialClientApplication(
    ready["clientId"], client_credential=ready["clientSecret"], authority=authority, instance_discovery=False
)
by_secret = confidential.acquire_token_for_client([f"{url}/.default"])
assert "access_token" in by_secret, by_secret
print("signed in by client secret")

key = open(f"{sys.argv[3]}/key.pem", encoding="ascii").read()
certificate = open(f"{sys.argv[3]}/certificate.pem", encoding="ascii").read()
der = ssl.PEM_cert_to_DER_cert(certificate)
for name, thumbprint in [
    ("thumbprint", hashlib.sha1(der).hexdigest()),
    ("public_certificate", certificate),
]:
    confidential = msal.ConfidentialClientApplication(
        ready["clientId"],
        client_credential={"private_key": key, name: thumbprint},
        authority=authority,
        instance_discovery=False,
    )
    by_certificate = confidential.acquire_token_for_client([f"{url}/.default"])
    assert "access_token" in by_certificate, by_certificate
    print(f"signed in by certificate ({name})")

public = msal.PublicClientApplication(
    "51f81489-12ee-4a9e-aaae-a2591f45987d", authority=authority, instance_discovery=False
)
flow = public.initiate_device_flow([f"{url}/user_impersonation"])
flow["interval"] = 1
by_device = public.acquire_token_by_device_flow(flow)
assert "access_token" in by_device, by_device
print("signed in by device code")


class Credential:
    def get_token(self, *scopes, **_):
        return AccessToken(by_secret["access_token"], 4102444800)


with DataverseClient(base_url=url, credential=Credential()) as client:
    made = client.records.create("account", {"name": "Contoso", "accountnumber": "C-1"})
    row = client.records.retrieve("account", made, select=["name", "accountnumber"])
    print("created and read", dict(row.data if hasattr(row, "data") else row).get("name"))
    client.records.update("account", made, {"name": "Contoso Ltd"})
    changed = client.records.retrieve("account", made, select=["name"])
    assert dict(changed.data if hasattr(changed, "data") else changed)["name"] == "Contoso Ltd", changed
    pages = client.records.get("account", filter="startswith(name,'Contoso')", select=["name"], orderby=["name"], top=5)
    found = [row for page in pages for row in page]
    assert len(found) == 1, found
    client.records.delete("account", made)
    print("queried, updated and deleted")

import requests  # noqa: E402  (comes with the clients above)

answer = requests.get(
    f"{url}/api/data/v9.2/$metadata", headers={"Authorization": f"Bearer {by_secret['access_token']}"}, timeout=30
)
assert answer.status_code == 200, answer.status_code
open(sys.argv[2], "wb").write(answer.content)
