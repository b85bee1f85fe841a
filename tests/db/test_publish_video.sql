-- A file becomes a video once, when it is exactly what its ticket was opened for.

begin;
select plan(33);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_media_worker();
select tests.note('ticket', (
    private.open_upload('ada', 'video', 'video/mp4', 5000)
).ticket_id);

create function pg_temp.publish(changes jsonb) returns text language sql as $$
    select tests.outcome(format(
        'select private.publish_video(''ada'', tests.id(''ticket''), %L)',
        tests.details(tests.id('ticket')) || publish.changes
    ))
$$;

select is(
    pg_temp.publish(changes), 'PT422 upload_mismatch', 'a file is refused when ' || sentence
)
from (
    values
    ('{"type": "folder"}'::jsonb, 'it is none'),
    ('{"filePath": "/videos/elsewhere.mp4"}', 'it lies at another path'),
    ('{"filePath": null}', 'it has no path'),
    ('{"fileId": ""}', 'it has no id'),
    ('{"versionInfo": {"name": "Version 2"}}', 'it was overwritten'),
    ('{"versionInfo": null}', 'its version is unknown'),
    ('{"mime": "image/png"}', 'it is no video'),
    ('{"mime": "video/quicktime"}', 'its type is not the announced one'),
    ('{"size": 4999}', 'its size is not the announced one'),
    ('{"size": "5000"}', 'its size is no number'),
    ('{"duration": 181}', 'it is too long'),
    ('{"duration": null}', 'its duration is unknown')
) as t (changes, sentence);
select is(
    tests.outcome(format(
        'select private.publish_video(%L, %L, %s)',
        who, ticket, 'tests.details(tests.id(''ticket''))'
    )),
    'PT404 upload_not_found', sentence
)
from (
    values
    ('bob', tests.id('ticket'), 'nobody publishes with the ticket of another'),
    ('ada', gen_random_uuid(), 'or with none')
) as t (who, ticket, sentence);
select throws_ok(
    $$select private.publish_video('ada', tests.id('ticket'),
        tests.details(tests.id('ticket')), title => repeat('x', 201))$$,
    'PT400', 'title_too_long', 'a title obeys its limit'
);

select results_eq(
    $$select title, description, video_url, thumbnail_url, user_id,
          views_count, likes_count, comments_count, liked_by_me,
          expires_at - created_at
      from private.publish_video('ada', tests.id('ticket'),
          tests.details(tests.id('ticket')), ' sunset ', '')$$,
    $$select 'sunset', null::text,
          'https://ik.imagekit.io/demo' || u.file_path, null::text, 'ada',
          0::bigint, 0::bigint, 0::bigint, false, interval '14 days'
      from private.find_upload('ada', tests.id('ticket')) as u$$,
    'a good file becomes a video, whose URL is built from its path'
);
select tests.note('video', (
    private.find_upload('ada', tests.id('ticket'))
).video_id);
select is(
    (private.publish_video('ada', tests.id('ticket'), tests.details(tests.id('ticket')))
    ).id,
    tests.id('video'), 'the same call again gives the same video'
);
select is(
    pg_temp.publish('{"fileId": "another"}'), 'PT409 upload_conflict',
    'a ticket is good for one file'
);

select tests.as_owner();
select results_eq(
    $$select private.uuid_v7_time(v.id) = v.created_at,
          abs(extract(epoch from clock_timestamp() - v.created_at)) < 60
      from public.videos as v where v.id = tests.id('video')$$,
    $$values (true, true)$$,
    'a video''s life begins when it is published'
);
select results_eq(
    $$select file_id, file_path, bytes, ticket_id from private.video_files$$,
    $$select 'file-' || t.id, t.file_path, 5000::bigint, t.id
      from private.upload_tickets as t where t.id = tests.id('ticket')$$,
    'its file is remembered where no client looks'
);
select ok(
    to_regclass('partitions.video_likes_' || to_char(now() at time zone 'utc', 'YYYYMMDD'))
    is not null, 'its day is there, so that it can be liked'
);

