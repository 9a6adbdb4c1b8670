-- One row: a label key of volumes of a namespace and node, with its values in the report period (spec summary.md 5.1,
-- 5.2).

#define LABEL_TABLE reporting_ocpstoragevolumelabel_summary
#define KIND 'Storage'
#define WARNING_OF_LONG_LABELS \
    'labels are left out of reporting_ocpstoragevolumelabel_summary: key, namespace and node are too long together'
#include "label_summary.sql"
