#!/usr/bin/env bash
# Run once, when the image makes its database: extension, roles, schedule. POSTGRES_DB is cost; the password of the role
# koku-intake is in the file that KOKU_INTAKE_PASSWORD_FILE names.
set -euo pipefail
psql -X -v ON_ERROR_STOP=1 -v password="$(cat "$KOKU_INTAKE_PASSWORD_FILE")" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'END'
CREATE EXTENSION koku_onprem;
SELECT koku_create_roles();
CREATE ROLE "koku-intake" LOGIN PASSWORD :'password';
GRANT koku_ingest TO "koku-intake";
CREATE EXTENSION pg_cron;
SELECT koku_schedule();
END
