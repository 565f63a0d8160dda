"""Runs the commands: python -m triage_app …"""

from triage_app.cli import main

if __name__ == "__main__":
    main()
