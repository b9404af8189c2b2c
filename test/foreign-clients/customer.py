"""A customer at a browser without scripts: opens pages and sends their first form."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class FirstForm(HTMLParser):
    """The action and the hidden fields of the first form of a page."""

    def __init__(self, html):
        super().__init__()
        self.action = None
        self.fields = {}
        self.is_inside = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = values.get("action", "")
            self.is_inside = True
        if tag == "input" and self.is_inside and values.get("type") == "hidden":
            self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False


class Customer:
    """@param certificate: the path of the tenant's certificate"""

    def __init__(self, certificate):
        self.session = requests.Session()
        self.session.verify = certificate
        self.page = None

    def open(self, url):
        self.page = self.session.get(url, timeout=20)

    def submit(self, **fields):
        form = FirstForm(self.page.text)
        if form.action is None:
            raise SystemExit(f"No form at {self.page.url} ({self.page.status_code}): {self.page.text}")
        target = urljoin(self.page.url, form.action)
        self.page = self.session.post(target, data={**form.fields, **fields}, timeout=20)

    def sign_in(self, email, password):
        self.submit(email=email)
        self.submit(password=password)
