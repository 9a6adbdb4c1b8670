-- One row: a value of a label key, with all clusters, namespaces and nodes that have it; here of pods (spec summary.md
-- 5.3).

#define LABEL_TABLE reporting_ocpusagepodlabel_summary
#define KIND 'Pod'
#include "tag_values.sql"
