-- Made once: an upgrade keeps triggers and replaces their function.

CREATE TRIGGER koku_forget_removed AFTER DELETE ON @extschema@.koku_tenant
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION koku_internal.forget_removed();
CREATE TRIGGER koku_forget_removed AFTER DELETE ON @extschema@.koku_source
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION koku_internal.forget_removed();
CREATE TRIGGER koku_forget_removed AFTER DELETE ON @extschema@.koku_manifest
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION koku_internal.forget_removed();
