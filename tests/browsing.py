"""One person's browser, driven in this process, with a hospital that really answers on loopback."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from triage_app.sandbox.server import RunningSandbox

BASE_URL = "http://127.0.0.1:8000"
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Browser:
    """Follows the way through the hospital's login and keeps its cookies."""

    client: FlaskClient
    sandbox: RunningSandbox

    def get(self, address: str, **more: Any) -> TestResponse:
        """Open a page of the app."""
        return self.client.get(address, base_url=BASE_URL, **more)

    def post(self, address: str, **more: Any) -> TestResponse:
        """Send a form to the app."""
        return self.client.post(address, base_url=BASE_URL, **more)

    def press_launch(self, patient: str = "alice", user: str | None = None, **more: Any) -> TestResponse:
        """Open the launch address that the hospital gives."""
        launch = self.sandbox.new_launch(patient=patient, user=user)
        parts = urlsplit(launch.url)
        return self.get(f"{parts.path}?{parts.query}", **more)

    def log_in(self, launched: TestResponse) -> str:
        """Go to the hospital's login and return the callback address that it sends back."""
        answer = requests.get(launched.location, allow_redirects=False, timeout=5)
        assert answer.status_code in (302, 303), answer.text
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    def launch(self, patient: str = "alice", user: str | None = None) -> TestResponse:
        """Launch wholly; the answer is the redirect to the session's first page."""
        return self.get(self.log_in(self.press_launch(patient, user)))

    def launch_id(self, patient: str = "alice", user: str | None = None) -> str:
        """Launch wholly and return the launch's id."""
        finished = self.launch(patient, user)
        assert finished.status_code == 303, finished.text
        return finished.location.split("/")[2]

    def form_token(self, address: str) -> str:
        """Open a page and return the token of its form."""
        found = _TOKEN.search(self.get(address).text)
        assert found, f"no form at {address}"
        return found[1]
