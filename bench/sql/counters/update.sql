-- As the original counts: an update of the video's own row, which the likes' foreign
-- key refers to, in the transaction of the like.
create function bench.count_by_update()
returns trigger
language plpgsql
security definer -- no client may write counters
set search_path = ''
as $$
begin
    update public.videos as v
    set likes_count = v.likes_count + c.amount
    from (
        select
            n.video_id,
            count(*) as amount
        from changed as n
        group by n.video_id
    ) as c
    where v.id = c.video_id;
    return null;
end
$$;

drop trigger count_likes_on_insert on public.video_likes;

create trigger count_likes_on_insert
after insert on public.video_likes
referencing new table as changed
for each statement execute function bench.count_by_update();
