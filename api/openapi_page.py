"""The OpenAPI document as one readable page: plain HTML, no script, nothing from the network."""

from __future__ import annotations

import json
from html import escape
from typing import Any

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
details { border: 1px solid #8884; border-radius: .4rem; margin: .5rem 0; padding: .5rem 1rem }
summary { cursor: pointer } summary code { font-weight: 600 }
pre { background: #8881; padding: .75rem; overflow-x: auto; border-radius: .3rem }
td, th { text-align: left; vertical-align: top; padding: .15rem 1rem .15rem 0 }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd } }
"""


def render(document: dict[str, Any]) -> str:
    """Return the page."""
    info = document["info"]
    operations = "\n".join(
        _operation(path, method, operation, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(info["title"])}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(info["title"])}</h1>
<p>{escape(info["description"])}</p>
<p><a href="openapi.json">The same as OpenAPI JSON</a></p>
{operations}
</body>
</html>
"""


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    needs_user = {} not in operation["security"]
    who = " · signed in" if needs_user else ""
    parts = [
        (
            f"<details><summary><code>{method.upper()} {escape(path)}</code> "
            f"{escape(operation['summary'])}{who}</summary>"
        )
    ]
    if operation["parameters"]:
        rows = "".join(
            f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{parameter['in']}</td>"
            f"<td>{escape(parameter.get('description', ''))}</td></tr>"
            for parameter in operation["parameters"]
        )
        parts.append(f"<h4>Parameters</h4><table>{rows}</table>")
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        parts.append(f"<h4>Body</h4>{_json(_resolved(content['schema'], schemas))}")
    parts.append("<h4>Answers</h4><table>")
    example = ""
    for status, response in operation["responses"].items():
        parts.append(f"<tr><td>{status}</td><td>{escape(response['description'])}</td></tr>")
        if not example and "content" in response:
            example = _json(response["content"]["application/json"]["example"])
    parts.append(f"</table>{example}</details>")
    return "".join(parts)


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return schemas[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return [_resolved(choice, schemas) for choice in schema["anyOf"]]
    return schema


def _json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
