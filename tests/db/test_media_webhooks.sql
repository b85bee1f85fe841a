-- ImageKit's word that nobody asked for: taken once, good for phones that died.

begin;
select plan(43);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
create function pg_temp.event(id text, kind text, data jsonb) returns jsonb
language sql as $$
    select jsonb_build_object('id', id, 'type', kind, 'data', data)
$$;
select tests.as_media_worker();
select tests.note('ticket', (private.open_upload('ada')).ticket_id);

select is(
    private.take_webhook(
        pg_temp.event('1', 'file.created', tests.details(tests.id('ticket')))
    ),
    'uploaded', 'a file that has arrived'
);
select is(
    private.take_webhook(
        pg_temp.event('1', 'file.created', tests.details(tests.id('ticket')))
    ),
    'repeated', 'has one effect'
);
select is_empty(
    $$select from private.lease_held_uploads()$$, 'the app has its chance to name the video'
);
select tests.as_owner();
select is(
    (select next_check_at - now() from private.upload_tickets),
    interval '2 minutes', 'for two minutes'
);
select tests.as_media_worker();
select ok(
    (
        private.publish_video('ada', tests.id('ticket'), tests.details(tests.id('ticket')))
    ).title is null,
    'then it is published without'
);
select is(
    (
        private.publish_video(
            'ada', tests.id('ticket'), tests.details(tests.id('ticket')), 'late'
        )
    ).title,
    'late', 'an app that comes late still names it'
);
select results_eq(
    $$select title, description from private.publish_video(
        'ada', tests.id('ticket'), tests.details(tests.id('ticket')), 'later', 'word'
    )$$,
    $$values ('late', 'word')$$, 'once'
);
select is(
    private.take_webhook(
        pg_temp.event('2', 'file.created', tests.details(tests.id('ticket')))
    ),
    'known', 'a late word about it changes nothing'
);
select is(
    private.take_webhook(
        pg_temp.event('3', 'file-version.created', tests.details(tests.id('ticket')))
    ),
    'alarm', 'a second version of it does'
);
select tests.as_owner();
select results_eq(
    $$select a.kind, a.subject = t.file_path
      from ops.alarms as a cross join private.upload_tickets as t$$,
    $$values ('file_overwritten', true)$$, 'it raises an alarm'
);

-- A restored video has no ticket any more, and is wanted no less.
select tests.note('restored', tests.published('carol', with_thumbnail => true));
delete from private.upload_tickets where user_id = 'carol';
select is(
    private.take_webhook(
        pg_temp.event(
            'restored ' || e.kind, e.kind,
            jsonb_build_object(
                'filePath', case e.kind when 'file.created' then f.thumbnail_path else f.file_path end,
                'fileId', 'x'
            )
        )
    ),
    e.outcome, format('a restored video''s %s is %s', e.kind, e.outcome)
)
from private.video_files as f
cross join (
    values ('file.created', 'known'), ('file-version.created', 'alarm')
) as e (kind, outcome)
where f.video_id = tests.id('restored');
select is_empty(
    $$select from private.media_deletions$$, 'and its files are not ordered deleted'
);

select tests.as_media_worker();
select is(
    private.take_webhook(
        pg_temp.event(
            '4', 'file.created',
            '{"filePath": "/videos/2026-11-24/08/unknown.mp4", "fileId": "u"}'
        )
    ),
    'ordered deleted', 'a file in our folders that nobody asked for is ordered deleted'
);
select is(
    private.take_webhook(
        pg_temp.event(
            '5', 'file.created', '{"filePath": "/shop/logo.png", "fileId": "s"}'
        )
    ),
    'ignored', 'the folders of other applications are not ours'
);
select is(
    private.take_webhook(
        pg_temp.event(
            '6', 'file-version.created',
            '{"filePath": "/videos/2026-11-24/08/unknown.mp4", "fileId": "u"}'
        )
    ),
    'ignored', 'nor is a version of what is not published'
);
select is(
    private.take_webhook(
        pg_temp.event('7', 'file.deleted', tests.details(tests.id('ticket')))
    ),
    'ignored', 'other events are for others'
);
select is(
    private.take_webhook('{"id": "8", "type": "video.transformation.ready"}'),
    'ignored', 'also those without a file'
);
select throws_ok(
    format('select private.take_webhook(%L)', event),
    'PT400', 'event_invalid', format('%s is no event', left(event, 30))
)
from unnest(array[
    '{"type": "file.created"}', '{"id": null}', '{"id": ""}', '[]', '["id"]', '"id"', '7',
    'null', format('{"id": "%s"}', repeat('x', 256))
]) as event;
select is(
    private.take_webhook(pg_temp.event('odd ' || data, 'file.created', data::jsonb)),
    outcome, format('%s: %s', outcome, data)
)
from (
    values
    ('{"filePath": "/videos/x/a.mp4"}', 'ignored'),
    ('{"fileId": "a"}', 'ignored'),
    ('{"filePath": 7, "fileId": 7}', 'ignored'),
    ('{"filePath": ["/videos/x/a.mp4"], "fileId": "a"}', 'ignored'),
    ('{"filePath": "/videos", "fileId": "a"}', 'ignored'),
    ('{"filePath": "/videos/", "fileId": "a"}', 'ignored'),
    ('{"filePath": "/videos/../shop/a.png", "fileId": "a"}', 'ignored'),
    ('{"filePath": "/videos/x/a\nb.mp4", "fileId": "a"}', 'ignored'),
    ('"text"', 'ignored'),
    ('null', 'ignored'),
    ('{"filePath": "/videos/x/été 1.mp4", "fileId": "a"}', 'ordered deleted'),
    ('{"filePath": "/avatars/x/a..b.jpg", "fileId": "a"}', 'ordered deleted')
) as t (data, outcome);
select is(
    private.take_webhook('{"id": "without type", "data": {"filePath": "/videos/x/a.mp4"}}'),
    'ignored', 'an event without a type is not ours to judge'
);

select private.fail_upload('ada', (private.open_upload('ada')).ticket_id, 'no');
select tests.as_owner();
select is(
    private.take_webhook(
        pg_temp.event('9', 'file.created', tests.details(t.id))
    ),
    'ordered deleted', 'a file for a ticket that has ended is ordered deleted'
)
from private.upload_tickets as t
where t.state = 'failed';
select results_eq(
    $$select reason, count(*)::integer from private.media_deletions
      group by reason order by reason$$,
    $$values ('expired', 1), ('orphan', 3)$$, 'these and no other'
);

update private.webhook_events
set received_at = now() - interval '7 days 1 second' where id in ('1', '2');
update private.webhook_events
set received_at = now() - interval '6 days 23 hours' where id = '3';
select is(private.prune_webhook_events(), 2, 'after a week an event is forgotten');

select * from finish();
rollback;
