create or replace function private.announce_change(video_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
    -- Under a snapshot that outlives the statement sending could fail. And whoever purges
    -- a video has nobody to tell.
    if
        current_setting('transaction_isolation') <> 'read committed'
        or not exists (
            select
            from public.videos as v
            where
                v.id = announce_change.video_id
                and v.deleted_at is null
                and v.hidden_at is null
        )
    then
        return;
    end if;

    -- One at a time, whatever the video: where messages are notifications, a commit that
    -- sends keeps the next one that does waiting for the disk. Who comes second waits
    -- for nothing; the next change or the next fold tells.
    if
        pg_try_advisory_xact_lock(hashtextextended('private.announce_change', 0))
    then
        perform private.announce_counts(announce_change.video_id);
    end if;
end
$$;

comment on function private.announce_change(uuid) is
'Tells those who watch a video that its counts have changed just now, unless another '
'transaction is about to commit that tells of something: then private.fold_pending() will.';

revoke all on function private.announce_change(uuid)
from public, anon, authenticated, service_role;
