-- Quota.  That it is exact under concurrency is shown by concurrency.t.

begin;
\ir lib/fixture.psql
select plan(21);

create function pg_temp.take(p_metric text, p_n int)
returns text
language sql
as $$
    select pg_temp.run('dp_api', format(
        $f$ select concat_ws(' ', taken, used, max_value) from app.quota_take(%L, %s) $f$,
        p_metric, p_n))
$$;

create function pg_temp.give_back(p_metric text, p_n int)
returns text
language sql
as $$
    select pg_temp.run('dp_api', format('select app.quota_give_back(%L, %s)', p_metric, p_n))
$$;

select results_eq(
    $$ select p.name::text, l.metric::text, l.period::text, l.max_value
         from dp.plan p join dp.plan_limit l on l.plan = p.name
        where p.name <> 'enterprise'
        order by p.rank, l.max_value $$,
    $$ values ('free', 'projects', 'none', 3::bigint), ('free', 'exports', 'month', 10),
              ('free', 'ai_requests', 'month', 50), ('pro', 'projects', 'none', 25),
              ('pro', 'exports', 'month', 200), ('pro', 'ai_requests', 'month', 1000) $$,
    'BIL-02: the plans'' limits');

select pg_temp.become(:a, :alice, :key_a);
select is(pg_temp.run('dp_api', $$ select concat_ws(' ', used, max_value)
                                     from app.quota_now('projects') $$),
          '0 3', 'BIL-02: what was never taken is 0');
select is(pg_temp.take('projects', 1), 't 1 3', 'BIL-02: the first');
select is(pg_temp.take('projects', 2), 't 3 3', 'BIL-02: up to the limit');
select is(pg_temp.take('projects', 1), 'f 3 3', 'BIL-02: and not beyond');
select is(pg_temp.run('dp_api', $$ select concat_ws(' ', used, max_value)
                                     from app.quota_now('projects') $$),
          '3 3', 'BIL-02: a refusal takes nothing');
select is(pg_temp.give_back('projects', 1), 'true', 'BIL-02: what is given back');
select is(pg_temp.take('projects', 1), 't 3 3', 'BIL-02: can be taken again');
select is(pg_temp.give_back('projects', 9), 'true', 'BIL-02: more than was taken');
select is(pg_temp.take('projects', 3), 't 3 3', 'BIL-02: is no more than all of it');
select is(pg_temp.give_back('exports', 1), 'false', 'BIL-02: what nobody took is not given back');
select is(pg_temp.take('exports', 11), 'f 0 10', 'BIL-02: nor does too much at once');
select is(pg_temp.take('unheard_of', 1), 'f 0 0', 'BIL-02: a metric without a limit allows nothing');

select pg_temp.become(:b, :bob, :key_b);
select is(pg_temp.give_back('projects', 1), 'false', 'BIL-02: nor is another tenant''s');
select is(pg_temp.take('projects', 1), 't 1 3', 'BIL-02: another tenant has its own counter');
delete from dp.subscription where org_id = :b;
select is(pg_temp.take('projects', 1), 'f 0 0', 'BIL-01: no subscription, no quota');

select pg_temp.become(:a, :alice, :key_a);
update dp.subscription set plan = 'pro' where org_id = :a;
select is(pg_temp.take('projects', 1), 't 4 25', 'BIL-01: a larger plan counts at once');

select is(app.quota_period_start('month', now()), now(), 'a month may begin now');
select is(app.quota_period_start('month', now() - interval '70 days')
              between now() - interval '31 days' and now(), true,
          'else it began at most a month ago');
update dp.subscription set current_period_start = now() - interval '3 months' where org_id = :a;
insert into dp.quota_usage (org_id, metric, period_start, used)
values (:a, 'exports', now() - interval '3 months', 200);
select is(pg_temp.take('exports', 1), 't 1 200', 'BIL-02: last month''s use is past');

select throws_ok($$ update dp.quota_usage set used = -1 $$, '23514', null, 'use is never negative');

select * from finish();
rollback;
