"""The shape of a call: claims set for this one statement, one function, its text back.

The test on `current_user` is the belt to the login role's braces: a session that is not what the
pool says answers null, and the connection is thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import msgspec

from api.database import Pool, Row
from api.identity import Identity

SessionRole = Literal["anon", "authenticated", "media_worker"]


def guarded(
    role: SessionRole,
    answer: str,
    *,
    columns: int = 1,
    address_parameter: int | None = None,
    read_only: bool = False,
) -> str:
    """Return the statement that runs `answer` as `role` with the claims in `$1`.

    `answer` is a scalar expression: text, or a text array when there are more `columns`. `case`
    is what promises that the settings are made before it runs.
    """
    conditions = [f"current_user = '{role}'"]
    if read_only:
        conditions.append("set_config('transaction_read_only', 'on', true) is not null")
    conditions.append("set_config('request.jwt.claims', $1, true) is not null")
    if address_parameter is not None:
        conditions.append(f"set_config('request.headers', ${address_parameter}, true) is not null")
    guarded_answer = f"case when {' and '.join(conditions)} then {answer} end"
    if columns == 1:
        return f"select {guarded_answer}"
    # `offset 0` keeps the planner from copying the expression into every column.
    listed = ", ".join(f"called.texts[{column}]" for column in range(1, columns + 1))
    return f"select {listed} from (select {guarded_answer} as texts offset 0) as called"  # noqa: S608 - statement texts of our own


@dataclass(frozen=True, slots=True)
class Call:
    """One function as the API calls it. Parameters of `answer` start at `$2`."""

    answer: str
    parameters: int
    columns: int = 1
    # The anonymous are told apart by address only where something is written for them.
    needs_address: bool = False

    async def run(
        self, pools: Pools, identity: Identity, address: str | None, *parameters: bytes | None
    ) -> Row:
        """Run it as `identity` and return its columns."""
        with_address = self.needs_address and identity.anonymous
        statement = _statement(self, identity.role, with_address=with_address)
        values = [identity.claims, *parameters]
        if with_address:
            values.append(pools.address_claim(address))
        return await pools.of(identity).run(statement, values)


@cache
def _statement(call: Call, role: SessionRole, *, with_address: bool) -> str:
    position = call.parameters + 2 if with_address else None
    return guarded(role, call.answer, columns=call.columns, address_parameter=position)


@dataclass(frozen=True, slots=True)
class Pools:
    """The three logins."""

    anon: Pool
    user: Pool
    media: Pool
    address_header: str

    def of(self, identity: Identity) -> Pool:
        """Return the pool whose sessions are this caller's role."""
        return self.anon if identity.anonymous else self.user

    def all(self) -> tuple[Pool, Pool, Pool]:
        """Return all three."""
        return self.anon, self.user, self.media

    def address_claim(self, address: str | None) -> bytes:
        """Return the one request header the database gets to see, as Postgres expects it."""
        return msgspec.json.encode({self.address_header: address} if address else {})


@dataclass(frozen=True, slots=True)
class MediaCall:
    """A function that only the layer may call, for a user it names: what needs ImageKit's word."""

    answer: str

    async def run(self, pools: Pools, *parameters: bytes | None) -> bytes:
        """Run it and return its text."""
        return await self.run_on(pools.media, *parameters)

    async def run_on(self, pool: Pool, *parameters: bytes | None) -> bytes:
        """Do the same where this pool is the only one."""
        statement = f"select case when current_user = 'media_worker' then {self.answer} end"
        row = await pool.run(statement, parameters)
        return row[0] or b""
