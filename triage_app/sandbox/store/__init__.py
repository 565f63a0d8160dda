"""The pretend hospital's FHIR R4 record: a small store on SQLite."""
