"""Workers that are stopped, killed, made to wait or given nonsense lose nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from api.media.pace import InterruptedPassError, Pace
from api.media.running import beside, opened, worker_on
from api.media.worker import Worker
from tests.media.lab import Lab, folder

BULK = r"^/v1/files/batch/deleteByFileIds$"
LEASED = "select count(*) from private.media_deletions where leased_until > now()"
WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() "
    "and usename = 'api_media' and wait_event_type = 'Lock'"
)
PATIENCE_S = 30.0


def bulk_calls(lab: Lab) -> int:
    """How many bulk deletes the stand-in was sent."""
    return sum(n for route, n in lab.standin.calls().items() if "batch" in route)


def wait_until(happened: Callable[[], object]) -> None:
    """Return as soon as something has happened."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_call(lab: Lab) -> None:
    """Return as soon as a bulk delete has been sent."""
    wait_until(lambda: bulk_calls(lab))


def test_a_worker_that_is_stopped_finishes_its_call_and_begins_no_other(lab: Lab) -> None:
    lab.order_files(folder(), 250)
    lab.standin.fault(BULK, delay=1.0, times=1)
    worker = lab.start_worker()
    wait_for_call(lab)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    assert bulk_calls(lab) == 1, "it began nothing more"
    assert lab.states() == {"done": 100, "queued": 150}
    assert lab.files() == 150
    assert lab.one(LEASED) == 0
    assert lab.one("select max(attempts) from private.media_deletions where state = 'queued'") == 0


def test_what_a_stopped_worker_had_leased_and_not_begun_is_free_at_once(lab: Lab) -> None:
    for hour in range(3):
        lab.add_files(folder(20, hour), ["a.mp4"])
        lab.order("purge", f"{folder(20, hour)}/a.mp4*", reason="moderated")
    lab.standin.fault("^/v1/files/purge$", delay=1.0, times=1)
    worker = lab.start_worker()
    wait_until(lambda: any("purge" in route for route in lab.standin.calls()))
    assert lab.one(LEASED) == 3
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    assert lab.one(LEASED) == 0
    assert lab.work()["purges"] == 2


@pytest.mark.slow
def test_a_second_signal_does_not_wait_for_the_call(lab: Lab) -> None:
    lab.order_files(folder(), 5)
    lab.standin.fault(BULK, delay=20.0, times=1)
    worker = lab.start_worker()
    wait_for_call(lab)
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 1
    assert time.monotonic() - began < 10
    assert lab.states() == {"queued": 5}


def test_the_end_of_the_api_waits_for_a_call_in_flight(lab: Lab) -> None:
    lab.order_files(folder(), 5)
    lab.standin.fault(BULK, delay=1.0, times=1)

    async def api() -> None:
        async with opened(lab.settings) as pool, beside(pool, lab.account, 0):
            await asyncio.to_thread(wait_for_call, lab)

    asyncio.run(api())
    assert lab.states() == {"done": 5}


def test_a_worker_that_breaks_inside_the_api_is_replaced_and_the_api_goes_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lab.order_files(folder(), 5)
    run, breakdowns = Worker.run, iter(["once", "twice"])

    async def break_down_first(worker: Worker) -> None:
        if reason := next(breakdowns, None):
            raise RuntimeError(reason)
        await run(worker)

    monkeypatch.setattr(Worker, "run", break_down_first)

    async def api() -> None:
        async with opened(lab.settings) as pool, beside(pool, lab.account, 0):
            await asyncio.to_thread(wait_until, lambda: lab.states() == {"done": 5})

    asyncio.run(api())
    assert [record.message for record in caplog.records].count(
        "the media worker broke and starts again"
    ) == 2


