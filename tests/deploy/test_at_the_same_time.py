"""Deploys beside other deploys and beside people who hold locks."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from db import deploy as command
from tests.deploy.folders import LATEST, POLICIES, VIEW, Folder, dump
from tests.deploy.real import deploy


def test_of_two_deploys_at_once_one_is_told_to_come_back(deployed: Folder) -> None:
    deployed.write(
        "migrations/20260102000000_slow.sql", "select pg_sleep(1.5); create table public.slow ();"
    )
    words = ("--folder", str(deployed.root))
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(deploy, deployed.url, *words) for _ in range(2)]
        answers = sorted((one.result() for one in running), key=lambda one: one.returncode)

    done, refused = answers
    assert (done.returncode, refused.returncode) == (0, 1)
    assert "another deploy is running" in refused.stderr
    assert deployed.value("select count(*) from deploy.migrations") == 2


def test_the_lock_is_gone_with_a_deploy_that_died(deployed: Folder) -> None:
    deployed.write("functions/ops/one.sql", "select pg_terminate_backend(pg_backend_pid());")
    assert deployed.run().code == 1

    deployed.remove("functions/ops/one.sql")
    deployed.deploy()


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ((POLICIES, "using (true)", "using (id > 0)"), "table public.notes is in use"),
        ((VIEW, "n.id, n.body", "n.id, n.body, n.author"), "something is in use"),
    ],
)
def test_a_deploy_gives_way_to_a_lock_and_tries_again(
    deployed: Folder,
    monkeypatch: pytest.MonkeyPatch,
    edit: tuple[str, str, str],
    says: str,
) -> None:
    monkeypatch.setattr(command, "WAITS", (0.3, 0.3, 0.3, 0.3, 0.3))
    deployed.edit(*edit)
    with psycopg.connect(deployed.url) as reader:
        reader.execute("select from public.note_list")
        timer = threading.Timer(1.0, reader.rollback)
        timer.start()
        answer = deployed.deploy()
        timer.join()

    assert f"{says}: canceling statement due to lock timeout; trying again in 0.3 s" in answer.out
    assert deployed.run("verify").code == 0


def test_a_deploy_gives_up_when_a_lock_stays(
    deployed: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "WAITS", (0.1,))
    deployed.edit(POLICIES, "using (true)", "using (id > 0)")
    before = dump(deployed.url)
    with psycopg.connect(deployed.url) as reader:
        reader.execute("select from public.notes")
        answer = deployed.run()

    assert answer.code == 1
    assert "gave up after 2 attempts: table public.notes is in use" in answer.err
    assert dump(deployed.url)["deploy.snapshot"] == before["deploy.snapshot"]


def test_readers_wait_for_nothing_when_no_table_and_no_view_changed(deployed: Folder) -> None:
    deployed.edit(LATEST, "max(", "min(")
    with psycopg.connect(deployed.url) as reader:
        reader.execute("select from public.note_list")
        begun = time.perf_counter()
        answer = deployed.deploy()

    assert "trying again" not in answer.out
    assert time.perf_counter() - begun < 1
