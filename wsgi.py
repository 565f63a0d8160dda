"""The app for a WSGI server: settings from the environment, everything else in create_app."""

import os

from triage_app import create_app
from triage_app.settings import read_settings

app = create_app(read_settings(os.environ))
