-- People name themselves, once and for all to see, and wear only pictures of their own.

begin;
select plan(24);

select tests.person('ada', 'ada');
select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');

select tests.sign_in('bob');
select results_eq(
    $$select user_id, username, avatar, verified from public.my_profile()$$,
    $$values ('bob', null::text, null::text, false)$$,
    'who has no profile reads an empty one'
);
select is_empty(
    $$select from public.user_profiles where user_id = 'bob'$$,
    'reading it makes no row'
);
select results_eq(
    $$select user_id, username from public.update_my_profile(username => ' Bob.1 ')$$,
    $$values ('bob', 'bob.1')$$,
    'update_my_profile() makes the row; a username is stored in lower case, trimmed'
);
select throws_ok(
    format('select public.update_my_profile(username => %L)', name),
    'PT400', 'username_invalid', 'a username ' || sentence
)
from (
    values
    ('ab', 'has 3 characters or more'),
    (repeat('a', 31), 'has 30 characters or fewer'),
    ('b b', 'has no spaces'),
    ('bób', 'has letters that exist once')
) as t (name, sentence);
select throws_ok(
    $$select public.update_my_profile(username => 'ADA')$$,
    'PT409', 'username_taken', 'a username belongs to one person'
);
select throws_ok(
    $$update public.user_profiles set username = 'ada' where user_id = 'bob'$$,
    'PT409', 'username_taken', 'also by a direct update'
);
select lives_ok(
    $$update public.user_profiles set username = 'robert' where user_id = 'bob'$$,
    'a person renames himself directly'
);
select is(
    (select updated_at from public.user_profiles where user_id = 'bob'), now(),
    'the date of the change is kept'
);
select is(
    tests.outcome('update public.user_profiles set username = null'), '1 row',
    'an update without a where reaches one''s own row alone'
);
select is(
    tests.outcome(format('update public.user_profiles set %1$I = %1$I', c)), '42501',
    format('nobody writes %s', c)
)
from unnest(array['user_id', 'verified', 'created_at', 'updated_at']) as c;
select is(
    tests.outcome('insert into public.user_profiles (username) values (''x123'')'),
    '42501', 'nobody inserts a profile'
);
select is(
    tests.outcome('delete from public.user_profiles'), '42501',
    'nobody deletes a profile'
);

select throws_ok(
    $$select public.update_my_profile(avatar => 'https://example.com/me.jpg')$$,
    'PT400', 'avatar_invalid', 'a picture from elsewhere is refused'
);

select tests.as_media_worker();
select tests.note('ticket', (private.open_upload('bob', 'avatar')).ticket_id);
select tests.as_owner();
create temporary table avatar as
select 'https://ik.imagekit.io/demo' || file_path as url
from private.upload_tickets;
grant select on avatar to public;

select tests.sign_in('carol');
select throws_ok(
    $$select public.update_my_profile(avatar => url) from avatar$$,
    'PT400', 'avatar_invalid', 'a picture of another person is refused'
);
select tests.sign_in('bob');
select throws_ok(
    $$select public.update_my_profile(avatar => url) from avatar$$,
    'PT400', 'avatar_invalid', 'nor is a picture that was not published yet'
);
select tests.as_media_worker();
select private.publish_avatar('bob', tests.id('ticket'), tests.details(tests.id('ticket')));
select tests.as_owner();
update public.user_profiles set avatar = null where user_id = 'bob';
update private.media_deletions set state = 'cancelled' where state = 'queued';
select tests.sign_in('bob');
select lives_ok(
    $$update public.user_profiles set avatar = url from avatar where user_id = 'bob'$$,
    'a picture one has published as an avatar is taken'
);
select results_eq(
    $$select username, avatar from public.update_my_profile(avatar => '')$$,
    $$values ('robert', null::text)$$,
    'an empty avatar takes it away and keeps the name'
);

select tests.as_anonymous();
select results_eq(
    $$select username from public.user_profiles order by 1$$,
    $$values ('ada'), ('robert')$$,
    'everybody reads profiles'
);

select * from finish();
rollback;
