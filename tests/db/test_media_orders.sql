-- Whatever makes a file useless orders its deletion in the same breath.

begin;
select plan(19);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.note('one', tests.published('ada', with_thumbnail => true));
select tests.note('two', tests.published('bob'));
create temporary view orders as
select
    v.id as video_id,
    m.reason,
    m.state,
    m.not_before - now() as wait
from private.media_deletions as m
left join private.upload_tickets as t on m.target = t.file_path
left join lateral (select t.video_id as id) as v on true;

-- Moderation.
select ops.remove_video(tests.id('one'), 'against the rules');
select results_eq(
    $$select reason, state, wait, count(*)::integer from orders
      where video_id = tests.id('one') group by reason, state, wait$$,
    $$values ('moderated', 'queued', interval '0', 2)$$,
    'what moderation removes goes at once, thumbnail included'
);
select isnt(
    (select deleted_at from public.videos where id = tests.id('one')), null,
    'and is gone for everybody'
);
select is(
    (select action || ': ' || reason from private.moderation_log), 'remove: against the rules',
    'with its reason in the log'
);
select throws_ok(
    $$select ops.remove_video(gen_random_uuid(), 'x')$$, 'P0002', null,
    'a video that is not there cannot be removed'
);

-- An account erased.
select tests.as_media_worker();
select tests.note('picture', (private.open_upload('bob', 'avatar')).ticket_id);
select private.publish_avatar(
    'bob', tests.id('picture'), tests.details(tests.id('picture'))
);
select tests.note('open', (private.open_upload('bob')).ticket_id);
select tests.note('held', (private.open_upload('bob')).ticket_id);
select private.hold_upload('bob', tests.id('held'), title => 'me, bob');
select tests.note('failed', (private.open_upload('bob')).ticket_id);
select private.fail_upload('bob', tests.id('failed'), 'too long');
select tests.note('swept', (private.open_upload('bob')).ticket_id);
select private.fail_upload('bob', tests.id('swept'), 'too long');
select tests.note('of another', (private.open_upload('carol')).ticket_id);
select tests.as_owner();
update private.upload_tickets set state = 'swept' where id = tests.id('swept');
create temporary table of_bob as
select id, file_path from private.upload_tickets where user_id = 'bob';
delete from public.user_profiles where user_id = 'bob';
select results_eq(
    $$select m.reason, m.state, m.not_before, count(*)::integer
      from private.media_deletions as m
      inner join of_bob as t on m.target = t.file_path group by 1, 2, 3$$,
    $$values ('erased', 'queued', now(), 2)$$,
    'with an account all its files go at once, avatar included'
);
select is_empty(
    $$select from private.upload_tickets where user_id = 'bob' or title is not null$$,
    'and no ticket tells whose it was'
);
select results_eq(
    $$select t.state, t.reason from private.upload_tickets as t
      inner join of_bob as b on t.id = b.id order by t.id$$,
    $$values ('expired', 'account_erased'), ('expired', 'account_erased'),
      ('failed', 'too long')$$,
    'only those are left whose files are to be swept'
);
select is(
    (select user_id from private.upload_tickets where id = tests.id('of another')), 'carol',
    'those of others are as they were'
);
select is(
    (
        select string_agg(distinct state || ' ' || reason, ', ')
        from private.upload_tickets where id in (tests.id('open'), tests.id('held'))
    ),
    'expired account_erased', 'and what was uploaded but not published is swept'
);
select is(
    (select next_check_at - expires_at from private.upload_tickets where id = tests.id('open')),
    interval '15 minutes', 'when its token can bring nothing any more'
);
delete from private.media_deletions where true;

-- One order a file; being asked again can only hasten it.
select private.order_file('/videos/x/a.mp4', 'a', 'orphan', '1 day');
select private.order_file('/videos/x/a.mp4', 'a', 'deleted');
select results_eq(
    $$select reason, not_before from private.media_deletions where file_id = 'a'$$,
    $$values ('deleted', now())$$, 'a second order hastens the first'
);
select private.order_file('/videos/x/a.mp4', 'a', 'orphan', '1 day');
select is(
    (select not_before from private.media_deletions where file_id = 'a'), now(),
    'and never delays it'
);
select lives_ok(
    $$select ops.cancel_media(id) from private.media_deletions where file_id = 'a'$$,
    'an administrator may forget an order'
);
select throws_ok(
    $$select ops.cancel_media(id) from private.media_deletions where file_id = 'a'$$,
    'P0002', null, 'once'
);

-- Given up and ordered once more: trying again means the newer order.
select private.order_file('/videos/x/b.mp4', 'b', 'failed');
update private.media_deletions set state = 'dead' where file_id = 'b';
select private.order_file('/videos/x/b.mp4', 'b', 'orphan', '1 day');
select lives_ok(
    $$select ops.retry_media(m.id) from ops.media_dead as m where m.file_id = 'b'$$,
    'an order that was given since does not keep one from trying again'
);
select results_eq(
    $$select reason, state, not_before from private.media_deletions where file_id = 'b'
      order by id$$,
    $$values ('failed', 'cancelled', now()), ('orphan', 'queued', now())$$,
    'the newer one is due at once, and the older done with'
);
select is(
    (select note from private.media_deletions where file_id = 'b' and state = 'cancelled'),
    'ordered again', 'which says why'
);

-- A folder that is ordered takes what is retired along, and nothing else waits for it.
select tests.note('three', tests.published('carol'));
insert into private.media_deletions (kind, target, reason, not_before)
select 'folder', folder, 'retired', now() + interval '16 days' from private.video_files
where video_id = tests.id('three');
select private.order_files(array[tests.id('three')], 'retired');
select is_empty(
    $$select from orders where video_id = tests.id('three')$$,
    'what is retired goes with its folder'
);
select tests.sign_in('carol');
select public.delete_video(tests.id('three'));
select tests.as_owner();
select results_eq(
    $$select reason, wait from orders where video_id = tests.id('three')$$,
    $$values ('deleted', interval '0')$$, 'what its owner deletes does not wait for that'
);

select * from finish();
rollback;
