-- Uploads end in time, and what they left at ImageKit is swept, once nothing can follow.

begin;
select plan(21);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_media_worker();
select tests.note('sent', (private.open_upload('ada')).ticket_id);
select tests.note('never', (private.open_upload('ada')).ticket_id);
select private.hold_upload('ada', tests.id('sent'));

-- Expiring: what was never sent after the ticket's grace, what waits after a day.
select tests.as_owner();
create function pg_temp.age(age interval) returns void language sql as $$
    update private.upload_tickets
    set expires_at = now() - age, issued_at = now() - age - interval '30 minutes'
    where true
$$;
select pg_temp.age('14 minutes 59 seconds');
select is(private.expire_uploads(), 0, 'within its grace nothing expires');
select pg_temp.age('15 minutes');
select is(private.expire_uploads(), 1, 'after it what was not published does');
select results_eq(
    $$select state, reason from private.upload_tickets order by state$$,
    $$values ('expired', 'not_published'), ('uploaded', null)$$,
    'with its reason; what waits for ImageKit waits on'
);
select pg_temp.age('23 hours 59 minutes');
select is(private.expire_uploads(), 0, 'for a day');
select pg_temp.age('24 hours');
select is(private.expire_uploads(), 1, 'but not for ever');
select is(
    (select reason from private.upload_tickets where id = tests.id('sent')),
    'not_confirmed', 'which has another reason'
);
select is(private.expire_uploads(), 0, 'what has ended has ended');

-- Sweeping.
select tests.as_media_worker();
select tests.note('folder', private.lease_sweep());
select is(private.lease_sweep(), null, 'a folder is swept by one worker');
select tests.as_owner();
select is(
    (select distinct next_check_at - now() from private.upload_tickets),
    interval '10 minutes', 'should it die, by the next one after ten minutes'
);
select tests.as_media_worker();
select tests.note('open', (private.open_upload('bob')).ticket_id);
select tests.note('published', (private.open_upload('carol')).ticket_id);
select private.publish_video(
    'carol', tests.id('published'), tests.details(tests.id('published'))
);
select tests.as_owner();
update private.upload_tickets set expires_at = now() - interval '1 day'
where id = tests.id('published');
select tests.as_media_worker();
select is(
    private.sweep_folder(
        current_setting('tests.folder'),
        jsonb_build_array(
            tests.details(tests.id('sent')), tests.details(tests.id('open')),
            tests.details(tests.id('published')),
            '{"filePath": "/x", "fileId": "x"}'::jsonb
        )
    ),
    1, 'what an ended upload has left is ordered deleted'
);
select tests.as_owner();
select results_eq(
    $$select target, file_id, reason from private.media_deletions$$,
    $$select file_path, 'file-' || id, 'expired' from private.upload_tickets
      where id = tests.id('sent')$$,
    'that file and no other'
);
select results_eq(
    $$select state, count(*)::integer from private.upload_tickets group by state order by state$$,
    $$values ('issued', 1), ('published', 1), ('swept', 2)$$,
    'and the ended tickets of the folder are done with, no open and no published one'
);

-- A token outlives the failure of its upload: what it still brings is swept as well.
select tests.as_media_worker();
select private.fail_upload('bob', tests.id('open'), 'no', tests.details(tests.id('open')));
select is(private.lease_sweep(), null, 'a failed upload is not swept at once');
select tests.as_owner();
select is(
    (
        select next_check_at - expires_at from private.upload_tickets
        where id = tests.id('open')
    ),
    interval '15 minutes', 'but when its token and the grace have ended'
);
select tests.as_media_worker();
select is(
    private.sweep_folder(current_setting('tests.folder'), '[]'), 0,
    'nor by the sweep of another upload in its folder'
);
select is((private.find_upload('bob', tests.id('open'))).state, 'failed', 'it is still there');
select private.fail_upload('bob', (private.open_upload('bob')).ticket_id, 'no');
select tests.as_owner();
update private.upload_tickets set next_check_at = now()
where user_id = 'bob' and id <> tests.id('open');
select private.lease_sweep();
select is(
    (
        select next_check_at - expires_at from private.upload_tickets
        where id = tests.id('open')
    ),
    interval '15 minutes', 'nor does that sweep change its turn'
);
delete from private.upload_tickets where user_id = 'bob' and id <> tests.id('open');
update private.upload_tickets
set expires_at = now() - interval '15 minutes', next_check_at = now()
where id = tests.id('open');
update private.media_worker_state set stopped_at = now();
select is(private.lease_sweep(), null, 'nothing is swept while workers are stopped');
update private.media_worker_state set stopped_at = null;
select tests.as_media_worker();
select is(private.lease_sweep(), current_setting('tests.folder'), 'then it is');
select is(
    private.sweep_folder(
        current_setting('tests.folder'), jsonb_build_array(tests.details(tests.id('open')))
    ),
    1, 'with the file that came again'
);
select is(
    (private.find_upload('bob', tests.id('open'))).state, 'swept', 'and that is its end'
);

select * from finish();
rollback;
