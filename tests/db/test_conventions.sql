-- What every object of the database keeps to. Each convention is a view in
-- db/audit/lints or tests/support/sql/*_lint_*.sql, and must list nothing.

begin;
select plan(count(*)::integer) from lint.rules;

select is_empty(
    format('select lint.findings(%L)', r.rule_name),
    r.rule_name || ': ' || r.sentence
)
from lint.rules as r
order by r.rule_name;

select * from finish();
rollback;
