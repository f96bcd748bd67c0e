-- Verify devpilot:template_platform_1 on pg
-- generated from templates/platform-1.yaml by scripts/generate-contract; do not edit

begin;

do $$
begin
    assert (select t.sha256
              from dp.blueprint_template t
             where t.name = 'platform' and t.version = 1)
           = '\x2638293715dca4c3047e8294d279077bea27e648c36889f812745bf47880cd70';
    assert (select array_agg(
                       encode(sha256(convert_to(concat_ws(
                           ' ', d.ordinal, d.key, d.title, d.json_schema), 'UTF8')), 'hex')
                       order by d.ordinal)
              from dp.step_definition d
             where d.template = 'platform' and d.version = 1)
           = array[
               'bf2e30e57416ec6b2ae84b88f2ac5448cd1fd23116d5b2cc083e9e025abab757',
               '242d2203793354ad90bb9db66c25fff707b5a0dd62b7c2b393eb3858244539c2',
               '4eb59ba9cc4257081fcf56b3cc67c36d04b13c15ed846a715dbcae5ea0b1de45',
               'c7b422b224277263a33438c790cb6511dd465e8839dbcbb7fd3dfadeee196214',
               '7eccb34e65336b3378b9eb0d0f25dab9868b37497b1d70420a125b2310c79433',
               '0e48335a8a86997df7ed0b5c0288d55db6794ded8a7dbfaf8d5008f52350a808',
               '0b56b3488a9325ca7851a3d8e282441275cfa5452a1c43099a5b2b4b237de514',
               '20f3c0864b96535be3992d8c76c3049382da0f7d491673249159c8a305e2ba7c'];
end
$$;

rollback;
