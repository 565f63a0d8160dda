"""One frozen Settings and the EHR registry, read once; a bad value stops the start by name."""
