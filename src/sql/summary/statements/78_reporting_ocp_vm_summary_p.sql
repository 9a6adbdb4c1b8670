-- One row: what a virtual machine (no claim) or one of its claims cost and held over the days usage_start to usage_end of
-- this run (spec summary.md 5.5).
-- phase: after
-- needs: koku_has_machine

SELECT koku_internal.warn(count(*),
    'virtual machines are left out of the summary, because their names are too long together')
FROM koku_vm_row
WHERE octet_length(concat(cluster_id, namespace, node, vm_name, cost_model_rate_type, persistentvolumeclaim))
    > {longest index entry};

-- rows:
SELECT * FROM koku_vm_row
WHERE octet_length(concat(cluster_id, namespace, node, vm_name, cost_model_rate_type, persistentvolumeclaim))
    <= {longest index entry}
