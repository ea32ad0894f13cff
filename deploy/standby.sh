#!/bin/sh
# A standby of the server at PRIMARY_HOST: made of a base backup the first time, following ever
# after. Arguments go to postgres. Environment: PGDATA, PRIMARY_HOST, PRIMARY_PORT, PGPASSWORD.
set -eu
: "${PGDATA:?}" "${PRIMARY_HOST:?}" "${PGPASSWORD:?}"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # Beside its place first: what an interrupted backup leaves is never taken for a server.
    new="$PGDATA.new"
    rm -rf "$new"
    mkdir -p "$new"
    chmod 700 "$new"
    pg_basebackup --pgdata="$new" --write-recovery-conf --wal-method=stream --checkpoint=fast \
        --dbname="host=$PRIMARY_HOST port=${PRIMARY_PORT:-5432} user=tandem_standby"
    rm -rf "$PGDATA"
    mv "$new" "$PGDATA"
fi
exec postgres "$@"
