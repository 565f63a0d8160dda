"""Tells the story, a module a verb; functions over one frozen Services."""
