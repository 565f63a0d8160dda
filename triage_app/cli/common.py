"""What several commands need: the catalogue, and words for a result."""

from __future__ import annotations

from pathlib import Path

from triage_app import questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway

DEFAULT_PATHWAY = "nerve-symptoms"


def load_catalogue(folder: Path | None) -> Catalogue:
    """Return the catalogue of a folder, or of the one that comes with the app."""
    return Catalogue.load(folder or questionnaires_folder())


def pathway_of(path: Path, catalogue: Catalogue) -> Pathway:
    """Return the pathway whose folder the file lies in, or else the newest ``nerve-symptoms``."""
    here = path.resolve().parent
    for pathway in catalogue.all():
        if (here.parent.name, here.name) == (pathway.name, pathway.version):
            return pathway
    return catalogue.newest(DEFAULT_PATHWAY)
