-- Everything that belongs to the extension, in lines that two databases can be compared by: no numbers that differ from one
-- installation to the next. Each section is sorted by name.
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '

CREATE TEMPORARY VIEW member AS
SELECT dependency.classid, dependency.objid, (pg_identify_object(dependency.classid, dependency.objid, 0)).*
FROM pg_depend AS dependency
JOIN pg_extension AS extension ON extension.oid = dependency.refobjid AND extension.extname = 'koku_onprem'
WHERE dependency.refclassid = 'pg_extension'::regclass AND dependency.deptype = 'e';

CREATE TEMPORARY VIEW relation AS
SELECT class.*, member.identity
FROM member JOIN pg_class AS class ON class.oid = member.objid AND member.classid = 'pg_class'::regclass;

-- Privileges in a fixed order; NULL: those that every object has from its creation.
CREATE FUNCTION pg_temp.sorted(acl aclitem[]) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(item::text, ',' ORDER BY item::text) FROM unnest(acl) AS item;
$$;

\echo == members
SELECT type, identity, pg_describe_object(classid, objid, 0), obj_description(objid, classid::regclass::name)
FROM member ORDER BY type, identity;

\echo == version, settings of the extension, and the conditions of tables whose rows are dumped
SELECT extname, extversion, extrelocatable, extnamespace::regnamespace FROM pg_extension WHERE extname = 'koku_onprem';
SELECT dumped.relation::regclass, dumped.condition
FROM pg_extension, LATERAL unnest(extconfig, extcondition) AS dumped (relation, condition)
WHERE extname = 'koku_onprem' ORDER BY dumped.relation::regclass::text;

\echo == routines
SELECT member.identity, routine.prokind, routine.proowner::regrole, pg_temp.sorted(routine.proacl),
    pg_get_functiondef(routine.oid)
FROM member JOIN pg_proc AS routine ON routine.oid = member.objid AND member.classid = 'pg_proc'::regclass
WHERE routine.prokind <> 'a'
ORDER BY member.identity;

\echo == relations
SELECT identity, relkind, relpersistence, relowner::regrole, pg_temp.sorted(relacl), reloptions, relrowsecurity,
    relforcerowsecurity, relreplident
FROM relation ORDER BY identity;

\echo == columns, in the order of the relation
SELECT relation.identity, row_number() OVER (PARTITION BY relation.oid ORDER BY col.attnum), col.attname,
    format_type(col.atttypid, col.atttypmod), col.attnotnull, col.attidentity, col.attgenerated, col.attstorage,
    col.attcollation::regcollation, pg_get_expr(initial.adbin, initial.adrelid), pg_temp.sorted(col.attacl),
    col_description(relation.oid, col.attnum)
FROM relation
JOIN pg_attribute AS col ON col.attrelid = relation.oid AND col.attnum > 0 AND NOT col.attisdropped
LEFT JOIN pg_attrdef AS initial ON initial.adrelid = col.attrelid AND initial.adnum = col.attnum
ORDER BY relation.identity, col.attnum;

\echo == constraints
SELECT relation.identity, con.conname, con.contype, pg_get_constraintdef(con.oid), con.convalidated,
    obj_description(con.oid, 'pg_constraint')
FROM relation JOIN pg_constraint AS con ON con.conrelid = relation.oid
ORDER BY relation.identity, con.conname;

\echo == indexes
SELECT relation.identity, pg_get_indexdef(index.indexrelid), index.indisvalid, index.indisprimary,
    obj_description(index.indexrelid, 'pg_class')
FROM relation JOIN pg_index AS index ON index.indrelid = relation.oid
ORDER BY relation.identity, index.indexrelid::regclass::text;

\echo == triggers, rules, policies
SELECT relation.identity, pg_get_triggerdef(trigger.oid)
FROM relation JOIN pg_trigger AS trigger ON trigger.tgrelid = relation.oid AND NOT trigger.tgisinternal
ORDER BY relation.identity, trigger.tgname;
SELECT relation.identity, pg_get_ruledef(rule.oid)
FROM relation JOIN pg_rewrite AS rule ON rule.ev_class = relation.oid
ORDER BY relation.identity, rule.rulename;
SELECT relation.identity, policy.polname, policy.polcmd, policy.polpermissive, policy.polroles::regrole[],
    pg_get_expr(policy.polqual, policy.polrelid), pg_get_expr(policy.polwithcheck, policy.polrelid)
FROM relation JOIN pg_policy AS policy ON policy.polrelid = relation.oid
ORDER BY relation.identity, policy.polname;

\echo == sequences
SELECT relation.identity, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle
FROM relation JOIN pg_sequence ON seqrelid = relation.oid ORDER BY relation.identity;

\echo == types
SELECT member.identity, type.typtype, type.typcategory, type.typnotnull, format_type(type.typbasetype, type.typtypmod),
    type.typdefault, pg_temp.sorted(type.typacl),
    (SELECT string_agg(label.enumlabel, ',' ORDER BY label.enumsortorder) FROM pg_enum AS label WHERE label.enumtypid = type.oid)
FROM member JOIN pg_type AS type ON type.oid = member.objid AND member.classid = 'pg_type'::regclass
ORDER BY member.identity;
SELECT member.identity, col.attnum, col.attname, format_type(col.atttypid, col.atttypmod)
FROM member JOIN pg_type AS type ON type.oid = member.objid AND member.classid = 'pg_type'::regclass
JOIN pg_class AS class ON class.oid = type.typrelid AND class.relkind = 'c'
JOIN pg_attribute AS col ON col.attrelid = class.oid AND col.attnum > 0 AND NOT col.attisdropped
ORDER BY member.identity, col.attnum;

\echo == privileges that count as the extension's own: pg_dump writes what differs from them
SELECT member.type, member.identity, initial.objsubid, initial.privtype, pg_temp.sorted(initial.initprivs)
FROM member JOIN pg_init_privs AS initial ON initial.classoid = member.classid AND initial.objoid = member.objid
ORDER BY member.type, member.identity, initial.objsubid;

\echo == rows that are code: those that pg_dump leaves out; not what koku_run() has found out and finds out again
SELECT format('SELECT %L, * FROM %s AS listed WHERE NOT (%s) ORDER BY listed::text', relation.identity,
    relation.oid::regclass, coalesce(nullif(substr(dumped.condition, length('WHERE ')), ''), (dumped.relation IS NOT NULL)::text))
FROM relation
CROSS JOIN pg_extension
LEFT JOIN LATERAL unnest(extconfig, extcondition) AS dumped (relation, condition) ON dumped.relation = relation.oid
WHERE extname = 'koku_onprem' AND relation.relkind = 'r'
  AND relation.identity NOT IN ('koku_internal.tenant_upkeep', 'koku_internal.tenant_mark')
ORDER BY relation.identity
\gexec
