-- Verify devpilot:append_only on pg

begin;

select 'app.append_only()'::regprocedure;

rollback;
