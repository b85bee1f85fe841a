"""For tests and benches that are not about limits: people who write as fast as they can."""

import psycopg

WIDEST = 100_000


def widen(owner_url: str) -> None:
    """Set every rate rule as wide as an administrator can. One person's three at a time stay."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "select ops.set_rate_rule(r.action, %s, r.per) from private.rate_rules as r", [WIDEST]
        )
