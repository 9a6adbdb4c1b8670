-- One row: a virtual machine on a node, one of its claims (NULL when it has none), and what it requests a day (spec
-- summary.md 5.5: W).

CREATE TEMP TABLE koku_vm_request AS
SELECT namespace, vm_name, node, claim, cpu_core_hours, memory_gigabyte_hours FROM koku_vm_reported
UNION ALL
SELECT namespace, vm_name, node, claim, cpu_core_hours, memory_gigabyte_hours FROM koku_vm_labelled;
