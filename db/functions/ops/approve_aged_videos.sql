create or replace function ops.approve_aged_videos(videos bigint)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if (approve_aged_videos.videos > 0) is not true then
        raise exception 'say how many videos may go'
            using errcode = 'invalid_parameter_value';
    end if;

    update private.retirement_state as s
    set aged_approved = approve_aged_videos.videos
    where s.singleton;

    update private.alarms as a
    set settled_at = now()
    where a.kind = 'too_many_aged' and a.settled_at is null;
end
$$;

comment on function ops.approve_aged_videos(bigint) is
'Says that so many rows were aged by hand on purpose: the next run retires them, files '
'and all. When there are more by then, it asks again. Errors: invalid_parameter_value.';

revoke all on function ops.approve_aged_videos(bigint)
from public, anon, authenticated, service_role;
