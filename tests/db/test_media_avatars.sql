-- An avatar is an uploaded picture, published once; the one before goes.

begin;
select plan(19);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_media_worker();
select tests.note('first', (private.open_upload('ada', 'avatar')).ticket_id);
select tests.note('second', (private.open_upload('ada', 'avatar')).ticket_id);
select throws_ok(
    $$select private.publish_avatar('bob', tests.id('first'), '{}')$$,
    'PT404', 'upload_not_found', 'nobody publishes the picture of another'
);
select throws_ok(
    $$select private.publish_avatar(
        'ada', tests.id('first'),
        tests.details(tests.id('first')) || '{"mime": "video/mp4"}'
    )$$,
    'PT422', 'avatar_mismatch', 'a video is no picture'
);
select results_eq(
    $$select p.user_id, p.avatar like 'https://ik.imagekit.io/demo/avatars/%.jpg'
      from private.publish_avatar(
          'ada', tests.id('first'), tests.details(tests.id('first'))
      ) as p$$,
    $$values ('ada', true)$$, 'a published picture is the avatar'
);
select is(
    (
        private.publish_avatar(
            'ada', tests.id('first'), tests.details(tests.id('first'))
        )
    ).user_id,
    'ada', 'the same call again changes nothing'
);
select throws_ok(
    $$select private.publish_avatar('ada', tests.id('first'), '{"fileId": "other"}')$$,
    'PT409', 'upload_conflict', 'another file is a conflict'
);
select tests.as_owner();
select is_empty($$select from private.media_deletions$$, 'nothing is to be deleted yet');

select tests.as_media_worker();
select private.publish_avatar(
    'ada', tests.id('second'), tests.details(tests.id('second'))
);
select tests.as_owner();
select results_eq(
    $$select file_id, reason, state from private.media_deletions$$,
    $$values ('file-' || tests.id('first'), 'replaced', 'queued')$$,
    'the picture before it is ordered deleted'
);
create temporary table pictures as
select id, private.media_url(file_path) as url from private.upload_tickets;
grant select on pictures to public;
select tests.sign_in('ada');
select throws_ok(
    $$select public.update_my_profile(avatar => url) from pictures
      where id = tests.id('first')$$,
    'PT400', 'avatar_invalid', 'a picture on its way out cannot come back'
);
select lives_ok(
    $$select public.update_my_profile(avatar => '')$$, 'an avatar may be taken away'
);
select tests.as_owner();
select is(
    (
        select count(*)::integer from private.media_deletions
        where file_id = 'file-' || tests.id('second') and reason = 'replaced'
    ),
    1, 'then its file goes too'
);

-- The URL endpoint may change while a picture is worn.
delete from private.media_deletions where true;
select tests.as_media_worker();
select tests.note('carol', (private.open_upload('carol', 'avatar')).ticket_id);
select private.publish_avatar('carol', tests.id('carol'), tests.details(tests.id('carol')));
select tests.note('erin', (private.open_upload('erin', 'avatar')).ticket_id);
select private.publish_avatar('erin', tests.id('erin'), tests.details(tests.id('erin')));
select tests.as_owner();
select ops.set_setting('url_endpoint', 'https://media.example.com');
update public.user_profiles set username = 'carol' where user_id = 'carol';
select is_empty(
    $$select from private.media_deletions$$, 'a new name orders no picture deleted'
);
update public.user_profiles set avatar = null where user_id = 'carol';
delete from public.user_profiles where user_id = 'erin';
select results_eq(
    $$select file_id, reason from private.media_deletions order by reason$$,
    $$values ('file-' || tests.id('erin'), 'erased'), ('file-' || tests.id('carol'), 'replaced')$$,
    'a replaced one goes all the same, and that of an account that is erased'
);

-- What one sees of one's uploads.
select tests.sign_in('ada');
select results_eq(
    $$select ticket_id, purpose, state from public.my_uploads(page_size => 1)$$,
    $$values (tests.id('second'), 'avatar', 'published')$$,
    'my_uploads() tells how far they are, newest first'
);
select results_eq(
    $$select ticket_id from public.my_uploads(before => tests.id('second'))$$,
    $$values (tests.id('first'))$$, 'page by page'
);
select tests.sign_in('bob');
select is_empty($$select from public.my_uploads()$$, 'only one''s own');
select throws_ok(
    $$select public.my_uploads(page_size => 0)$$, 'PT400', 'page_size_invalid',
    'a page has uploads'
);
select tests.as_anonymous();
select throws_ok(
    $$select public.my_uploads()$$, '42501', null, 'nobody has uploads without a token'
);

-- A video is played as it was uploaded, or by a manifest while that is switched on.
select tests.note('plain', tests.published('ada'));
select ops.set_setting('adaptive_streaming', 'true');
select tests.note('streamed', tests.published('ada', with_thumbnail => true));
select results_eq(
    $$select v.id, v.video_url
      from public.videos as v order by v.id$$,
    $$select f.video_id, (private.media_url(f.file_path) || case f.video_id
          when tests.id('plain') then '' else '/ik-master.m3u8?tr=sr-240_360_480_720'
      end) collate "default"
      from private.video_files as f order by f.video_id$$,
    'a video''s URL is its file''s, with adaptive streaming its manifest''s'
);
select is(
    (select v.thumbnail_url from public.videos as v where v.id = tests.id('streamed')),
    (
        select private.media_url(f.thumbnail_path)
        from private.video_files as f where f.video_id = tests.id('streamed')
    ),
    'a thumbnail''s is always its file''s'
);

select * from finish();
rollback;
