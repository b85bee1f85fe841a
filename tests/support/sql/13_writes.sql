-- Every way in which a client writes, with the action it counts as. bob is who speaks;
-- ada's video, which he likes and comments on, and one of his own are noted by name.

create function tests.prepare_writes()
returns void
language plpgsql
as $$
begin
    perform tests.person('bob', 'bob');
    perform tests.note('video', tests.video('ada'));
    perform tests.note('liked', tests.video('ada', interval '1 hour'));
    perform tests.note('own', tests.video('bob', interval '1 minute'));
    perform tests.note('comment', tests.comment(tests.id('video'), 'bob'));
    perform tests.block('bob', 'dave');
    insert into public.video_likes (video_id, user_id) values (tests.id('liked'), 'bob');
end
$$;

comment on function tests.prepare_writes() is 'What the writes are about; as the owner.';

create view tests.writes (door, action, statement) as
values
(
    'insert on video_likes', 'like',
    'insert into public.video_likes (video_id) values (tests.id(''video''))'
),
(
    'delete on video_likes', 'like',
    'delete from public.video_likes where video_id = tests.id(''liked'')'
),
('like_video', 'like', 'select public.like_video(tests.id(''video''))'),
('like_video off', 'like', 'select public.like_video(tests.id(''liked''), false)'),
('like_video toggle', 'like', 'select public.like_video(tests.id(''liked''), null)'),
(
    'insert on video_comments', 'comment',
    'insert into public.video_comments (video_id, text) '
    'values (tests.id(''video''), ''hi'')'
),
(
    'add_video_comment', 'comment',
    'select public.add_video_comment(tests.id(''video''), ''hi'')'
),
(
    'delete on video_comments', 'delete_comment',
    'delete from public.video_comments where id = tests.id(''comment'')'
),
(
    'delete_video_comment', 'delete_comment',
    'select public.delete_video_comment(tests.id(''video''), tests.id(''comment''))'
),
(
    'insert on user_blocks', 'block',
    'insert into public.user_blocks (blocked_user_id) values (''carol'')'
),
('delete on user_blocks', 'block', 'delete from public.user_blocks'),
('block_user', 'block', 'select public.block_user(''carol'')'),
('unblock_user', 'block', 'select public.unblock_user(''dave'')'),
(
    'update on videos', 'update_video',
    'update public.videos set title = ''x'' where id = tests.id(''own'')'
),
('update_video', 'update_video', 'select public.update_video(tests.id(''own''), ''x'')'),
(
    'update on user_profiles', 'update_profile',
    'update public.user_profiles set username = ''robert'' where user_id = ''bob'''
),
('update_my_profile', 'update_profile', 'select public.update_my_profile(''robert'')'),
('delete_video', 'delete_video', 'select public.delete_video(tests.id(''own''))'),
('record_view', 'record_view', 'select public.record_view(tests.id(''video''))'),
(
    'report_video', 'report_video',
    'select public.report_video(tests.id(''video''), ''odd'')'
),
('erase_me', 'erase_me', 'select public.erase_me()');

comment on view tests.writes is
'Every door through which a client writes. The last one stays open to the suspended.';

create view tests.reads (door, statement) as
values
('feed', 'select from public.feed()'),
('video_feed', 'select from public.video_feed'),
('videos', 'select from public.videos'),
('get_video', 'select from public.get_video(tests.id(''video''))'),
('video_comments_page', 'select from public.video_comments_page(tests.id(''video''))'),
('video_comments', 'select from public.video_comments'),
('user_profiles', 'select from public.user_profiles'),
('my_profile', 'select from public.my_profile()'),
('my_uploads', 'select from public.my_uploads()'),
('export_my_data', 'select public.export_my_data()'),
('my_likes', 'select from public.my_likes()'),
('user_videos', 'select from public.user_videos(''ada'')'),
('trending_feed', 'select from public.trending_feed()'),
('video_likes', 'select from public.video_likes'),
('user_blocks', 'select from public.user_blocks');

comment on view tests.reads is 'Every door through which a client reads.';

create view tests.callable_functions as
select p.proname::text as function_name
from pg_proc as p
where
    p.pronamespace = 'public'::regnamespace
    and has_function_privilege('authenticated', p.oid, 'execute');

comment on view tests.callable_functions is 'What a signed-in client may call.';

grant select on tests.writes, tests.reads to public;

create function tests.use_up(subject text, spared text default '')
returns void
language sql
security definer
set search_path = ''
as $$
    insert into private.rate_states (subject, action, per, full_at)
    select
        use_up.subject,
        r.action,
        r.per,
        now() + r.per
    from private.rate_rules as r
    where r.action <> use_up.spared
    on conflict on constraint rate_states_pkey do update
    set full_at = excluded.full_at
$$;

comment on function tests.use_up(text, text) is
'Let somebody have used up everything but one action.';

alter function tests.use_up(text, text) owner to postgres;
