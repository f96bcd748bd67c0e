-- Verify devpilot:idempotency on pg

begin;

select org_id, principal_id, key, operation_id, fingerprint, status, content_type, location, etag,
       body, sealed, created_at, expires_at
  from dp.idempotency_key
 where false;
select app.nobody();
select 'app.idempotency_claim(text, text, bytea)'::regprocedure,
       'app.idempotency_finish(text, text, bytea, integer, text, text, text, bytea, boolean)'
           ::regprocedure;

rollback;
