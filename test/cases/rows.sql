-- Every row of tenant koku but for random ids and times, as one checksum a table. Sums of doubles depend on the order of the rows:
-- numbers count with nine digits.
SELECT format($query$
    SELECT %1$L, count(*), md5(coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), ''))
    FROM (SELECT (SELECT string_agg(name || '=' || CASE jsonb_typeof(value)
                      WHEN 'number' THEN to_char((value #>> '{}')::numeric, '9.99999999EEEE') ELSE value::text END, ',' ORDER BY name COLLATE "C")
                  FROM jsonb_each(to_jsonb(t)) AS one (name, value)
                  WHERE name NOT IN ('id', 'uuid', 'report_period_id', 'manifestid') AND name NOT LIKE '%%_datetime'
                    AND NOT (name = 'cluster_id' AND %1$L IN ('reporting_ocp_nodes', 'reporting_ocp_projects', 'reporting_ocp_pvcs'))
                    AND NOT (name IN ('child_id', 'parent_id')))
          FROM koku.%1$I AS t) AS rows (line)
    $query$, table_name)
FROM public.koku_catalogue_table WHERE table_name <> 'partitioned_tables' ORDER BY position
\gexec
