create or replace function private.trending_score(
    views bigint,
    likes bigint,
    comments bigint,
    age interval
)
returns double precision
language sql
immutable
parallel safe
-- The cast matters: the power of numerics, which extract() gives, takes 40 us a row.
return (
    trending_score.views + 4 * trending_score.likes + 8 * trending_score.comments + 1
)::double precision
/ power(
    greatest(extract(epoch from trending_score.age)::double precision, 0) / 3600 + 2,
    1.5
);

comment on function private.trending_score(bigint, bigint, bigint, interval) is
'How much a video trends: (views + 4 likes + 8 comments + 1) / (age in hours + 2)^1.5. '
'A comment takes more effort than a like, a like more than a look; the exponent makes a '
'day old video need 47 times the reactions of a new one; the 2 hours keep the first '
'minutes from deciding.';

revoke all on function
private.trending_score(bigint, bigint, bigint, interval)
from public, anon, authenticated, service_role;
