#!/usr/bin/env bash
# Run once, when the image makes its database: extension, roles, schedule.
set -euo pipefail
psql -X -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/database-password)" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'END'
CREATE EXTENSION koku_onprem;
SELECT koku_create_roles();
CREATE ROLE "koku-intake" LOGIN PASSWORD :'password';
GRANT koku_ingest TO "koku-intake";
CREATE EXTENSION pg_cron;
SELECT koku_schedule();
END
