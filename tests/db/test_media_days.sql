-- A day's own folder goes when the day is old enough and nothing is below it any more.

begin;
select plan(23);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.day(days_ago integer) returns text language sql as $$
    select to_char(now() at time zone 'utc' - make_interval(days => days_ago),
                   '"/videos/"YYYY-MM-DD')
$$;
create function pg_temp.leased() returns setof text language plpgsql as $$
begin
    update private.media_deletions set leased_until = null where kind = 'folder';
    return query
    select m.target::text from private.lease_media('folder', 10) as m where m.is_whole order by 1;
end
$$;
insert into private.video_days (day, videos)
select (now() at time zone 'utc')::date - n, 0 from unnest(array[1, 14, 15, 40]) as n;

select is(private.order_day_folders(), 2, 'the folders of old days are ordered');
select results_eq(
    $$select kind, target collate "default", reason, not_before - now()
      from private.media_deletions order by target$$,
    $$values ('folder', pg_temp.day(40), 'retired', interval '0'),
      ('folder', pg_temp.day(15), 'retired', interval '0')$$,
    'those that have outlived the retention and a day'
);
update private.media_deletions set state = 'done' where true;
select is(private.order_day_folders(), 0, 'once');
update private.media_deletions set state = 'queued' where true;
select results_eq(
    'select pg_temp.leased()', $$values (pg_temp.day(40)), (pg_temp.day(15))$$,
    'and a worker gets them whole'
);
delete from private.media_deletions where target = pg_temp.day(40);
select ops.set_setting('retention', '15 days');
select is_empty(
    'select pg_temp.leased()', 'a longer retention keeps what it would have deleted'
);
select ops.set_setting('retention', '14 days');
insert into private.media_deletions (kind, target, reason)
select 'folder', f, 'retired' from unnest(array[
    '/videos', '/videos/', '/videos/2020-01', '/videos/2020-01-01/', '/avatars/2020-01-01',
    '/videos/2020-01-01/08/09', pg_temp.day(14), pg_temp.day(0)
]) as f
where f ~ '^/videos/.';
insert into private.media_deletions (kind, target, reason)
values ('folder', '/avatars/2020-01-01', 'retired');
select results_eq(
    'select pg_temp.leased()', $$values (pg_temp.day(15))$$,
    'no order names more than a day, a younger one, or avatars'
);
delete from private.media_deletions where target <> pg_temp.day(15);

-- Whatever is below keeps it: from being ordered, and from being carried out.
create function pg_temp.goes() returns text language plpgsql as $$
declare
    v_leased constant bigint := (select count(*) from pg_temp.leased());
begin
    delete from private.media_deletions where kind = 'folder' and target = pg_temp.day(15);
    update private.video_days set folder_ordered_at = null where videos = 0;
    return format('ordered %s, leased %s', private.order_day_folders() - 1, v_leased);
end
$$;
delete from private.media_deletions where true;
update private.video_days set folder_ordered_at = null where true;
select private.order_day_folders();
delete from private.media_deletions where target = pg_temp.day(40);
create function pg_temp.again() returns void language plpgsql as $$
begin
    delete from private.media_deletions where true;
    insert into private.media_deletions (kind, target, reason)
    values ('folder', pg_temp.day(15), 'retired');
end
$$;
select is(pg_temp.goes(), 'ordered 1, leased 1', 'an empty day goes');

select pg_temp.again();
select tests.note('late', tests.video('ada', '13 days'));
insert into private.video_files (video_id, file_id, file_path, bytes)
values (tests.id('late'), 'late', pg_temp.day(15) || '/23/late.mp4', 1);
select is(pg_temp.goes(), 'ordered 0, leased 0', 'not with a video below it');
select pg_temp.again();
update private.video_files set
    file_path = pg_temp.day(14) || '/00/late.mp4',
    thumbnail_path = pg_temp.day(15) || '/23/late.jpg', thumbnail_file_id = 't'
where true;
select is(pg_temp.goes(), 'ordered 0, leased 0', 'nor with a thumbnail');
select pg_temp.again();
update public.videos set deleted_at = now() where id = tests.id('late');
delete from private.media_deletions where kind = 'file';
select is(pg_temp.goes(), 'ordered 0, leased 0', 'nor with one that is deleted and not yet gone');
update private.video_files
set thumbnail_path = pg_temp.day(15) || '0/23/late.jpg', file_path = pg_temp.day(15) || '-x'
where true;
select pg_temp.again();
select is(pg_temp.goes(), 'ordered 1, leased 1', 'what only begins alike is not below it');
delete from private.video_files where true;

select pg_temp.again();
insert into private.upload_tickets (id, user_id, purpose, folder, file_name, expires_at)
values (private.uuid_v7(), 'ada', 'video', pg_temp.day(15) || '/23', 'open.mp4', now());
select is(pg_temp.goes(), 'ordered 0, leased 0', 'nor with an open upload');
select pg_temp.again();
update private.upload_tickets set state = 'uploaded' where true;
select is(pg_temp.goes(), 'ordered 0, leased 0', 'nor with one that waits');
select pg_temp.again();
update private.upload_tickets set state = 'expired' where true;
select is(pg_temp.goes(), 'ordered 1, leased 1', 'an ended one does not keep it');

create function pg_temp.goes_with(kind text, target text, state text) returns text
language plpgsql as $$
begin
    perform pg_temp.again();
    insert into private.media_deletions (kind, target, file_id, reason, state)
    values (goes_with.kind, pg_temp.day(15) || goes_with.target, 'f', 'retired', goes_with.state);
    return pg_temp.goes();
end
$$;
select is(
    pg_temp.goes_with(kind, target, state), outcome,
    format('with a %s that is %s: %s', kind, state, outcome)
)
from (
    values
    ('file', '/08/a.mp4', 'queued', 'ordered 0, leased 0'),
    ('file', '/08/a.mp4', 'stopped', 'ordered 0, leased 0'),
    ('file', '/08/a.mp4', 'dead', 'ordered 0, leased 0'),
    ('file', '/08/a.mp4', 'done', 'ordered 1, leased 1'),
    ('file', '/08/a.mp4', 'cancelled', 'ordered 1, leased 1'),
    ('purge', '/*', 'queued', 'ordered 1, leased 1')
) as t (kind, target, state, outcome);
select pg_temp.again();
insert into private.media_deletions (kind, target, reason, not_before)
values ('folder', pg_temp.day(15) || '/08', 'retired', now() + interval '1 minute');
select is(pg_temp.goes(), 'ordered 0, leased 0', 'and with an hour that is still to go');

-- Found by the indexes that paths have.
insert into private.media_deletions (kind, target, file_id, reason, state)
select 'file', '/videos/many/' || n, n::text, 'deleted', 'done' from generate_series(1, 3000) as n;
analyze private.media_deletions;
create function pg_temp.plan_(query text) returns text language plpgsql as $$
declare
    v_line text;
    v_plan text := '';
begin
    for v_line in execute 'explain ' || plan_.query loop
        v_plan := v_plan || v_line || chr(10);
    end loop;
    return v_plan;
end
$$;
select matches(
    pg_temp.plan_(
        $$select from private.media_deletions as m
          where m.target > '/videos/2026-01-01/'::text and m.target < '/videos/2026-01-010'::text
              and m.state = 'dead'$$
    ),
    'media_deletions_target_idx', 'what is below a folder is a range of an index'
);
select is(
    (select count(*)::integer from private.video_days where folder_ordered_at is not null), 1,
    'a day that is not free is asked about again'
);

select * from finish();
rollback;
