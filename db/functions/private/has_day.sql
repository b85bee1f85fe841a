create or replace function private.has_day(video_id uuid)
returns boolean
language plpgsql
stable
security definer -- clients may not look into the schema of the leaves
set search_path = ''
as $$
begin
    return to_regclass(
        'partitions.video_likes_'
        || to_char(private.uuid_v7_time(has_day.video_id) at time zone 'utc', 'YYYYMMDD')
    ) is not null;
end
$$;

comment on function private.has_day(uuid) is
'Is there a place for likes of the day in this id? A video that exists has one; without '
'it, inserting a like ends in a 23514 that names no video.';

revoke all on function private.has_day(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.has_day(uuid)
to authenticated, service_role;