-- Thumbnails.
select tests.as_media_worker();
select tests.note('second', (private.open_upload('ada')).ticket_id);
select tests.note('picture', (private.open_upload('ada', 'thumbnail')).ticket_id);
select is(
    tests.outcome(format(
        'select private.publish_video(''ada'', tests.id(''second''), '
        'tests.details(tests.id(''second'')), thumbnail_ticket_id => %s, '
        'thumbnail_file => %s)',
        picture, file
    )),
    expected, sentence
)
from (
    values
    (
        'tests.id(''picture'')', 'null', 'PT422 thumbnail_mismatch',
        'a thumbnail without its file is refused'
    ),
    (
        'tests.id(''ticket'')', 'tests.details(tests.id(''ticket''))',
        'PT404 upload_not_found', 'a video is no thumbnail'
    )
) as t (picture, file, expected, sentence);
select matches(
    (
        private.publish_video(
            'ada', tests.id('second'), tests.details(tests.id('second')),
            thumbnail_ticket_id => tests.id('picture'),
            thumbnail_file => tests.details(tests.id('picture'))
        )
    ).thumbnail_url,
    '^https://ik\.imagekit\.io/demo/videos/.*\.jpg$', 'a thumbnail has its URL'
);
select tests.note('third', (private.open_upload('ada')).ticket_id);
select is(
    tests.outcome(
        'select private.publish_video(''ada'', tests.id(''third''), '
        'tests.details(tests.id(''third'')), '
        'thumbnail_ticket_id => tests.id(''picture''), '
        'thumbnail_file => tests.details(tests.id(''picture'')))'
    ),
    'PT409 upload_conflict', 'a thumbnail belongs to one video'
);

-- Played by a manifest, while the setting is on; the thumbnail stays a picture.
select tests.as_owner();
select ops.set_setting('adaptive_streaming', 'true');
select tests.as_media_worker();
select tests.note('streamed', (private.open_upload('ada')).ticket_id);
select tests.note('still', (private.open_upload('ada', 'thumbnail')).ticket_id);
select results_eq(
    $$select video_url, thumbnail_url from private.publish_video(
        'ada', tests.id('streamed'), tests.details(tests.id('streamed')),
        thumbnail_ticket_id => tests.id('still'),
        thumbnail_file => tests.details(tests.id('still')))$$,
    $$select
        'https://ik.imagekit.io/demo' || (private.find_upload('ada', tests.id('streamed'))).file_path
        || '/ik-master.m3u8?tr=sr-240_360_480_720',
        'https://ik.imagekit.io/demo' || (private.find_upload('ada', tests.id('still'))).file_path$$,
    'with adaptive streaming a video is played by its manifest'
);
select tests.as_owner();
select ops.set_setting('adaptive_streaming', 'false');
select tests.as_media_worker();

-- In time.
select tests.as_owner();
update private.upload_tickets set expires_at = now() - interval '14 minutes 58 seconds'
where id = tests.id('third');
select tests.as_media_worker();
select is(
    tests.outcome(
        'select private.publish_video(''ada'', tests.id(''third''), '
        'tests.details(tests.id(''third'')))'
    ),
    '1 row', 'a file that arrived in time is published within a quarter of an hour'
);
select tests.as_owner();
update private.upload_tickets set expires_at = now() - interval '15 minutes 2 seconds'
where id = tests.id('third');
select tests.as_media_worker();
select is(
    tests.outcome(
        'select private.publish_video(''ada'', tests.id(''third''), '
        'tests.details(tests.id(''third'')))'
    ),
    'PT410 upload_expired', 'and not later'
);
select is(
    (private.find_upload('ada', tests.id('third'))).state, 'expired',
    'its owner sees that it expired'
);

select tests.as_owner();
update public.videos set hidden_at = now() where id = tests.id('video');
select tests.as_media_worker();
select is(
    (private.publish_video('ada', tests.id('ticket'), tests.details(tests.id('ticket')))
    ).id,
    null, 'publishing again does not show what moderation has hidden'
);

select tests.as_owner();
delete from public.videos where id = tests.id('video');
select tests.as_media_worker();
select is(
    (private.publish_video('ada', tests.id('ticket'), tests.details(tests.id('ticket')))
    ).id,
    null, 'a video that is gone does not come back by publishing again'
);

select tests.sign_in('ada');
select throws_ok(
    $$select private.publish_video('ada', tests.id('third'), '{}')$$, '42501', null,
    'a client cannot publish past the API'
);
select tests.as_owner();
select throws_ok(
    $$insert into private.video_files (video_id, file_id, file_path, bytes)
      select tests.video('ada'), f.file_id, '/videos/other.mp4', 1
      from private.video_files as f limit 1$$,
    '23505', null, 'no two videos share a file'
);

select * from finish();
rollback;
