-- The work that Koku's API queues in the database: delayed tasks in public.delayed_celery_tasks and, where its broker
-- is this database, messages in public.kombu_message. A task that asks for a summary, costs or a deletion becomes a
-- request of ours, in the transaction that removes it; one that is not known stays where it is.

CREATE FUNCTION koku_internal.day_of_text(value text) RETURNS date
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
BEGIN
    -- A day, or an instant that begins with it.
    RETURN left(value, 10)::date;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.day_of_text(text) IS
'The day that a text begins with, as 2026-11-01 or 2026-11-01T00:00:00+00:00; NULL when there is none.';

CREATE FUNCTION koku_internal.koku_task_kinds() RETURNS TABLE (task text, request text, parameters text[])
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
VALUES
    ('masu.processor.tasks.update_cost_model_costs', 'costs',
     '{schema_name,provider_uuid,start_date,end_date}'::text[]),
    ('masu.processor.tasks.update_summary_tables', 'summary',
     '{schema,provider_type,provider_uuid,start_date,end_date}'),
    ('masu.celery.tasks.delete_archived_data', 'deletion', '{schema_name,provider_type,provider_uuid}');
$$;
COMMENT ON FUNCTION koku_internal.koku_task_kinds() IS
'The tasks of Koku that koku_run() carries out: what each becomes a request for, and its parameters in the order in '
'which Koku declares them.';

