"""Every operation of the OpenAPI document is tried with good and bad input, over the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.real_server import serving

SECONDS = 2.0  # no answer takes longer
EXAMPLES = 6  # of each operation, good and bad
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
SCHEMA = schemathesis.openapi.from_dict(create_app(Settings(), engine=None).openapi())
# A rebuild runs in the background and would be there for whatever comes next.
SCHEMA = SCHEMA.exclude(path="/v1/indexes/rebuild")


@schemathesis.serializer("application/x-ndjson")
def lines(_context: object, value: object) -> bytes:
    """JSON Lines as they are made up: as text."""
    return str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and key of a server over a real index of a few articles."""
    folder = tmp_path_factory.mktemp("indexes")
    options = ServiceOptions(events=True)
    engine = Engine(Settings(indexes=folder, service=options), encoder=HashingEncoder())
    source = folder / "articles.jsonl"
    articles = [{"id": f"a-{n}", "title": f"Court ruling {n}", "body": "The judge spoke."} for n in range(9)]
    source.write_text("\n".join(json.dumps(article) for article in articles), "utf-8")
    engine.build([str(source)])
    key = KeyFile(folder).create("admin")[1]
    try:
        with serving(engine.settings, engine) as port:
            yield f"http://127.0.0.1:{port}", key
    finally:
        engine.close()


@pytest.mark.parametrize("with_key", [False, True])
@SCHEMA.parametrize()
@seed(14)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_only_documented_statuses(case: schemathesis.Case, server: tuple[str, str], with_key: bool) -> None:
    """Whatever comes, the answer has a status and a kind that are documented, in time, and is no fault."""
    address, key = server
    headers = {"X-API-Key": key} if with_key else {}
    response = case.call(base_url=address, headers=headers, timeout=30)
    if response.elapsed >= SECONDS:  # of a request that is slow by itself the best of three is slow, too
        again = (case.call(base_url=address, headers=headers, timeout=30).elapsed for _ in range(2))
        assert min(again) < SECONDS
    case.validate_response(response, checks=CHECKS)
