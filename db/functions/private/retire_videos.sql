create or replace function private.retire_videos(
    video_ids uuid[],
    day date default null
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_videos integer;
begin
    if retire_videos.day is not null then
        perform private.order_retired_folders(
            retire_videos.video_ids, retire_videos.day
        );
    end if;
    perform private.order_files(retire_videos.video_ids, 'retired');

    -- What is pending for them counts for nobody any more.
    delete from private.video_deltas as d
    where d.video_id = any (retire_videos.video_ids);
    -- In one statement, whose trigger looks once; cascading would look for each video.
    delete from private.video_files as f
    where f.video_id = any (retire_videos.video_ids);
    delete from public.videos as v
    where v.id = any (retire_videos.video_ids);
    get diagnostics v_videos = row_count;
    return v_videos;
end
$$;

comment on function private.retire_videos(uuid[], date) is
'Takes away videos that the caller has locked: orders their files, by the folder as far '
'as the UTC day given is all that lies there, and deletes their rows, which leaves '
'tombstones. Gives their number.';

revoke all on function private.retire_videos(uuid[], date)
from public, anon, authenticated, service_role;
