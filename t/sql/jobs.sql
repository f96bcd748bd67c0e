-- Jobs: turns, leases, fences, ends, schedules.  What needs two transactions is in
-- concurrency.t.

begin;
\ir lib/fixture.psql
select plan(48);

create function pg_temp.enqueue(p_kind text, p_unique text, p_serial text)
returns uuid
language sql
as $$
    select pg_temp.run('dp_api', format('select app.job_enqueue(%L, 1::smallint, ''{}'', 9, 100::smallint, 3,'
                                        ' %L, %L, null, null)', p_kind, p_unique, p_serial))::uuid
$$;

create function pg_temp.claim(p_switches integer)
returns text
language sql
as $$
    select pg_temp.run('dp_system', format('select kind from app.job_claim(''{"a1": 1, "a2": 1, "a3": 1, "b1": 1,'
                                           ' "late": 1, "new": 2}'', %s, ''me'', 30)', p_switches))
$$;

create function pg_temp.system(p_what text)
returns text
language sql
as $$ select pg_temp.run('dp_system', 'select ' || p_what) $$;

-- Queueing.
select pg_temp.become(:a, :alice, :key_a);
select isnt(pg_temp.enqueue('a1', 'one', null), null, 'INT-11: a job is queued by a tenant');
select is(pg_temp.enqueue('a1', 'one', null), null, 'INT-11: its unique key is taken while it waits');
select isnt(pg_temp.enqueue('a2', 'one', null), null, 'by that kind only');
select isnt(pg_temp.enqueue('a3', null, null), null, 'and a job needs none');
select is((select (org_id, request_id)::text from dp.job where kind = 'a1'),
          format('(%s,%s)', :a, :request), 'it knows its tenant and the request it follows from');
select pg_temp.become(:b, :bob, :key_b);
select isnt(pg_temp.enqueue('b1', 'one', null), null, 'RBAC-15: another tenant has keys of its own');
select is(pg_temp.run('dp_api', 'select count(*) from dp.job'), '1', 'RBAC-15: and sees its own jobs only');
select throws_ok($$ select pg_temp.change('dp_api', 'select * from app.job_claim(''{}'', 0, ''x'', 1)') $$,
                 '42501', null, 'a tenant leases nothing');

-- Turns.
select is(pg_temp.claim(0), 'a1', 'INT-11: the first goes first');
select is(pg_temp.claim(0), 'b1', 'INT-11: then the other tenant''s, though three came before it');
select is(pg_temp.claim(0), 'a2', 'INT-11: then the rest');
select is(pg_temp.claim(0), 'a3', 'in order');
select is(pg_temp.claim(0), null, 'until there is none');

-- Fences.
select is((select (state, attempt, fence, lease_owner)::text from dp.job where kind = 'a1'),
          '(running,1,1,me)', 'INT-11: a claim counts the attempt and moves the fence');
select is(pg_temp.system(format('app.job_done(%L, 0)', (select id from dp.job where kind = 'a1'))), 'false',
          'INT-11: who has not this claim ends nothing');
select is((select state from dp.job where kind = 'a1'), 'running', 'and changes nothing');
select is(pg_temp.system('count(*) from app.job_renew(''me'', 60)'), '4', 'INT-11: leases are renewed by their owner');
select is(pg_temp.system('count(*) from app.job_renew(''you'', 60)'), '0', 'and by nobody else');
select cmp_ok((select lease_until from dp.job where kind = 'a1'), '>', now() + interval '59 seconds',
              'for as long as he says');
select is(pg_temp.system(format('app.job_done(%L, 1)', (select id from dp.job where kind = 'a1'))), 'true',
          'INT-11: who has it ends the job');
select is((select (state, finished_at = now(), lease_owner is null)::text from dp.job where kind = 'a1'), '(done,t,t)',
          'which is done');

-- Failures.
select is(pg_temp.system(format('app.job_fail(%L, 1, ''INTERNAL'', ''why'', 0)',
                                (select id from dp.job where kind = 'a2'))), 'available',
          'INT-11: a failed attempt is followed by another');
select is(pg_temp.claim(0), 'a2', 'now');
select is(pg_temp.system(format('app.job_fail(%L, 2, ''INTERNAL'', null, 60000)',
                                (select id from dp.job where kind = 'a2'))), 'available', 'or later');
