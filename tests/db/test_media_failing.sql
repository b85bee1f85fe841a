-- An upload is given up for what lies at its own path alone, and that file goes.

begin;
select plan(11);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
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
    not private.fail_upload('carol', tests.id('ticket'), 'wrong', '{"fileId": "foreign"}'),
    'nor does one without a path'
);
select ok(
    not private.fail_upload('bob', tests.id('ticket'), 'wrong'),
    'nobody fails the ticket of another'
);
select tests.as_owner();
select is_empty(
    $$select from private.media_deletions$$, 'and a foreign file is never ordered deleted'
);
select is(
    (select state from private.upload_tickets), 'issued', 'the ticket is as good as before'
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
select throws_ok(
    $$select private.hold_upload('carol', tests.id('ticket'))$$,
    'PT410', 'upload_expired', 'and waits for nothing'
);
select tests.as_owner();
select results_eq(
    $$select t.state, t.reason, m.target = t.file_path, m.file_id, m.reason
      from private.upload_tickets as t cross join private.media_deletions as m$$,
    $$values ('failed', 'it is too long', true, 'file-' || tests.id('ticket'), 'failed')$$,
    'its owner learns why, and the file is ordered deleted'
);

delete from private.media_deletions where true;
select tests.as_media_worker();
select private.fail_upload('carol', (private.open_upload('carol')).ticket_id, 'no file');
select tests.as_owner();
select is_empty(
    $$select from private.media_deletions$$, 'without a file there is nothing to delete'
);

select * from finish();
rollback;
