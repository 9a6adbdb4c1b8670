-- The line-item tables, raw and daily, of each report type of the library.

CREATE FUNCTION koku_internal.add_report_types() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO @extschema@.koku_catalogue_table (position, table_name, kind,
                                              partition_column, source_column, report_type, meaning)
SELECT (SELECT max(position) FROM @extschema@.koku_catalogue_table)
    + row_number() OVER (ORDER BY form.kind DESC, report.type),
    'openshift_' || report.type || '_line_items' || form.suffix, form.kind, 'usage_start', 'source', report.type,
    format(form.meaning, report.type)
FROM (SELECT DISTINCT report_type FROM @extschema@.koku_report_columns()) AS report (type),
    (VALUES ('raw', '', 'A line of a %s report, as delivered.'),
            ('daily', '_daily', 'The lines of a %s report with the same names and labels, added up over a day.'))
        AS form (kind, suffix, meaning)
ON CONFLICT (table_name) DO NOTHING;

INSERT INTO @extschema@.koku_catalogue_column (table_name, position, column_name, data_type, not_null, daily_role)
SELECT catalogue.table_name, report.position, report.column_name, report.data_type, report.not_null, report.daily_role
FROM @extschema@.koku_catalogue_table AS catalogue
JOIN @extschema@.koku_report_columns() AS report USING (report_type)
ON CONFLICT (table_name, column_name) DO NOTHING;

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, reason)
SELECT catalogue.table_name, key.kind, key.columns::text[], key.reason
FROM @extschema@.koku_catalogue_table AS catalogue
JOIN (VALUES ('raw', 'primary', '{usage_start,id}', NULL),
             ('daily', 'primary', '{usage_start,id}', NULL),
             ('raw', 'index', '{source,usage_start}',
              'ingest reads owners and hours of a day and deletes a '
              'replaced day; the summary reads a source and its days'),
             ('daily', 'index', '{source,usage_start}',
              'ingest merges into and deletes the rows of a day; the summary reads a source and its days'))
    AS key (table_kind, kind, columns, reason) ON key.table_kind = catalogue.kind
ON CONFLICT (table_name, kind, columns) DO NOTHING;
$$;
COMMENT ON FUNCTION koku_internal.add_report_types() IS
'Adds the tables, columns and keys of the library''s report types that the catalogue lacks. For install and upgrade '
'scripts; koku_create_tenant() then adds them to a tenant.';

SELECT koku_internal.add_report_types();
