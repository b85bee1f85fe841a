"""The whole stack on this machine: Postgres, the deploy, the services beside it, the API."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from dev.stack import (
    console,
    environment,
    interrupts,
    keys,
    packages,
    ports,
    postgrest,
    virtualenv,
)
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
        api_port = ports.named_port("PORT") or ports.kept_port(
            LOCAL / "ports" / "api", preferred=USUAL_API_PORT
        )
        postgrest_program = postgrest.found()
        postgrest_port = ports.kept_port(LOCAL / "ports" / "postgrest")
        self.has_postgrest = postgrest_program is not None
        self.environment = Environment(
            self.cluster,
            keys.kept(),
            api_port=api_port,
            imagekit_port=ports.kept_port(LOCAL / "ports" / "imagekit"),
            postgrest_port=postgrest_port if self.has_postgrest else None,
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
        self.postgrest = Service(
            "postgrest", [str(postgrest_program)], f"http://{ports.HOST}:{postgrest_port}/"
        )
        self.api = Service(
            "api", [python, "-m", "dev.front"], f"{self.environment.api_url}/api/health"
        )

    def services(self) -> list[Service]:
        """The processes beside Postgres."""
        optional = [self.postgrest] if self.has_postgrest else []
        return [self.imagekit, *optional, self.api]

    def is_running(self) -> bool:
        """Tell whether all of it answers."""
        return self.cluster.is_running() and all(one.is_healthy() for one in self.services())

    def start(self) -> None:
        """Start what does not run yet, each step one line; all or nothing."""
        try:
            self._start()
        except BaseException:
            with interrupts.held():
                self.stop()
            raise

    def update(self) -> None:
        """Bring a running stack up to files that have changed since; it stays up if they fail."""
        self._deploy()
        environment.write(self.environment.of_people())

    def _start(self) -> None:
        for service in self.services():
            if service.is_healthy():
                continue
            # One that runs and does not answer here was started on another port.
            service.stop()
            if not ports.is_free(_port_of(service)):
                raise StackError(
                    f"Port {_port_of(service)}, this stack's for {service.name}, is in use.",
                    advice="Stop what listens there, or choose another with PORT=<number>.",
                )
        if self.has_postgrest and not self.postgrest.running():
            # An API that was started without it knows nothing of it.
            self.api.stop()
        # The stand-in needs no database: it comes up while Postgres does.
        self.imagekit.start(self.environment.of_imagekit())
        with console.step("Postgres") as step:
            if not self.cluster.exists():
                # What was deployed into the one before says nothing about a new one.
                DEPLOYED.unlink(missing_ok=True)
            self.cluster.create()
            self.cluster.start()
            step.says(f"{self.cluster.binaries.version} on port {self.cluster.port}")
        self._deploy()
        with console.step("ImageKit stand-in") as step:
            self.imagekit.wait_until_healthy()
            step.says(self.environment.imagekit_url)
        if self.has_postgrest:
            self._start_postgrest()
        self.api.start(self.environment.of_api())
        if self.has_postgrest:
            with console.step("PostgREST") as step:
                self.postgrest.wait_until_healthy()
                step.says(f"behind {self.environment.api_url}/rest/v1")
        with console.step("API") as step:
            self.api.wait_until_healthy()
            step.says(self.environment.api_url)
        environment.write(self.environment.of_people())

    def _start_postgrest(self) -> None:
        password = self.environment.keys.authenticator_password
        self.cluster.execute(f"alter role {postgrest.LOGIN} password '{password}'")
        self.postgrest.start(self.environment.of_postgrest())

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
        digest = sha256(repr(sorted(self.environment.of_database().items())).encode())
        for folder in (ROOT / "db", SURFACE):
            for path in sorted(folder.rglob("*")):
                if path.suffix in {".sql", ".py"}:
                    digest.update(str(path.relative_to(ROOT)).encode())
                    digest.update(path.read_bytes())
        return digest.hexdigest()

    def stop(self) -> list[str]:
        """Stop what runs of it, and name it."""
        services = (self.imagekit, self.postgrest, self.api)
        with ThreadPoolExecutor() as pool:
            stopped = list(pool.map(Service.stop, services))
        names = [one.name for one, did in zip(services, stopped, strict=True) if did]
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
        if shutil.which("psql"):
            return ". .local/stack.env && psql $DATABASE_URL"
        return "./dev/run psql"


def _port_of(service: Service) -> int:
    return int(service.health_url.rsplit(":", 1)[1].split("/", 1)[0])


def prepared() -> Stack:
    """Return the stack, with everything installed that it needs."""
    server = packages.ensure()
    virtualenv.ensure(virtualenv.RUNTIME)
    return Stack(server)
