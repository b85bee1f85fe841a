create or replace function private.fold_pending()
returns integer
language plpgsql
security definer -- no client may write counters
set search_path = ''
as $$
declare
    v_video_id uuid;
    v_folded integer := 0;
begin
    -- What counted on a video that has gone since counts nothing.
    delete from private.video_deltas as d
    where not exists (
        select from public.videos as v where v.id = d.video_id
    );

    for v_video_id in
        select distinct d.video_id
        from private.video_deltas as d
        order by d.video_id
        limit 1000
    loop
        if private.fold_video(v_video_id) then
            v_folded := v_folded + 1;
        end if;
    end loop;
    return v_folded;
end
$$;

comment on function private.fold_pending() is
'Job: adds what is pending to the counters of up to 1000 videos; gives their number.';

revoke all on function private.fold_pending()
from public, anon, authenticated, service_role;
