"""Our resources held against two independent FHIR implementations: HL7's validator and the HAPI server."""
