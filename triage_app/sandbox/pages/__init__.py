"""What the pretend hospital shows to people: patients, charts, the wire, the faults."""
