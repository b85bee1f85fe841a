-- Each rule stands on its own: with the rule before it taken away, the next one holds.

begin;
select plan(16);

select tests.person('ada', 'ada');
select tests.person('bob', 'bob');
select tests.note('video', tests.video('ada'));
select tests.note('own', tests.video('bob', interval '1 minute'));
select tests.comment(tests.id('own'), 'ada');

-- Without column grants the policies refuse another person's name.
grant insert, update, delete on
public.videos, public.video_likes, public.video_comments, public.user_profiles,
public.user_blocks to authenticated;
select tests.sign_in('bob');
select is(tests.outcome(statement), '42501', 'a policy refuses ' || sentence)
from (
    values
    (
        'insert into public.video_likes (video_id, user_id) '
        'values (tests.id(''video''), ''carol'')',
        'a like in another person''s name'
    ),
    (
        'insert into public.video_comments (video_id, user_id, text) '
        'values (tests.id(''video''), ''ada'', ''x'')',
        'a comment in another person''s name'
    ),
    (
        'insert into public.user_blocks (user_id, blocked_user_id) '
        'values (''ada'', ''carol'')',
        'a block in another person''s name'
    ),
    (
        'update public.videos set user_id = ''ada'' where id = tests.id(''own'')',
        'giving a video away'
    ),
    (
        'update public.user_profiles set user_id = ''carol'' where user_id = ''bob''',
        'becoming somebody else'
    ),
    (
        'insert into public.user_profiles (user_id) values (''carol'')',
        'a profile for somebody else'
    ),
    (
        'insert into public.videos (id, user_id, video_url) '
        'values (private.uuid_v7(), ''bob'', ''https://x'')',
        'a video without an upload'
    )
) as t (statement, sentence);
select is(tests.outcome(statement), '0 rows', 'a policy hides ' || sentence)
from (
    values
    ('update public.video_likes set user_id = ''bob''', 'likes from changes'),
    ('update public.video_comments set text = ''x''', 'comments from changes'),
    ('update public.user_blocks set user_id = ''bob''', 'blocks from changes'),
    ('delete from public.videos', 'videos from a delete'),
    ('delete from public.user_profiles', 'profiles from a delete')
) as t (statement, sentence);

-- Without their triggers the policies still ask whether the video can be seen.
select tests.as_owner();
update public.videos set hidden_at = now() where id = tests.id('video');
alter table public.video_likes disable trigger prepare_like_on_insert;
alter table public.video_comments disable trigger prepare_comment_on_write;
select tests.sign_in('bob');
select is(tests.outcome(statement), '42501', 'a policy refuses ' || sentence)
from (
    values
    (
        'insert into public.video_likes (video_id) values (tests.id(''video''))',
        'a like of a hidden video'
    ),
    (
        'insert into public.video_comments (video_id, text) '
        'values (tests.id(''video''), ''x'')',
        'a comment on a hidden video'
    )
) as t (statement, sentence);

select tests.as_owner();
-- A person who is erased takes along what is his.
delete from public.user_profiles where user_id = 'bob';
select is_empty(
    $$select from public.videos where user_id = 'bob'$$, 'videos go with their owner'
);
select is_empty(
    $$select from public.video_comments where user_id = 'bob'
      or video_id = tests.id('own')$$,
    'comments go with their writer and with their video'
);

select * from finish();
rollback;
