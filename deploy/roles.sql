-- The roles and the database, once in a new server, as its superuser. Passwords come from the
-- environment: OWNER_PASSWORD, WEB_PASSWORD, STANDBY_PASSWORD.
\getenv owner OWNER_PASSWORD
\getenv web WEB_PASSWORD
\getenv standby STANDBY_PASSWORD

-- Owns the tables: migrates, replays, runs the projections.
CREATE ROLE tandem LOGIN PASSWORD :'owner';
-- What the web processes are; its rights come from `manage.py grant_application tandem_web`.
CREATE ROLE tandem_web LOGIN PASSWORD :'web';
CREATE ROLE tandem_standby LOGIN REPLICATION PASSWORD :'standby';
-- Who holds up the log's reader, and since when: for /metrics, and for the projections to name.
GRANT pg_read_all_stats TO tandem, tandem_web;
CREATE DATABASE tandem OWNER tandem;
