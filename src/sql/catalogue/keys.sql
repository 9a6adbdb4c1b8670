-- Keys of the tables, and the few indexes beyond them.

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns) VALUES
    ('partitioned_tables', 'primary', '{id}'),
    ('partitioned_tables', 'unique', '{schema_name,table_name}'),
    ('reporting_tenant_api_provider', 'primary', '{uuid}'),
    ('reporting_ocp_cost_category', 'primary', '{id}'),
    ('reporting_ocp_cost_category', 'unique', '{name}'),
    ('reporting_ocp_cost_category_namespace', 'primary', '{id}'),
    ('reporting_ocp_cost_category_namespace', 'unique', '{namespace}'),
    ('reporting_enabledtagkeys', 'primary', '{uuid}'),
    ('reporting_enabledtagkeys', 'unique', '{key,provider_type}'),
    ('reporting_tagmapping', 'primary', '{id}'),
    ('reporting_tagmapping', 'unique', '{child_id}'),
    ('reporting_tagmapping', 'unique', '{parent_id,child_id}'),
    ('reporting_ocptags_values', 'primary', '{uuid}'),
    ('reporting_ocptags_values', 'unique', '{key,value}'),
    ('reporting_ocp_clusters', 'primary', '{uuid}'),
    ('reporting_ocp_clusters', 'unique', '{cluster_id,cluster_alias,provider_id}'),
    ('reporting_ocp_nodes', 'primary', '{uuid}'),
    ('reporting_ocp_projects', 'primary', '{uuid}'),
    ('reporting_ocp_projects', 'unique', '{project,cluster_id}'),
    ('reporting_ocp_pvcs', 'primary', '{uuid}'),
    ('reporting_ocp_pvcs', 'unique', '{persistent_volume,persistent_volume_claim,cluster_id}'),
    ('reporting_ocpusagereportperiod', 'primary', '{id}'),
    ('reporting_ocpusagereportperiod', 'unique', '{cluster_id,report_period_start,provider_id}'),
    ('reporting_ocpusagepodlabel_summary', 'primary', '{uuid}'),
    ('reporting_ocpusagepodlabel_summary', 'unique', '{key,report_period_id,namespace,node}'),
    ('reporting_ocpstoragevolumelabel_summary', 'primary', '{uuid}'),
    ('reporting_ocpstoragevolumelabel_summary', 'unique', '{key,report_period_id,namespace,node}'),
    ('reporting_ocpusagelineitem_daily_summary_staging', 'primary', '{usage_start,id}'),
    ('reporting_ocpusagelineitem_daily_summary', 'primary', '{usage_start,uuid}'),
    ('koku_node_interval', 'primary', '{usage_start,id}'),
    ('cost_model', 'primary', '{uuid}'),
    ('cost_model_map', 'primary', '{id}'),
    ('cost_model_map', 'unique', '{provider_uuid}'),
    ('cost_model_map', 'unique', '{provider_uuid,cost_model_id}'),
    ('cost_model_audit', 'primary', '{id}'),
    ('price_list', 'primary', '{uuid}'),
    ('price_list_cost_model_map', 'primary', '{id}'),
    ('price_list_cost_model_map', 'unique', '{price_list_id,cost_model_id}'),
    ('cost_model_rate', 'primary', '{uuid}'),
    ('cost_model_rate', 'unique', '{price_list_id,custom_name}'),
    ('reporting_ocp_vm_summary_p', 'unique',
     '{usage_start,cluster_id,namespace,node,vm_name,cost_model_rate_type,persistentvolumeclaim}');

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns)
SELECT table_name, 'primary', '{usage_start,id}' FROM @extschema@.koku_catalogue_table WHERE kind = 'interface';

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, referenced_table, referenced_column) VALUES
    ('reporting_ocp_cost_category_namespace', 'foreign', '{cost_category_id}', 'reporting_ocp_cost_category', 'id'),
    ('reporting_tagmapping', 'foreign', '{child_id}', 'reporting_enabledtagkeys', 'uuid'),
    ('reporting_tagmapping', 'foreign', '{parent_id}', 'reporting_enabledtagkeys', 'uuid'),
    ('cost_model_map', 'foreign', '{cost_model_id}', 'cost_model', 'uuid'),
    ('price_list_cost_model_map', 'foreign', '{cost_model_id}', 'cost_model', 'uuid'),
    ('price_list_cost_model_map', 'foreign', '{price_list_id}', 'price_list', 'uuid'),
    ('cost_model_rate', 'foreign', '{price_list_id}', 'price_list', 'uuid'),
    ('reporting_ocp_clusters', 'foreign', '{provider_id}', 'reporting_tenant_api_provider', 'uuid'),
    ('reporting_ocp_nodes', 'foreign', '{cluster_id}', 'reporting_ocp_clusters', 'uuid'),
    ('reporting_ocp_projects', 'foreign', '{cluster_id}', 'reporting_ocp_clusters', 'uuid'),
    ('reporting_ocp_pvcs', 'foreign', '{cluster_id}', 'reporting_ocp_clusters', 'uuid'),
    ('reporting_ocpusagereportperiod', 'foreign', '{provider_id}', 'reporting_tenant_api_provider', 'uuid'),
    ('reporting_ocpusagepodlabel_summary', 'foreign', '{report_period_id}', 'reporting_ocpusagereportperiod', 'id'),
    ('reporting_ocpstoragevolumelabel_summary', 'foreign', '{report_period_id}',
     'reporting_ocpusagereportperiod', 'id'),
    ('reporting_ocpusagelineitem_daily_summary', 'foreign', '{cost_category_id}', 'reporting_ocp_cost_category', 'id'),
    ('reporting_ocpusagelineitem_daily_summary', 'foreign', '{report_period_id}',
     'reporting_ocpusagereportperiod', 'id');

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, referenced_table, referenced_column)
SELECT catalogue.table_name, 'foreign', reference.columns::text[], reference.referenced_table,
    reference.referenced_column
FROM @extschema@.koku_catalogue_table AS catalogue,
    (VALUES ('{cost_category_id}', 'reporting_ocp_cost_category', 'id'),
            ('{source_uuid}', 'reporting_tenant_api_provider', 'uuid'))
        AS reference (columns, referenced_table, referenced_column)
WHERE catalogue.kind = 'interface';

INSERT INTO @extschema@.koku_catalogue_key (table_name, kind, columns, reason) VALUES
    ('reporting_ocpusagelineitem_daily_summary', 'index', '{source_uuid,usage_start}',
     'every statement of a summary reads or deletes the rows of one '
     'source and a few days among those of all sources of the tenant'),
    ('reporting_ocpusagelineitem_daily_summary', 'index', '{report_period_id}',
     'deleting a report period looks for rows that refer to it, in all months'),
    ('reporting_ocpusagepodlabel_summary', 'index', '{report_period_id}',
     'the label summary reads and merges the rows of one report period; deletion follows this foreign key'),
    ('reporting_ocpstoragevolumelabel_summary', 'index', '{report_period_id}',
     'the label summary reads and merges the rows of one report period; deletion follows this foreign key'),
    ('koku_node_interval', 'index', '{source,usage_start}',
     'ingest deletes the intervals of a day that it writes anew; the summary adds up those of a source and its days');
