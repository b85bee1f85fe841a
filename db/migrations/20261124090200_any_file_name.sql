-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint
-- (A queue that holds hours: scanning it blocks nobody.)

-- A file that a client named itself may have any letters, and two dots in its name. It
-- lies in our folders, so it must be possible to order it deleted; only a step out of
-- the folder is still refused.
alter table private.media_deletions
drop constraint media_deletions_target_format;

alter table private.media_deletions
add constraint media_deletions_target_format
check (
    target ~ '^/(videos|avatars)/[^[:cntrl:]]+$'
    and target !~ '(^|/)\.{1,2}(/|$)'
);
