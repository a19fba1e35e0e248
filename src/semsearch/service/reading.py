"""Reads the parameters of an address into a model of ``parameters``, and describes them for OpenAPI.

FastAPI could do both, but it looks at the annotations of every field again on every request: with the
twenty parameters of a search that took a millisecond, more than all the rest of the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams

Asked = TypeVar("Asked", bound=BaseModel)


def read_query(model: type[Asked], given: QueryParams) -> Asked:
    """The parameters as a model; raises RequestValidationError, which names each one at fault."""
    lists = repeatable(model)
    values: dict[str, Any] = {}
    for name, value in given.multi_items():
        if name in lists:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise RequestValidationError(
                [{"type": "repeated", "loc": ("query", name), "msg": "give it once", "input": value}]
            )
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        refused = RequestValidationError(in_query(error))
        refused.model = model  # type: ignore[attr-defined]  # whose names a hint may give
        raise refused from None


def in_query(error: ValidationError) -> list[dict[str, Any]]:
    """Pydantic's errors with their place as FastAPI names it."""
    return [{**item, "loc": ("query", *item["loc"])} for item in error.errors(include_url=False)]


@cache
def repeatable(model: type[BaseModel]) -> frozenset[str]:
    """The names of the parameters that may be given several times."""
    return frozenset(name for name, schema in _properties(model).items() if _is_list(schema))


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The parameters of a model as ``openapi_extra`` of a route."""
    parameters = []
    for name, schema in _properties(model).items():
        rest = {key: value for key, value in schema.items() if key != "description"}
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema["description"],
                "schema": rest,
            }
        )
    return {"parameters": parameters}


def _properties(model: type[BaseModel]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = model.model_json_schema()["properties"]
    return found


def _is_list(schema: Mapping[str, Any]) -> bool:
    return any(kind.get("type") == "array" for kind in (schema, *schema.get("anyOf", ())))
