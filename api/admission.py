"""What a write meets first where it ends with another role: uploads, opened and published.

Everything else a client writes meets the same in the statement that writes.
"""

from __future__ import annotations

from typing import Literal

from api.calls import Call, Pools
from api.identity import Identity

ADMIT = Call("(private.admit_viewer($2::text))::text", parameters=1)


async def admit(
    pools: Pools, identity: Identity, action: Literal["sign_upload", "publish_upload"]
) -> None:
    """Count one go of the caller at `action`; raise `QueryError` when he may not.

    It is a statement of its own, so that it counts even when what it was for fails.
    """
    await ADMIT.run(pools, identity, None, action.encode())
