-- The values of disabled keys go (spec summary.md 5.3). They are of all sources, one of which is at them at a time.

SELECT koku_internal.lock_shared_rows($7);

DELETE FROM {tenant}.reporting_ocptags_values
WHERE key IN (SELECT key FROM {tenant}.reporting_enabledtagkeys WHERE provider_type = 'OCP' AND NOT enabled);
