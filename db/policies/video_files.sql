-- No client sees files. A row that goes leaves an order to delete its files, one that
-- comes cancels it.

alter table private.video_files enable row level security;

revoke all on private.video_files from public, anon, authenticated, service_role;

create trigger order_vanished_files_on_delete
after delete on private.video_files
referencing old table as vanished
for each statement execute function private.order_vanished_files();

create trigger cancel_restored_files_on_insert
after insert on private.video_files
referencing new table as restored
for each statement execute function private.cancel_restored_files();
