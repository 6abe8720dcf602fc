"""Runs the scripts on the connection that `dlcr.catalog.engine` hands over, inside its transaction."""

from alembic import context

from dlcr.catalog.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
