-- Conventions about row policies.

create view lint.policies_for_everybody as
select
    p.object,
    'does not say for whom it is' as finding
from lint.policies as p
where 0 = any(p.role_ids);

comment on view lint.policies_for_everybody is 'Every policy says `to <role>`.';

create view lint.policies_asked_per_row as
select
    p.object,
    'calls ' || c.call || ' for every row' as finding
from lint.policies as p
-- What stands in a sub-select of its own runs once per statement.
cross join lateral regexp_matches(
    regexp_replace(
        p.using_text || ' ' || p.check_text,
        '\( SELECT (?:private|auth)\.\w+\(\)(?:::[\w\[\]]+)?(?: AS \w+)?\)', '', 'g'
    ),
    '((?:private|auth)\.\w+)\(\)', 'g'
) as m (call)
cross join lateral (select m.call[1] as call) as c;

comment on view lint.policies_asked_per_row is
'Who is calling does not change from row to row: (select private.viewer_id()).';

create view lint.policies_that_overlap as
select
    p.table_name as object,
    format(
        '%s policies for %s to %s: %s',
        count(*), c.command, r.role_id::regrole, string_agg(p.policy_name, ', ')
    ) as finding
from lint.policies as p
cross join lateral unnest(
    case p.command
        when 'all' then array['select', 'insert', 'update', 'delete']
        else array[p.command]
    end
) as c (command)
cross join lateral unnest(p.role_ids) as r (role_id)
where p.is_permissive
group by p.table_name, c.command, r.role_id
having count(*) > 1;

comment on view lint.policies_that_overlap is
'One permissive policy per command and role: two are joined by "or", unseen.';

create view lint.policies_for_invisible_rows as
select
    p.object,
    'does not repeat who may see the row' as finding
from lint.policies as p
where
    p.command in ('update', 'delete', 'all')
    and p.table_name in ('public.videos', 'public.video_likes', 'public.video_comments')
    and p.using_text !~ 'can_see_video|FROM (?:public\.)?videos';

comment on view lint.policies_for_invisible_rows is
'Postgres applies the select policy only where the statement reads a column, so a bare '
'delete or update would reach rows the caller cannot see.';

create view lint.policies_without_check as
select
    p.object,
    'an update says nothing of the new row' as finding
from lint.policies as p
where p.command in ('update', 'all') and p.check_text = '';

comment on view lint.policies_without_check is
'An update policy says `with check` even where it is the same.';

create view lint.policies_misnamed as
select
    p.object,
    'is not named <command>_<whose>' as finding
from lint.policies as p
where p.policy_name !~ ('^' || p.command || '_[a-z]+(_[a-z]+)*$');

comment on view lint.policies_misnamed is
'A policy is named for its command and whose rows it lets through: select_visible.';
