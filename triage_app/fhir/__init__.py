"""Speaks FHIR R4. Pure translation, both ways; the only place for fhir.resources."""
