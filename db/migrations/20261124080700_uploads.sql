-- From the permission to upload a file to the order to delete it.

create table private.upload_tickets (
    id uuid not null,
    user_id text not null,
    purpose text not null,
    folder text collate "C" not null,
    file_name text collate "C" not null,
    file_path text collate "C" not null
    generated always as (folder || '/' || file_name) stored,
    mime_type text,
    bytes bigint,
    state text not null default 'issued',
    reason text,
    claimed_file_id text,
    file_id text,
    video_id uuid,
    title text,
    description text,
    issued_at timestamptz not null default now(),
    expires_at timestamptz not null,
    updated_at timestamptz not null default now(),
    constraint upload_tickets_pkey primary key (id),
    constraint upload_tickets_file_path_key unique (file_path),
    constraint upload_tickets_file_id_key unique (file_id),
    constraint upload_tickets_user_id_printable
    check (user_id ~ '^[^[:cntrl:]]{1,255}$'),
    constraint upload_tickets_purpose_known
    check (purpose in ('video', 'thumbnail', 'avatar')),
    constraint upload_tickets_bytes_positive check (bytes > 0),
    constraint upload_tickets_state_known
    check (state in ('issued', 'uploaded', 'published', 'failed', 'expired', 'swept')),
    constraint upload_tickets_published_complete
    check (state <> 'published' or file_id is not null)
);

create index upload_tickets_user_id_issued_at_idx
on private.upload_tickets (user_id, issued_at desc);

comment on table private.upload_tickets is
'Permission for one person to upload one file to one path, and what became of it.';
comment on column private.upload_tickets.purpose is
'video, thumbnail or avatar: decides folder, types and size.';
comment on column private.upload_tickets.folder is
'Fixed when the ticket is opened, by the UTC day and hour; holds no person.';
comment on column private.upload_tickets.file_name is
'The ticket''s id and the extension of its purpose: nobody can guess it.';
comment on column private.upload_tickets.file_path is
'Folder and name: the only path at which a file can be published.';
comment on column private.upload_tickets.mime_type is
'The type the app announced; null when it announced none and any allowed one will do.';
comment on column private.upload_tickets.bytes is
'The exact size the app announced; null when it announced none.';
comment on column private.upload_tickets.state is
'issued, uploaded (waits for ImageKit''s word), published; or failed, expired, swept.';
comment on column private.upload_tickets.reason is
'Why it failed, for its owner; null otherwise.';
comment on column private.upload_tickets.claimed_file_id is
'ImageKit''s id of the file as the app says, while the ticket is uploaded and waits.';
comment on column private.upload_tickets.file_id is
'ImageKit''s id of the file, confirmed by ImageKit, once published.';
comment on column private.upload_tickets.video_id is
'The video that was published with it; the row may be gone by now.';
comment on column private.upload_tickets.title is
'Title to publish with, while the ticket is uploaded and waits.';
comment on column private.upload_tickets.description is
'Description to publish with, while the ticket is uploaded and waits.';
comment on column private.upload_tickets.expires_at is
'Until when ImageKit takes the file.';

create table private.media_deletions (
    id bigint generated always as identity,
    kind text not null,
    target text collate "C" not null,
    file_id text,
    reason text not null,
    state text not null default 'queued',
    attempts integer not null default 0,
    not_before timestamptz not null default now(),
    leased_until timestamptz,
    last_error text,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint media_deletions_pkey primary key (id),
    constraint media_deletions_kind_known check (kind in ('file', 'folder')),
    constraint media_deletions_target_format
    check (target ~ '^/(videos|avatars)/[A-Za-z0-9._/-]+$' and target !~ '\.\.'),
    constraint media_deletions_file_id_given
    check (kind = 'folder' or file_id is not null),
    constraint media_deletions_reason_known
    check (reason in ('deleted', 'retired', 'unexplained')),
    constraint media_deletions_state_known
    check (state in ('queued', 'done', 'dead', 'cancelled')),
    constraint media_deletions_attempts_positive check (attempts >= 0)
);

-- One standing order per file or folder, however often it is asked for.
create unique index media_deletions_kind_target_idx
on private.media_deletions (kind, target) where state = 'queued';

-- Whether an order for a file was given already, standing or done.
create index media_deletions_target_idx on private.media_deletions (target);

create index media_deletions_not_before_idx
on private.media_deletions (not_before) where state = 'queued';

comment on table private.media_deletions is
'Orders to delete files at ImageKit, written in the transaction that makes them '
'useless. A worker leases rows; nothing in the database calls ImageKit.';
comment on column private.media_deletions.kind is
'file, or folder for a retired hour.';
comment on column private.media_deletions.target is
'Path of the file or folder below the URL endpoint.';
comment on column private.media_deletions.file_id is
'ImageKit''s id of the file; null for a folder.';
comment on column private.media_deletions.reason is
'deleted by the owner, retired by age, or unexplained: the row vanished another way.';
comment on column private.media_deletions.state is
'queued, done, dead (given up), cancelled (the video came back).';
comment on column private.media_deletions.attempts is
'How often a worker has tried.';
comment on column private.media_deletions.not_before is
'Not to be carried out earlier: unexplained orders wait for settings.deletion_grace.';
comment on column private.media_deletions.leased_until is
'Until when a worker has it.';
comment on column private.media_deletions.last_error is
'What ImageKit answered to the last attempt that failed.';
