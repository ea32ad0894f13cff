"""Pages that only read are asked of a standby of the database; all else of the primary.

    routing     which pages, which tables, and the database that the page at hand is asked of
    position    how far a database has come in the primary's log, and how far a reader must see
    circuit     whether the standby answers; so that one that is away costs nobody its patience
    middleware  all this for each request

Only with DATABASE_REPLICA_URL: without it none of this is loaded but the settings of the primary.
"""
