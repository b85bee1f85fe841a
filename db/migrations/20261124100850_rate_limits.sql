-- How often one caller may do what, and how far each caller is.

create table private.rate_rules (
    action text not null,
    burst integer not null,
    per interval not null,
    -- A microsecond less, or burst of them, each rounded, might not fit into per.
    -- (It is worked out before burst is checked.)
    step interval not null generated always as (
        per / greatest(burst, 1) - interval '1 microsecond'
    ) stored,
    constraint rate_rules_pkey primary key (action, per),
    constraint rate_rules_action_format check (action ~ '^[a-z]+(_[a-z]+)*$'),
    constraint rate_rules_burst_range check (burst between 1 and 100000),
    -- In hours, not days: twice a year a day has 23 or 25 of them.
    constraint rate_rules_per_range
    check (
        per between interval '1 second' and interval '24 hours'
        and extract(day from per) = 0
    )
);

comment on table private.rate_rules is
'How often one caller may do something. An action may have several rules; all of them '
'hold. One without any is an error, never free. Change them with ops.set_rate_rule().';
comment on column private.rate_rules.action is
'What is done: the word in the triggers and functions that ask for it.';
comment on column private.rate_rules.burst is
'How often at once, after a pause. Used up, it comes back evenly: burst times in each per.';
comment on column private.rate_rules.per is
'In how long burst comes back in full, 1 second to 24 hours.';
comment on column private.rate_rules.step is
'In how long one go comes back.';

insert into private.rate_rules (action, burst, per)
values
-- Likes and unlikes: one a second is more than a thumb does for long.
('like', 60, '1 minute'),
-- Ten a minute is a lively talk, 200 a day is spam.
('comment', 10, '1 minute'),
('comment', 200, '24 hours'),
-- Owners of videos clear up after others.
('delete_comment', 60, '1 minute'),
-- Blocks and unblocks.
('block', 60, '1 minute'),
('update_video', 30, '1 minute'),
('update_profile', 10, '1 minute'),
('delete_video', 30, '1 minute'),
-- Two a second: more than anybody watches, less than a script would like.
('record_view', 120, '1 minute'),
-- Each one is read by a person.
('report_video', 10, '1 hour'),
-- Tries, also those that open no ticket.
('sign_upload', 60, '1 hour'),
-- Each one may be a call of ImageKit's API, which has limits of its own.
('publish_upload', 30, '1 minute'),
-- Half a second of work each; who has much asks again.
('erase_me', 10, '1 hour');

-- Unlogged: losing it in a crash forgives everybody once, and a write costs 40 bytes of
-- WAL instead of 230. Half-full pages leave room to update a row where it lies; with a
-- fixed threshold vacuum comes as often for a large table as for a small one.
create unlogged table private.rate_states (
    subject text not null,
    action text not null,
    per interval not null,
    full_at timestamptz not null,
    constraint rate_states_pkey primary key (subject, action, per)
) with (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000
);

comment on table private.rate_states is
'How far each caller has used up a rule. No row means not at all; a crash empties the '
'table. Nothing that reads may look here: a standby cannot.';
comment on column private.rate_states.subject is
'Whose it is, as private.viewer_key() tells callers apart.';
comment on column private.rate_states.action is
'Of which rule, with per.';
comment on column private.rate_states.per is
'Of which rule, with action.';
comment on column private.rate_states.full_at is
'When all is back. Each go puts it off by step, to no more than per from now.';
