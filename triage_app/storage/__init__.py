"""Speaks SQL; the only place for sealing."""
