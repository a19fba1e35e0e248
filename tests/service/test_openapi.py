"""The OpenAPI document is complete: nothing without words, examples and error responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from semsearch.service.app import create_app
from semsearch.settings import Settings

Json = dict[str, Any]
METHODS = {"get", "post", "put", "delete", "patch"}


@pytest.fixture(scope="module")
def document() -> Json:
    """The document of an app that was never started."""
    return create_app(Settings()).openapi()


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Each operation with its name."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def test_operations_are_described(document: Json) -> None:
    """Each operation has a summary, a description, a tag that is described and an id of its own."""
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    ids = []
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= tags, name
        assert len(operation["tags"]) == 1, name
        ids.append(operation["operationId"])
    assert len(set(ids)) == len(ids) > 0


def test_parameters_are_described(document: Json) -> None:
    """Each parameter has a description and an example."""
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            where = (name, parameter["name"])
            assert parameter.get("description"), where
            assert parameter["schema"].get("examples") or parameter.get("examples"), where


def test_fields_are_described(document: Json) -> None:
    """Each field of each schema has a description and, unless it is made of described ones, an example."""
    for schema_name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), schema_name
        for name, field in schema.get("properties", {}).items():
            assert field.get("description") or set(field) == {"$ref"}, (schema_name, name)
            assert field.get("examples") or "$ref" in str(field), (schema_name, name)


def test_answers_are_described(document: Json) -> None:
    """Each answer has words; each error has the one shape; every operation with input has a 422."""
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            assert response["description"], (name, status)
            if int(status) >= 400 and name.endswith("/related.html"):
                assert {"text/html": {}} == response["content"], (name, status)  # its errors have no text
            elif int(status) >= 400 and "/health/" not in name:
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (name, status)
        if operation.get("parameters") or operation.get("requestBody"):
            assert "422" in operation["responses"], name
        if operation.get("requestBody"):
            assert "413" in operation["responses"], name
            assert operation["requestBody"]["required"], name


def test_shape_of_the_frameworks_errors_is_gone(document: Json) -> None:
    """The framework's own error schemas are nowhere: ours is the only one."""
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])


def test_contract(document: Json) -> None:
    """Every read endpoint and every parameter of the contract is there."""
    search = {parameter["name"] for parameter in document["paths"]["/v1/search"]["get"]["parameters"]}
    assert {
        "q", "mode", "semantic_ratio", "limit", "offset", "section", "author", "tag", "language", "source",
        "published_after", "published_before", "facets", "sort", "recency_half_life", "recency_weight",
        "diversity", "collapse", "min_score", "exclude_ids", "explain",
    } == search  # fmt: skip
    related = document["paths"]["/v1/articles/{article_id}/related"]["get"]["parameters"]
    assert {"article_id", "limit", "window", "exclude_ids", "fallback", "section", "author", "tag"} <= {
        parameter["name"] for parameter in related
    }
    body = document["components"]["schemas"]["RelatedBody"]
    assert {"text", "positive", "negative", "id"} <= set(body["properties"])
    assert body["additionalProperties"] is False
    assert {"/health/live", "/health/ready", "/metrics", "/version", "/v1/related"} <= set(document["paths"])