def test_one_kind_of_work_that_breaks_keeps_no_other_from_being_done(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.order_files(folder(), 5)

    async def break_down(*_: object) -> None:
        message = "something nobody thought of"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(Worker, "_sweep", break_down)
    done = lab.work(passes=1)
    assert (done["broken"], done["files deleted"]) == (1, 5)


@pytest.mark.parametrize("file_id", ["", ".", "../users", "a b"])
def test_what_cannot_be_an_id_is_given_up_before_it_spoils_a_call(lab: Lab, file_id: str) -> None:
    lab.order_files(folder(), 3)
    lab.order("file", f"{folder()}/odd.mp4", file_id)
    done = lab.work()
    assert (done["files deleted"], done["files given up"]) == (3, 1)
    assert lab.states() == {"dead": 1, "done": 3}
    assert bulk_calls(lab) == 1
    assert lab.alarms() == ["media_dead"]


def test_a_worker_killed_between_imagekits_answer_and_ours_costs_one_call(lab: Lab) -> None:
    lab.order_files(folder(), 60)
    lab.standin.fault(BULK, delay=1.0, times=1)
    worker = lab.start_worker()
    wait_for_call(lab)
    with psycopg.connect(lab.database.owner_url) as other:
        # It hears that the files are gone, and cannot write it down.
        other.execute("select from private.media_deletions for update")
        wait_until(lambda: not lab.files())
        wait_until(lambda: lab.one(WAITING) == 1)
        worker.kill()
        worker.wait()
        # Its session has the statement already: that dies with it, as it does with its machine.
        with psycopg.connect(lab.database.admin_url, autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and usename = 'api_media'"
            )
            wait_until(lambda: lab.one(WAITING) == 0)
    assert lab.states() == {"queued": 60}
    assert not lab.work(), "the lease of the dead worker still runs"

    lab.make_due()
    assert lab.work()["files gone"] == 60
    assert lab.states() == {"done": 60}
    assert bulk_calls(lab) == 2
    assert lab.one("select max(attempts) from private.media_deletions") == 2


def test_an_answer_that_takes_too_long_is_an_attempt_and_passes(lab: Lab) -> None:
    lab.order_files(folder(), 5)
    lab.standin.fault(BULK, delay=1.5, times=1)
    assert lab.work(timeout=0.3) == {}
    assert lab.states() == {"queued": 5}
    assert lab.one("select min(attempts) from private.media_deletions") == 1
    assert "in time" in lab.one("select min(last_error) from private.media_deletions")
    lab.make_due()
    lab.work()
    assert lab.states() == {"done": 5}


def test_no_transaction_is_open_while_imagekit_takes_its_time(lab: Lab) -> None:
    lab.order_files(folder(), 5)
    lab.standin.fault(BULK, delay=1.0, times=1)
    seen = []
    with ThreadPoolExecutor(max_workers=1) as pool:
        working = pool.submit(lab.work)
        wait_for_call(lab)
        for _ in range(10):
            seen += lab.owner.execute(
                "select state, xact_start from pg_stat_activity "
                "where datname = current_database() and usename = 'api_media'"
            ).fetchall()
            time.sleep(0.05)
        assert not working.done(), "it was all seen during the call"
        working.result()
    assert seen
    assert {state for state, _ in seen} == {"idle"}
    assert {began for _, began in seen} == {None}


@pytest.mark.slow
def test_two_workers_keep_the_peace_that_one_was_asked_for(lab: Lab) -> None:
    workers = [lab.start_worker() for _ in range(2)]
    lab.standin.fault(BULK, status=429, reset_ms=2500, times=1)
    lab.order_files(folder(), 1500)
    wait_for_call(lab)
    # Whoever had leased already may call once more; from then on nobody may.
    time.sleep(0.7)
    calls = bulk_calls(lab)
    assert calls <= 2
    time.sleep(1.2)
    assert bulk_calls(lab) == calls
    wait_until(lambda: lab.states() == {"done": 1500})
    assert lab.one("select max(attempts) from private.media_deletions") == 1
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0


def test_every_action_is_a_line_of_json_without_a_key(lab: Lab) -> None:
    lab.order_files(folder(), 3)
    lab.add_files(folder(20), ["a.mp4"])
    lab.order("folder", folder(20), reason="retired")
    lab.standin.fault("^/v1/folder$", status=503, times=1)
    worker = lab.start_worker("--once")
    output, _ = worker.communicate(timeout=30)
    lines = [json.loads(line) for line in output.splitlines()]
    actions = {line["action"]: line for line in lines}
    assert actions["files deleted"]["times"] == 3
    assert actions["postponed"]["error"] == "ImageKit answered 503"
    assert lab.standin.private_key not in output
    assert worker.returncode == 0


def test_writes_keep_their_pace_and_none_begins_once_it_stops() -> None:
    async def write() -> float:
        pace = Pace(20)
        began = time.monotonic()
        for _ in range(9):
            await pace.before_write()
        took = time.monotonic() - began
        pace.stop()
        with pytest.raises(InterruptedPassError):
            await pace.before_write()
        return took

    assert 0.4 <= asyncio.run(write()) < 1.5


def test_what_is_sent_again_without_missing_files_keeps_the_pace_too(lab: Lab) -> None:
    ids = lab.order_files(folder(), 3)
    lab.order("file", f"{folder()}/gone.mp4", "0" * 24)

    async def work() -> float:
        async with (
            opened(lab.settings) as pool,
            worker_on(pool, lab.account, Pace(2)) as worker,
        ):
            began = time.monotonic()
            done = await worker.run_once()
            assert (done["files deleted"], done["files gone"]) == (len(ids), 1)
            return time.monotonic() - began

    assert asyncio.run(work()) >= 0.5
    assert bulk_calls(lab) == 2
