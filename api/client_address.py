"""Whose address a request came from, believing only the proxies we were told about."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from api.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(
    peer: str | None, headers: Iterable[tuple[bytes, bytes]], trusted: Sequence[Network]
) -> str | None:
    """Return the address of the nearest hop that is no trusted proxy.

    The rightmost entry of `X-Forwarded-For` was written by our own proxy, the one left of it by
    whoever that proxy talked to, and so on: walk left for as long as the writer is trusted.
    """
    address = _parsed(peer or "")
    if address is None:
        return None
    if _is_trusted(address, trusted):
        for hop in reversed(_forwarded_for(headers)):
            told = _parsed(hop)
            if told is None:
                break
            address = told
            if not _is_trusted(address, trusted):
                break
    return str(address)


def _forwarded_for(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    lines = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
    return [hop.strip() for line in lines for hop in line.split(",")]


def _parsed(text: str) -> Address | None:
    host = text
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        host = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
