"""What stands around every page: the clinic, its numbers, whose record this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage_app.catalogue.model import Pathway
from triage_app.settings import EHR

NO_NUMBER = "your local emergency number"


@dataclass(frozen=True)
class Frame:
    """The words and numbers of one site. Texts are empty where the site is not known."""

    language: str
    signed_off: bool
    clinic_name: str = ""
    emergency_number: str = ""
    same_day_phone: str = ""
    same_day_hours: str = ""
    out_of_hours_phone: str = ""
    crisis_helpline: str = ""
    reply_within: str = ""
    person: str = ""

    @property
    def placeholders(self) -> Mapping[str, str]:
        """Return what stands for the placeholders of patient sentences."""
        return {
            "emergency_number": self.emergency_number or NO_NUMBER,
            "same_day_phone": self.same_day_phone or "your clinic",
            "same_day_hours": self.same_day_hours or "in opening hours",
            "out_of_hours_phone": self.out_of_hours_phone or "your out-of-hours service",
            "crisis_helpline": self.crisis_helpline or "your local crisis line",
            "clinic_name": self.clinic_name or "your clinic",
        }


def frame_for(ehr: EHR | None, language: str, pathway: Pathway, *, person: str = "") -> Frame:
    """Return the frame of a site, or of none; its language is the one that the pathway has words in."""
    spoken = pathway.words_in(language).language
    if ehr is None:
        return Frame(spoken, pathway.signed_off)
    return Frame(
        language=spoken,
        signed_off=pathway.signed_off,
        clinic_name=ehr.clinic_name,
        emergency_number=ehr.emergency_number,
        same_day_phone=ehr.same_day_phone,
        same_day_hours=ehr.same_day_hours,
        out_of_hours_phone=ehr.out_of_hours_phone,
        crisis_helpline=ehr.crisis_helpline,
        reply_within=ehr.reply_within,
        person=person,
    )


def telephone(number: str) -> str:
    """Return a number as a ``tel:`` link takes it."""
    return "".join(character for character in number if character.isdigit() or character == "+")