select is(pg_temp.claim(0), null, 'and not before');
update dp.job set run_at = now() where kind = 'a2';
select is(pg_temp.claim(0), 'a2', 'until the last one');
select is(pg_temp.system(format('app.job_fail(%L, 3, ''INTERNAL'', null, 0)',
                                (select id from dp.job where kind = 'a2'))), 'dead', 'INT-11: after which it is dead');
select is((select (code, attempt)::text from dp.job where kind = 'a2'), '(INTERNAL,3)', 'and says why');
select is(pg_temp.system(format('app.job_release(%L, 1)', (select id from dp.job where kind = 'a3'))), 'true',
          'KS-02: a job that may not go on is given back');
select is((select (state, attempt)::text from dp.job where kind = 'a3'), '(available,0)', 'KS-02: at no cost');
update dp.job set lease_until = now() - interval '1 second' where kind = 'b1';
select is(pg_temp.system('(expired, died)::text from app.job_expire()'), '(1,0)',
          'INT-11: a lease that is not renewed ends the attempt');
select is((select code from dp.job where kind = 'b1'), 'JOB_LEASE_EXPIRED', 'and says so');

-- Dead letters.
select is(pg_temp.run('dp_ops', format('select app.job_requeue(%L, ''root'', ''mended'')',
                                       (select id from dp.job where kind = 'a2'))), 'true',
          'INT-11: an operator gives a dead job another life');
select is((select (state, attempt, code)::text from dp.job where kind = 'a2'), '(available,0,)', 'with all its attempts');
update dp.job set state = 'dead', code = 'INTERNAL', finished_at = now() where kind = 'a2';
select pg_temp.become(:a, :alice, :key_a);
select isnt(pg_temp.enqueue('a2', 'one', null), null, 'and once another one with its unique key waits');
select is(pg_temp.run('dp_ops', format('select app.job_requeue(%L, ''root'', ''mended'')',
                                       (select id from dp.job where kind = 'a2' and state = 'dead'))), 'false',
          'INT-11: it does not');
delete from dp.job where kind = 'a2' and state = 'available';
update dp.job set state = 'available', code = null, finished_at = null where kind = 'a2';
select is((select (org_id, action)::text from dp.audit_event where action like 'job.%'),
          format('(%s,job.requeued)', :a), 'AUD-01: which is recorded in the trail of its tenant');
select is(pg_temp.run('dp_ops', format('select app.job_cancel(%L, ''root'', ''unwanted'')',
                                       (select id from dp.job where kind = 'a2'))), 'true', 'or ends it');

-- Switches, versions.
select is(pg_temp.claim(1), null, 'KS-02: nothing is claimed under GLOBAL_WRITE');
select is(pg_temp.claim(8), null, 'KS-02: nor under BACKGROUND_JOBS');
update dp.kill_switch set enabled = true, reason = 'test' where name = 'BACKGROUND_JOBS';
select is(pg_temp.claim(0), null, 'KS-02: whoever says so');
update dp.kill_switch set enabled = false where name = 'BACKGROUND_JOBS';
select is(pg_temp.claim(0), 'a3', 'and afterwards again');
select pg_temp.run('dp_api', 'select app.job_enqueue(''late'', 2::smallint, ''{}'', 9, 100::smallint, 3, null, null, null, null)') \g /dev/null
select is(pg_temp.claim(0), null, 'MIG-03: a payload from the future is left to whoever understands it');

-- Schedules.
select pg_temp.become(null, null, null);
\set kinds '\'[{"name": "new", "every_s": 60, "version": 1, "switches": 9, "priority": 1, "max_attempts": 3}]\''
select is(pg_temp.system(format('app.schedules_fire(%L)', :kinds)), '1', 'AUD-09: a schedule queues its first job at once');
select is((select next_at from dp.schedule), now() + interval '60 seconds', 'and the next one when it says');
update dp.schedule set next_at = now() - interval '150 seconds';
select is(pg_temp.system(format('app.schedules_fire(%L)', :kinds)), '1', 'when it is time');
select is((select next_at from dp.schedule), now() + interval '30 seconds', 'what was missed is not made up for');
select is((select count(*)::int from dp.job where kind = 'new' and org_id is null), 1,
          'and no second one while the first waits');

select * from finish();
rollback;
