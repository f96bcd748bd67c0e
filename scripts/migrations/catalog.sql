-- What a database's schema consists of, one row per object: kind, name, the
-- partition it belongs to (else null), and its definition, a line per property.  The
-- database itself has no name, as another may have the same schema.
-- Comments, data and roles are no part of it; nor is what sqitch or an extension
-- keeps for itself.  Names are qualified if search_path is pg_catalog.

with member as (
    select d.classid, d.objid
      from pg_depend d
     where d.deptype = 'e'
),

space as (
    select n.*
      from pg_namespace n
     where n.nspname !~ '^pg_'
       and n.nspname not in ('information_schema', 'sqitch')
),

relation as (
    select c.*,
           format('%I.%I', s.nspname, c.relname) as name,
           case when c.relispartition then format('%I.%I', s.nspname, c.relname) end as partition
      from pg_class c
      join space s on s.oid = c.relnamespace
     where not exists (select from member m where m.classid = 'pg_class'::regclass and m.objid = c.oid)
),

-- Owner and rights are those of the kinds that acldefault() knows by `acl_kind`.
object (kind, name, partition, owner, acl_kind, acl, definition) as (
    select 'database', '', null, d.datdba, 'd', d.datacl,
           (select string_agg('set ' || setting, E'\n' order by setting)
              from pg_db_role_setting r, unnest(r.setconfig) setting
             where r.setdatabase = d.oid and r.setrole = 0)
      from pg_database d
     where d.datname = current_database()

    union all
    select 'schema', s.nspname, null, s.nspowner, 'n', s.nspacl, null
      from space s

    union all
    select 'table', r.name, r.partition, r.relowner, 'r', r.relacl,
           concat_ws(E'\n',
               'row security: ' || case when r.relrowsecurity then 'on' else 'off' end,
               'forced on its owner: ' || case when r.relforcerowsecurity then 'yes' else 'no' end,
               'persistence: ' || r.relpersistence::text,
               'partitioned by ' || pg_get_partkeydef(r.oid),
               'partition ' || pg_get_expr(r.relpartbound, r.oid),
               'options: ' || array_to_string(r.reloptions, ', '))
      from relation r
     where r.relkind in ('r', 'p', 'f')

    union all
    select 'view', r.name, null, r.relowner, 'r', r.relacl, pg_get_viewdef(r.oid)
      from relation r
     where r.relkind in ('v', 'm')

    union all
    select 'sequence', r.name, null, r.relowner, 's', r.relacl,
           format(E'%s from %s to %s\nstart %s\nincrement %s\ncache %s\ncycle %s',
               format_type(s.seqtypid, null), s.seqmin, s.seqmax, s.seqstart, s.seqincrement,
               s.seqcache, s.seqcycle)
      from relation r
      join pg_sequence s on s.seqrelid = r.oid

    union all
    select 'column', format('%s.%I', r.name, a.attname), r.partition, r.relowner, 'c', a.attacl,
           concat_ws(E'\n',
               format_type(a.atttypid, a.atttypmod),
               case when a.attnotnull then 'not null' end,
               case when a.attgenerated = '' then 'default ' else 'generated ' end
                   || pg_get_expr(d.adbin, d.adrelid),
               'identity ' || nullif(a.attidentity::text, ''),
               'collate ' || nullif(a.attcollation, 0)::regcollation)
      from relation r
      join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where r.relkind in ('r', 'p', 'f')

    union all
    select 'constraint', format('%s.%I', r.name, c.conname), r.partition, null, null, null,
           pg_get_constraintdef(c.oid)
      from relation r
      join pg_constraint c on c.conrelid = r.oid

    union all
    select 'index', i.indexrelid::regclass::text, r.partition, null, null, null,
           concat_ws(E'\n', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end)
      from relation r
      join pg_index i on i.indrelid = r.oid

    union all
    select 'trigger', format('%s.%I', r.name, t.tgname), r.partition, null, null, null,
           format(E'%s\nenabled: %s', pg_get_triggerdef(t.oid), t.tgenabled)
      from relation r
      join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal

    union all
    select 'policy', format('%s.%I', r.name, p.polname), r.partition, null, null, null,
           concat_ws(E'\n',
               case when p.polpermissive then 'permissive' else 'restrictive' end,
               'for ' || p.polcmd::text,
               'to ' || (select string_agg(coalesce(nullif(o, 0)::regrole::text, 'public'), ', '
                                           order by nullif(o, 0)::regrole::text)
                           from unnest(p.polroles) o),
               'using ' || pg_get_expr(p.polqual, p.polrelid),
               'with check ' || pg_get_expr(p.polwithcheck, p.polrelid))
      from relation r
      join pg_policy p on p.polrelid = r.oid

    union all
    select 'rule', format('%s.%I', r.name, w.rulename), r.partition, null, null, null,
           format(E'%s\nenabled: %s', pg_get_ruledef(w.oid), w.ev_enabled)
      from relation r
      join pg_rewrite w on w.ev_class = r.oid and w.rulename <> '_RETURN'

    union all
    select 'function', p.oid::regprocedure::text, null, p.proowner, 'f', p.proacl,
           case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end
      from pg_proc p
      join space s on s.oid = p.pronamespace
     where not exists (select from member m where m.classid = 'pg_proc'::regclass and m.objid = p.oid)

    union all
    select 'type', format_type(t.oid, null), null, t.typowner, 'T', t.typacl,
           concat_ws(E'\n',
               (select string_agg(quote_literal(e.enumlabel), E'\n' order by e.enumsortorder)
                  from pg_enum e where e.enumtypid = t.oid),
               nullif(format_type(nullif(t.typbasetype, 0), t.typtypmod), '???'),
               case when t.typnotnull then 'not null' end,
               'default ' || t.typdefault,
               (select string_agg(pg_get_constraintdef(c.oid), E'\n' order by c.conname)
                  from pg_constraint c where c.contypid = t.oid))
      from pg_type t
      join space s on s.oid = t.typnamespace
     where t.typtype in ('e', 'd', 'r')
       and not exists (select from member m where m.classid = 'pg_type'::regclass and m.objid = t.oid)

    union all
    select 'extension', e.extname, null, null, null, null, e.extversion
      from pg_extension e

    union all
    select 'event trigger', e.evtname, null, e.evtowner, null, null,
           format(E'on %s\nexecutes %s\nenabled: %s', e.evtevent, e.evtfoid::regprocedure, e.evtenabled)
      from pg_event_trigger e

    union all
    select 'default rights', concat_ws(' ', a.defaclrole::regrole, s.nspname, a.defaclobjtype), null,
           a.defaclrole, a.defaclobjtype::text, a.defaclacl, null
      from pg_default_acl a
      left join space s on s.oid = a.defaclnamespace
)

select o.kind, o.name, o.partition,
       concat_ws(E'\n',
           o.definition,
           case when o.kind not in ('database', 'column') then 'owner ' || o.owner::regrole end,
           (select string_agg(line, E'\n' order by line)
              from (select format('%s may %s', coalesce(nullif(x.grantee, 0)::regrole::text, 'public'),
                                  string_agg(lower(x.privilege_type), ', ' order by x.privilege_type))
                      from aclexplode(coalesce(o.acl, acldefault(o.acl_kind::"char", o.owner))) x
                     where x.grantee <> o.owner or o.kind <> 'database'
                     group by x.grantee) rights (line))) as definition
  from object o
 order by 1, 2
