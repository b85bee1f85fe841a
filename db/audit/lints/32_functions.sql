-- Conventions about what a function finds when it is called.

create view lint.functions_that_look_around as
select
    f.object,
    'does not pin search_path = ''''' as finding
from lint.functions as f
where
    not coalesce(f.settings @> array['search_path=""'], false)
    -- A parsed body was bound to its objects when it was made.
    and not f.is_parsed
    and f.schema_name || '.' || f.function_name not in (
        select a.function_name from lint.allowed_committers as a
    );

comment on view lint.functions_that_look_around is
'A body kept as text finds its objects by the caller''s search path unless it pins it.';

create view lint.committers_that_pin as
select
    a.function_name as object,
    'is on the list of procedures that commit, but does not' as finding
from lint.allowed_committers as a
where not exists (
    select
    from lint.functions as f
    where
        f.schema_name || '.' || f.function_name = a.function_name
        and f.settings is null
        and f.source ~ '\mcommit;'
);

comment on view lint.committers_that_pin is
'Only what commits may leave its search path open.';

create view lint.functions_inlined_unlisted as
select
    f.object,
    'has a parsed body, but is not on the list' as finding
from lint.functions as f
where
    f.is_parsed
    and f.settings is null
    and f.schema_name || '.' || f.function_name not in (
        select a.function_name from lint.allowed_parsed_bodies as a
    )
union all
select
    a.function_name,
    'is on the list of parsed bodies, but has none' as finding
from lint.allowed_parsed_bodies as a
where a.function_name not in (
    select f.schema_name || '.' || f.function_name
    from lint.functions as f
    where f.is_parsed and f.settings is null
);

comment on view lint.functions_inlined_unlisted is
'Functions without a pinned path are parsed ones, for a stated reason.';
