"""What of the Questionnaire standard we take; anything else that would steer a form is refused."""

from __future__ import annotations

from triage_app.fhir.codes import HL7, SDC

KINDS = ("group", "display", "choice", "integer", "decimal", "date", "string", "text")
OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
CONTROLS = ("help", "radio-button", "check-box", "drop-down", "text-box", "spinner", "page", "header")

ITEM_KEYS = frozenset(
    {"id", "extension", "linkId", "definition", "code", "prefix", "_prefix", "text", "_text", "type"}
    | {"enableWhen", "enableBehavior", "required", "repeats", "readOnly", "maxLength", "answerOption", "item"}
)
OPTION_KEYS = frozenset({"id", "extension", "valueCoding"})
CONDITION_KEYS = frozenset(
    {"id", "question", "operator", "answerBoolean", "answerCoding", "answerInteger", "answerDecimal"}
)

REFUSED_EXTENSIONS = frozenset(
    {
        f"{HL7}/questionnaire-{name}"
        for name in ("hidden", "minOccurs", "maxOccurs", "constraint", "unitOption")
    }
    | {f"{HL7}/{name}" for name in ("regex", "minLength", "maxDecimalPlaces", "variable")}
    | {
        f"{SDC}/sdc-questionnaire-{name}"
        for name in (
            "answerExpression",
            "answerOptionsToggleExpression",
            "calculatedExpression",
            "candidateExpression",
            "contextExpression",
            "enableWhenExpression",
            "initialExpression",
            "isSubject",
            "subQuestionnaire",
        )
    }
    | {f"{HL7}/{name}" for name in ("cqf-expression", "questionnaire-unitOption", "targetConstraint")}
)
"""Extensions that decide what is asked, shown or valid. All others only dress the form."""
