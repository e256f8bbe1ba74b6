"""The description of the API, as OpenAPI 3.1: read off the table of operations, never written by hand."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from service.web.api.operation import JSON, Operation, Trouble

REFS = "#/components/schemas/{model}"
PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
# What Starlette's own words for a path's parameters mean.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "": {"type": "string", "minLength": 1},
    "int": {"type": "integer", "minimum": 0},
}
EVERYWHERE = {
    401: "no token, or one that does not hold",
    403: "a page's call that does not come from a page",
    422: "not as described",
    429: "too often: try again after Retry-After seconds",
}
WITH_A_BODY = {413: "larger than anything described here", 415: "not JSON"}
TEXT, BYTES = "text/plain", "application/octet-stream"

type Document = dict[str, Any]


def describe(operations: Iterable[Operation], base_url: str, version: str) -> Document:
    """Return the description of these operations, served below an address."""
    schemas: Document = {}
    paths: Document = {}
    for operation in operations:
        path = paths.setdefault(PARAMETER.sub(r"{\1}", operation.path), {})
        path[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Afterrun",
            "version": version,
            "description": "Runs, the routines they earned, and what became of them. A token comes from "
            "`afterrun token create NAME`; it acts for one athlete.",
        },
        "servers": [{"url": f"{base_url}/api"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(operation: Operation, schemas: Document) -> Document:
    refusals = EVERYWHERE | (WITH_A_BODY if operation.takes is not None else {}) | dict(operation.refuses)
    described: Document = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.part],
        "responses": {
            "200": _content("done", _schema(operation.answer_adapter, "serialization", schemas)),
            **{str(status): _refusal(status, why, schemas) for status, why in sorted(refusals.items())},
        },
    }
    if parameters := [*_in_path(operation), *_in_query(operation, schemas)]:
        described["parameters"] = parameters
    if operation.streams:
        described["requestBody"] = {
            "required": True,
            "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
        }
    if operation.takes is not None:
        body = {JSON: {"schema": _schema(operation.body_adapter, "validation", schemas)}}
        described["requestBody"] = {"required": True, "content": body}
    return described


def _refusal(status: int, why: str, schemas: Document) -> Document:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return {"description": why, "content": {TEXT: {"schema": {"type": "string"}}}}
    return _content(why, _schema(TypeAdapter(Trouble), "serialization", schemas))


def _content(words: str, schema: Document) -> Document:
    return {"description": words, "content": {JSON: {"schema": schema}}}


def _in_path(operation: Operation) -> list[Document]:
    return [
        {"name": name, "in": "path", "required": True, "schema": dict(KINDS[kind])}
        for name, kind in PARAMETER.findall(operation.path)
    ]


def _in_query(operation: Operation, schemas: Document) -> list[Document]:
    if operation.asks is None:
        return []
    schema = TypeAdapter(operation.asks).json_schema(ref_template=REFS, mode="validation")
    schemas |= schema.pop("$defs", {})
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(one)}
        for name, one in schema["properties"].items()
    ]


def _without_null(schema: Document) -> Document:
    """Return the schema of a parameter that may be left out: what is not there is not null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"} or not kinds}
    return rest | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


def _schema(adapter: TypeAdapter[Any], mode: JsonSchemaMode, schemas: Document) -> Document:
    schema = adapter.json_schema(ref_template=REFS, mode=mode, by_alias=True)
    schemas |= schema.pop("$defs", {})
    if "title" in schema and schema.get("type") == "object" and "properties" in schema:
        schemas[schema["title"]] = schema
        return {"$ref": REFS.format(model=schema["title"])}
    return schema
