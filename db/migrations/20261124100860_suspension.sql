-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint
-- (The log of moderation holds some rows: scanning it blocks nobody.)

-- People whom administrators have stopped from writing.

create table private.user_suspensions (
    user_id text not null,
    ends_at timestamptz,
    reason text not null,
    constraint user_suspensions_pkey primary key (user_id),
    constraint user_suspensions_user_id_printable
    check (user_id ~ '^[^[:cntrl:]]{1,255}$'),
    constraint user_suspensions_reason_length
    check (char_length(reason) between 1 and 500)
);

-- No foreign key to profiles: who has none can be suspended, and erasing an account is
-- no way out.
comment on table private.user_suspensions is
'Who may not write, and until when: the last word of ops.suspend_user(). Everything else '
'that was said is in private.suspension_log.';
comment on column private.user_suspensions.ends_at is
'From then on it no longer holds; null for good.';
comment on column private.user_suspensions.reason is
'Why, in the administrator''s words; not shown to the person.';

create table private.suspension_log (
    id bigint generated always as identity,
    user_id text not null,
    action text not null,
    ends_at timestamptz,
    reason text,
    acted_by text not null default session_user,
    acted_at timestamptz not null default now(),
    constraint suspension_log_pkey primary key (id),
    constraint suspension_log_action_known check (action in ('suspend', 'unsuspend'))
);

create index suspension_log_user_id_idx on private.suspension_log (user_id);

comment on table private.suspension_log is
'Whom administrators suspended and let go, and why.';
comment on column private.suspension_log.action is
'suspend or unsuspend.';
comment on column private.suspension_log.reason is
'Why, in the administrator''s words; null when he gave none.';
comment on column private.suspension_log.acted_by is
'The database role that acted.';

-- Videos hidden with their owner are shown with him again, but not those that were
-- hidden for themselves.
alter table private.moderation_log
drop constraint moderation_log_action_known;
alter table private.moderation_log
add constraint moderation_log_action_known
check (
    action in (
        'hide', 'show', 'remove', 'hold', 'release', 'hide_user', 'show_user'
    )
);
comment on column private.moderation_log.action is
'hide, show, remove, hold or release; hide_user and show_user when it was done to all of '
'a person''s.';
