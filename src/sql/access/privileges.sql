-- Nothing is callable or readable without a grant: functions are the only kind of object that PUBLIC may use from the
-- start. Only those that are new: a grant or revoke in a script makes the privileges of the moment, with all that an
-- administrator granted, those of the extension, and a dump would leave them out.

DO $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT routine.oid::pg_catalog.regprocedure AS signature
        FROM pg_catalog.pg_depend AS dependency
        JOIN pg_catalog.pg_extension AS extension ON extension.oid = dependency.refobjid
            AND extension.extname = 'koku_onprem'
        JOIN pg_catalog.pg_proc AS routine ON routine.oid = dependency.objid
        WHERE dependency.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
          AND dependency.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
          AND dependency.deptype = 'e'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_init_privs AS initial
                          WHERE initial.objoid = routine.oid AND initial.classoid = dependency.classid)
    LOOP
        EXECUTE 'REVOKE ALL ON ROUTINE ' || member.signature || ' FROM PUBLIC';
    END LOOP;
END;
$$;
