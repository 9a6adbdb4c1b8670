-- Requests for costs, one a source and month.

CREATE FUNCTION koku_internal.request_costs(source uuid, first_day date, last_day date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_cost_request AS waiting (source, month, first_day, last_day)
SELECT $1, piece.month, piece.first_day_in_month, piece.last_day_in_month
FROM koku_internal.months($2, $3) AS piece
WHERE NOT EXISTS (SELECT FROM @extschema@.koku_source_deletion AS deletion WHERE deletion.source = $1)
ORDER BY piece.month
ON CONFLICT (source, month) DO UPDATE
SET first_day = CASE WHEN waiting.only_gpu_distribution THEN excluded.first_day
                    ELSE least(waiting.first_day, excluded.first_day) END,
    last_day = CASE WHEN waiting.only_gpu_distribution THEN excluded.last_day
                    ELSE greatest(waiting.last_day, excluded.last_day) END,
    only_gpu_distribution = false,
    due = '-infinity',
    requested_at = excluded.requested_at,
    retry_after = CASE WHEN waiting.retry_after = 'infinity' THEN waiting.retry_after END;
$$;
COMMENT ON FUNCTION koku_internal.request_costs(uuid, date, date) IS
'Asks for the costs of these days: one request a month, widened when one waits already. A request that failed is tried '
'again at once, since its prices have changed; one that is parked stays so. Nothing for a source that is being '
'deleted.';

CREATE FUNCTION koku_internal.request_gpu_distribution(source uuid, month date) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_cost_request (source, month, first_day, last_day, only_gpu_distribution, due)
VALUES ($1, $2, $2, ($2 + interval '1 month')::date - 1, true, ($2 + interval '1 month')::date)
ON CONFLICT DO NOTHING;
$$;
COMMENT ON FUNCTION koku_internal.request_gpu_distribution(uuid, date) IS
'Asks for the distribution of the free time of GPUs of a month, once it is over.';

CREATE FUNCTION koku_internal.collect_cost_changes() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
WITH noted AS (
    DELETE FROM @extschema@.koku_cost_change AS change
    WHERE ctid = ANY (ARRAY(SELECT listed.ctid FROM @extschema@.koku_cost_change AS listed FOR UPDATE SKIP LOCKED))
    RETURNING change.source, (change.changed_at AT TIME ZONE 'UTC')::date AS day
), piece AS (
    SELECT noted.source, date_trunc('month', noted.day::timestamp)::date AS first_day, max(noted.day) AS last_day
    FROM noted
    JOIN @extschema@.koku_source AS known ON known.source = noted.source AND NOT known.paused
    GROUP BY 1, 2
    ORDER BY 1, 2
)
SELECT koku_internal.request_costs(piece.source, piece.first_day, piece.last_day) FROM piece;
$$;
COMMENT ON FUNCTION koku_internal.collect_cost_changes() IS
'Turns noted changes of cost models into requests for the month of the change up to its day; those of paused and '
'unknown sources are dropped.';
