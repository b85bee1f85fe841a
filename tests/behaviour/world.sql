-- One of everything: the owner's videos in every state, each liked, commented, viewed
-- and reported by everybody while it could be; and a video of everybody else.

select tests.person(p, p)
from unnest(array['owner', 'stranger', 'blocked', 'suspended', 'writer']) as p;

select tests.note('visible', tests.video('owner', interval '1 minute', 'a title'));
select tests.note('hidden', tests.video('owner', interval '2 minutes'));
select tests.note('deleted', tests.video('owner', interval '3 minutes'));
select tests.note('expired', tests.video('owner', interval '15 days'));
select tests.note('aged', tests.video('owner', interval '15 days', id_age => '1 hour'));
select tests.note('held', tests.video('owner', interval '16 days'));
select tests.note('own stranger', tests.video('stranger', interval '4 minutes'));
select tests.note('own blocked', tests.video('blocked', interval '5 minutes'));
select tests.note('own suspended', tests.video('suspended', interval '6 minutes'));

insert into public.video_likes (video_id, user_id)
select
    v.id,
    p.user_id
from public.videos as v
cross join public.user_profiles as p;

select tests.comment(v.id, p.user_id)
from public.videos as v
cross join public.user_profiles as p;

insert into private.video_viewers (video_id, viewer_key, viewed_from)
select
    v.id,
    'user:' || p.user_id,
    date_bin(interval '30 minutes', now(), timestamptz 'epoch')
from public.videos as v
cross join public.user_profiles as p;

insert into private.video_reports (video_id, reporter_id, reason)
select
    v.id,
    'stranger',
    'odd'
from public.videos as v;

insert into private.video_files (video_id, file_id, file_path, bytes)
select
    v.id,
    'file-' || v.id,
    '/videos/2026-11-24/12/' || v.id || '.mp4',
    1000
from public.videos as v;

select private.open_upload(p)
from unnest(array['owner', 'stranger', 'blocked', 'suspended']) as p;

select tests.block('owner', 'blocked');
select tests.block('stranger', 'writer');

update public.videos set hidden_at = now() where id = tests.id('hidden');
update public.videos set deleted_at = now() where id = tests.id('deleted');
insert into private.video_holds (video_id, reason)
values (tests.id('held'), 'evidence');

-- Folding happens now and then by chance: here it has just happened, and one view since.
select private.fold_pending();
delete from private.video_deltas as d where d.video_id is not null;
insert into private.video_deltas (video_id, views) values (tests.id('visible'), 1);

select private.refresh_trending();

select ops.suspend_user('suspended', reason => 'spam');

-- Nobody here is to be refused for trying everything.
select ops.set_rate_rule(r.action, 100000, r.per)
from private.rate_rules as r;
