"""The pretend hospital's SMART App Launch 2.2 authorisation server."""
