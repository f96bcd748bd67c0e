-- Verify devpilot:audit_write on pg

begin;

select 'app.audit_field(bytea)'::regprocedure,
       'app.audit_leaf(dp.audit_event)'::regprocedure,
       'app.audit_record(dp.audit_event, json)'::regprocedure,
       'app.audit(text, text, text, text, text, json, text, bytea)'::regprocedure;

rollback;
