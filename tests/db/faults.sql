-- Faults, one for each convention at least: tests/db/test_conventions.py plants them one
-- by one, each in a transaction that is taken back. A heading names the convention, and
-- what it must find.

-- row_security_off finds public.videos
alter table public.videos disable row level security;

-- row_security_off finds partitions.video_likes_20310101
select private.ensure_day('2031-01-01');
alter table partitions.video_likes_20310101 disable row level security;

-- views_with_owner_rights finds public.planted
create view public.planted as select 1 as one;

-- functions_for_everybody finds planted()
create function public.planted() returns integer
language sql return 1;

-- definers_in_public finds feed(uuid,integer)
alter function public.feed(uuid, integer) security definer;

-- unlisted_definers finds private.page_limit(integer)
alter function private.page_limit(integer) security definer;

-- unlisted_definers finds private.delete_video
alter function private.delete_video(uuid) security invoker;

-- undecided_write_rights finds public.videos: update likes_count to authenticated
grant update (likes_count) on public.videos to authenticated;

-- undecided_write_rights finds private.video_deltas: insert to anon
grant insert on private.video_deltas to anon;

-- undecided_write_rights finds public.video_likes: no delete to authenticated
revoke delete on public.video_likes from authenticated;

-- writes_unguarded finds public.scratch: insert by authenticated: no guard for each row
create table public.scratch (n integer);
grant insert on public.scratch to authenticated;

-- writes_unguarded finds public.video_likes: delete by authenticated: no guard for each row
drop trigger admit_2_row on public.video_likes;

-- writes_unguarded finds public.videos: update by authenticated: no guard for each statement
alter table public.videos disable trigger admit_1_statement;

-- writes_unguarded finds public.user_blocks: insert by authenticated: no guard for each row
delete from private.rate_rules where action = 'block';

-- writes_unguarded finds public.user_blocks: insert by authenticated: no guard for each row
alter trigger admit_2_row on public.user_blocks rename to the_last;

