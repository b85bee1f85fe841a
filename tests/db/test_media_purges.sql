-- The CDN keeps copies of what ImageKit has deleted: which of them are purged, and how
-- many a month.

begin;
select plan(23);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.purges(kind text, target text, reason text) returns text
language plpgsql as $$
declare
    v_id bigint;
begin
    delete from private.media_deletions where true;
    insert into private.media_deletions (kind, target, file_id, reason)
    values (purges.kind, purges.target, 'id', purges.reason)
    returning id into v_id;
    perform private.finish_media(array[v_id], array[0]);
    return (
        select string_agg(format('%s in %s', m.target, m.not_before - now()), '; ')
        from private.media_deletions as m
        where m.kind = 'purge' and m.state = 'queued'
    );
end
$$;
-- Within the budget and without it.
create temporary table expected (kind, target, reason, within_budget, without) as
values
(
    'file', '/videos/2026-01-02/08/x.mp4', 'moderated',
    '/videos/2026-01-02/08/x.mp4* in 00:00:00', '/videos/2026-01-02/08/x.mp4* in 00:00:00'
),
('file', '/avatars/2026-01-02/x.jpg', 'erased',
 '/avatars/2026-01-02/x.jpg* in 00:00:00', '/avatars/2026-01-02/x.jpg* in 00:00:00'),
(
    'file', '/videos/2026-01-02/08/x.mp4', 'deleted',
    '/videos/2026-01-02/08/x.mp4* in 00:00:00', null
),
('file', '/avatars/2026-01-02/x.jpg', 'replaced', '/avatars/2026-01-02/x.jpg* in 00:00:00', null),
('folder', '/videos/2026-01-02/08', 'retired',
 '/videos/2026-01-02/* in 01:00:00', '/videos/2026-01-02/* in 01:00:00'),
(
    'file', '/videos/2026-01-02/08/x.mp4', 'retired',
    '/videos/2026-01-02/* in 01:00:00', '/videos/2026-01-02/* in 01:00:00'
),
('file', '/videos/2026-01-02/08/x.mp4', 'expired', null, null),
('folder', '/videos/2026-01-02', 'retired', null, null),
('purge', '/videos/2026-01-02/*', 'retired', null, null);

select results_eq(
    $$select kind, reason, pg_temp.purges(kind, target, reason) from expected$$,
    $$select kind, reason, within_budget from expected$$,
    'moderation, erasure and retired days purge, and owners within the budget'
);
select ops.set_setting('purges_per_month', '0');
select results_eq(
    $$select kind, reason, pg_temp.purges(kind, target, reason) from expected$$,
    $$select kind, reason, without from expected$$, 'without budget owners do not'
);

-- One purge serves all of a day.
delete from private.media_deletions where true;
select private.order_purge('folder', '/videos/2026-01-02/' || hour, 'retired')
from unnest(array['07', '08', '23']) as hour;
select private.order_purge('file', '/videos/2026-01-02/09/late.mp4', 'retired');
select private.order_purge('folder', '/videos/2026-01-03/07', 'retired');
select results_eq(
    $$select target collate "default" from private.media_deletions order by target$$,
    $$values ('/videos/2026-01-02/*'), ('/videos/2026-01-03/*')$$,
    'a retired day is purged once, however many folders and files it had'
);

-- A purge that is being carried out may have come too early for the next folder.
update private.media_deletions set not_before = now() where true;
create temporary table leased as
select order_id, attempt from private.lease_media('purge') where target like '/videos/2026-01-02%';
select private.order_purge('folder', '/videos/2026-01-02/10', 'retired');
select is(
    (
        select private.finish_media(array[l.order_id], array[l.attempt])
        from leased as l
    ),
    0, 'is not the last one'
);
select results_eq(
    $$select state, not_before - now(), leased_until from private.media_deletions
      where target like '/videos/2026-01-02%'$$,
    $$values ('queued', interval '1 hour', null::timestamptz)$$, 'another follows'
);

update private.media_deletions set not_before = now() where true;
select private.order_purge('folder', '/videos/2026-01-02/11', 'retired');
select is(
    (select max(not_before) from private.media_deletions), now(),
    'one that waits is not put off by every folder that goes'
);

