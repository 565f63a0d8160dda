"""Every error that crosses a folder, in one tree.

TriageError
├── ConfigurationError        a setting or the EHR registry is wrong; stops the start
├── ContentError              a pathway folder is incomplete, wrong or tampered with; stops the start
├── InputError                what a person or a caller sent is wrong; nothing is lost
│   ├── InvalidAnswer         an answer is not one that the question takes
│   ├── TamperedForm          a form token is missing, forged, expired or of another launch
│   └── InvalidDocument       a file or a resource given to us is not what it should be
├── LaunchError               a launch cannot be finished; no session exists
│   ├── UnknownIssuer         the issuer is not in the registry; it was never contacted
│   ├── StateMismatch         state is missing, unknown, used or expired
│   ├── ConsentRefused        the person or the EHR said no at the authorisation page
│   ├── TokenRefused          the token endpoint refused, or answered something unusable
│   └── IdentityRefused       the id_token or fhirUser does not prove who is there
├── SessionError              no session, or one of another launch or browser
│   └── SessionExpired        it was this browser's session, and its time is over
├── NotAllowed                the session is real, but not for this page or this patient
├── NotFound                  there is no such thing here
├── EHRError                  the hospital's server did not do what was asked
│   ├── EHRUnavailable        it did not answer, or says try later; nothing is known to be stored
│   ├── EHRRefused            it answered and refused; repeating changes nothing
│   ├── EHRConflict           somebody else changed the resource first (If-Match failed)
│   ├── EHRUnauthorized       the token is no longer good
│   ├── EHRAmbiguous          the write may or may not have happened; look before repeating
│   └── EHRUnreadable         it answered something that is not FHIR
└── StorageError              our own database failed
"""

from __future__ import annotations

from typing import Any


class TriageError(Exception):
    """What went wrong, in one sentence that holds no patient data."""


class ConfigurationError(TriageError):
    """A setting is wrong: the message names it, what was found and what was expected."""


class ContentError(TriageError):
    """A pathway file is wrong: the message names file, rule or linkId, and key."""


class InputError(TriageError):
    """What was sent is wrong; the sender can mend it."""


class InvalidAnswer(InputError):
    """One answer is not one that its question takes."""

    def __init__(self, link_id: str, reason: str) -> None:
        super().__init__(f"{link_id}: {reason}")
        self.link_id = link_id
        self.reason = reason


class TamperedForm(InputError):
    """The form's token does not belong to this launch and page."""


class InvalidDocument(InputError):
    """A document names a field that is missing, unknown or of the wrong kind."""


class LaunchError(TriageError):
    """The launch ends here."""


class UnknownIssuer(LaunchError):
    """The issuer is not registered."""


class StateMismatch(LaunchError):
    """The state parameter is not one that we gave out and still wait for."""


class ConsentRefused(LaunchError):
    """The authorisation server redirected back with an error."""


class TokenRefused(LaunchError):
    """The token request failed, or its answer cannot be used."""


class IdentityRefused(LaunchError):
    """The id_token is not proof of who is there."""


class SessionError(TriageError):
    """There is no live session for this launch in this browser."""


class SessionExpired(SessionError):
    """The session is over: too long idle, too old, or signed out.

    ``launch`` is the launch row when only time has run out, so that a late answer can still be kept;
    ``kept`` says that it was.
    """

    def __init__(self, message: str, *, launch: Any = None) -> None:
        super().__init__(message)
        self.launch = launch
        self.kept = False


class NotAllowed(TriageError):
    """The session may not do this."""


class NotFound(TriageError):
    """There is no such page, response or version."""


class EHRError(TriageError):
    """The EHR did not do what was asked.

    ``status`` is its HTTP status, where it answered; ``issues`` are the codes of its OperationOutcome.
    """

    def __init__(self, message: str, *, status: int | None = None, issues: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.issues = issues


class EHRUnavailable(EHRError):
    """No answer, or an answer that says later.

    ``retry_after_seconds`` is the EHR's own wish, where it named one.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after_seconds: int | None = None,
        status: int | None = None,
        issues: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, status=status, issues=issues)
        self.retry_after_seconds = retry_after_seconds


class EHRRefused(EHRError):
    """The EHR understood and refused."""


class EHRConflict(EHRError):
    """The resource has changed since we read it."""


class EHRUnauthorized(EHRError):
    """The access token was not accepted."""


class EHRAmbiguous(EHRError):
    """A write got no usable answer: it may have been stored."""


class EHRUnreadable(EHRError):
    """The answer is not a FHIR resource of the expected type."""


class StorageError(TriageError):
    """The app's own database could not be read or written."""
