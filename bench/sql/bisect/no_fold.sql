-- Counts are appended and never folded.
create or replace function private.fold_video(video_id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
    return fold_video.video_id is null;
end
$$;
