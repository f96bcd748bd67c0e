-- The gate of writes.  That it drains is shown by concurrency.t.

begin;
\ir lib/fixture.psql
select plan(11);

select pg_temp.become(:a, :alice, :key_a);

select results_eq(
    $$ select name::text, bit::int, enabled from dp.kill_switch order by bit $$,
    $$ values ('GLOBAL_WRITE', 0, false), ('BILLING', 1, false), ('WEBHOOKS', 2, false),
              ('BACKGROUND_JOBS', 3, false), ('EXTERNAL_INTEGRATIONS', 4, false), ('AI', 5, false),
              ('SIGNUP', 6, false) $$,
    'KS-01: the seven switches, all off');

select is(pg_temp.run('dp_api', 'select app.enter_write(3)'), '0', 'KS-01: a write may begin');
select is(
    (select string_agg(objid::text, ',' order by objid) from pg_locks
      where pid = pg_backend_pid() and locktype = 'advisory' and classid = 1146113875
        and mode = 'ShareLock' and granted),
    '0,1',
    'KS-02: it holds its two classes, shared');

select throws_ok($$ update dp.kill_switch set enabled = true where name = 'AI' $$,
                 '23514', null, 'KS-07: a switch is not turned on without a reason');
select lives_ok(
    $$ select pg_temp.change('dp_ops', 'update dp.kill_switch
                                        set enabled = true, epoch = epoch + 1, reason = ''drill''
                                      where name in (''GLOBAL_WRITE'', ''AI'')') $$,
    'KS-07: dp_ops turns switches');

select is(pg_temp.run('dp_api', 'select app.enter_write(1)'), '1', 'KS-01: the write is told which');
select is(pg_temp.run('dp_api', 'select app.enter_write(2)'), '0',
          'KS-01: another class is not affected');
select is(pg_temp.run('dp_api', 'select app.enter_write(35)'), '33', 'KS-01: several, as bits');
select is(pg_temp.run('dp_api', 'select app.enter_write(0)'), '0', 'an exempt route asks nothing');

select cmp_ok(
    pg_temp.run('dp_api', $$ select app.audit('access.denied', 'route', 'createProject', 'denied',
                                              'OPS_KILL_SWITCH_GLOBAL_WRITE', null, 'api_key',
                                              null) $$)::bigint,
    '>=', 0::bigint,
    'AUD-02: a denial is recorded while writes are off');

update dp.kill_switch set expires_at = now() - interval '1 second' where name = 'GLOBAL_WRITE';
select is(pg_temp.run('dp_system', 'select app.kill_switches_on()'), '32',
          'a switch that has expired is off');

select * from finish();
rollback;
