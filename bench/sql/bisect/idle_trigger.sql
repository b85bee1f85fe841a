-- A counting trigger that gathers its rows and does nothing with them.
create function bench.count_nothing()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    return null;
end
$$;

drop trigger count_likes_on_insert on public.video_likes;

create trigger count_likes_on_insert
after insert on public.video_likes
referencing new table as changed
for each statement execute function bench.count_nothing();