-- definers_that_admit_anybody finds private.report_video(uuid,text)
create or replace function private.report_video(video_id uuid, reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$ begin
    insert into private.video_reports (video_id, reporter_id, reason)
    values (report_video.video_id, private.require_viewer(), report_video.reason);
end $$;

-- rights_over_tables finds public.video_likes
grant truncate on public.video_likes to authenticated;

-- roles_with_two_hats finds api_user
grant service_role to api_user;

-- logins_without_end finds api_anon: has no statement_timeout
alter role api_anon reset statement_timeout;

-- logins_without_end finds api_media: has no idle_in_transaction_session_timeout
alter role api_media set idle_in_transaction_session_timeout = 0;

-- clients_with_other_roles finds anon: is a member of service_role
grant service_role to anon;

-- clients_with_other_roles finds authenticated: passes every policy
alter role authenticated bypassrls;

-- policies_for_everybody finds public.videos select_visible
alter policy select_visible on public.videos to public;

-- policies_asked_per_row finds public.user_blocks select_own
alter policy select_own on public.user_blocks
using (user_id = private.viewer_id());

-- policies_that_overlap finds public.videos
create policy select_more on public.videos
for select to anon using (true);

-- policies_for_invisible_rows finds public.video_likes delete_own
alter policy delete_own on public.video_likes
using (user_id = (select private.viewer_id()));

-- policies_without_check finds public.user_profiles update_own
drop policy update_own on public.user_profiles;
create policy update_own on public.user_profiles
for update to authenticated
using (user_id = (select private.viewer_id()));

-- policies_misnamed finds public.videos videos_for_all
alter policy select_visible on public.videos rename to videos_for_all;

-- foreign_keys_without_index finds public.video_comments video_comments_user_id_fkey
drop index public.video_comments_user_id_idx;

-- foreign_keys_without_delete_rule finds public.videos videos_user_id_fkey
alter table public.videos drop constraint videos_user_id_fkey;
alter table public.videos add constraint videos_user_id_fkey
foreign key (user_id) references public.user_profiles (user_id);

-- constraints_misnamed finds public.videos title_ok
alter table public.videos rename constraint videos_title_length to title_ok;

-- indexes_misnamed finds public.comments_by_id
alter index public.video_comments_id_idx rename to comments_by_id;

-- keys_without_video finds public.video_comments_created_at_idx
create unique index video_comments_created_at_idx
on public.video_comments (created_at);

-- triggers_that_move_videos finds private.planted()
create function private.planted() returns trigger
language plpgsql
set search_path = ''
as $$ begin new.id := gen_random_uuid(); return new; end $$;
create trigger planted before insert on public.videos
for each row execute function private.planted();

-- counters_unguarded finds public.videos.likes_count
alter table public.videos drop constraint videos_likes_count_positive;

-- counters_unguarded finds public.videos.shares_count
alter table public.videos
add column shares_count integer check (shares_count >= 0);

-- functions_that_look_around finds get_video(uuid)
alter function public.get_video(uuid) reset search_path;

-- committers_that_pin finds private.repeat_job
create or replace procedure private.repeat_job(
    job regprocedure, inout done bigint default 0, seconds integer default 50
)
language plpgsql
as $$ begin repeat_job.done := repeat_job.seconds; end $$;

-- functions_inlined_unlisted finds private.planted()
create function private.planted() returns integer
language sql return 1;

-- bodies_that_shout finds private.planted()
create function private.planted() returns integer
language plpgsql
as $$ begin RETURN 1; end $$;

-- bodies_that_shout finds private.planted()
create function private.planted() returns integer
language plpgsql
as $$ begin
	return 1; end $$;

-- errors_unannounced finds sign_in_required
comment on function private.require_viewer() is 'Needs a person.';

-- uncommented finds public.videos
comment on table public.videos is null;

-- uncommented finds ops.reports
comment on view ops.reports is null;

-- uncommented finds feed(uuid,integer)
comment on function public.feed(uuid, integer) is null;

-- uncommented finds ops
comment on schema ops is null;

-- uncommented finds public.videos.title
comment on column public.videos.title is null;

-- comments_unfinished finds get_video(uuid)
comment on function public.get_video(uuid) is 'gets a video';

-- plpgsql_problems finds private.planted()
create function private.planted() returns integer
language plpgsql
as $$ begin return (select v.no_such from public.videos as v); end $$;

-- plpgsql_problems finds private.planted()
create function private.planted() returns integer
language plpgsql
as $$ declare v_unused integer; begin return 1; end $$;

-- plpgsql_problems finds private.planted(text)
create function private.planted(name text) returns void
language plpgsql
as $$ begin execute 'drop table ' || planted.name; end $$;

-- plpgsql_problems finds private.count_likes()
drop trigger count_likes_on_insert on public.video_likes;
drop trigger count_likes_on_delete on public.video_likes;

-- identities_that_may_be_missing finds public.video_likes select_own_or_on_own_video
alter policy select_own_or_on_own_video on public.video_likes
using ((select private.viewer_id()) is null or user_id = (select private.viewer_id()));

-- identities_that_may_be_missing finds public.user_blocks select_own
alter policy select_own on public.user_blocks
using (user_id is not distinct from (select private.viewer_id()));

-- policies_on_user_metadata finds public.videos select_visible
alter policy select_visible on public.videos
using ((select auth.jwt() -> 'user_metadata' ->> 'role') = 'moderator');

-- policies_on_user_metadata finds private.planted()
create function private.planted() returns text
language sql
as $$
    select auth.jwt() -> 'user_metadata' ->> 'role'
$$;

-- rights_by_default finds private: new tables of postgres are born with select for anon
alter default privileges for role postgres in schema private grant select on tables to anon;

-- broadcast_tables finds partitions.video_likes_
alter publication supabase_realtime add table public.video_likes;

-- statements_from_strings finds private.planted(text)
create function private.planted(name text) returns void
language plpgsql
as $$
begin
    execute 'drop table ' || name;
end
$$;

-- definers_without_need finds private.planted()
create function private.planted() returns integer
language sql security definer
as $$
    select 1
$$;
revoke all on function private.planted() from public, anon, authenticated, service_role;

-- writes_without_where finds private.planted(): has no where: update private.settings as s
create function private.planted() returns void
language plpgsql
as $$
begin
    if exists (select from public.videos as v where v.title is null) then
        update private.settings as s set retention = interval '1 day' returning 1;
    end if;
    delete from public.videos where false;
end
$$;

-- writes_without_where finds private.planted(): has no where: DELETE FROM public.videos
create function private.planted() returns void
language sql
begin atomic
    with gone as (
        delete from public.videos returning id
    )

    select from gone where id is not null;
end;

-- writes_without_where finds private.planted(): has no where: delete from %I.videos
create function private.planted() returns void
language plpgsql
as $$
begin
    execute format('delete from %I.videos', 'public');
end
$$;

-- writes_without_where finds private.planted(): has no where: delete from public.videos using
create function private.planted() returns void
language plpgsql
as $$
declare
    v_video record;
begin
    for v_video in delete from public.videos using public.user_profiles returning title loop
        perform from public.videos as v where v.title is null;
    end loop;
end
$$;

-- senders finds private.tell_user(text,text,jsonb)
create or replace function private.tell_user(user_id text, event text, payload jsonb)
returns void language plpgsql set search_path = ''
as $$ begin
    perform realtime.send(tell_user.payload, tell_user.event, tell_user.user_id);
end $$;

-- senders finds private.tell_user(text,text,jsonb)
create or replace function private.tell_user(user_id text, event text, payload jsonb)
returns void language plpgsql set search_path = ''
as $$ begin
    insert into realtime.messages (topic, extension)
    values (tell_user.user_id, 'broadcast');
end $$;

-- policies_on_tables_of_others finds realtime.messages ig_live_insert_topics
create policy ig_live_insert_topics on realtime.messages for insert to authenticated
with check (true);

-- policies_misnamed finds realtime.messages ig_live_topics
alter policy ig_live_select_topics on realtime.messages rename to ig_live_topics;
