"""Each event carries a hash of itself and of the one before it in its stream, made by the database.

So a superuser, whom no trigger stops, cannot change one without it being seen (eventstore.chain).
Filling it in for the events there are rewrites the log: as long as that takes, nothing is appended.
"""

from django.db import migrations, models

# jsonb writes what is equal in one way only, and JSON says where each value ends.
FORWARD = """
SET LOCAL transaction_timeout = 0;
SET LOCAL lock_timeout = 0;
LOCK TABLE eventstore_event IN SHARE ROW EXCLUSIVE MODE;

CREATE FUNCTION eventstore_hash(before bytea, event eventstore_event) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(coalesce(before, '') || convert_to(jsonb_build_array(
        event.stream_id, event.version, event.type, event.schema_version, event.data,
        event.metadata, event.command_id, extract(epoch FROM event.recorded_at))::text, 'UTF8'))
$$;

CREATE FUNCTION eventstore_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before bytea;
BEGIN
    IF NEW.version > 1 THEN
        SELECT hash INTO before FROM eventstore_event
         WHERE stream_id = NEW.stream_id AND version = NEW.version - 1;
    END IF;
    NEW.hash = eventstore_hash(before, NEW);
    RETURN NEW;
END $$;

ALTER TABLE eventstore_event DISABLE TRIGGER eventstore_event_append_only;
DO $$
DECLARE
    event eventstore_event;
    made bytea;
BEGIN
    FOR event IN SELECT * FROM eventstore_event ORDER BY stream_id, version LOOP
        made = eventstore_hash(CASE WHEN event.version > 1 THEN made END, event);
        UPDATE eventstore_event SET hash = made WHERE position = event.position;
    END LOOP;
END $$;
ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER eventstore_event_append_only;
ALTER TABLE eventstore_event ALTER COLUMN hash SET NOT NULL;

CREATE TRIGGER eventstore_event_chain BEFORE INSERT ON eventstore_event
    FOR EACH ROW EXECUTE FUNCTION eventstore_chain();
ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER eventstore_event_chain;
"""

BACKWARD = """
DROP TRIGGER eventstore_event_chain ON eventstore_event;
DROP FUNCTION eventstore_chain();
DROP FUNCTION eventstore_hash(bytea, eventstore_event);
"""


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0011_names")]
    operations = [
        migrations.AddField("event", "hash", models.BinaryField(max_length=32, null=True)),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("event", "hash", models.BinaryField(max_length=32))
            ]
        ),
    ]
