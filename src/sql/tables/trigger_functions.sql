-- What goes with a row of a control table: foreign keys would do it, were they not in the way of a parallel restore.

CREATE FUNCTION koku_internal.forget_removed() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    CASE TG_TABLE_NAME
        WHEN 'koku_tenant' THEN
            DELETE FROM @extschema@.koku_purge AS purge USING removed WHERE purge.tenant = removed.tenant;
            DELETE FROM @extschema@.koku_raw_removal AS removal USING removed WHERE removal.tenant = removed.tenant;
            DELETE FROM koku_internal.tenant_upkeep AS upkeep USING removed WHERE upkeep.tenant = removed.tenant;
            DELETE FROM @extschema@.koku_budget AS budget USING removed WHERE budget.tenant = removed.tenant;
            DELETE FROM @extschema@.koku_saved_report AS saved USING removed WHERE saved.tenant = removed.tenant;
        WHEN 'koku_source' THEN
            DELETE FROM @extschema@.koku_manifest AS manifest USING removed WHERE manifest.source = removed.source;
            DELETE FROM @extschema@.koku_summary_request AS request USING removed WHERE request.source = removed.source;
            DELETE FROM @extschema@.koku_cost_change AS change USING removed WHERE change.source = removed.source;
            DELETE FROM @extschema@.koku_cost_request AS request USING removed WHERE request.source = removed.source;
            DELETE FROM @extschema@.koku_source_deletion AS deletion USING removed
            WHERE deletion.source = removed.source;
            DELETE FROM @extschema@.koku_inbox AS inbox USING removed WHERE inbox.source = removed.source;
        WHEN 'koku_manifest' THEN
            DELETE FROM @extschema@.koku_report_file AS file USING removed WHERE file.manifest_id = removed.manifest_id;
            DELETE FROM @extschema@.koku_changed_day AS changed USING removed
            WHERE changed.manifest_id = removed.manifest_id;
    END CASE;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION koku_internal.forget_removed() IS
'Trigger of koku_tenant, koku_source and koku_manifest: deletes the rows of other control '
'tables that belong to those that were deleted.';
