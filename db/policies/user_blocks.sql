-- People block and unblock; nobody sees by whom he is blocked.

alter table public.user_blocks enable row level security;

revoke all on public.user_blocks from public, anon, authenticated, service_role;
grant select, delete on public.user_blocks to authenticated;
grant insert (blocked_user_id) on public.user_blocks to authenticated;
grant select, insert, update, delete on public.user_blocks to service_role;

alter table public.user_blocks
alter column user_id set default private.viewer_id();

create policy select_own on public.user_blocks
for select to authenticated
using (user_id = (select private.viewer_id()));

create policy insert_own on public.user_blocks
for insert to authenticated
with check (user_id = (select private.viewer_id()));

create policy delete_own on public.user_blocks
for delete to authenticated
using (user_id = (select private.viewer_id()));

-- Triggers of one event fire in the order of their names: admit before all others,
-- prepare before limit.
create trigger admit_1_statement
before insert or delete on public.user_blocks
for each statement execute function private.guard_write();

create trigger admit_2_row
before insert or delete on public.user_blocks
for each row execute function private.guard_write('block');

create trigger block_1_prepare_on_insert
before insert on public.user_blocks
for each row execute function private.prepare_block();

create trigger block_2_limit_on_insert
before insert on public.user_blocks
for each row execute function private.limit_blocks();
