create or replace function private.skip_repeated_comment()
returns trigger
language plpgsql
security definer -- sees the caller's comments on videos he can no longer see
set search_path = ''
as $$
declare
    v_comment public.video_comments;
begin
    -- The same request at the same moment waits here until the first has committed; the
    -- next statement then sees its comment. Nobody else has this lock.
    perform pg_advisory_xact_lock(
        hashtextextended(
            'public.video_comments:' || new.user_id || ':' || new.request_id, 0
        )
    );

    select * into v_comment
    from public.video_comments as c
    where c.user_id = new.user_id and c.request_id = new.request_id
    limit 1;

    if not found then
        return new;
    end if;
    if v_comment.video_id <> new.video_id or v_comment.text <> new.text then
        raise exception using
            errcode = 'PT422',
            message = 'request_id_reused',
            detail = 'You have written another comment with this request_id.',
            hint = 'Make a new random uuid for each comment; repeat it only to try again.';
    end if;
    return null;
end
$$;

comment on function private.skip_repeated_comment() is
'Trigger, before a comment with a request_id is inserted, after its text is cleaned: '
'skips it when the writer''s comment of this request is there already. '
'Errors: request_id_reused when that one has another text or video.';

revoke all on function private.skip_repeated_comment()
from public, anon, authenticated, service_role;
