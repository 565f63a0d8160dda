"""The tables. Every key begins with the EHR; what holds a person's words or a token is a sealed column."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from triage_app.fhir import exact_json
from triage_app.storage.rows import DeliveryKind, DeliveryState, Mode, Role


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a time without offset: nobody could say when that was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give back UTC; SQLite forgets the offset."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class JSONText(TypeDecorator[Any]):
    """Plain JSON in a text column; lists come back as tuples."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Write compact JSON."""
        return None if value is None else exact_json.dumps(value).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Read it back."""
        plain = None if value is None else exact_json.loads(value)
        return tuple(plain) if isinstance(plain, list) else plain


class Code(TypeDecorator[StrEnum]):
    """A member of a closed set, kept as its text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, _dialect: Dialect) -> str | None:
        """Refuse what is not a member."""
        return None if value is None else str(self.members(value))

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """Give back the member."""
        return None if value is None else self.members(value)


def _key(name: str) -> Column[str]:
    return Column(name, String(64), primary_key=True)


def _sealed(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, info={"sealed": True})


metadata = MetaData()

pending = Table(
    "pending",
    metadata,
    _key("ehr"),
    _key("state"),
    Column("launch", String(64), nullable=False),
    Column("mode", Code(Mode), nullable=False),
    Column("endpoints", JSONText, nullable=False),
    _sealed("nonce"),
    _sealed("code_verifier"),
    Column("cookie_hash", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    UniqueConstraint("state", name="pending_state"),
)

launch = Table(
    "launch",
    metadata,
    _key("ehr"),
    _key("id"),
    Column("patient", String(64), nullable=False),
    Column("user", String(128), nullable=False),
    Column("role", Code(Role), nullable=False),
    Column("mode", Code(Mode), nullable=False),
    Column("encounter", String(64)),
    Column("scopes", JSONText, nullable=False),
    _sealed("access_token"),
    _sealed("refresh_token"),
    Column("expires_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("cookie_hash", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("need_patient_banner", Boolean, nullable=False),
    Column("refreshing_until", Moment),
    _sealed("context"),
    _sealed("subject"),
    UniqueConstraint("id", name="launch_id"),
)

draft = Table(
    "draft",
    metadata,
    _key("ehr"),
    _key("patient"),
    Column("author", String(128), primary_key=True),
    _key("pathway"),
    Column("id", String(64), nullable=False),
    Column("version", String(32), nullable=False),
    Column("checksum", String(64), nullable=False),
    _sealed("answers"),
    Column("sequence", Integer, nullable=False),
    Column("launch", String(64), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("touched_at", Moment, nullable=False),
)

submission = Table(
    "submission",
    metadata,
    _key("ehr"),
    _key("id"),
    Column("patient", String(64), nullable=False),
    Column("launch", String(64), nullable=False),
    Column("pathway", String(64), nullable=False),
    Column("version", String(32), nullable=False),
    _sealed("snapshot"),
    Column("sha256", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("draft", String(64)),
    UniqueConstraint("ehr", "draft", name="submission_draft"),
    Index("submission_patient", "ehr", "patient"),
)

delivery = Table(
    "delivery",
    metadata,
    _key("ehr"),
    _key("id"),
    Column("submission", String(64)),
    Column("patient", String(64), nullable=False),
    Column("kind", Code(DeliveryKind), nullable=False),
    _sealed("bundle"),
    Column("state", Code(DeliveryState), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("fence", Integer, nullable=False),
    Column("ids", JSONText, nullable=False),
    Column("last_error", Text),
    Column("rung", String(64)),
    Column("launch", String(64)),
    Column("resumed", Boolean, nullable=False),
    Column("marked_at", Moment),
    Index("delivery_patient", "ehr", "patient"),
    Index("delivery_submission", "ehr", "submission"),
    Index("delivery_due", "state", "due_at"),
)

lane = Table(
    "lane",
    metadata,
    _key("ehr"),
    Column("paused_until", Moment),
    Column("failures", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("ehr", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("action", String(64), nullable=False),
    Column("launch", String(64)),
    Column("patient", String(64)),
    Column("user", String(128)),
    Column("subject", String(128)),
    Index("audit_launch", "ehr", "launch"),
)

seen = Table(
    "seen",
    metadata,
    _key("ehr"),
    _key("token_id"),
    Column("expires_at", Moment, nullable=False),
)
