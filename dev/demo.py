"""Walk the main road once: upload, publish, watch, like, comment, view, delete.

`make demo` runs it against the stack that `make run` has started. Each step is one line: what
was done, what came back, how long it took. The first answer that is not as it should be ends
the walk with a sentence and exit status 1.
"""

import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from dev.stack import paths, tokens

STACK_FILE = paths.LOCAL / "stack.env"
SAMPLE = Path(__file__).parent / "imagekit" / "samples" / "sample.mp4"
PIECE = 1000
WORKER_PATIENCE_S = 20


class UnexpectedError(Exception):
    """An answer that is not as it should be, in a sentence."""


@dataclass(frozen=True)
class Stack:
    """Where the running stack is and how to speak to it."""

    api_url: str
    database_url: str
    jwt_secret: str

    @classmethod
    def running(cls, file: Path) -> "Stack":
        """Read the addresses `make run` left behind."""
        if not file.exists():
            message = f"There is no {file}: start the stack with `make run`."
            raise UnexpectedError(message)
        pairs = (word.partition("=") for word in shlex.split(file.read_text(), comments=True))
        known = {name: value for name, _, value in pairs}
        return cls(known["API_URL"], known["DATABASE_URL"], known["SUPABASE_JWT_SECRET"])


class Person:
    """Somebody with a phone; a stranger has no token."""

    def __init__(self, stack: Stack, name: str | None) -> None:
        token = name and tokens.user_token(name, stack.jwt_secret)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=stack.api_url, headers=headers, timeout=30)

    def ask(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """Call the API; return `data`, or the error's slug where an error is expected."""
        content = {} if body is None else {"json": body}
        answer = self.http.request(method, path, **content)
        said = answer.json() if answer.content else {}
        problem = said.get("error") or {}
        if answer.status_code != expect:
            wanted = f"{method} {path} answered {answer.status_code}, not {expect}"
            message = f"{wanted}: {problem.get('message') or answer.text[:200]}"
            raise UnexpectedError(message)
        return said.get("data") if answer.is_success else problem.get("message")


def check(condition: object, sentence: str) -> None:
    """End the walk with a sentence unless the condition holds."""
    if not condition:
        raise UnexpectedError(sentence)


class Walk:
    """The steps, in order; each one leaves behind what the next ones need."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.stranger = Person(stack, None)
        self.ada, self.bob, self.carol, self.mallory = (
            Person(stack, name) for name in ("ada", "bob", "carol", "mallory")
        )
        self.file = b""
        self.ticket: dict[str, Any] = {}
        self.uploaded: dict[str, Any] = {}
        self.video: dict[str, Any] = {}

    @property
    def path(self) -> str:
        """The video's path in the API."""
        return f"/api/videos/{self.video['id']}"

    def in_feed(self) -> dict[str, Any] | None:
        """The video as a stranger sees it in the feed."""
        feed = self.stranger.ask("GET", "/api/videos/feed")
        return next((video for video in feed if video["id"] == self.video["id"]), None)

    def health(self) -> str:
        """The API says that it runs."""
        answer = self.stranger.http.get("/api/health")
        check(answer.status_code == httpx.codes.OK, "The API is not well.")
        return str(answer.json()["message"])

    def introduce(self) -> str:
        """Ada takes a username, by the way the Supabase client calls functions."""
        answer = self.ada.http.post("/rest/v1/rpc/update_my_profile", json={"username": "ada"})
        refusal = f"update_my_profile answered {answer.status_code}: {answer.text[:200]}"
        check(answer.status_code == httpx.codes.OK, refusal)
        return f"username {answer.json()['username']}"

    def film(self) -> str:
        """Make an mp4 of two seconds."""
        made = record()
        self.file = made or SAMPLE.read_bytes()
        origin = "recorded with ffmpeg" if made else "the one that ships, as there is no ffmpeg"
        return f"{len(self.file):,} bytes, {origin}"

    def ask_for_ticket(self) -> str:
        """She asks for a ticket."""
        wish = {"purpose": "video", "mime": "video/mp4", "bytes": len(self.file)}
        self.ticket = self.ada.ask("POST", "/api/uploads", wish)
        fields = self.ticket["fields"]
        return f"{fields['folder']}/{fields['fileName']}"

    def upload(self) -> str:
        """Her phone posts the fields, then the file."""
        answer = httpx.post(
            self.ticket["uploadUrl"],
            data=self.ticket["fields"],
            files={"file": ("sunset.mp4", self.file, "video/mp4")},
            timeout=60,
        )
        refusal = f"The upload answered {answer.status_code}: {answer.text[:200]}"
        check(answer.status_code == httpx.codes.OK, refusal)
        self.uploaded = answer.json()
        return f"200, fileId {self.uploaded['fileId']}"

    def publish(self) -> str:
        """She publishes it."""
        body = {
            "ticket_id": self.ticket["ticketId"],
            "file_id": self.uploaded["fileId"],
            "title": "Sunset",
            "description": "By the sea.",
        }
        self.video = self.ada.ask("POST", "/api/videos", body, expect=201)
        counts = [self.video[f"{what}_count"] for what in ("views", "likes", "comments")]
        check(counts == [0, 0, 0], f"A new video has the counts {counts}.")
        return f"201, {self.video['id']}"

    def read_feed(self) -> str:
        """A stranger finds it in the feed."""
        video = self.in_feed()
        if video is None:
            message = "The new video is not in the feed."
            raise UnexpectedError(message)
        check(video["title"] == "Sunset", f"The feed shows the title {video['title']!r}.")
        check(video["users"]["username"] == "ada", "The video is not shown as ada's.")
        return f"“{video['title']}” by {video['users']['username']}, until {video['expires_at']}"

    def play(self) -> str:
        """He plays it from the middle."""
        start = len(self.file) // 2
        wanted = f"bytes={start}-{start + PIECE - 1}"
        answer = httpx.get(self.video["video_url"], headers={"Range": wanted}, timeout=30)
        partial = answer.status_code == httpx.codes.PARTIAL_CONTENT
        check(partial, f"A range request answered {answer.status_code}, not 206.")
        same = answer.content == self.file[start : start + PIECE]
        check(same, "The bytes that came back are not those that were uploaded.")
        return f"206, {answer.headers['Content-Range']}, {answer.headers['Content-Type']}"

    def like(self) -> str:
        """Bob likes it, twice, and carol once."""
        wish = {"liked": True}
        people = (self.bob, self.bob, self.carol)
        answers = [person.ask("POST", f"{self.path}/like", wish) for person in people]
        counts = [answer["likes_count"] for answer in answers]
        check(counts == [1, 1, 2], f"Likes of bob, bob and carol count {counts}.")
        return f"{counts[-1]} likes"

    def comment(self) -> str:
        """Bob comments, everybody reads it."""
        self.bob.ask("POST", f"{self.path}/comment", {"text": "  Where is this?  "}, expect=201)
        page = self.stranger.ask("GET", f"{self.path}/comments")
        texts = [comment["text"] for comment in page["comments"]]
        check(texts == ["Where is this?"], f"The comments are {texts}.")
        return f"“{texts[0]}”, {page['pagination']['total']} in all"

    def view(self) -> str:
        """Bob views it twice, carol once, and ada her own."""
        people = (self.bob, self.bob, self.carol, self.ada)
        counted = [person.ask("POST", f"{self.path}/view")["counted"] for person in people]
        right = counted == [True, False, True, False]
        check(right, f"Of these four views these counted: {counted}.")
        return "bob counts once, carol once, ada not"

    def read_counts(self) -> str:
        """The feed shows exact counts at once."""
        video = self.in_feed() or {}
        counts = {what: video.get(f"{what}_count") for what in ("views", "likes", "comments")}
        right = counts == {"views": 2, "likes": 2, "comments": 1}
        check(right, f"The feed shows {counts}.")
        return ", ".join(f"{what}: {number}" for what, number in counts.items())

    def delete_as_stranger(self) -> str:
        """Mallory tries to delete it."""
        return f"404, {self.mallory.ask('DELETE', self.path, expect=404)}"

    def delete(self) -> str:
        """Ada deletes it; it is gone for everybody."""
        self.ada.ask("DELETE", self.path)
        slug = self.stranger.ask("GET", self.path, expect=404)
        check(self.in_feed() is None, "The deleted video is still in the feed.")
        return f"200; then {slug}"

    def see_order(self) -> str:
        """The file is ordered deleted."""
        kind, target, reason, _ = self.order()
        return f"{kind} {target}: {reason}"

    def order(self) -> tuple[str, str, str, str]:
        """The row in which the file's deletion is ordered."""
        with psycopg.connect(self.stack.database_url) as connection:
            order = connection.execute(
                "select kind, target, reason, state from private.media_deletions "
                "where file_id = %s",
                [self.uploaded["fileId"]],
            ).fetchone()
        if order is None:
            message = "There is no row in private.media_deletions for the file."
            raise UnexpectedError(message)
        kind, target, reason, state = order
        return kind, target, reason, state

    def see_file_go(self) -> str:
        """The file is gone where it was played from."""
        deadline = time.monotonic() + WORKER_PATIENCE_S
        while (state := self.order()[3]) == "queued" and time.monotonic() < deadline:
            time.sleep(0.1)
        answer = httpx.get(self.video["video_url"], timeout=30)
        gone = state == "done" and answer.status_code == 404
        check(gone, f"The order is {state}, the file answers {answer.status_code}.")
        return f"{state}; the file answers 404"

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """What is said, and what is done."""
        return [
            ("Is the API there?", self.health),
            ("Ada takes a username", self.introduce),
            ("Her phone films two seconds", self.film),
            ("She asks for an upload ticket", self.ask_for_ticket),
            ("Her phone posts the fields and the file", self.upload),
            ("She publishes the file", self.publish),
            ("A stranger finds it in the feed", self.read_feed),
            ("He plays it from the middle", self.play),
            ("Bob likes it twice, carol once", self.like),
            ("Bob comments", self.comment),
            ("Bob, bob again, carol and ada view it", self.view),
            ("The feed counts exactly", self.read_counts),
            ("Mallory tries to delete it", self.delete_as_stranger),
            ("Ada deletes it", self.delete),
            ("Its file is ordered deleted", self.see_order),
            ("The worker deletes it at ImageKit", self.see_file_go),
        ]


def record() -> bytes | None:
    """Record a test picture with a tone, upright like a phone's; None without ffmpeg."""
    if shutil.which("ffmpeg") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sunset.mp4"
        picture = "testsrc=duration=2:size=360x640:rate=24"
        options = ["-pix_fmt", "yuv420p", "-movflags", "+faststart", "-shortest", str(target)]
        inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=duration=2"]
        done = subprocess.run(
            ["ffmpeg", "-v", "error", "-y", *inputs, *options], capture_output=True, check=False
        )
        return target.read_bytes() if done.returncode == 0 else None


def main() -> int:
    """Walk all steps; 0 when every answer was as it should be."""
    said = ""
    try:
        walk = Walk(Stack.running(STACK_FILE))
        for number, (said, step) in enumerate(walk.steps(), start=1):
            began = time.perf_counter()
            answer = step()
            took = (time.perf_counter() - began) * 1000
            print(f"{number:>3}  {said:<41}{took:>6.0f} ms  {answer}", flush=True)
    except UnexpectedError as problem:
        print(f"  ✗  {said or 'The demo cannot begin'}: {problem}", file=sys.stderr)
        return 1
    except httpx.TransportError as problem:
        advice = "Is the stack running? Start it with `make run`."
        print(f"  ✗  {said}: nobody answers ({problem}). {advice}", file=sys.stderr)
        return 1
    except psycopg.OperationalError as problem:
        print(f"  ✗  {said}: the database does not answer: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
