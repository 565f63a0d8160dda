"""Pretends to be the hospital; imports nothing of ours, so it cannot share our mistakes."""

from triage_app.sandbox.factory import create_sandbox
from triage_app.sandbox.faults import Fault
from triage_app.sandbox.hospital import Hospital, hospital_of
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.server import RunningSandbox, serve_sandbox

__all__ = [
    "Fault",
    "Hospital",
    "RunningSandbox",
    "SandboxOptions",
    "create_sandbox",
    "hospital_of",
    "serve_sandbox",
]
