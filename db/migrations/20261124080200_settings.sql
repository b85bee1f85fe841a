-- One typed row. Read it through ops.settings, change it with ops.set_setting().

create table private.settings (
    singleton boolean default true,
    retention interval not null default '14 days',
    tombstone_life interval not null default '30 days',
    deletion_grace interval not null default '24 hours',
    url_endpoint text,
    address_header text not null default 'x-client-address',
    max_video_bytes bigint not null default 104857600,
    max_video_seconds integer not null default 180,
    max_image_bytes bigint not null default 5242880,
    ticket_life interval not null default '30 minutes',
    ticket_grace interval not null default '15 minutes',
    open_tickets_per_user integer not null default 10,
    tickets_per_hour integer not null default 60,
    blocks_per_user integer not null default 1000,
    constraint settings_pkey primary key (singleton),
    constraint settings_singleton_only check (singleton),
    constraint settings_retention_range
    check (retention between interval '1 day' and interval '366 days'),
    constraint settings_tombstone_life_range
    check (tombstone_life between interval '1 day' and interval '366 days'),
    constraint settings_deletion_grace_range
    check (deletion_grace between interval '0' and interval '30 days'),
    constraint settings_url_endpoint_format
    check (url_endpoint ~ '^https?://[^/?#[:space:]]+(/[^/?#[:space:]]+)*$'),
    constraint settings_address_header_format
    check (address_header ~ '^[a-z][a-z0-9-]{0,63}$'),
    constraint settings_max_video_bytes_range
    check (max_video_bytes between 1 and 2147483648),
    constraint settings_max_video_seconds_range
    check (max_video_seconds between 1 and 3600),
    constraint settings_max_image_bytes_range
    check (max_image_bytes between 1 and 26214400),
    -- ImageKit refuses a signature that lives an hour or longer.
    constraint settings_ticket_life_range
    check (ticket_life between interval '1 minute' and interval '59 minutes'),
    constraint settings_ticket_grace_range
    check (ticket_grace between interval '0' and interval '1 day'),
    constraint settings_open_tickets_per_user_range
    check (open_tickets_per_user between 1 and 1000),
    constraint settings_tickets_per_hour_range
    check (tickets_per_hour between 1 and 10000),
    constraint settings_blocks_per_user_range
    check (blocks_per_user between 1 and 100000)
);

comment on table private.settings is
'What an administrator may tune, in one typed row. Change it with ops.set_setting().';
comment on column private.settings.singleton is
'Always true: there is one row.';
comment on column private.settings.retention is
'How long a video lives. A change works both ways and at once for readers.';
comment on column private.settings.tombstone_life is
'How long an owner is told that a video has expired, instead of "not found".';
comment on column private.settings.deletion_grace is
'How long a file outlives a row that vanished without a known reason (psql, bulk).';
comment on column private.settings.url_endpoint is
'ImageKit''s URL endpoint, without a slash at the end; media URLs begin with it. '
'Null until the deploy sets it from IMAGEKIT_URL_ENDPOINT: no uploads until then.';
comment on column private.settings.address_header is
'The request header, in lower case, that holds the caller''s address: set by our API '
'from the hop it trusts; cf-connecting-ip on Supabase.';
comment on column private.settings.max_video_bytes is
'Largest video, in bytes. 100 MiB is what ImageKit''s free plan takes.';
comment on column private.settings.max_video_seconds is
'Longest video, in seconds.';
comment on column private.settings.max_image_bytes is
'Largest thumbnail or avatar, in bytes.';
comment on column private.settings.ticket_life is
'How long an upload ticket may be used, under ImageKit''s limit of one hour.';
comment on column private.settings.ticket_grace is
'How long after its end a ticket still publishes a file that arrived in time.';
comment on column private.settings.open_tickets_per_user is
'Unused upload tickets one person may hold at a time.';
comment on column private.settings.tickets_per_hour is
'Upload tickets one person may open within an hour.';
comment on column private.settings.blocks_per_user is
'People one person may block; the list is read with each page of the feed.';

insert into private.settings default values;
