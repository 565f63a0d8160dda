"""Proof that the rules keep what they promise: a second evaluator, properties, mutants."""
