"""Microsoft's MSAL for Python, unchanged: client credentials with a secret and a certificate, device code."""

import os
import sys

import msal

from customer import Customer

authority = os.environ["AUTHORITY"]
certificate = os.environ["REQUESTS_CA_BUNDLE"]
api = "api://0a9b8c7d-6e5f-4a3b-9c2d-1e0f2a3b4c5d"


def show(name, result):
    if "access_token" not in result:
        sys.exit(f"{name}: {result}")
    claims = result.get("id_token_claims", {})
    shown = {key: result.get(key) for key in ("token_type", "expires_in", "scope")}
    print(f"{name}: {shown} {claims.get('preferred_username', '')}")


def app(kind, client_id, **options):
    # MSAL asks login.microsoftonline.com about hosts that it does not know, unless it is told not to.
    return kind(client_id, authority=authority, validate_authority=False, **options)


daemon = app(
    msal.ConfidentialClientApplication,
    "8f7e6d5c-1b0a-4c9d-a8e7-6f5b4d3c2a19",
    client_credential="local-tenant-daemon-secret",
)
show("client credentials", daemon.acquire_token_for_client([f"{api}/.default"]))

wrong = app(
    msal.ConfidentialClientApplication, "8f7e6d5c-1b0a-4c9d-a8e7-6f5b4d3c2a19", client_credential="wrong"
)
refused = wrong.acquire_token_for_client([f"{api}/.default"])
assert refused["error"] == "invalid_client" and refused["error_codes"] == [7000215], refused
print(f"wrong secret: {refused['error']} {refused['error_codes']}")

# MSAL for Python pads the thumbprint in the assertion's header, which Entra accepts.
certified = app(
    msal.ConfidentialClientApplication,
    "5d4c3b2a-1f0e-4d9c-8b7a-000000000031",
    client_credential={
        "private_key": open(os.environ["CERTIFIED"], encoding="ascii").read(),
        "thumbprint": os.environ["THUMBPRINT"],
    },
)
show("client credentials with a certificate", certified.acquire_token_for_client([f"{api}/.default"]))

terminal = app(msal.PublicClientApplication, "6c5b4a39-2817-4f06-9e5d-4c3b2a190f8e")
flow = terminal.initiate_device_flow([f"{api}/ToDoList.Read"])
print(f"device code: {flow['message']}")
customer = Customer(certificate)
customer.open(f"{authority}/oauth2/deviceauth")
customer.submit(user_code=flow["user_code"])
customer.submit()
customer.sign_in("alice@example.com", "Local-Tenant-1!")
show("device code", terminal.acquire_token_by_device_flow(flow))
[account] = terminal.get_accounts()
show("refresh", terminal.acquire_token_silent([f"{api}/ToDoList.Read"], account, force_refresh=True))
