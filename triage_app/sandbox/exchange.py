"""Around every request of the app: faults strike, and the wire takes note."""

from __future__ import annotations

import socket

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from triage_app.sandbox.faults import Fault
from triage_app.sandbox.hospital import hospital
from triage_app.sandbox.wire import mask_query, readable_body
from triage_app.sandbox.wire_words import only_reads, summarise

_WATCHED = ("/fhir", "/auth/")
_SHOWN_HEADERS = ("If-None-Exist", "If-Match", "If-None-Match", "Prefer")
_NO_ANSWER = "X-Pretend-No-Answer"


def install(app: Flask) -> None:
    """Watch the requests of the app; the hospital's own pages are left alone."""
    app.before_request(strike_before)
    app.after_request(note)


def _watched() -> bool:
    return request.path.startswith(_WATCHED)


def strike_before() -> Response | None:
    """Faults that come before anything is done."""
    if not _watched():
        return None
    request.get_data()  # kept for the wire: parsing a form would use it up
    faults = hospital().faults
    if faults.strikes(Fault.DOWN):
        return Response("The server is down.", 503, content_type="text/plain")
    if faults.strikes(Fault.DROPPED):
        return Response("", 503, {_NO_ANSWER: "1"})
    if faults.strikes(Fault.THROTTLED):
        return Response("Too many requests.", 429, {"Retry-After": "2"}, content_type="text/plain")
    is_record = request.path.startswith("/fhir") and "/.well-known/" not in request.path
    if is_record and request.method == "GET" and faults.strikes(Fault.SLOW):
        faults.keep_waiting()
    if is_record and faults.strikes(Fault.LOGIN_PAGE):
        return Response(
            "<!doctype html><title>Log in</title><p>Please log in.</p>", 200, content_type="text/html"
        )
    return None


def _strike_after(response: Response) -> Response:
    """Faults that come when a write has been stored."""
    if not _wrote() or response.status_code >= 300:
        return response
    if hospital().faults.strikes(Fault.FAIL_AFTER_COMMIT):
        return Response("Internal server error.", 500, content_type="text/plain")
    if hospital().faults.strikes(Fault.DROP_AFTER_COMMIT):
        return Response("", 503, {_NO_ANSWER: "1"})
    return response


def _wrote() -> bool:
    """Whether the request was a write; a search by POST and a batch of reads are none."""
    if request.method not in {"POST", "PUT", "DELETE"} or not request.path.startswith("/fhir"):
        return False
    sent = readable_body(_sent_body(), request.content_type or "", oauth=False)
    return not (request.path.endswith("/_search") or only_reads(sent))


def note(response: Response) -> Response:
    """Let late faults strike, then write the exchange down."""
    if not _watched():
        return response
    response = _strike_after(response)
    dropped = response.headers.pop(_NO_ANSWER, None) is not None
    status = 0 if dropped else response.status_code
    oauth = request.path.startswith("/auth/")
    sent = readable_body(_sent_body(), request.content_type or "", oauth=oauth)
    answered = readable_body(response.get_data(), response.content_type or "", oauth=oauth)
    headers = {name: request.headers[name] for name in _SHOWN_HEADERS if name in request.headers}
    hospital().wire.record(
        method=request.method,
        path=mask_query(request.path, request.query_string.decode("utf-8", "replace")),
        status=status,
        summary=summarise(request.method, request.path, status, sent, answered),
        headers=headers,
        request=sent,
        response=answered,
    )
    if dropped:
        _hang_up()
    return response


def _sent_body() -> bytes:
    """The request's body; one that was too large has not been read."""
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        return b""


def _hang_up() -> None:
    """Close the connection under the answer; without a real socket the 503 stands for it."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
