-- The floor: a like under the same rules, and nobody counts.
drop trigger count_likes_on_insert on public.video_likes;
