-- Verify devpilot:context on pg

begin;

select app.current_org(), app.current_actor(), app.current_credential(),
       app.current_credential_kind(), app.request_id();

rollback;
