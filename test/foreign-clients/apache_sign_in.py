"""A customer signs in to a page behind Apache's mod_auth_openidc, with the local tenant over TLS."""

import os

from customer import Customer

customer = Customer(os.environ["REQUESTS_CA_BUNDLE"])
customer.open(os.environ["APACHE_URL"] + "/private/")
assert customer.page.url.startswith(os.environ["AUTHORITY"]), customer.page.url
customer.sign_in("alice@example.com", "Local-Tenant-1!")
print(f"{customer.page.url} answers {customer.page.status_code}: {customer.page.text.strip()}")
assert customer.page.status_code == 200 and "Signed in as alice@example.com" in customer.page.text
