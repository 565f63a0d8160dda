"""``demo``: the app and a pretend hospital on loopback, with people who have already been there."""
