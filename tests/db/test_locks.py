"""Who waits for whom is told to an administrator while it happens."""

from concurrent.futures import ThreadPoolExecutor

from tests.support.sessions import Connect, wait_until_blocked


def test_who_blocks_whom_is_told(connect: Connect) -> None:
    forgetful, waiting, administrator = connect(), connect(), connect()
    change = b"update private.settings set breaker_floor = breaker_floor where singleton"
    forgetful.execute(change)
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(waiting.execute, change)
        wait_until_blocked(administrator, waiting)
        told = administrator.execute(
            "select waiting_pid, waiting_query, blocking_pid, blocking_state, ends_it, "
            "blocking_for > interval '0', wants_of from ops.locks"
        ).fetchall()
        forgetful.rollback()
        waits.result(timeout=5)
    blocker = forgetful.info.backend_pid
    assert told == [
        (
            waiting.info.backend_pid,
            change.decode(),
            blocker,
            "idle in transaction",
            f"select pg_terminate_backend({blocker});",
            True,
            "transactionid",
        )
    ]
    assert administrator.execute("select from ops.locks").fetchall() == []
