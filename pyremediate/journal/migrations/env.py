"""Alembic's entry: migrations run on the connection that the journal opened, in its transaction (``database.py``)."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
