-- Revert devpilot:abuse_events from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.abuse_lift(text, bytea, text, text, text);
drop function app.abuse_events_store(json);
drop function app.abuse_block_end(app.abuse_event);
drop function app.abuse_block_put(app.abuse_event);
drop function app.abuse_event_audit(app.abuse_event);
drop type app.abuse_event;
drop function app.abuse_lock();
drop function app.control_blocks(bigint, bigint);
drop table dp.abuse_block;
drop function app.abuse_block_changed();

commit;
