-- A day of unusual size is not retired by itself, and files by the folder.

begin;
select plan(24);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.day(days_ago integer) returns date language sql stable as $$
    select (now() at time zone 'utc')::date - days_ago
$$;
select tests.drop_day(pg_temp.day(14));

-- Five days with two videos, one with twenty.
create temporary table made as
select
    d.days_ago,
    tests.video('ada', now() - (pg_temp.day(d.days_ago)::timestamp at time zone 'utc')
        - make_interval(hours => 12, secs => n)) as id
from generate_series(16, 21) as d (days_ago)
cross join lateral generate_series(1, case d.days_ago when 20 then 20 else 2 end) as n;
insert into private.video_files (video_id, file_id, file_path, bytes)
select id, 'f-' || id, to_char(pg_temp.day(days_ago), '"/videos/"YYYY-MM-DD') || '/12/' || id, 1
from made;
insert into private.video_days (day, videos)
select pg_temp.day(days_ago), count(*) from made group by days_ago;
select ops.set_setting('largest_day_floor', '5');

select is(private.next_day_to_retire(), pg_temp.day(21), 'the oldest day comes first');
select is(
    private.next_day_to_retire(pg_temp.day(21)), pg_temp.day(20), 'then the next'
);
select ok(private.may_retire_day(pg_temp.day(21)), 'a day like the others may go');
select ok(
    not private.may_retire_day(pg_temp.day(20)),
    'one with more than three times the median may not'
);
select results_eq(
    $$select kind, subject from ops.alarms$$,
    $$values ('day_too_large', pg_temp.day(20)::text)$$, 'an alarm asks about it'
);
do $$
begin
    while private.retire_expired_videos() > 0 loop null; end loop;
end
$$;
select results_eq(
    $$select days_ago, count(*)::integer from made
      where id in (select id from public.videos) group by days_ago$$,
    $$values (20, 20)$$, 'the other days do not wait for it'
);
select results_eq(
    $$select kind, count(*)::integer, min(reason) from private.media_deletions group by kind$$,
    $$values ('folder', 5, 'retired')$$, 'each hour goes as one folder'
);
select private.raise_alarm('day_too_large', pg_temp.day(30)::text, 'another');
select lives_ok(
    format('select ops.approve_day(%L)', pg_temp.day(20)), 'an administrator approves it'
);
select is(
    (select subject from ops.alarms), pg_temp.day(30)::text,
    'that settles its alarm and no other'
);
select is(
    (select array_agg(private.retire_expired_videos()) from generate_series(1, 4)),
    array[1, 1, 20, 0], 'and it goes'
);
select is_empty(
    $$select from public.videos where id in (select id from made)$$, 'to the last one'
);
select throws_ok(
    $$select ops.approve_day('2001-01-01')$$, 'P0002', null,
    'a day nobody counted cannot be approved'
);

-- Folders are ordered where nothing stays: neither a held video nor one of another day.
delete from private.media_deletions where true;
create function pg_temp.made(days_ago numeric, hour text) returns uuid language plpgsql as $$
declare
    v_id constant uuid := tests.video(
        'bob', now() - ((pg_temp.day(0)::timestamp at time zone 'utc'))
        + make_interval(hours => (days_ago * 24)::integer)
    );
begin
    insert into private.video_files (video_id, file_id, file_path, bytes)
    values (v_id, 'f-' || v_id, to_char(pg_temp.day(20), '"/videos/"YYYY-MM-DD/') || hour || '/' || v_id, 1);
    return v_id;
end
$$;
create function pg_temp.retire(day date) returns void language plpgsql as $$
begin
    while private.retire_day(retire.day) > 0 loop null; end loop;
end
$$;
select pg_temp.made(19.5, hour) from unnest(array['01', '02', '03']) as hour;
select tests.note('held', pg_temp.made(19.5, '02'));
insert into private.video_holds (video_id, reason) values (tests.id('held'), 'case 1');
select tests.note('late', pg_temp.made(18.9, '03'));
-- Its thumbnail was signed an hour later.
update private.video_files as f
set thumbnail_file_id = 't', thumbnail_path = replace(f.file_path, '/03/', '/04/')
where f.video_id = tests.id('late');
select pg_temp.made(19.5, '04');
select pg_temp.retire(pg_temp.day(20));
select results_eq(
    $$select kind, right(target, 3) ~ '^/0' as is_hour, reason, count(*)::integer
      from private.media_deletions group by 1, 2, 3 order by 1$$,
    $$values ('file', false, 'retired', 3), ('folder', true, 'retired', 1)$$,
    'an hour with something that stays goes file by file'
);
select is(
    (select right(target, 3) from private.media_deletions where kind = 'folder'), '/01',
    'the others whole'
);
delete from private.video_holds where true;
select pg_temp.retire(pg_temp.day(19));
select is(
    (
        select string_agg(right(target, 3), ' ' order by target)
        from private.media_deletions where kind = 'folder'
    ),
    '/01 /03 /04', 'with the video that came after midnight its hours go too'
);
select throws_ok(
    format('select private.retire_day(%L)', pg_temp.day(14)), 'P0001', null,
    'a day whose last second has not outlived the retention is not retired'
);
delete from public.videos where user_id = 'bob';

-- What has no usual size.
update private.video_days set approved_at = null where true;
select ops.set_setting('largest_day_floor', '20');
select ok(private.may_retire_day(pg_temp.day(20)), 'a small day is never too large');
select ops.set_setting('largest_day_floor', '5');
delete from private.video_days where day < pg_temp.day(20);
select ok(
    private.may_retire_day(pg_temp.day(20)), 'nor any, while fewer than five others are known'
);
select ok(private.may_retire_day(pg_temp.day(30)), 'nor a day nobody counted');
insert into private.video_days (day, videos)
select pg_temp.day(20) + n, 2 from generate_series(-35, 35, 70) as n;
select ok(
    private.may_retire_day(pg_temp.day(20)), 'days more than a month away tell nothing'
);
insert into private.video_days (day, videos) values (pg_temp.day(20) - 30, 2);
select ok(not private.may_retire_day(pg_temp.day(20)), 'those within a month do');

-- Counting.
delete from private.video_days where true;
select tests.video('ada', '1 day');
select private.count_days();
select is(
    (select count(*)::integer from private.video_days), 14,
    'every day that is over and visible is counted'
);
select is(
    (select videos from private.video_days where day = pg_temp.day(1)), 1::bigint,
    'with its videos'
);
select tests.video('ada', '1 day');
select private.count_days();
select is(
    (select videos from private.video_days where day = pg_temp.day(1)), 1::bigint, 'once'
);

select * from finish();
rollback;
