"""Versions with known faults that matter here, as far as they were known when this was written.

No network: the table is what it is, and a version above it is only free of these. Each line was
read in its advisory; `make lock` and the platform's own updates stay an operator's weekly duty.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from re import findall

CHECKED_ON = "2026-11-24"

Version = tuple[int, ...]


@dataclass(frozen=True)
class Advisory:
    """A fault, and the first version without it."""

    name: str
    about: str
    fixed_in: Version


@dataclass(frozen=True)
class PostgresAdvisory:
    """A fault of Postgres, and in each major version the first minor one without it."""

    name: str
    about: str
    fixed_in: Mapping[int, int]


PACKAGES: Mapping[str, Sequence[Advisory]] = {
    "litestar": (
        Advisory("CVE-2025-59152", "clients choose the address they are limited by", (2, 18)),
        Advisory("CVE-2026-25479", "dots in allowed hosts match anything", (2, 20)),
    ),
    "PyJWT": (
        Advisory("CVE-2022-29217", "a public key taken for a secret", (2, 4)),
        Advisory("CVE-2026-32597", "unknown critical headers accepted", (2, 12)),
        Advisory("CVE-2026-48523", "the list of algorithms passed over", (2, 13)),
    ),
    "cryptography": (
        Advisory("CVE-2026-26007", "public keys of small order accepted", (46, 0, 5)),
    ),
    # No advisory is known for psycopg 3 itself: what it brings along is libpq, below.
    "psycopg": (Advisory("3.2", "older ones are not maintained", (3, 2)),),
}
POSTGRES: Sequence[PostgresAdvisory] = (
    PostgresAdvisory(
        "CVE-2023-2455",
        "row security of another user after inlining",
        {15: 3, 16: 0, 17: 0, 18: 0},
    ),
    PostgresAdvisory(
        "CVE-2026-6473",
        "heap overwritten by sizes that wrap around; any user",
        {15: 18, 16: 14, 17: 10, 18: 4},
    ),
)
LIBPQ = PostgresAdvisory(
    "CVE-2026-6477", "a hostile server overwrites the client", {15: 18, 16: 14, 17: 10, 18: 4}
)


def of_packages(installed: Mapping[str, str]) -> Iterable[str]:
    """What is known of the packages in these versions."""
    for package, advisories in PACKAGES.items():
        if package not in installed:
            continue
        found = _parsed(installed[package])
        for advisory in advisories:
            if found < advisory.fixed_in:
                needed = ".".join(map(str, advisory.fixed_in))
                yield (
                    f"{package} {installed[package]}: {advisory.about} ({advisory.name}), "
                    f"fixed in {needed}"
                )


def of_postgres(number: int) -> Iterable[str]:
    """What is known of a server of this `server_version_num`."""
    return _of_postgres("Postgres", number, POSTGRES)


def of_libpq(number: int) -> Iterable[str]:
    """What is known of the client library of this version."""
    return _of_postgres("libpq", number, [LIBPQ])


def _of_postgres(what: str, number: int, advisories: Sequence[PostgresAdvisory]) -> Iterable[str]:
    major, minor = divmod(number, 10_000)
    oldest = min(POSTGRES[0].fixed_in)
    if major < oldest:
        yield f"{what} {major}.{minor}: no longer maintained, {oldest} is the oldest for this"
        return
    for advisory in advisories:
        fixed_in = advisory.fixed_in.get(major)
        if fixed_in is not None and minor < fixed_in:
            yield (
                f"{what} {major}.{minor}: {advisory.about} ({advisory.name}), "
                f"fixed in {major}.{fixed_in}"
            )


def installed() -> dict[str, str]:
    """The packages of the table that are here, which are the API's where the API is here."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _parsed(text: str) -> Version:
    """The numbers of a version; what follows the third part never matters here."""
    return tuple(int(part) for part in findall(r"\d+", text)[:3])
