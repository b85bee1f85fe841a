-- A trigger per row gathers nothing: the like's own row is all it needs.
create function bench.count_row()
returns trigger
language plpgsql
security definer -- no client may write counters
set search_path = ''
as $$
begin
    insert into private.video_deltas (video_id, likes)
    values (new.video_id, 1);

    if random() < 1.0 / 32 then
        perform private.fold_video(new.video_id);
    end if;
    return null;
end
$$;

drop trigger count_likes_on_insert on public.video_likes;

create trigger count_likes_on_insert
after insert on public.video_likes
for each row execute function bench.count_row();