-- Of an erased account all copies go: a handful singly, more by the day.
delete from private.media_deletions where true;
select ops.set_setting('purges_per_month', '0');
insert into private.media_deletions (kind, target, file_id, reason)
select 'file', f.folder || '/' || n || '.mp4', f.folder || n, 'erased'
from (
    values ('/videos/2026-01-02/08', 5), ('/videos/2026-01-03/08', 3),
    ('/videos/2026-01-03/23', 3), ('/avatars/2026-01-03', 1), ('/videos/old', 9)
) as f (folder, files)
cross join lateral generate_series(1, f.files) as n;
insert into private.media_deletions (kind, target, file_id, reason)
select 'file', '/videos/2026-01-02/08/other-' || n, 'other-' || n, 'expired'
from generate_series(1, 9) as n;
select private.finish_media(array_agg(id), array_agg(0)) from private.media_deletions;
create temporary view purges_of_the_erased as
select
    substring(target from '^/[a-z]+/[^/]+') as day,
    target like '%/*' as is_pattern,
    count(*)::integer as purges,
    max(not_before - now()) as wait
from private.media_deletions
where kind = 'purge'
group by 1, 2;
select results_eq(
    $$select purges from purges_of_the_erased where day = '/videos/2026-01-02'$$,
    $$values (5)$$, 'five of a day singly, also without budget'
);
select results_eq(
    $$select is_pattern, purges, wait from purges_of_the_erased
      where day = '/videos/2026-01-03'$$,
    $$values (true, 1, interval '1 hour')$$, 'more of a day by one pattern'
);
select results_eq(
    $$select is_pattern, purges from purges_of_the_erased
      where day = '/avatars/2026-01-03'$$,
    $$values (false, 1)$$, 'the avatar beside them singly'
);
select results_eq(
    $$select is_pattern, purges from purges_of_the_erased where day = '/videos/old'$$,
    $$values (false, 9)$$, 'and what lies in no day'
);

-- The month's budget: a tenth is kept, what is ordered counts as spent.
delete from private.media_deletions where true;
select ops.set_setting('purges_per_month', '20');
select is(private.purges_left(), 18, 'a tenth is kept for what always purges');
select private.order_purge('file', '/videos/x/1.mp4', 'deleted');
select is(private.purges_left(), 17, 'an ordered purge counts');
select tests.as_media_worker();
select is(
    (select target from private.lease_media('purge', 1)), '/videos/x/1.mp4*',
    'a worker leases it: the file with all its renditions'
);
select private.spend_purge();
select tests.as_owner();
select is(private.purges_left(), 16, 'a spent one counts');
update private.media_deletions set state = 'done' where true;
select is(private.purges_left(), 17, 'not twice, once it is done');
update private.media_worker_state set purges_used = 18;
select is(private.purges_left(), 0, 'until the month''s are used up');
select private.order_purge('file', '/videos/x/2.mp4', 'deleted');
select is_empty(
    $$select from private.media_deletions where state = 'queued'$$, 'then none is ordered'
);
update private.media_worker_state
set purge_month = (purge_month - interval '1 month')::date;
select is(private.purges_left(), 18, 'each month begins anew');
select private.spend_purge();
select results_eq(
    $$select purges_used, purge_month from private.media_worker_state$$,
    $$values (1, date_trunc('month', now() at time zone 'utc')::date)$$,
    'with its first'
);

-- A batch does not pass the budget either.
select ops.set_setting('purges_per_month', '4');
delete from private.media_deletions where true;
insert into private.media_deletions (kind, target, file_id, reason)
select 'file', '/videos/x/' || n || '.mp4', n::text, 'deleted' from generate_series(1, 5) as n;
select is(
    (
        select private.finish_media(array_agg(id), array_agg(0))
        from private.media_deletions
    ),
    5, 'of five that are deleted at once'
);
select is(
    (select count(*)::integer from private.media_deletions where kind = 'purge'), 3,
    'as many are purged as are left'
);

-- A delete that comes from the app reaches the CDN as well.
delete from private.media_deletions where true;
select ops.set_setting('purges_per_month', '1000');
select tests.note('video', tests.published('ada'));
select tests.sign_in('ada');
select public.delete_video(tests.id('video'));
select tests.as_media_worker();
select is(
    (
        select private.finish_media(array_agg(order_id), array_agg(attempt))
        from private.lease_media('file')
    ),
    1, 'a deleted video''s file is deleted'
);
select matches(
    (select target from private.lease_media('purge')), '^/videos/.*\.mp4\*$',
    'and purged right after'
);

select * from finish();
rollback;
