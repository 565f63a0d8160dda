"""Serves our style sheets and script, each under a path that names its content, to be kept for ever."""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
from pathlib import Path

from flask import Blueprint, Response, request, url_for

from triage_app.errors import NotFound

FOLDER = Path(__file__).parent / "static"
ONE_YEAR = 365 * 24 * 3600  # seconds

blueprint = Blueprint("assets", __name__)


@functools.cache
def digest(name: str) -> str:
    """Return the first 16 hex digits of the file's SHA-256; raise NotFound for any other name."""
    if name not in _names():
        raise NotFound(f"asset: found {name[:60]!r}, expected a file of the app")
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:16]


def asset_url(name: str) -> str:
    """Return the address of a file in ``static``, with its digest in the path."""
    return url_for("assets.serve", digest_wanted=digest(name), name=name)


@blueprint.get("/assets/<digest_wanted>/<path:name>")
def serve(digest_wanted: str, name: str) -> Response:
    """Return the file; an old digest still gets the new file, but not to keep."""
    current = digest(name)
    squeezed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(_body(name, squeezed=squeezed), mimetype=mimetypes.guess_type(name)[0])
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = ONE_YEAR if digest_wanted == current else 60
    response.cache_control.immutable = digest_wanted == current
    if squeezed:
        response.content_encoding = "gzip"
    return response


def squeeze(response: Response) -> Response:
    """Compress a page that was asked for; never the answer to a form, which repeats what was typed."""
    fits = request.method == "GET" and response.mimetype == "text/html" and not response.is_streamed
    if not fits or response.content_encoding or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return response
    response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
    response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())


@functools.cache
def _body(name: str, *, squeezed: bool) -> bytes:
    content = (FOLDER / name).read_bytes()
    return gzip.compress(content, mtime=0) if squeezed else content
