"""Our own app, seen by the hospital, keeps every duty that a hospital can see."""

from __future__ import annotations

from security.fuzz import Target
from security.interleavings import People
from security.world import a_world
from triage_app.sandbox.duties import Duty, Verdict
from triage_app.sandbox.watching import watcher_of
from triage_app.workflow.connections import refresh


def test_no_duty_is_broken_and_none_is_left_out() -> None:
    with a_world() as world:
        target = Target(world, People(world, 1))
        clinician = target.tab("clinician")
        target.people._open(clinician, clinician.url("review"))
        refresh(world.services, target.launch(clinician))
        target.people._open(clinician, clinician.url("sign-out"))
        target.people.tabs = [clinician]
        target.people.sign_out()
        world.hospitals["north"].faults.set("foreign-key")
        pressed = world.hospitals["north"].new_launch(patient="alice")
        back = target.people.log_in(str(target.people._get(0, pressed.url).location))
        assert target.people._get(0, back).status_code == 403
        here = world.wire.hospitals[f"localhost:{world.hospitals['north'].options.port}"]
        seen = {one.duty: one.verdict for one in watcher_of(here).duties.all()}
        assert seen == dict.fromkeys(Duty, Verdict.KEPT)
