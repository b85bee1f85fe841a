-- What is done with is forgotten, but not before everything that asks for it has ended.

begin;
select plan(28);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.order_(target text, state text, finished interval, kind text default 'file')
returns void language sql as $$
    insert into private.media_deletions (kind, target, file_id, reason, state, finished_at)
    values (kind, target, 'f', 'deleted', state, now() - finished)
$$;
create function pg_temp.age(wanted interval) returns void language plpgsql as $$
begin
    alter table private.upload_tickets disable trigger move_ticket_on_update;
    update private.upload_tickets set updated_at = now() - wanted where true;
    alter table private.upload_tickets enable trigger move_ticket_on_update;
end
$$;

-- Orders.
select pg_temp.order_('/videos/x/' || s || '.mp4', s, '30 days')
from unnest(array['queued', 'stopped', 'dead', 'done', 'cancelled']) as s;
select pg_temp.order_('/videos/x/purged*', 'done', '30 days', 'purge');
select pg_temp.order_('/videos/x', 'done', '30 days', 'folder');
select pg_temp.order_('/videos/x/young.mp4', 'done', '29 days 23:59:59');
select is(private.prune_media_deletions(), 4, 'a month after its end an order is forgotten');
select results_eq(
    $$select state, count(*)::integer from private.media_deletions group by state order by 1$$,
    $$values ('dead', 1), ('done', 1), ('queued', 1), ('stopped', 1)$$,
    'not those that wait, nor those that need a person'
);
select ops.set_setting('tombstone_life', '29 days');
select is(private.prune_media_deletions(), 1, 'the setting counts');
select is(private.prune_media_deletions(), 0, 'and that is all');
select ops.set_setting('tombstone_life', '30 days');

-- A row that still knows its file: what was ordered is not ordered again.
delete from private.media_deletions where true;
select tests.note('held', tests.published('ada', with_thumbnail => true));
-- Its thumbnail was signed in another hour.
update private.video_files set thumbnail_path = '/videos/elsewhere/08/t.jpg' where true;
insert into private.video_holds (video_id, reason) values (tests.id('held'), 'case 1');
update public.videos set deleted_at = now() where id = tests.id('held');
insert into private.media_deletions (kind, target, reason)
select 'folder', p.folder, 'retired'
from private.video_files as f
cross join lateral unnest(array[f.folder, f.thumbnail_folder]) as p (folder);
update private.media_deletions
set state = 'done', finished_at = now() - interval '1 year'
where true;
select pg_temp.order_(f.file_path, 'cancelled', '1 year') from private.video_files as f;
select is(private.prune_media_deletions(), 1, 'a cancelled one says nothing any more');
select results_eq(
    $$select kind, state, count(*)::integer from private.media_deletions group by 1, 2 order by 1$$,
    $$values ('file', 'done', 2), ('folder', 'done', 2)$$,
    'a row that knows its files keeps their orders and those of their folders'
);
delete from private.media_deletions where kind = 'folder';
delete from private.video_holds where true;
delete from public.videos where id = tests.id('held');
select is_empty(
    $$select from private.media_deletions where state <> 'done'$$,
    'so that after the hold its files are not ordered again'
);
select is(private.prune_media_deletions(), 2, 'then they are forgotten');
select is(
    (select count(*)::integer from private.upload_tickets), 2,
    'their tickets have a time of their own'
);

-- Tickets.
delete from private.media_deletions where true;
delete from private.upload_tickets where true;
select tests.note('video', tests.published('ada', with_thumbnail => true));
select tests.as_media_worker();
select tests.note(s, (private.open_upload('ada')).ticket_id)
from unnest(array['issued', 'uploaded', 'failed', 'expired', 'swept']) as s;
select private.hold_upload('ada', tests.id('uploaded'));
select private.fail_upload('ada', tests.id(s), 'no') from unnest(array['failed', 'swept']) as s;
select tests.as_owner();
update private.upload_tickets set state = 'expired' where id = tests.id('expired');
update private.upload_tickets set state = 'swept' where id = tests.id('swept');
select pg_temp.age('43 days 23:59:59');
select is(private.prune_upload_tickets(), 0, 'a ticket is there as long as its tombstone');
select pg_temp.age('44 days');
select is(private.prune_upload_tickets(), 1, 'then one that was swept goes');
select results_eq(
    $$select state, count(*)::integer from private.upload_tickets group by state order by 1$$,
    $$values ('expired', 1), ('failed', 1), ('issued', 1), ('published', 2), ('uploaded', 1)$$,
    'none that is to be swept first, and none of a video that is still there'
);
select is(
    (
        select count(*)::integer
        from private.upload_tickets as t
        cross join lateral private.publish_video('ada', t.id, tests.details(t.id)) as v
        where t.purpose = 'video' and v.id = tests.id('video') and t.state = 'published'
    ),
    1, 'publishing once more gives the same video'
);
select pg_temp.age('44 days');
delete from public.videos where id = tests.id('video');
select is(private.prune_upload_tickets(), 2, 'with its video its tickets go, the thumbnail''s too');
select ops.set_setting('retention', '20 days');
update private.upload_tickets set state = 'swept' where id = tests.id('failed');
select pg_temp.age('49 days');
select is(private.prune_upload_tickets(), 0, 'a longer retention keeps them longer');
select ops.set_setting('retention', '14 days');
select is(private.prune_upload_tickets(), 1, 'a shorter one does not');

