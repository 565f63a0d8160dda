"""Speaks of promises: what will be written where, in which order, and what to do when it fails. Pure."""
