create or replace function private.order_retired_folders(video_ids uuid[], day date)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_from constant uuid := private.uuid_v7_floor(
        order_retired_folders.day::timestamp at time zone 'utc'
    );
    v_to constant uuid := private.uuid_v7_floor(
        (order_retired_folders.day + 1)::timestamp at time zone 'utc'
    );
    v_folder text;
begin
    for v_folder in
        select distinct p.folder
        from private.video_files as f
        cross join lateral (
            values (f.folder), (f.thumbnail_folder)
        ) as p (folder)
        where
            f.video_id = any (order_retired_folders.video_ids)
            and p.folder like '/videos/%'
            -- A day goes batch by batch, and an hour has several.
            and not exists (
                select
                from private.media_deletions as m
                where
                    m.target = p.folder
                    and m.kind = 'folder'
                    and m.state not in ('done', 'cancelled')
            )
    loop
        -- A ticket of 23:50 may be published after midnight, and a held video stays:
        -- a folder goes whole only when nothing that stays has its path in it.
        if not exists (
            select
            from private.video_files as f
            inner join public.videos as v on f.video_id = v.id
            where
                (f.folder = v_folder or f.thumbnail_folder = v_folder)
                and (
                    (v.deleted_at is null and (v.id < v_from or v.id >= v_to))
                    or exists (
                        select
                        from private.video_holds as h
                        where h.video_id = v.id
                    )
                )
        ) then
            insert into private.media_deletions (kind, target, reason)
            values ('folder', v_folder, 'retired')
            on conflict (kind, target) where state = 'queued' do nothing;
        end if;
    end loop;
end
$$;

comment on function private.order_retired_folders(uuid[], date) is
'Orders the deletion of the hourly folders in which these videos of a retired UTC day '
'lie, as far as nothing that stays lies there too.';

revoke all on function private.order_retired_folders(uuid[], date)
from public, anon, authenticated, service_role;
