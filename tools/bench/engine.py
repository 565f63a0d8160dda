"""Times the rules: one assessment, one page's emergencies, what would change, and the start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import thread_time

from figures import Figure, spread

from triage_app.catalogue.cases import read_cases
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.changes import what_would_change
from triage_app.clinical.engine import assess, emergencies
from triage_app.clinical.pages import pages

ROUNDS = 15
STARTS = 5
START = """
import sys, time
from pathlib import Path
begun = time.process_time()
from triage_app.catalogue.load import Catalogue
imported = time.process_time()
Catalogue.load(Path(sys.argv[1]))
print(imported - begun, time.process_time() - imported)
"""


def measure(folder: Path) -> list[Figure]:
    """Return the figures over all people of the case files; each is CPU time, the best of several calls."""
    catalogue = Catalogue.load(folder)
    pathway = catalogue.newest("nerve-symptoms")
    file = folder / pathway.name / pathway.version / "cases.toml"
    people = [case.answers for case in read_cases(file, catalogue, pathway) if case.answers is not None]
    rules = pathway.rules
    alone = [answers for person in people[::10] for answers in each_page(pathway, person)]
    of_people = f"{len(people)} people of `cases.toml`"
    return [
        *_figures("one assessment", people, lambda one: assess(one, rules), most=1, besides=of_people),
        *_figures("the same, its whole trace read", people, lambda one: list(assess(one, rules).trace)),
        *_figures(
            "emergencies of one page",
            alone,
            lambda one: emergencies(one, rules),
            most=1,
            besides=f"{len(alone)} pages",
        ),
        *_figures("what would change", people, lambda one: what_would_change(one, rules), most=20),
        *_figures("which pages there are", people, lambda one: pages(pathway.form, one)),
        *starts(folder),
    ]


def each_page(pathway: Pathway, person: Answers) -> Iterator[Answers]:
    """Yield each page of a person's way by itself, as it is judged when it is posted."""
    for page in pages(pathway.form, person):
        names = {question.link_id for question in page.questions}
        if page.limb is None:
            yield Answers({name: value for name, value in person.person.items() if name in names})
        else:
            yield Answers({}, (_limb(page.limb, names),))


def _limb(limb: Limb, names: set[str]) -> Limb:
    given = {name: value for name, value in limb.answers.items() if name in names}
    return Limb(limb.kind, limb.side, given)


def starts(folder: Path) -> list[Figure]:
    """Return how long a fresh process takes to import and to load the pathways."""
    command = [sys.executable, "-c", START, str(folder)]
    runs = [
        tuple(map(float, subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()))
        for _ in range(STARTS)
    ]
    loading = median(load for _, load in runs)
    both = median(sum(run) for run in runs)
    return [
        Figure("engine start: pathways read and compiled", loading * 1000, "ms", 1000, "fresh process"),
        Figure("the same with Python's imports", both * 1000, "ms"),
    ]


def _figures(
    name: str,
    people: Sequence[Answers],
    call: Callable[[Answers], object],
    *,
    most: float | None = None,
    besides: str = "",
) -> list[Figure]:
    """Return median and 95th percentile over the people, in milliseconds."""
    for person in people[:50]:
        call(person)
    middle, high = spread([min(_times(call, person)) for person in people])
    return [
        Figure(f"{name}, median", middle, "ms", most, besides),
        Figure(f"{name}, 95 %", high, "ms", None),
    ]


def _times(call: Callable[[Answers], object], person: Answers) -> list[float]:
    found = []
    for _ in range(ROUNDS):
        begun = thread_time()
        call(person)
        found.append((thread_time() - begun) * 1000)
    return found
