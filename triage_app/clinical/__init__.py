"""Speaks medicine. Pure: no FHIR, no web, no files, no clock, no randomness."""
