-- What the deploy remembers. Read it in psql; only the deploy writes it.

create schema deploy;

comment on schema deploy is
'What was deployed here, when, and what it looked like. Written by python -m db.deploy.';

revoke all on schema deploy from public;

create table deploy.deploys (
    id bigint generated always as identity,
    deployed_at timestamptz not null default now(),
    deployed_by text not null,
    git_commit text,
    server_version integer not null default current_setting(
        'server_version_num'
    )::integer,
    snapshot_format text not null,
    constraint deploys_pkey primary key (id)
);

comment on table deploy.deploys is
'One row per finished deploy, the last one at the end.';
comment on column deploy.deploys.deployed_by is
'Who ran it: the person''s name on the machine it ran on, and the database role.';
comment on column deploy.deploys.git_commit is
'Commit of the files, with -dirty when some were not committed; null when not known.';
comment on column deploy.deploys.server_version is
'As in server_version_num. Definitions of another major version print differently.';
comment on column deploy.deploys.snapshot_format is
'Digest of the queries that took deploy.snapshot: others do not compare with it.';

create table deploy.migrations (
    version text not null,
    title text not null,
    sha256 text not null,
    origin text not null,
    applied_at timestamptz not null default now(),
    constraint migrations_pkey primary key (version),
    constraint migrations_origin_known check (origin in ('deploy', 'supabase'))
);

comment on table deploy.migrations is
'The migrations this database has. They run once; their files may not change after.';
comment on column deploy.migrations.version is
'The 14 digits its file name begins with.';
comment on column deploy.migrations.sha256 is
'Digest of the file when it ran. A deploy refuses a file that differs.';
comment on column deploy.migrations.origin is
'deploy, or supabase: found applied by the Supabase CLI and taken over as it was.';

create table deploy.files (
    path text not null,
    sha256 text not null,
    changed_at timestamptz not null default now(),
    constraint files_pkey primary key (path)
);

comment on table deploy.files is
'The function and policy files of the last deploy.';
comment on column deploy.files.changed_at is
'When a deploy first loaded the file with this content.';

create table deploy.objects (
    kind text not null,
    identity text not null,
    file text not null,
    created_at timestamptz not null default now(),
    constraint objects_pkey primary key (kind, identity),
    constraint objects_kind_known
    check (kind in ('function', 'view', 'table', 'sequence', 'type'))
);

comment on table deploy.objects is
'What deploys have created. Nothing that is not listed here is ever dropped by one.';
comment on column deploy.objects.identity is
'Its name with schema, and argument types for a function.';
comment on column deploy.objects.file is
'The file that declares it. Functions and views are dropped when no file does any more; '
'what a migration made stays until a migration drops it.';

create table deploy.snapshot (
    kind text not null,
    identity text not null,
    relation text not null,
    definition text not null,
    constraint snapshot_pkey primary key (kind, identity)
);

comment on table deploy.snapshot is
'Every object as it was after the last deploy. "deploy verify" compares with it.';
comment on column deploy.snapshot.relation is
'The table or view the object hangs on; for others its own identity.';
comment on column deploy.snapshot.definition is
'Full definition with owner, grants and comment.';
