-- squawk-ignore-file constraint-missing-not-valid, ban-drop-not-null
-- squawk-ignore-file require-concurrent-index-creation
-- (Queues that hold hours, tickets that hold weeks: one scan blocks nobody for long.)

-- What keeps the pipeline's own tables small and its workers apart: leases with numbers
-- of their own, an end for what is done with, and no person left after an erasure.

alter table private.media_deletions
add column leases integer not null default 0,
add column vanished_video_id uuid;

-- A worker of the former version names its lease by its attempt.
update private.media_deletions as m
set leases = m.attempts
where m.attempts > 0;

alter table private.media_deletions
add constraint media_deletions_leases_positive check (leases >= 0);

comment on column private.media_deletions.leases is
'How often it was leased, or taken from whoever had leased it: the number names a lease, '
'and unlike attempts it only grows.';
comment on column private.media_deletions.attempts is
'How often a worker has tried and failed by the order''s own fault.';
comment on column private.media_deletions.vanished_video_id is
'The video whose row vanished; null for every other reason.';

-- What is done with and may be forgotten.
create index media_deletions_finished_at_idx
on private.media_deletions (finished_at) where state in ('done', 'cancelled');

-- How many files of a day went with erased accounts.
create index media_deletions_reason_target_idx
on private.media_deletions (reason, target) where kind = 'file' and reason = 'erased';

alter table private.upload_tickets
alter column user_id drop not null;

alter table private.upload_tickets
add constraint upload_tickets_user_id_known
check (user_id is not null or state in ('failed', 'expired', 'swept'));

comment on column private.upload_tickets.user_id is
'Whose it is; null since the account was erased, while what it left at ImageKit is swept.';

-- An avatar that was published lives as long as it is worn: its ticket goes with the
-- order to delete it.
create index upload_tickets_updated_at_idx on private.upload_tickets (updated_at)
where state = 'swept' or (state = 'published' and purpose <> 'avatar');

alter table private.video_days
add column folder_ordered_at timestamptz;

comment on column private.video_days.folder_ordered_at is
'When the day''s own folder at ImageKit, empty by then, was ordered deleted.';
