-- Cost categories: named groups of namespaces.
SET client_min_messages = warning;
SELECT koku_create_source('categories', 'Categories', 't_categories', '00000000-0000-0000-0000-00000000c001');
SELECT date_trunc('month', koku_internal.today()::timestamp)::date AS month, koku_internal.today() AS today \gset
SELECT sum(test.pod('t_categories', '00000000-0000-0000-0000-00000000c001', :'today', namespace, 'pod', 'n1', '{}', 1, 1, 1, 1))
FROM unnest(ARRAY['openshift-dns', 'shop-web', 'shop-db', 'lab']) namespace;
SELECT test.add_up('t_categories');
CREATE VIEW test.category AS
SELECT namespace, name AS category, test.short(pod_usage_cpu_core_hours) AS usage
FROM t_categories.reporting_ocpusagelineitem_daily_summary LEFT JOIN t_categories.reporting_ocp_cost_category c ON c.id = cost_category_id
WHERE pod_labels IS NOT NULL ORDER BY namespace COLLATE "C";
SELECT count(*) > 0 AS summarized FROM koku_summarize('00000000-0000-0000-0000-00000000c001', date :'month');
SELECT * FROM test.category;

-- The number says how many sources have such a namespace and are summarized again.
SELECT koku_set_cost_category('nowhere-%', 'Shop', 't_categories'), koku_set_cost_category('shop-%', 'Shop', 't_categories');
SELECT koku_set_cost_category('shop-%', 'Shop', 't_categories') AS nothing_changed;
CALL koku_run();
SELECT * FROM test.category;

-- Two patterns match: the category created last, and the usage counts once.
SELECT koku_set_cost_category('shop-db', 'Databases', 't_categories');
CALL koku_run();
SELECT * FROM test.category;

-- A pattern moves to another category; a renamed category keeps its namespaces without a new summary.
SELECT koku_set_cost_category('shop-%', 'Databases', 't_categories');
SELECT koku_rename_cost_category('Databases', 'Data', 't_categories');
SELECT count(*) AS requests FROM koku_summary_request WHERE source = '00000000-0000-0000-0000-00000000c001';
CALL koku_run();
SELECT * FROM test.category;
SELECT koku_unset_cost_category('shop-%', 't_categories');
CALL koku_run();
SELECT * FROM test.category;
SELECT name, namespace FROM t_categories.reporting_ocp_cost_category c
LEFT JOIN t_categories.reporting_ocp_cost_category_namespace n ON n.cost_category_id = c.id WHERE NOT c.system_default ORDER BY 1, 2;

SELECT statement, e.* FROM (VALUES
    ($$SELECT koku_set_cost_category('kube-%', 'X', 't_categories')$$),
    ($$SELECT koku_unset_cost_category('openshift', 't_categories')$$),
    ($$SELECT koku_unset_cost_category('missing', 't_categories')$$),
    ($$SELECT koku_set_cost_category('', 'X', 't_categories')$$),
    ($$SELECT koku_set_cost_category('x\', 'X', 't_categories')$$),
    ($$SELECT koku_set_cost_category('x', NULL, 't_categories')$$),
    ($$SELECT koku_rename_cost_category('Platform', 'X', 't_categories')$$),
    ($$SELECT koku_rename_cost_category('Data', 'Shop', 't_categories')$$),
    ($$SELECT koku_set_cost_category('x', 'X', 't_missing')$$)) s (statement), test.error_of(statement) e;
