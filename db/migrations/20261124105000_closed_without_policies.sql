-- Tables that the Supabase CLI pushes stand there without their rules until a deploy
-- brings them. In a project whose new tables are born open to clients anybody could
-- write them meanwhile; with row-level security on, and no policy, nobody can. Where a
-- deploy was before it is on already, and no lock is taken.

do $$
declare
    v_table regclass;
begin
    for v_table in
        select c.oid::regclass
        from pg_catalog.pg_class as c
        where
            c.oid in (
                'public.user_profiles'::regclass,
                'public.videos'::regclass,
                'public.video_likes'::regclass,
                'public.video_comments'::regclass,
                'public.user_blocks'::regclass
            )
            and not c.relrowsecurity
    loop
        execute format('alter table %s enable row level security', v_table);
    end loop;
end
$$;
