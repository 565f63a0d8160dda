"""The floor: the whole Questionnaire as one bare page, drawn at each request, with enableWhen in the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment

TEMPLATE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{{ form.title }}</title>
<link rel="icon" href="data:,"><h1>{{ form.title }}</h1><form method="post">
{%- macro draw(item) %}
{%- set when = item.enableWhen | default([]) %}
<fieldset id="{{ item.linkId }}"{% if when %} data-any="{{ item.enableBehavior | default('all') }}"
 data-when="{{ when | tojson | forceescape }}" hidden disabled{% endif %}><legend>{{ item.text }}</legend>
{%- for option in item.answerOption | default([]) %}
<label><input type="{{ 'checkbox' if item.repeats else 'radio' }}" name="{{ item.linkId }}"
 value="{{ option.valueCoding.code }}">{{ option.valueCoding.display }}</label>
{%- endfor %}
{%- if item.type in ("integer", "decimal") %}<input type="number" name="{{ item.linkId }}">{% endif %}
{%- if item.type in ("string", "text") %}<input name="{{ item.linkId }}">{% endif %}
{%- for child in item.item | default([]) %}{{ draw(child) }}{% endfor %}</fieldset>
{%- endmacro %}
{%- for item in form.item %}{{ draw(item) }}{% endfor %}<button>Send</button></form>
<script>
const form = document.forms[0], waiting = [...document.querySelectorAll("[data-when]")];
const given = name => [...form.querySelectorAll(`[name="${name}"]`)]
  .filter(field => !field.matches(":disabled") && (field.type === "number" ? field.value : field.checked))
  .map(field => field.value);
const holds = ({question, operator, answerCoding, answerInteger, answerBoolean}) => {
  const values = given(question), wanted = answerCoding ? answerCoding.code : String(answerInteger);
  if (operator === "exists") return values.length > 0 === answerBoolean;
  if (operator === "=") return values.includes(wanted);
  if (operator === "!=") return values.some(value => value !== wanted);
  return values.some(value => ({">": +value > +wanted, "<": +value < +wanted,
                               ">=": +value >= +wanted, "<=": +value <= +wanted})[operator]);
};
form.addEventListener("change", () => waiting.forEach(set => {
  const all = JSON.parse(set.dataset.when);
  const on = set.dataset.any === "any" ? all.some(holds) : all.every(holds);
  set.hidden = set.disabled = !on;
}));
form.dispatchEvent(new Event("change"));
</script></html>"""

_PAGE = Environment(autoescape=True, trim_blocks=True, auto_reload=False).from_string(TEMPLATE)


def floor_page(questionnaire: Mapping[str, Any]) -> bytes:
    """Return the page."""
    return _PAGE.render(form=questionnaire).encode()


def lforms_page(questionnaire: Mapping[str, Any]) -> bytes:
    """Return a page that opens the Questionnaire in LHC-Forms at its best: the form comes within the page."""
    inlined = json.dumps(questionnaire, separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>LHC-Forms</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/webcomponent/styles.css"><div id="form"></div>
<script src="/webcomponent/assets/lib/zone.min.js"></script><script src="/webcomponent/lhc-forms.js"></script>
<script src="/fhir/R4/lformsFHIR.min.js"></script>
<script>LForms.Util.addFormToPage({inlined}, "form", {{fhirVersion: "R4"}});</script></html>""".encode()
