-- Whoever is named in a table gets it in his export and loses it when he is erased, or it
-- is said here why not. A new table that names people fails until it is decided.

begin;

-- exported: the list of export_my_data() it is in. erased: what erase_me() leaves no name
-- in. Where either is not so, kept says why.
create temporary table named (column_name, exported, erased, kept) as
values
(
    'private.alarms.subject', null, false,
    'a path, a day or an order, never a person'
),
(
    'private.erasures.user_id', null, true, 'lives as long as the erasure takes'
),
(
    'private.moderation_log.acted_by', null, false, 'the database role of an administrator'
),
(
    'private.rate_states.subject', null, false,
    'how often somebody wrote lately: a day at most, and erasing is no way round a limit'
),
(
    'private.suspension_log.acted_by', null, false, 'the database role of an administrator'
),
(
    'private.suspension_log.user_id', 'suspensions', false,
    'what administrators did, for when this one comes back'
),
('private.upload_tickets.user_id', 'uploads', true, null),
(
    'private.video_holds.erased_user_id', null, false,
    'evidence says whose it was, until the hold is released'
),
('private.video_holds.held_by', null, false, 'the database role of an administrator'),
(
    'private.user_suspensions.user_id', null, false,
    'erasing an account is no way out of a suspension'
),
('private.video_reports.reporter_id', 'reports', true, null),
('private.video_tombstones.user_id', 'ended_videos', true, null),
('private.video_viewers.viewer_key', 'views', true, null),
(
    'public.user_blocks.blocked_user_id', null, false,
    'the block of another person, whom it protects when this one comes back'
),
('public.user_blocks.user_id', 'blocks', true, null),
('public.user_profiles.user_id', 'profile', true, null),
('public.user_profiles.username', 'profile', true, null),
('public.video_comments.user_id', 'comments', true, null),
('public.video_likes.user_id', 'likes', true, null),
('public.videos.user_id', 'videos', true, null);

create temporary table people_columns as
select
    format('%s.%s', r.object, a.attname) as column_name,
    r.object as table_name,
    a.attname
from lint.relations as r
inner join pg_attribute as a on r.oid = a.attrelid
where
    r.schema_name in ('public', 'private', 'ops')
    and r.kind in ('r', 'p')
    and a.attnum > 0
    and not a.attisdropped
    and a.atttypid in ('text'::regtype, 'varchar'::regtype, 'uuid'::regtype, 'name'::regtype)
    and a.attname
    ~ 'user|viewer|reporter|owner|author|writer|liker|person|people|member|account|profile|actor|subject|sender|recipient|follower|(^|_)by$|(^|_)sub$'; -- noqa: LT05

create function tests.names_zoe(table_name text, column_name text)
returns boolean
language plpgsql
as $$
declare
    v_found boolean;
begin
    execute format(
        'select exists (select from %s where %I in (''zoe'', ''user:zoe''))',
        names_zoe.table_name, names_zoe.column_name
    ) into v_found;
    return v_found;
end
$$;

grant select on named, people_columns to public;

select plan(
    (
        7
        + count(*) filter (where n.exported is not null or n.erased)
        + count(*) filter (where n.erased)
    )::integer
)
from named as n;

select is_empty(
    'select column_name from people_columns except select column_name from named',
    'every column that names people is decided on'
);
select is_empty(
    'select column_name from named except select column_name from people_columns',
    'and every decision is about a column that is there'
);
select is_empty(
    $$select column_name from named
      where (exported is null or not erased) and kept is null$$,
    'what is not exported or not erased has a reason'
);

select is_empty(
    $$select format('%s.%s', r.object, a.attname)
      from lint.relations as r
      inner join pg_attribute as a on r.oid = a.attrelid
      where
          r.schema_name in ('public', 'private', 'ops', 'deploy')
          and r.kind in ('r', 'p')
          and a.attnum > 0
          and not a.attisdropped
          and (
              a.atttypid in ('inet'::regtype, 'cidr'::regtype, 'macaddr'::regtype)
              or a.attname ~ 'mail|phone|address|street|city|birth|gender|passw|device'
              or a.attname ~ 'latitude|longitude|location|country|(^|_)(ip|dob|tel)($|_)'
          )
      except values ('private.settings.address_header')$$,
    'no address, e-mail or telephone number is stored'
);

-- Zoe leaves something in each of these tables.
select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.note('adas', tests.video('ada'));
select tests.note('zoes', tests.published('zoe'));
select tests.sign_in('zoe');
select public.like_video(tests.id('adas'));
select public.record_view(tests.id('adas'));
select public.add_video_comment(tests.id('adas'), 'hi');
select public.report_video(tests.id('adas'), 'odd');
select public.block_user('mallory');
select public.update_my_profile('zoe');
select tests.as_owner();
insert into private.video_tombstones (video_id, user_id, reason, published_at)
values (private.uuid_v7(), 'zoe', 'deleted', now());
insert into private.erasures (user_id) values ('zoe');
select ops.suspend_user('zoe', reason => 'a test');
delete from private.user_suspensions where user_id = 'zoe';

select ok(
    tests.names_zoe(p.table_name, p.attname), 'zoe is in ' || n.column_name
)
from named as n
inner join people_columns as p on n.column_name = p.column_name
where n.exported is not null or n.erased
order by n.column_name;

select tests.sign_in('zoe');
create temporary table zoes_export as
select public.export_my_data()::jsonb as document;
grant select on zoes_export to public;
select tests.as_owner();
select set_eq(
    $$select l.list from zoes_export as x, jsonb_each(x.document -> 'lists') as l (list)$$,
    $$select distinct exported from named where exported <> 'profile'$$,
    'the export has a list for each table, and no other'
);
select is_empty(
    $$select l.list
      from zoes_export as x, jsonb_each(x.document -> 'lists') as l (list, entries)
      where jsonb_array_length(l.entries) <> 1
      union all
      select 'profile' from zoes_export where document -> 'profile' ->> 'username' <> 'zoe'$$,
    'and in each list what zoe left'
);

select tests.sign_in('zoe');
select is(public.erase_me(), true, 'zoe is erased');
select tests.as_owner();
select is(
    tests.names_zoe(p.table_name, p.attname), false,
    'zoe is no more in ' || n.column_name
)
from named as n
inner join people_columns as p on n.column_name = p.column_name
where n.erased
order by n.column_name;

select * from finish();
rollback;
