"""Reads questionnaires/: load, cases, lint; refuses an incomplete or tampered folder."""

from triage_app.catalogue.load import Catalogue

__all__ = ["Catalogue"]
