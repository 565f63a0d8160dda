"""Pretends to be the hospital; imports nothing of ours, so it cannot share our mistakes."""
