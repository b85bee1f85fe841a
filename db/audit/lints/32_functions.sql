-- Conventions about what a function finds when it is called.

create view lint.functions_that_look_around as
select
    f.object,
    'does not pin search_path = ''''' as finding
from lint.functions as f
where
    not coalesce(f.settings @> array['search_path=""'], false)
    -- A parsed body was bound to its objects when it was made.
    and not f.is_parsed;

comment on view lint.functions_that_look_around is
'A body kept as text finds its objects by the caller''s search path unless it pins it.';

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
