-- Everybody sees profiles; people change name and picture of their own.

alter table public.user_profiles enable row level security;

revoke all on public.user_profiles from public, anon, authenticated, service_role;
grant select on public.user_profiles to anon, authenticated;
grant update (username, avatar) on public.user_profiles to authenticated;
grant select, insert, update, delete on public.user_profiles to service_role;

create policy select_all on public.user_profiles
for select to anon, authenticated
using (true);

create policy update_own on public.user_profiles
for update to authenticated
using (user_id = (select private.viewer_id()))
with check (user_id = (select private.viewer_id()));

-- Triggers of one event fire in the order of their names: admit before all others.
create trigger admit_1_statement
before update on public.user_profiles
for each statement execute function private.guard_write();

create trigger admit_2_row
before update on public.user_profiles
for each row execute function private.guard_write('update_profile');

create trigger prepare_profile_on_write
before insert or update of username, avatar on public.user_profiles
for each row execute function private.prepare_profile();

create trigger order_replaced_avatar_on_update
after update of avatar on public.user_profiles
for each row when (old.avatar is distinct from new.avatar)
execute function private.order_replaced_avatar();

create trigger order_erased_files_on_delete
before delete on public.user_profiles
for each row execute function private.order_erased_files();
