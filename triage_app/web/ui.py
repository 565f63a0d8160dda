"""Gives templates the design system's macros as callables: ``ui.radios(name=…)`` returns markup.

The macros need an environment that forgives missing values; ours must not, so they live in their own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

_BLANK_LINES = re.compile(r"\s*\n\s*")


class Macros:
    """Every component of the design system, by its name in snake case: ``ui.error_summary``."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("nhsuk_frontend_jinja"),
            undefined=ChainableUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # a package that is installed stays as it is: no look at its files per tile
        )

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        if name.startswith("_"):
            raise AttributeError(name)
        return functools.partial(self._render, name)

    def _render(self, name: str, /, **parameters: Any) -> Markup:
        macro = self._macro(name)
        written = macro({_camel(key): value for key, value in parameters.items()})
        return Markup(_tight(str(written)))  # noqa: S704 - escaped by the macro

    @functools.cache  # noqa: B019 - one instance for the life of the process
    def _macro(self, name: str) -> Callable[[Mapping[str, Any]], str]:
        template = self._environment.get_template(f"nhsuk/components/{name.replace('_', '-')}/macro.jinja")
        macro: Callable[[Mapping[str, Any]], str] = getattr(template.module, _camel(name))
        return macro


def _tight(written: str) -> str:
    """Return markup without the line breaks and indents that the macros leave."""
    return _BLANK_LINES.sub("\n", written).replace("\n>", ">").strip()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
