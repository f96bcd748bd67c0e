-- Verify devpilot:immutability on pg

begin;

do $$
begin
    assert (select count(*) from pg_trigger
             where tgname in ('step_revision_open_update', 'step_revision_open_insert',
                              'step_is_never_deleted', 'step_locked_is_immutable',
                              'revision_is_never_deleted', 'revision_completed_is_immutable')
               and tgenabled = 'O') = 6;
end
$$;

rollback;
