"""An app with one connection, told what to do line by line, telling what it hears."""

import asyncio
import json
import os
import sys
from typing import Any

from supabase import acreate_client  # type: ignore[import-not-found, attr-defined, unused-ignore]


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


async def main() -> None:
    client = await acreate_client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_ANON_KEY"])
    channels: dict[str, Any] = {}

    async def subscribe(topic: str, private: bool) -> None:
        def hear(message: Any) -> None:
            tell(topic=topic, event=message["event"], payload=message["payload"])

        def note(status: Any, error: Any) -> None:
            tell(topic=topic, status=status.value, error=str(error) if error else None)

        channel = client.channel(topic, {"config": {"private": private}})
        channels[topic] = channel.on_broadcast("*", hear)
        await channel.subscribe(note)

    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    while line := await lines.readline():
        command = json.loads(line)
        match command["do"]:
            case "token":
                await client.realtime.set_auth(command["token"])
            case "subscribe":
                await subscribe(command["topic"], command["isPrivate"])
            case "leave":
                await client.remove_channel(channels[command["topic"]])


asyncio.run(main())
