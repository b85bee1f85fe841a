-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid
-- (No row has a request_id yet: the indexes are empty, building them is one read.)

-- A phone that got no answer asks again. With an id of its own making it is recognised,
-- and what it asked for is done once.

alter table public.video_comments
add column request_id uuid;

-- Holds the video, as every key of what hangs on one. That an id is used for one
-- comment only, whatever the video, is skip_repeated_comment()'s business.
create unique index video_comments_user_id_request_id_video_id_idx
on public.video_comments (user_id, request_id, video_id)
where request_id is not null;

comment on column public.video_comments.request_id is
'A random uuid by which the writer''s phone recognises its own request; null when it '
'sent none. Known as long as the comment is there.';

alter table private.upload_tickets
add column request_id uuid;

create unique index upload_tickets_user_id_request_id_idx
on private.upload_tickets (user_id, request_id)
where request_id is not null;

comment on column private.upload_tickets.request_id is
'A random uuid by which the person''s phone recognises its own request; null when it sent '
'none. Known as long as the ticket is there.';
