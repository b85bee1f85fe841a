"""The OpenAPI document, built from what stands beside each route, and a page that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from api.documented import Documented
from api.openapi_page import render

EVERYWHERE = {
    400: "body_invalid, query_invalid, parameter_unknown, text_invalid, id_invalid",
    401: "invalid_token",
    405: "method_not_allowed",
    500: "internal_error",
    503: "busy, unavailable",
    504: "timed_out",
}
WITH_KEY = {
    400: "idempotency_key_invalid",
    422: "request_id_reused: the key came with something else before",
}
WITH_BODY = {413: "body_too_large", 415: "content_type_unsupported"}
ERROR_EXAMPLE = {
    "success": False,
    "message": "There is no such video.",
    "error": {
        "code": "PT404",
        "message": "video_not_found",
        "details": "There is no such video.",
        "hint": None,
    },
}
POSTGREST_ERROR_EXAMPLE = {
    "code": "PT404",
    "message": "video_not_found",
    "details": "There is no such video.",
    "hint": None,
}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A random UUID of the app's making, a new one for each thing it wants. Sent "
    "again with the same request, as after a lost answer, it gives the first answer's data and "
    "does nothing twice.",
    "schema": {"type": "string", "format": "uuid"},
}
_NULLABLE_TEXT = {"type": ["string", "null"]}
_ERROR_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message", "details", "hint"],
    "properties": {
        "code": {"type": "string", "description": "An SQLSTATE; PTxyz stands for HTTP xyz."},
        "message": {"type": "string", "description": "A stable slug."},
        "details": _NULLABLE_TEXT,
        "hint": _NULLABLE_TEXT,
    },
}
_FAILURE: dict[str, Any] = {
    "type": "object",
    "required": ["success", "message", "error"],
    "properties": {
        "success": {"const": False},
        "message": {"type": "string", "description": "A sentence for people."},
        "error": {"$ref": "#/components/schemas/Error"},
    },
}


def document(routes: Iterable[Documented]) -> dict[str, Any]:
    """Return the whole document."""
    listed = list(routes)
    shapes = {shape for route in listed for shape in route.bodies}
    _, schemas = msgspec.json.schema_components(
        sorted(shapes, key=lambda shape: shape.__name__),
        ref_template="#/components/schemas/{name}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    paths["/rest/v1/rpc/{function}"] = _rpc()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "IG-Live Video Backend",
            "version": "1",
            "description": "Sign in with Supabase and send the access token as a bearer token. "
            "Without one you are anonymous; with a bad one you get 401.",
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Error": _ERROR_BODY, "Failure": _FAILURE},
            "securitySchemes": {
                "user": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def documentation_handlers(routes: Sequence[Documented]) -> list[HTTPRouteHandler]:
    """Return the routes that serve the document and the page. Both are made once."""
    whole = document(routes)
    as_json = msgspec.json.encode(whole)
    as_html = render(whole).encode()

    @get("/api/openapi.json", include_in_schema=False, sync_to_thread=False)
    def openapi_json() -> Response[bytes]:
        """Serve the document."""
        return Response(as_json, media_type="application/json")

    @get("/api/docs", include_in_schema=False, sync_to_thread=False)
    def openapi_page() -> Response[bytes]:
        """Serve the page; it loads nothing from anywhere."""
        policy = {
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        }
        return Response(as_html, media_type="text/html; charset=utf-8", headers=policy)

    return [openapi_json, openapi_page]


def _operation(route: Documented) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _operation_id(route),
        # An empty requirement beside the token: signing in is possible, not needed.
        "security": [{"user": []}] if route.who == "user" else [{}, {"user": []}],
        "parameters": [
            *_path_parameters(route),
            *_query_parameters(route),
            *([_IDEMPOTENCY_KEY] if route.idempotent_by_key else []),
        ],
        "responses": _responses(route),
    }
    if route.bodies:
        references = [{"$ref": f"#/components/schemas/{body.__name__}"} for body in route.bodies]
        schema = references[0] if len(references) == 1 else {"anyOf": references}
        operation["requestBody"] = {
            "required": route.body_required,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _operation_id(route: Documented) -> str:
    words = [part.strip("{}") for part in route.path.split("/") if part not in {"", "api"}]
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: Documented) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    text = {"type": "string"}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": text if name in route.texts else text | {"format": "uuid"},
        }
        for name in names
    ]


def _query_parameters(route: Documented) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
        for name, text in route.query.items()
    ]


def _responses(route: Documented) -> dict[str, Any]:
    success: dict[str, Any] = {
        "description": "Success",
        "content": {"application/json": {"example": route.example}},
    }
    if route.headers:
        success["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in route.headers.items()
        }
    responses = {str(route.status): success}
    for status, text in route.also.items():
        responses[str(status)] = {"description": text}
    slugs: dict[int, list[str]] = {}
    sign_in = {401: "sign_in_required"} if route.who == "user" else {}
    with_key = WITH_KEY if route.idempotent_by_key else {}
    with_body = WITH_BODY if route.bodies else {}
    for source in (sign_in, EVERYWHERE, with_body, with_key, route.errors):
        for status, text in source.items():
            slugs.setdefault(status, []).append(text)
    for status in sorted(slugs.keys() - route.also.keys()):
        responses[str(status)] = {
            "description": ", ".join(slugs[status]),
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Failure"},
                    "example": ERROR_EXAMPLE,
                }
            },
        }
    return responses


def _rpc() -> dict[str, Any]:
    name = {"name": "function", "in": "path", "required": True, "schema": {"type": "string"}}
    responses: dict[str, Any] = {
        "200": {
            "description": "What the function returns; an array for sets.",
            "content": {"application/json": {"example": {"liked": True, "likes_count": 4}}},
        },
        "204": {"description": "The function returns nothing."},
    }
    described = {
        300: "PGRST203: several overloads fit",
        400: "PGRST100, PGRST102, or what the function raises",
        401: "PGRST301, PGRST303, or 42501 for the anonymous",
        403: "42501: this role may not",
        404: "PGRST202: no such function, or what the function raises",
        405: "PGRST101, or 25006: GET may not write",
        406: "PGRST106, PGRST107",
        413: "body_too_large",
        415: "PGRST102: not JSON",
        500: "internal_error, timed_out",
        503: "busy, unavailable",
    }
    for status, text in described.items():
        responses[str(status)] = {
            "description": text,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Error"},
                    "example": POSTGREST_ERROR_EXAMPLE,
                }
            },
        }
    common = {"parameters": [name], "security": [{}, {"user": []}], "responses": responses}
    return {
        "get": {
            "summary": "Call a function that only reads, arguments in the query string",
            "operationId": "get_rpc",
            **common,
        },
        "post": {
            "summary": "Call a function of the database as PostgREST does",
            "operationId": "post_rpc",
            "requestBody": {
                "required": False,
                "content": {
                    "application/json": {
                        "schema": {"type": "object"},
                        "example": {"video_id": "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f"},
                    }
                },
            },
            **common,
        },
    }
