-- Revert devpilot:roles from pg

begin;
set local lock_timeout = '2s';

-- A role that another database still uses stays.
do $$
declare
    name text;
begin
    foreach name in array
        array['dp_worker', 'dp_api', 'dp_billing', 'dp_system', 'dp_ops', 'dp_ro', 'dp_owner']
    loop
        begin
            execute format('drop role %I', name);
        exception
            when dependent_objects_still_exist or undefined_object then
                raise notice 'role % is used elsewhere', name;
        end;
    end loop;
end
$$;

commit;
