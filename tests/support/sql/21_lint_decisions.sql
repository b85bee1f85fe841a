-- What was decided, one line each: an exception to a convention, or a right given.

create view lint.allowed_definers (function_name, reason) as
values
('private.append_delta', 'no client may write counters'),
('private.blocked_user_ids', 'sees who blocked the caller, which he may not');

comment on view lint.allowed_definers is
'Functions that run with their owner''s rights, and why they must.';

create view lint.allowed_parsed_bodies (function_name, reason) as
values
('private.can_see_video', 'inlined: its first condition becomes an index condition'),
('private.clean_text', 'one expression, used in row triggers'),
('private.is_visible_text', 'one expression, used in row triggers'),
('private.oldest_visible_at', 'inlined into policies'),
('private.oldest_visible_id', 'inlined into policies'),
('private.uuid_v7', 'a column default: inlined'),
('private.uuid_v7_floor', 'inlined into comparisons of ids'),
('private.uuid_v7_time', 'inlined into comparisons of ages'),
('private.viewer_id', 'inlined into policies');

comment on view lint.allowed_parsed_bodies is
'Functions with a parsed body and no pinned search path, which would keep them from '
'being inlined.';

create view lint.direct_writes (object, role_name, privilege, column_name) as
values
('public.video_likes', 'authenticated', 'insert', 'video_id'),
('public.video_likes', 'authenticated', 'delete', null),
('public.video_comments', 'authenticated', 'insert', 'video_id'),
('public.video_comments', 'authenticated', 'insert', 'text'),
('public.video_comments', 'authenticated', 'delete', null),
('public.videos', 'authenticated', 'update', 'title'),
('public.videos', 'authenticated', 'update', 'description'),
('public.user_profiles', 'authenticated', 'update', 'username'),
('public.user_profiles', 'authenticated', 'update', 'avatar'),
('public.user_blocks', 'authenticated', 'insert', 'blocked_user_id'),
('public.user_blocks', 'authenticated', 'delete', null);

comment on view lint.direct_writes is
'What the mobile app may write without a function. Nobody else writes anything.';

create view lint.allowed_keys_without_video (index_name, reason) as
values
('private.video_files_file_id_key', 'a second guard: one file, one video'),
('private.video_files_file_path_key', 'a second guard: one path, one video'),
('private.video_files_thumbnail_file_id_key', 'a second guard: one file, one video'),
('private.video_files_thumbnail_path_key', 'a second guard: one path, one video'),
('private.upload_tickets_pkey', 'a ticket is older than its video'),
('private.upload_tickets_file_id_key', 'a ticket is older than its video'),
('private.upload_tickets_file_path_key', 'a ticket is older than its video'),
('private.moderation_log_pkey', 'a log of what administrators did');

comment on view lint.allowed_keys_without_video is
'Unique keys that cannot hold the id of a video.';

create view lint.allowed_plpgsql_problems (function_name, message_pattern, reason) as
select
    a.function_name,
    a.message_pattern,
    a.reason
from (values (null::text, null::text, null::text))
    as a (function_name, message_pattern, reason)
where a.function_name is not null;

comment on view lint.allowed_plpgsql_problems is
'What plpgsql_check cannot know better.';
