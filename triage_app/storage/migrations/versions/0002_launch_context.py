"""What an EHR says of a launch beside patient and user, and whose login it is, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; launches of before have neither."""
    with op.batch_alter_table("launch") as table:
        table.add_column(sa.Column("context", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("subject", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("launch") as table:
        table.drop_column("subject")
        table.drop_column("context")
