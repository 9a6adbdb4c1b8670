-- One row: a value of a label key, with all clusters, namespaces and nodes that have it; here of volumes (spec
-- summary.md 5.3).

#define LABEL_TABLE reporting_ocpstoragevolumelabel_summary
#define KIND 'Storage'
#include "tag_values.sql"
