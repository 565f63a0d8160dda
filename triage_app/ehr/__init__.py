"""Speaks HTTP and OAuth to hospitals."""
