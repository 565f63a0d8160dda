"""Speaks SQL: launches, drafts, outbox and audit, each sealed where it holds what a person said."""

from triage_app.storage.database import Storage

__all__ = ["Storage"]
