-- A ticket says what one person may upload, where and until when.

begin;
select plan(37);

update private.settings set url_endpoint = null where singleton;
select throws_ok(
    $$select private.open_upload('ada')$$, 'PT503', 'uploads_not_configured',
    'without a URL endpoint nothing is uploaded'
);
select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');

select tests.as_media_worker();
select tests.note('ticket', (private.open_upload('ada')).ticket_id);
select results_eq(
    $$select purpose, state, video_id from private.find_upload('ada', tests.id('ticket'))$$,
    $$values ('video', 'issued', null::uuid)$$,
    'a ticket without particulars is for a video'
);
select results_eq(
    $$select mime_types, exact_bytes, max_bytes, max_seconds,
          expires_at - issued_at, issued_at = date_trunc('second', now())
      from private.open_upload('bob', 'video', 'video/mp4', 5000)$$,
    $$values (
        array['video/mp4', 'video/quicktime'], 5000::bigint, 104857600::bigint, 180,
        interval '30 minutes', true
    )$$,
    'it says what ImageKit must check, and ends after half an hour'
);
select results_eq(
    $$select folder, file_name = ticket_id || '.mp4' from private.open_upload('bob')$$,
    $$values (to_char(now() at time zone 'utc', '"/videos/"YYYY-MM-DD/HH24'), true)$$,
    'a video goes into the folder of its hour, under a name nobody can guess'
);
select results_eq(
    $$select folder, file_name = ticket_id || '.jpg', mime_types, max_bytes, max_seconds
      from private.open_upload('bob', 'avatar')$$,
    $$values (
        to_char(now() at time zone 'utc', '"/avatars/"YYYY-MM-DD'), true, array['image/jpeg', 'image/png', 'image/webp'],
        5242880::bigint, null::integer
    )$$,
    'an avatar has a folder and limits of its own'
);

select throws_ok(
    format('select private.open_upload(%s)', arguments), code, slug, sentence
)
from (
    values
    ('null', 'PT401', 'sign_in_required', 'a ticket belongs to a person'),
    ('e''a\nb''', 'PT401', 'sign_in_required', 'whose id is printable'),
    ('''ada'', ''film''', 'PT400', 'purpose_invalid', 'a purpose is known'),
    ('''ada'', null', 'PT400', 'purpose_invalid', 'and given'),
    (
        '''ada'', ''video'', ''image/png''',
        'PT415', 'upload_type_unsupported', 'a picture is no video'
    ),
    (
        '''ada'', ''avatar'', ''image/svg+xml''',
        'PT415', 'upload_type_unsupported', 'a drawing with scripts is no avatar'
    ),
    ('''ada'', bytes => 0', 'PT400', 'bytes_invalid', 'a file has a size'),
    (
        '''ada'', bytes => 104857601',
        'PT413', 'upload_too_large', 'a video has at most 100 MiB'
    ),
    (
        '''ada'', ''avatar'', bytes => 5242881',
        'PT413', 'upload_too_large', 'an avatar has at most 5 MiB'
    )
) as t (arguments, code, slug, sentence);

select lives_ok(
    format('select private.open_upload(''erin'', bytes => %s)', n),
    format('a video of %s bytes is allowed', n)
)
from unnest(array[1, 104857600]) as n;

-- Found by its owner alone, by id or by URL.
select results_eq(
    $$select ticket_id from private.find_upload('ada', url =>
        'https://ik.imagekit.io/demo' || (
            select file_path from private.find_upload('ada', tests.id('ticket'))
        ) || '?tr=w-100')$$,
    $$values (tests.id('ticket'))$$,
    'a ticket is found by the URL its file will have'
);
select throws_ok(
    format('select private.find_upload(%s)', arguments),
    'PT404', 'upload_not_found', sentence
)
from (
    values
    ('''bob'', tests.id(''ticket'')', 'a ticket is not found by another person'),
    ('''ada'', gen_random_uuid()', 'nor by another id'),
    ('''ada'', url => ''https://evil.example/videos/x.mp4''', 'nor by a foreign URL'),
    ('''ada''', 'nor by nothing at all')
) as t (arguments, sentence);

-- ImageKit cannot be asked now.
select is(
    private.hold_upload('ada', tests.id('ticket'), 'file-1', 'sunset', 'by the sea'),
    'uploaded', 'an upload waits while ImageKit is away'
);
select is(
    private.hold_upload('ada', tests.id('ticket')), 'uploaded',
    'saying so again loses nothing'
);
select is(
    (private.find_upload('ada', tests.id('ticket'))).state, 'uploaded',
    'its owner sees it waiting'
);
select results_eq(
    $$select title, description from private.publish_video(
        'ada', tests.id('ticket'), tests.details(tests.id('ticket')))$$,
    $$values ('sunset', 'by the sea')$$,
    'it is published with the texts it waited with'
);
select is(
    private.hold_upload('ada', tests.id('ticket')), 'published',
    'who comes late learns that it is published'
);
select throws_ok(
    $$select private.hold_upload('bob', tests.id('ticket'))$$,
    'PT404', 'upload_not_found', 'nobody holds the upload of another'
);

-- Limits a person.
select tests.as_owner();
select ops.set_setting('open_tickets_per_user', '2');
select tests.as_media_worker();
select private.open_upload('carol');
select private.open_upload('carol');
select throws_ok(
    $$select private.open_upload('carol')$$, 'PT409', 'too_many_open_uploads',
    'a person has a limited number of tickets open'
);
select lives_ok(
    $$select private.open_upload('dave')$$, 'another person has his own'
);
select private.hold_upload('dave', (private.open_upload('dave')).ticket_id);
select lives_ok(
    $$select private.open_upload('dave')$$, 'what is sent is not open any more'
);
select tests.as_owner();
update private.upload_tickets set expires_at = now() where user_id = 'carol';
select ops.set_setting('tickets_per_hour', '3');
select tests.as_media_worker();
select lives_ok(
    $$select private.open_upload('carol')$$, 'expired tickets are not open'
);
select is(
    tests.outcome($$select private.open_upload('carol')$$), 'PT429 too_many_uploads',
    'but they count within the hour'
);
select tests.as_owner();
update private.upload_tickets set issued_at = now() - interval '1 hour'
where user_id = 'carol';
select tests.as_media_worker();
select lives_ok(
    $$select private.open_upload('carol')$$, 'after an hour they are forgotten'
);

select results_eq(
    'select url_endpoint, address_header, max_video_bytes from private.api_settings()',
    $$values ('https://ik.imagekit.io/demo', 'x-client-address', 104857600::bigint)$$,
    'the API can compare its settings with the database''s'
);
select throws_ok(
    'select * from private.upload_tickets', '42501', null,
    'media_worker reads no ticket but through its functions'
);

select tests.sign_in('ada');
select throws_ok(
    $$select private.open_upload('ada')$$, '42501', null,
    'a client cannot open a ticket past the API'
);

-- A ticket only goes forward.
select tests.as_owner();
select throws_ok(
    $$update private.upload_tickets set state = 'issued' where id = tests.id('ticket')$$,
    '23514', null, 'what is published stays published'
);

select * from finish();
rollback;
