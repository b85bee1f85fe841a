-- Written by record_view() alone: who watched what is nobody's business.

alter table private.video_viewers enable row level security;

revoke all on private.video_viewers from public, anon, authenticated, service_role;

-- Coming is counted by record_view(), without a trigger's cost; going, rare, by whom it
-- may be: a purge, an erased person.
create trigger count_views_on_delete
after delete on private.video_viewers
referencing old table as changed
for each statement execute function private.count_views();
