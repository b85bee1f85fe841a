create or replace function private.split_media_folder(
    order_id bigint,
    attempt integer,
    files jsonb,
    is_complete boolean
)
returns integer
language plpgsql
security definer -- media_worker holds no grant on orders and files
set search_path = ''
as $$
declare
    v_order private.media_deletions;
    v_ordered integer;
begin
    select * into v_order
    from private.media_deletions as m
    where
        m.id = split_media_folder.order_id
        and m.kind = 'folder'
        and m.state = 'queued'
        and m.leases = split_media_folder.attempt
    for update;
    if not found then
        return 0;
    end if;

    insert into private.media_deletions as m (kind, target, file_id, reason)
    select
        'file',
        f.file ->> 'filePath',
        f.file ->> 'fileId',
        v_order.reason
    from jsonb_array_elements(split_media_folder.files) as f (file)
    where
        starts_with(f.file ->> 'filePath', v_order.target || '/')
        and not exists (
            select
            from private.video_files as v
            inner join public.videos as o on v.video_id = o.id
            where
                f.file ->> 'filePath' in (v.file_path, v.thumbnail_path)
                and (v.folder = v_order.target or v.thumbnail_folder = v_order.target)
                and (
                    o.deleted_at is null
                    or exists (
                        select from private.video_holds as h where h.video_id = o.id
                    )
                )
        )
        and not exists (
            select
            from private.upload_tickets as t
            where
                t.file_path = f.file ->> 'filePath'
                and t.state in ('issued', 'uploaded')
        )
    -- A path has one file at a time: another id than the one that was ordered is newer.
    on conflict (kind, target) where state = 'queued' do update
    set
        file_id = excluded.file_id,
        leases = m.leases + 1,
        leased_until = null
    where m.file_id <> excluded.file_id;
    get diagnostics v_ordered = row_count;

    -- All files are ordered one by one: the folder's own order has nothing left to say.
    -- Otherwise it comes again, when those are gone.
    update private.media_deletions as m
    set
        state = case when is_complete then 'cancelled' else m.state end,
        finished_at = case when is_complete then now() end,
        note = format('split into %s files', v_ordered),
        attempts = m.attempts - 1,
        leased_until = null,
        not_before = now() + interval '10 minutes'
    where m.id = v_order.id;
    return v_ordered;
end
$$;

comment on function private.split_media_folder(bigint, integer, jsonb, boolean) is
'Turns a folder''s order into orders for the files in it, leaving out those that stay. '
'files: some or all of the folder''s files as ImageKit lists them, [{filePath, fileId}]; '
'is_complete: these are all. For a folder that is not whole any more, and for one with '
'more files than ImageKit deletes at once. Gives the number of orders.';

revoke all on function private.split_media_folder(bigint, integer, jsonb, boolean)
from public, anon, authenticated, service_role;
grant execute on function private.split_media_folder(bigint, integer, jsonb, boolean)
to media_worker;
