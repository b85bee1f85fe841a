-- A ticket's life: the moves it may make, its limits, failing, waiting, expiring, and
-- what was left at ImageKit being swept.

begin;
select plan(54);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();

-- Every move, legal or not.
create temporary table moves (old_state, new_state) as
select o.state as old_state, n.state as new_state
from unnest(array['issued', 'uploaded', 'published', 'failed', 'expired', 'swept'])
    as o (state)
cross join unnest(
    array['issued', 'uploaded', 'published', 'failed', 'expired', 'swept']
) as n (state)
where o.state <> n.state;
create function pg_temp.moves_to(old_state text, new_state text) returns boolean
language plpgsql as $$
declare
    v_id constant uuid := private.uuid_v7();
begin
    insert into private.upload_tickets (
        id, user_id, purpose, folder, file_name, expires_at, state, file_id
    )
    values (v_id, 'ada', 'video', '/videos/x', v_id::text, now(), old_state, v_id::text);
    update private.upload_tickets set state = new_state where id = v_id;
    return true;
exception
    when check_violation then
        return false;
end
$$;
select is(
    pg_temp.moves_to(m.old_state, m.new_state),
    (m.old_state, m.new_state) in (
        ('issued', 'uploaded'), ('issued', 'published'), ('issued', 'failed'),
        ('issued', 'expired'), ('uploaded', 'published'), ('uploaded', 'failed'),
        ('uploaded', 'expired'), ('failed', 'swept'), ('expired', 'swept')
    ),
    format('from %s to %s', m.old_state, m.new_state)
)
from moves as m;
delete from private.upload_tickets where user_id = 'ada';

-- Bytes a day: what announces no size counts as the largest there may be.
select ops.set_setting('bytes_per_day', '104857700');
select tests.as_media_worker();
select lives_ok(
    $$select private.open_upload('ada', bytes => 100)$$, 'a hundred bytes of the day'
);
select lives_ok(
    $$select private.open_upload('ada')$$, 'and as many as the largest video has'
);
select throws_ok(
    $$select private.open_upload('ada', bytes => 1)$$,
    'PT429', 'too_many_bytes', 'not one byte more'
);
select lives_ok(
    $$select private.open_upload('bob', bytes => 1)$$, 'others have a day of their own'
);
select tests.as_owner();
update private.upload_tickets set issued_at = now() - interval '24 hours 1 second';
select tests.as_media_worker();
select lives_ok(
    $$select private.open_upload('ada', bytes => 1)$$, 'a day later there is room'
);

-- Failing.
select tests.as_owner();
select ops.set_setting('bytes_per_day', '2147483648');
select tests.as_media_worker();
select tests.note('ticket', (private.open_upload('carol')).ticket_id);
select ok(
    not private.fail_upload(
        'carol', tests.id('ticket'), 'wrong',
        jsonb_build_object('filePath', '/videos/of/another.mp4', 'fileId', 'foreign')
    ),
    'a file at another path fails no ticket'
);
select ok(
    not private.fail_upload('bob', tests.id('ticket'), 'wrong'),
    'nobody fails the ticket of another'
);
select tests.as_owner();
select is_empty(
    $$select from private.media_deletions$$, 'and a foreign file is never ordered deleted'
);
select tests.as_media_worker();
select ok(
    private.fail_upload(
        'carol', tests.id('ticket'), 'it is too long', tests.details(tests.id('ticket'))
    ),
    'a file at its own path fails it'
);
select ok(
    not private.fail_upload('carol', tests.id('ticket'), 'again'), 'once'
);
select throws_ok(
    $$select private.publish_video('carol', tests.id('ticket'), '{}')$$,
    'PT410', 'upload_expired', 'a failed ticket publishes nothing'
);
select tests.as_owner();
select results_eq(
    $$select t.state, t.reason, m.target = t.file_path, m.file_id, m.reason
      from private.upload_tickets as t cross join private.media_deletions as m
      where t.id = tests.id('ticket')$$,
    $$values ('failed', 'it is too long', true, 'file-' || tests.id('ticket'), 'failed')$$,
    'its owner learns why, and the file is ordered deleted'
);
delete from private.media_deletions where true;
delete from private.upload_tickets where true;

-- Waiting for ImageKit.
select tests.as_media_worker();
select tests.note('video', (private.open_upload('ada')).ticket_id);
select tests.note('picture', (private.open_upload('ada', 'thumbnail')).ticket_id);
select private.hold_upload(
    'ada', tests.id('video'), 'claimed', 'sunset', null, tests.id('picture')
);
select is_empty(
    $$select from private.lease_held_uploads()$$, 'a held upload is not asked about at once'
);
select tests.as_owner();
update private.upload_tickets set next_check_at = now() where state = 'uploaded';
select tests.as_media_worker();
select results_eq(
    $$select user_id, file_id, checks, thumbnail_ticket_id, thumbnail_file_name
      from private.lease_held_uploads()$$,
    $$values (
        'ada', 'claimed', 1, tests.id('picture'), tests.id('picture') || '.jpg'
    )$$,
    'but a little later, with its thumbnail'
);
select is_empty($$select from private.lease_held_uploads()$$, 'by one worker');
select tests.as_owner();
select ok(
    (select next_check_at from private.upload_tickets where state = 'uploaded')
    between now() + interval '29 seconds' and now() + interval '31 seconds',
    'and after half a minute by the next, should this one die'
);

-- Expiring: what was never sent after the ticket's grace, what waits after a day.
update private.upload_tickets
set expires_at = now() - interval '14 minutes 59 seconds', issued_at = now() - interval '1 h'
where true;
select is(private.expire_uploads(), 0, 'within its grace nothing expires');
update private.upload_tickets set expires_at = now() - interval '15 minutes' where true;
select is(private.expire_uploads(), 1, 'after it what was not published does');
select results_eq(
    $$select state, reason from private.upload_tickets order by purpose$$,
    $$values ('expired', 'not_published'), ('uploaded', null)$$,
    'with its reason; what waits for ImageKit waits on'
);
update private.upload_tickets
set expires_at = now() - interval '24 hours' where state = 'uploaded';
select is(private.expire_uploads(), 1, 'but not for ever');

-- Sweeping.
select tests.as_media_worker();
select tests.note('folder', private.lease_sweep());
select is(private.lease_sweep(), null, 'a folder is swept by one worker');
select is(
    private.sweep_folder(
        current_setting('tests.folder'),
        jsonb_build_array(
            tests.details(tests.id('video')), '{"filePath": "/x", "fileId": "x"}'::jsonb
        )
    ),
    1, 'what an ended upload has left is ordered deleted'
);
select tests.as_owner();
select results_eq(
    $$select target, file_id, reason from private.media_deletions$$,
    $$select file_path, 'file-' || id, 'expired' from private.upload_tickets
      where id = tests.id('video')$$,
    'that file and no other'
);
select results_eq(
    $$select distinct state from private.upload_tickets$$,
    $$values ('swept')$$, 'and all of the folder''s ended tickets are done with'
);

select * from finish();
rollback;
