-- What the rule tests are written with: people, their videos, and who is speaking.
-- Loaded into the database of the pgTAP files only, by its superuser.

create schema tests;
grant usage on schema tests to public;

-- A day's leaves, a profile and a video, made as the owner makes them: past the
-- clients' grants and policies, through every constraint and trigger.

create function tests.person(user_id text, username text default null)
returns text
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.user_profiles (user_id, username)
    values (person.user_id, person.username)
    on conflict on constraint user_profiles_pkey
    do update set username = coalesce(person.username, user_profiles.username);
    return person.user_id;
end
$$;

comment on function tests.person(text, text) is
'A person with a profile, and with a username when one is given.';

create function tests.video(
    owner text,
    age interval default interval '0',
    title text default null,
    id_age interval default null
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    -- An age is exact to the microsecond of this transaction's now().
    v_created_at constant timestamptz := now() - video.age;
    v_id constant uuid := private.uuid_v7(now() - coalesce(video.id_age, video.age));
begin
    perform tests.person(video.owner);
    perform private.ensure_day(
        (private.uuid_v7_time(v_id) at time zone 'utc')::date
    );
    insert into public.videos (id, user_id, title, video_url, created_at)
    values (
        v_id,
        video.owner,
        video.title,
        'https://ik.imagekit.io/demo/videos/' || v_id || '.mp4',
        v_created_at
    );
    return v_id;
end
$$;

comment on function tests.video(text, interval, text, interval) is
'A published video of a person, as old as said; its id may be given another age than '
'its date.';

create function tests.comment(video_id uuid, writer text, text text default 'hello')
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id constant uuid := private.uuid_v7(clock_timestamp());
begin
    perform tests.person(comment.writer);
    insert into public.video_comments (id, video_id, user_id, text)
    values (v_id, comment.video_id, comment.writer, comment.text);
    return v_id;
end
$$;

comment on function tests.comment(uuid, text, text) is
'A comment of a person, written past the visibility of the video.';

create function tests.block(blocker text, blocked text)
returns void
language sql
security definer
set search_path = ''
as $$
    insert into public.user_blocks (user_id, blocked_user_id)
    values (block.blocker, block.blocked)
$$;

comment on function tests.block(text, text) is 'One person blocks another.';

create function tests.drop_day(day date)
returns void
language sql
as $$
    select private.drop_leaf(l.leaf)
    from unnest(private.day_leaves(drop_day.day)) as l (leaf)
$$;

comment on function tests.drop_day(date) is
'A UTC day loses its leaves, as in retirement.';

-- Names for what a test makes, so that its statements can be read. Plain SQL files
-- have no variables; a name lives until the transaction ends.

create function tests.note(name text, value anyelement)
returns anyelement
language plpgsql
as $$
begin
    perform set_config('tests.' || replace(note.name, ' ', '_'), note.value::text, true);
    return note.value;
end
$$;

comment on function tests.note(text, anyelement) is 'Remember a value by a name.';

create function tests.id(name text)
returns uuid
language sql
stable
as $$
    select current_setting('tests.' || replace(id.name, ' ', '_'))::uuid
$$;

comment on function tests.id(text) is 'The id remembered by this name.';

-- Who is speaking. The role and the claims are what the API and PostgREST set.

create function tests.speak(role_name text, claims json, headers json default null)
returns void
language plpgsql
as $$
begin
    perform set_config('role', speak.role_name, true);
    perform set_config('request.jwt.claims', coalesce(speak.claims::text, ''), true);
    perform set_config('request.headers', coalesce(speak.headers::text, ''), true);
end
$$;

comment on function tests.speak(text, json, json) is
'Be a role with these claims until the transaction ends or somebody else speaks.';

create function tests.sign_in(user_id text)
returns void
language plpgsql
as $$
begin
    perform tests.speak(
        'authenticated',
        json_build_object('sub', sign_in.user_id, 'role', 'authenticated')
    );
end
$$;

comment on function tests.sign_in(text) is 'Speak as this person.';

create function tests.as_anonymous(address text default null)
returns void
language plpgsql
as $$
begin
    perform tests.speak(
        'anon',
        json_build_object('role', 'anon'),
        case
            when as_anonymous.address is not null
                then json_build_object('x-client-address', as_anonymous.address)
        end
    );
end
$$;

comment on function tests.as_anonymous(text) is
'Speak as nobody in particular, from an address when one is given.';

create function tests.as_media_worker()
returns void
language plpgsql
as $$
begin
    perform tests.speak('media_worker', null);
end
$$;

comment on function tests.as_media_worker() is
'Speak as the API does when it hands on ImageKit''s word.';

create function tests.as_service()
returns void
language plpgsql
as $$
begin
    perform tests.speak('service_role', json_build_object('role', 'service_role'));
end
$$;

comment on function tests.as_service() is 'Speak as the holder of the service key.';

create function tests.as_owner()
returns void
language plpgsql
as $$
begin
    perform tests.speak('postgres', null);
end
$$;

comment on function tests.as_owner() is
'Speak as an administrator in psql: the owner of the objects, no superuser.';

alter function tests.person(text, text) owner to postgres;
alter function tests.video(text, interval, text, interval) owner to postgres;
alter function tests.comment(uuid, text, text) owner to postgres;
alter function tests.block(text, text) owner to postgres;
