-- Where everything lives that users do not call: functions and views of the extension's own. Nobody but their owner has
-- a privilege on the schema, so that nobody can put a function there that fits a call better than the one that is
-- meant.

CREATE SCHEMA koku_internal;
COMMENT ON SCHEMA koku_internal IS
'Functions and views that koku_onprem calls itself. They may change with every '
'release; nobody needs a privilege on them.';
