"""Ten thousand deletions, three workers, and everything that can go wrong on the way."""

from __future__ import annotations

import signal
import time

import pytest

from tests.media.lab import Lab, folder

FILES = 10_000
IN_FOLDER = 300
PATIENCE_S = 240
BUSY = 3
OUTAGE = 20
LOST = 3
BULK = r"^/v1/files/batch/deleteByFileIds$"


def wait_until_done(lab: Lab) -> None:
    """Every so often let the time pass that orders wait."""
    deadline = time.monotonic() + PATIENCE_S
    while set(lab.states()) != {"done"}:
        assert time.monotonic() < deadline, lab.states()
        time.sleep(1)
        # An hour of waiting, as after an outage, is moved into the past.
        lab.owner.execute(
            "update private.media_deletions set not_before = now() "
            "where state = 'queued' and not_before > now()"
        )
        lab.owner.execute(
            "update private.media_deletions set leased_until = now() "
            "where state = 'queued' and leased_until < now() + interval '5 minutes 50 seconds'"
        )


@pytest.mark.slow
def test_all_go_none_is_lost_and_nothing_is_left(lab: Lab) -> None:
    lab.order_files(folder(), FILES)
    lab.standin.limit(folder_objects=100)
    lab.add_files(folder(20), [f"{n}.mp4" for n in range(IN_FOLDER)])
    lab.order("folder", folder(20), reason="retired")
    lab.standin.control("DELETE", "/faults")

    workers = [lab.start_worker() for _ in range(3)]
    time.sleep(1)
    # Between ImageKit's answer and ours: the answer is lost with the worker.
    lab.standin.fault(BULK, delay=2, times=1)
    time.sleep(1)
    workers[0].kill()
    lab.standin.fault(BULK, status=429, reset_ms=700, times=BUSY)
    # An outage of an hour: whoever tries fails, and what waits for its next try is moved up.
    lab.standin.fault(BULK, status=503, times=OUTAGE)
    lab.standin.fault(BULK, drop="after", times=LOST)
    lab.start_worker()
    wait_until_done(lab)

    assert lab.files() == 0
    assert lab.one("select count(*) from private.media_deletions where state = 'dead'") == 0
    assert lab.one(
        "select count(*) from private.media_deletions where kind = 'file' and state = 'done'"
    ) == (FILES + IN_FOLDER)
    assert lab.alarms() == []
    # A hundred a call, the calls that were made to fail, and one more for each lost answer; a
    # batch of which only some are gone is sent again without them.
    needed = (FILES + IN_FOLDER) // 100
    bulk = sum(n for route, n in lab.standin.calls().items() if "batch" in route)
    assert bulk <= needed + BUSY + OUTAGE + 3 * (LOST + 1) + 5
    for worker in workers[1:]:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0


def test_a_lease_that_ran_out_is_somebody_elses_to_speak_of(lab: Lab) -> None:
    lab.order_files(folder(), 1)
    lease = "select order_id, attempt from private.lease_media('file')"
    first = lab.owner.execute(lease).fetchone()
    lab.make_due()
    second = lab.owner.execute(lease).fetchone()
    assert first is not None
    assert second is not None
    finish = "select private.finish_media(array[%s::bigint], array[%s])"
    assert lab.one(finish, *first) == 0
    assert lab.one(finish, *second) == 1
