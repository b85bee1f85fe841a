"""The whole stack on this machine: Postgres, the deploy, the ImageKit stand-in, the API."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from dev.stack import console, environment, keys, packages, ports, virtualenv
from dev.stack.binaries import Binaries
from dev.stack.cluster import Cluster
from dev.stack.environment import Environment
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL, ROOT
from dev.stack.services import Service

DATABASE_HOME = LOCAL / "pg"
MEDIA = LOCAL / "imagekit"
SURFACE = ROOT / "dev" / "supabase"
DEPLOYED = DATABASE_HOME / "deployed"
DEPLOY_LOG = LOCAL / "log" / "deploy.log"
# The seed of this project listens there.
USUAL_API_PORT = 3000


class Stack:
    """This checkout's stack. Nothing is started before `start`."""

    def __init__(self, server: Binaries) -> None:
        self.cluster = Cluster(DATABASE_HOME, server)
        api_port = int(os.environ.get("PORT") or 0) or ports.kept_port(
            LOCAL / "ports" / "api", preferred=USUAL_API_PORT
        )
        self.environment = Environment(
            self.cluster,
            keys.kept(),
            api_port=api_port,
            imagekit_port=ports.kept_port(LOCAL / "ports" / "imagekit"),
        )
        python = str(virtualenv.PYTHON)
        self.imagekit = Service(
            "imagekit",
            [
                *(python, "-m", "dev.imagekit", "--account", environment.ACCOUNT),
                *("--port", str(self.environment.imagekit_port), "--data", str(MEDIA)),
            ],
            f"{self.environment.imagekit_url}/",
        )
        self.api = Service("api", [python, "-m", "api"], f"{self.environment.api_url}/api/health")

    def services(self) -> tuple[Service, Service]:
        """The processes beside Postgres."""
        return self.imagekit, self.api

    def is_running(self) -> bool:
        """Tell whether all of it answers."""
        return self.cluster.is_running() and all(one.is_healthy() for one in self.services())

    def start(self) -> None:
        """Start what does not run yet, each step one line."""
        for service in self.services():
            if not service.running() and not ports.is_free(_port_of(service)):
                raise StackError(
                    f"Port {_port_of(service)}, this stack's for {service.name}, is in use.",
                    advice="Stop what listens there, or choose another with PORT=<number>.",
                )
        # The stand-in needs no database: it comes up while Postgres does.
        self.imagekit.start(self.environment.of_imagekit())
        with console.step("Postgres") as step:
            self.cluster.create()
            self.cluster.start()
            step.says(f"{self.cluster.binaries.version} on port {self.cluster.port}")
        self._deploy()
        with console.step("ImageKit stand-in") as step:
            self.imagekit.wait_until_healthy()
            step.says(self.environment.imagekit_url)
        with console.step("API") as step:
            self.api.start(self.environment.of_api())
            self.api.wait_until_healthy()
            step.says(self.environment.api_url)
        environment.write(self.environment.of_people())

    def _deploy(self) -> None:
        """Bring the database up to the files, unless they are what was deployed last."""
        fingerprint = self._fingerprint()
        with console.step("Database") as step:
            if DEPLOYED.exists() and DEPLOYED.read_text(encoding="ascii") == fingerprint:
                step.says("as deployed")
                return
            for path in sorted(SURFACE.glob("*.sql")):
                self.cluster.execute(path.read_text(encoding="utf-8"))
            password = self.environment.keys.owner_password
            self.cluster.execute(f"alter role postgres password '{password}'")
            console.run_quietly(
                [str(virtualenv.PYTHON), "-m", "db.deploy"],
                log=DEPLOY_LOG,
                cwd=ROOT,
                env=self.environment.of_deploy(),
            )
            DEPLOYED.write_text(fingerprint, encoding="ascii")
            step.says("deployed")

    def _fingerprint(self) -> str:
        digest = sha256(repr(sorted(self.environment.of_deploy().items())).encode())
        for folder in (ROOT / "db", SURFACE):
            for path in sorted(folder.rglob("*")):
                if path.suffix in {".sql", ".py"}:
                    digest.update(str(path.relative_to(ROOT)).encode())
                    digest.update(path.read_bytes())
        return digest.hexdigest()

    def stop(self) -> list[str]:
        """Stop what runs of it, and name it."""
        with ThreadPoolExecutor() as pool:
            stopped = list(pool.map(Service.stop, self.services()))
        names = [one.name for one, did in zip(self.services(), stopped, strict=True) if did]
        if self.cluster.stop():
            names.append("Postgres")
        return names

    def reset(self) -> None:
        """Delete the database, the files, the keys and the logs; programs stay."""
        self.stop()
        self.cluster.remove()
        for name in ("imagekit", "log", "processes", "ports"):
            shutil.rmtree(LOCAL / name, ignore_errors=True)
        for path in (keys.FILE, environment.FILE):
            path.unlink(missing_ok=True)

    def psql_command(self) -> str:
        """What a person types to look into the database."""
        return ". .local/stack.env && psql $DATABASE_URL"


def _port_of(service: Service) -> int:
    return int(service.health_url.rsplit(":", 1)[1].split("/", 1)[0])


def prepared() -> Stack:
    """Return the stack, with everything installed that it needs."""
    server = packages.ensure()
    virtualenv.ensure(virtualenv.RUNTIME)
    return Stack(server)


def follow(paths: dict[str, Path]) -> None:
    """Print what services write to their logs, until the caller is interrupted."""
    tails = {
        name: subprocess.Popen(
            ["tail", "-n", "0", "-F", str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        for name, path in paths.items()
    }
    try:
        with ThreadPoolExecutor() as pool:
            for name, tail in tails.items():
                pool.submit(_print_lines, name, tail)
    finally:
        for tail in tails.values():
            tail.kill()
            tail.wait()


def _print_lines(name: str, tail: "subprocess.Popen[str]") -> None:
    for line in tail.stdout or ():
        print(f"{name:>8} | {line}", end="", flush=True)