CREATE FUNCTION koku_internal.text_of_argument(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE
    WHEN jsonb_typeof(value) <> 'object' THEN value #>> '{}'
    WHEN jsonb_typeof(value->'__value__') = 'object' THEN value->'__value__'->>'hex'
    ELSE value->>'__value__' END;
$$;
COMMENT ON FUNCTION koku_internal.text_of_argument(jsonb) IS
'An argument of a task as text. Messages mark what JSON has no type for: {"__type__": "datetime", "__value__": '
'"2026-11-01T00:00:00+00:00"}, {"__type__": "uuid", "__value__": {"hex": "..."}}. NULL for null.';

CREATE FUNCTION koku_internal.do_koku_task(task text, positional jsonb, named jsonb) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind record;
    arguments jsonb;
    today date := koku_internal.today();
    first_day date;
    last_day date;
    owner @extschema@.koku_source;
BEGIN
    SELECT known.* INTO kind FROM koku_internal.koku_task_kinds() AS known WHERE known.task = do_koku_task.task;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT coalesce(jsonb_object_agg(kind.parameters[place.number], place.value), '{}') INTO arguments
    FROM jsonb_array_elements(CASE jsonb_typeof(positional) WHEN 'array' THEN positional ELSE '[]' END)
        WITH ORDINALITY AS place (value, number)
    WHERE kind.parameters[place.number] IS NOT NULL;
    arguments := arguments || coalesce(nullif(named, 'null'), '{}');
    first_day := coalesce(koku_internal.day_of_text(koku_internal.text_of_argument(arguments->'start_date')),
                          date_trunc('month', today::timestamp)::date);
    last_day := greatest(first_day, coalesce(
        koku_internal.day_of_text(koku_internal.text_of_argument(arguments->'end_date')), today));
    -- What is no uuid raises, and the task stays.
    SELECT * INTO owner FROM @extschema@.koku_source AS known
    WHERE known.source = koku_internal.text_of_argument(arguments->'provider_uuid')::uuid;
    IF owner.source IS NULL THEN
        -- Of a cloud, or deleted meanwhile: nothing is left to be done.
        RETURN true;
    END IF;
    CASE kind.request
        WHEN 'costs' THEN
            PERFORM koku_internal.request_costs(owner.source, first_day, last_day);
        WHEN 'summary' THEN
            PERFORM koku_internal.request_summary(owner.source, first_day, last_day);
        WHEN 'deletion' THEN
            -- Nothing of a source that is there is deleted, whatever became of the transaction that sent the message.
            IF koku_internal.is_deleted_in_koku(owner.tenant, owner.source) THEN
                PERFORM koku_internal.request_deletion(owner);
            END IF;
    END CASE;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION koku_internal.do_koku_task(text, jsonb, jsonb) IS
'Turns a task that Koku''s API has queued into a request for costs, a summary or a deletion; without days it is the '
'current month up to today. False for a task of another kind. Raises 22P02 when the source is no uuid.';

CREATE FUNCTION koku_internal.decoded_body(payload text, OUT task text, OUT positional jsonb, OUT named jsonb)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    message jsonb := payload::jsonb;
    body jsonb := CASE message->'properties'->>'body_encoding'
        WHEN 'base64' THEN convert_from(decode(message->>'body', 'base64'), 'UTF8') ELSE message->>'body' END::jsonb;
BEGIN
    task := message->'headers'->>'task';
    positional := body->0;
    named := body->1;
END;
$$;
COMMENT ON FUNCTION koku_internal.decoded_body(text) IS
'The task of a message of Celery in its protocol 2, and its arguments. Raises '
'what a text that is no such message raises.';

CREATE FUNCTION koku_internal.try_koku_task(relation regclass, id bigint, task text, positional jsonb, named jsonb)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT koku_internal.do_koku_task(task, positional, named) THEN
        RETURN false;
    END IF;
    EXECUTE format('DELETE FROM %s WHERE id = $1', relation) USING id;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'koku_run: task % of % was not carried out: %', id, relation, SQLERRM
        USING HINT = 'It stays queued, and the next call tries it again.';
    RETURN false;
END;
$$;
COMMENT ON FUNCTION koku_internal.try_koku_task(regclass, bigint, text, jsonb, jsonb) IS
'Carries a queued task out and removes it; false when it stays, because it is unknown or failed.';

CREATE FUNCTION koku_internal.do_koku_tasks() RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    queued record;
    decoded record;
    done bigint := 0;
BEGIN
    IF to_regclass('public.delayed_celery_tasks') IS NOT NULL THEN
        FOR queued IN EXECUTE
            'SELECT id::bigint, task_name::text AS task, task_args::jsonb AS positional, task_kwargs::jsonb AS named'
            ' FROM public.delayed_celery_tasks ORDER BY id FOR UPDATE SKIP LOCKED'
        LOOP
            done := done + koku_internal.try_koku_task('public.delayed_celery_tasks',
                                                       queued.id, queued.task, queued.positional,
                                                       queued.named)::integer;
        END LOOP;
    END IF;
    IF to_regclass('public.kombu_message') IS NOT NULL THEN
        FOR queued IN EXECUTE
            'SELECT id::bigint, payload::text FROM public.kombu_message'
            ' WHERE coalesce(visible, true) ORDER BY id FOR UPDATE SKIP LOCKED'
        LOOP
            BEGIN
                decoded := koku_internal.decoded_body(queued.payload);
            EXCEPTION WHEN data_exception THEN
                CONTINUE;
            END;
            done := done + koku_internal.try_koku_task('public.kombu_message', queued.id,
                                                       decoded.task, decoded.positional,
                                                       decoded.named)::integer;
        END LOOP;
    END IF;
    RETURN done;
END;
$$;
COMMENT ON FUNCTION koku_internal.do_koku_tasks() IS
'Carries out what Koku''s API has queued in this database and removes it; returns the number of tasks. A delayed task '
'is not waited for: all that was committed with it is seen. Tasks of unknown kinds stay; koku_health() counts them.';

CREATE FUNCTION koku_internal.unknown_koku_tasks() RETURNS TABLE (queue text, task text, tasks bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known constant text[] := ARRAY(SELECT kind.task FROM koku_internal.koku_task_kinds() AS kind);
BEGIN
    IF to_regclass('public.delayed_celery_tasks') IS NOT NULL THEN
        RETURN QUERY EXECUTE 'SELECT ''delayed_celery_tasks''::text, task_name::text, count(*)'
                             ' FROM public.delayed_celery_tasks'
            ' WHERE task_name <> ALL ($1) GROUP BY task_name'
        USING known;
    END IF;
    IF to_regclass('public.kombu_message') IS NOT NULL THEN
        RETURN QUERY EXECUTE 'SELECT ''kombu_message''::text, coalesce(found.task, ''not readable''), count(*)'
            ' FROM public.kombu_message AS message, LATERAL (SELECT substring(message.payload::text'
            '     FROM ''"task" *: *"([^"]*)"'')) AS found (task)'
            ' WHERE coalesce(message.visible, true) AND coalesce(found.task, '''') <> ALL ($1) GROUP BY 2'
        USING known;
    END IF;
END;
$$;
COMMENT ON FUNCTION koku_internal.unknown_koku_tasks() IS
'Tasks that Koku''s API has queued in this database and koku_run() leaves, by kind.';