-- Avatars.
delete from private.upload_tickets where true;
delete from private.media_deletions where true;
select tests.as_media_worker();
select tests.note('old', (private.open_upload('bob', 'avatar')).ticket_id);
select tests.note('worn', (private.open_upload('bob', 'avatar')).ticket_id);
select private.publish_avatar('bob', tests.id('old'), tests.details(tests.id('old')));
select private.publish_avatar('bob', tests.id('worn'), tests.details(tests.id('worn')));
select tests.as_owner();
create temporary table pictures as
select id, private.media_url(file_path) as url from private.upload_tickets;
grant select on pictures to public;
select pg_temp.age('1 year');
select is(private.prune_upload_tickets(), 0, 'an avatar''s ticket does not go by its age');
update private.media_deletions set state = 'done', finished_at = now() where true;
select is(private.prune_media_deletions(), 0, 'the order for a replaced one');
select tests.sign_in('bob');
select throws_ok(
    $$select public.update_my_profile(avatar => url) from pictures where id = tests.id('old')$$,
    'PT400', 'avatar_invalid', 'keeps it from coming back'
);
select tests.as_owner();
update private.media_deletions set finished_at = now() - interval '30 days' where true;
select is(private.prune_media_deletions(), 1, 'when that is forgotten');
select is(
    (select id from private.upload_tickets), tests.id('worn'), 'its ticket is as well'
);
select tests.sign_in('bob');
select throws_ok(
    $$select public.update_my_profile(avatar => url) from pictures where id = tests.id('old')$$,
    'PT400', 'avatar_invalid', 'and it still cannot come back'
);
select tests.as_owner();
select is_empty(
    $$select from private.upload_tickets as t
      cross join private.compare_folder(t.folder, jsonb_build_array(tests.details(t.id)))$$,
    'the one that is worn is nobody''s orphan'
);
select pg_temp.order_(t.file_path, 'cancelled', '1 year') from private.upload_tickets as t;
select private.prune_media_deletions();
select is(
    (select count(*)::integer from private.upload_tickets), 1,
    'nor does its ticket go with an order that an administrator took back'
);

-- Both are found by an index, among many that stay.
insert into private.media_deletions (kind, target, file_id, reason, state, finished_at)
select 'file', '/videos/many/' || n, n::text, 'deleted', 'done', now() from generate_series(1, 3000) as n;
insert into private.upload_tickets (id, user_id, purpose, folder, file_name, expires_at, state, file_id)
select private.uuid_v7(), 'ada', 'video', '/videos/many', n::text, now(), 'published', n::text
from generate_series(1, 3000) as n;
analyze private.media_deletions, private.upload_tickets;
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
        $$select m.id from private.media_deletions as m
          where m.state in ('done', 'cancelled')
              and m.finished_at <= now() - interval '30 days' order by m.finished_at limit 5000$$
    ),
    'media_deletions_finished_at_idx', 'old orders have an index'
);
select matches(
    pg_temp.plan_(
        $$select o.id from private.upload_tickets as o
          where (o.state = 'swept' or (o.state = 'published' and o.purpose <> 'avatar'))
              and o.updated_at <= now() - interval '44 days' order by o.updated_at limit 5000$$
    ),
    'upload_tickets_updated_at_idx', 'and so have old tickets'
);

-- Bounded batches.
update private.media_deletions set finished_at = now() - interval '1 year'
where target like '/videos/many/%';
insert into private.media_deletions (kind, target, file_id, reason, state, finished_at)
select 'file', '/videos/more/' || n, n::text, 'deleted', 'done', now() - interval '1 year'
from generate_series(1, 2001) as n;
select results_eq(
    $$select private.prune_media_deletions() from generate_series(1, 2)$$,
    $$values (5000), (1)$$, 'five thousand orders at a time'
);
insert into private.upload_tickets (
    id, user_id, purpose, folder, file_name, expires_at, updated_at, state
)
select private.uuid_v7(), 'ada', 'video', '/videos/more', n::text, now(), now() - interval '1 year', 'swept'
from generate_series(1, 5001) as n;
select results_eq(
    $$select private.prune_upload_tickets() from generate_series(1, 2)$$,
    $$values (5000), (1)$$, 'and five thousand tickets'
);

select * from finish();
rollback;
