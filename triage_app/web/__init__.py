"""Speaks HTML to people and JSON to machines."""
