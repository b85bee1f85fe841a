-- An upload that waits for ImageKit's word loses nothing: neither its texts nor its
-- thumbnail nor, when a worker dies, its turn.

begin;
select plan(24);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_media_worker();
select tests.note('video', (private.open_upload('ada')).ticket_id);
select tests.note('picture', (private.open_upload('ada', 'thumbnail')).ticket_id);
select tests.note('foreign', (private.open_upload('bob', 'thumbnail')).ticket_id);

-- A wrong thumbnail is refused while somebody is there to hear it.
select throws_ok(
    format('select private.hold_upload(''ada'', tests.id(''video''), '
        'thumbnail_ticket_id => tests.id(%L))', ticket),
    'PT404', 'upload_not_found', sentence
)
from (
    values
    ('foreign', 'the thumbnail of another is refused'),
    ('video', 'so is a video as a thumbnail')
) as t (ticket, sentence);
select throws_ok(
    format('select private.hold_upload(''ada'', tests.id(''video''), %s => %L)', field, written),
    'PT400', slug, 'so is ' || sentence
)
from (
    values
    ('title', repeat('x', 201), 'title_too_long', 'a title that publishing would refuse'),
    ('title', e'Z\u0316\u0316\u0316\u0316\u0316\u0316', 'title_invalid', 'a pile of marks'),
    ('description', repeat('x', 2001), 'description_too_long', 'a long description'),
    ('description', e'\u200B', 'description_invalid', 'an invisible one')
) as t (field, written, slug, sentence);
select is(
    (private.find_upload('ada', tests.id('video'))).state, 'issued', 'and nothing is held'
);

select private.hold_upload(
    'ada', tests.id('video'), 'claimed', 'sunset', null, tests.id('picture')
);
select is_empty(
    $$select from private.lease_held_uploads()$$, 'a held upload is not asked about at once'
);
select is(
    (private.find_upload('ada', tests.id('picture'))).state, 'uploaded',
    'its thumbnail waits with it'
);

select tests.as_owner();
select private.hold_upload('ada', tests.id('video'), title => e' sun\u202Eset ');
select is(
    (select t.title from private.upload_tickets as t where t.id = tests.id('video')),
    'sunset', 'a title waits as it will be stored'
);

-- An hour of ImageKit being away, with the job running.
select tests.as_owner();
update private.upload_tickets
set expires_at = now() - interval '1 hour', next_check_at = now()
where user_id = 'ada';
select is(private.expire_uploads(), 0, 'what waits for ImageKit is not expired');
select tests.as_media_worker();
select is(
    (private.find_upload('ada', tests.id('video'))).state, 'uploaded',
    'and its owner is not told so'
);
select results_eq(
    $$select user_id, file_id, checks, thumbnail_ticket_id, thumbnail_file_name
      from private.lease_held_uploads()$$,
    $$values (
        'ada', 'claimed', 1, tests.id('picture'), tests.id('picture') || '.jpg'
    )$$,
    'a worker asks about it, with its thumbnail'
);
select is_empty($$select from private.lease_held_uploads()$$, 'one worker');

-- Each time twice as long, to half an hour: should the worker die, the next one asks.
select tests.as_owner();
create function pg_temp.pause_after(checks integer) returns interval language plpgsql as $$
begin
    update private.upload_tickets as t
    set checks = pause_after.checks, next_check_at = now()
    where t.id = tests.id('video');
    perform private.lease_held_uploads();
    return (
        select t.next_check_at - now() from private.upload_tickets as t
        where t.id = tests.id('video')
    );
end
$$;
select is(
    pg_temp.pause_after(checks), pause, format('after %s questions: %s', checks, pause)
)
from (
    values
    (0, interval '30 seconds'), (1, interval '1 minute'), (6, interval '32 minutes'),
    (100, interval '32 minutes')
) as t (checks, pause);

-- Being asked again by the app hastens it; without being told, what was told stays.
select tests.as_media_worker();
select private.hold_upload('ada', tests.id('video'), description => 'by the sea');
select tests.as_owner();
select is(
    (select next_check_at - now() from private.upload_tickets where id = tests.id('video')),
    interval '5 seconds', 'asked again by its owner it is due at once'
);
update private.upload_tickets set next_check_at = now() where state = 'uploaded';
select is(
    (select count(*)::integer from private.lease_held_uploads(1)), 1, 'no more than a batch'
);
update private.upload_tickets set next_check_at = now() where state = 'uploaded';
update private.media_worker_state set paused_until = now() + interval '1 second';
select is_empty($$select from private.lease_held_uploads()$$, 'nothing while workers are paused');
update private.media_worker_state set paused_until = null;

select tests.as_media_worker();
select results_eq(
    $$select title, description, thumbnail_url like '%' || tests.id('picture') || '.jpg'
      from private.publish_video(
          'ada', tests.id('video'), tests.details(tests.id('video')),
          thumbnail_ticket_id => tests.id('picture'),
          thumbnail_file => tests.details(tests.id('picture'))
      )$$,
    $$values ('sunset', 'by the sea', true)$$,
    'when ImageKit is back it is published, complete'
);
select tests.note('another', (private.open_upload('ada')).ticket_id);
select throws_ok(
    $$select private.hold_upload('ada', tests.id('another'),
        thumbnail_ticket_id => tests.id('picture'))$$,
    'PT409', 'upload_conflict', 'a thumbnail that is published belongs to its video'
);

-- A thumbnail that failed meanwhile does not keep the video from being published.
select tests.note('spoilt', (private.open_upload('ada', 'thumbnail')).ticket_id);
select private.hold_upload(
    'ada', tests.id('another'), thumbnail_ticket_id => tests.id('spoilt')
);
select private.fail_upload('ada', tests.id('spoilt'), 'no picture');
select tests.as_owner();
update private.upload_tickets set next_check_at = now() where state = 'uploaded';
select tests.as_media_worker();
select results_eq(
    $$select ticket_id, thumbnail_ticket_id from private.lease_held_uploads()$$,
    $$values (tests.id('another'), null::uuid)$$,
    'a thumbnail that failed does not keep its video waiting'
);

select * from finish();
rollback;
