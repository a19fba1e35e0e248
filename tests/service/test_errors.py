"""The one shape of errors, and the envelope of every answer."""

from __future__ import annotations

import json
import logging
import re

import pytest
from fastapi.testclient import TestClient

from semsearch import errors
from semsearch.options import ServiceOptions
from semsearch.service import errors as service_errors
from semsearch.service.app import create_app
from semsearch.service.schemas import Problem
from semsearch.settings import Settings
from semsearch.sources.remote.client import Answered
from tests.service.conftest import Serve, wait_ready
from tests.service.fakes import FakeEngine


def all_errors(
    kind: type[errors.SemsearchError] = errors.SemsearchError,
) -> list[type[errors.SemsearchError]]:
    """An error class with all that descend from it."""
    return [kind, *(found for child in kind.__subclasses__() for found in all_errors(child))]


def raising(error: BaseException):
    """A hook that raises."""

    def fail() -> None:
        raise error

    return fail


class TestStatus:
    def test_every_error_has_one(self) -> None:
        """Each class of the error tree has a status of its own; a new one must be given one."""
        known = {kind for kind in all_errors() if kind.__module__ == errors.__name__}
        assert set() == known - set(service_errors.STATUS)

    def test_kinds_of_one_module(self) -> None:
        """What a module makes of an error for itself has the code and the status of that error."""
        assert "source_unreadable" == service_errors.code_of(Answered)
        assert 422 == service_errors.status_of(Answered("the site answered 500", 500))

    @pytest.mark.parametrize("kind", list(service_errors.STATUS), ids=lambda kind: kind.__name__)
    def test_shape(self, client: TestClient, engine: FakeEngine, kind: type[errors.SemsearchError]) -> None:
        """Each error comes out with its status, its code and the one shape; nothing of it is kept."""
        engine.before = raising(kind("what happened and what to do"))
        response = client.get("/v1/search")

        body = response.json()
        Problem.model_validate(body)
        assert service_errors.STATUS[kind] == response.status_code
        assert service_errors.code_of(kind) == body["code"]
        assert "no-store" == response.headers["Cache-Control"]
        assert (response.status_code == 503) == ("Retry-After" in response.headers)
        assert (response.status_code in {401, 403}) == ("WWW-Authenticate" in response.headers)

    def test_faults_of_ours_name_no_files(self, client: TestClient, engine: FakeEngine) -> None:
        """What is broken here is logged for the operator and not told to readers."""
        engine.before = raising(errors.IndexCorrupt("/srv/indexes/default/x is damaged"))
        assert "/srv" not in client.get("/v1/search").text

    def test_article_invalid(self, client: TestClient, engine: FakeEngine) -> None:
        """An invalid article names its field."""
        engine.before = raising(errors.ArticleInvalid("is no date", field="published_at", value="soon"))
        detail = client.get("/v1/search").json()["detail"]
        assert [{"field": "published_at", "problem": "is no date", "value": "'soon'"}] == detail


class TestUnexpected:
    def test_internal(self, client: TestClient, engine: FakeEngine, caplog) -> None:
        """A fault in our code is 500 with a harmless message, and logged under the request id."""
        engine.before = raising(RuntimeError("secret cause"))
        with caplog.at_level(logging.ERROR, "semsearch.service"):
            response = client.get("/v1/search", headers={"X-Request-ID": "find-me"})

        Problem.model_validate(response.json())
        assert (500, "internal") == (response.status_code, response.json()["code"])
        assert "secret" not in response.text
        assert any("find-me" in record.message and record.exc_info for record in caplog.records)
        assert "find-me" == response.headers["X-Request-ID"]

    @pytest.mark.parametrize(
        "path", ["/nope", "/v1", "/v1/searches", "/v1/search/", "/redoc", "/static/none.css", "/%00"]
    )
    def test_unknown_path(self, client: TestClient, path: str) -> None:
        """An unknown address is 404 in the one shape."""
        response = client.get(path)
        Problem.model_validate(response.json())
        assert (404, "path_unknown") == (response.status_code, response.json()["code"])

    def test_method(self, client: TestClient) -> None:
        """A wrong method is 405 in the one shape, and all right ones are named."""
        response = client.delete("/v1/search")
        Problem.model_validate(response.json())
        assert (405, "method_not_allowed") == (response.status_code, response.json()["code"])
        assert "GET, POST" == response.headers["Allow"]

    @pytest.mark.parametrize("chunked", [False, True])
    def test_body_too_large(self, client: TestClient, engine: FakeEngine, chunked: bool) -> None:
        """A body over the bound is refused, whether its length is announced or not."""
        content = b'{"q": "' + b"x" * ServiceOptions().max_body_bytes + b'"}'
        response = client.post(
            "/v1/search",
            content=iter([content[:100], content[100:]]) if chunked else content,
            headers={"Content-Type": "application/json"},
        )
        Problem.model_validate(response.json())
        assert (413, "body_too_large") == (response.status_code, response.json()["code"])
        assert 0 == engine.searches


class TestEnvelope:
    def test_request_id(self, client: TestClient) -> None:
        """A usable request id is kept, in header and body; any other is replaced by a new one."""
        taken = client.get("/v1/search", headers={"X-Request-ID": "abc-1.2:3_4"})
        assert ("abc-1.2:3_4",) * 2 == (taken.headers["X-Request-ID"], taken.json()["request_id"])
        made = {
            client.get("/v1/search", headers={"X-Request-ID": given}).headers["X-Request-ID"]
            for given in ("", "a b", "<script>", "x" * 200)
        }
        assert 4 == len(made)
        assert all(len(name) == 32 for name in made)

    @pytest.mark.parametrize(
        "path", ["/", "/v1/search", "/v1/search?limit=0", "/nope", "/health/live", "/static/style.css"]
    )
    def test_protection(self, client: TestClient, path: str) -> None:
        """Every answer forbids sniffing, framing and scripts, but for the pages' own."""
        headers = client.get(path).headers
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "DENY" == headers["X-Frame-Options"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        scripts = re.findall(r"script-src[^;]*", headers["Content-Security-Policy"])
        assert scripts == (["script-src 'self'"] if path == "/" else [])
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "strict-origin-when-cross-origin" == headers["Referrer-Policy"]

    def test_head(self, client: TestClient) -> None:
        """HEAD answers as GET does, without a body."""
        head, got = client.head("/v1/articles/a-1"), client.get("/v1/articles/a-1")
        assert (200, b"") == (head.status_code, head.content)
        assert got.headers["Content-Length"] == head.headers["Content-Length"]

    def test_log_without_queries(self, client: TestClient, caplog) -> None:
        """The log names path, status and request id, and never what a reader looked for."""
        with caplog.at_level(logging.INFO, "semsearch.service"):
            client.get("/v1/search?q=private+matter", headers={"X-Request-ID": "r1"})
        lines = [record.getMessage() for record in caplog.records]
        assert any(line.startswith("GET /v1/search 200") and "r1" in line for line in lines)
        assert not any("private" in line for line in lines)

    def test_log_line_cannot_be_forged(self, client: TestClient, caplog) -> None:
        """A path with a line break stays on its line."""
        with caplog.at_level(logging.INFO, "semsearch.service"):
            client.get("/a%0aGET%20/fake")
        assert not any("\n" in record.getMessage() for record in caplog.records)


class TestCors:
    def test_off(self, client: TestClient) -> None:
        """Other sites' pages may not read answers unless told so."""
        response = client.get("/v1/search", headers={"Origin": "https://news.example"})
        assert "Access-Control-Allow-Origin" not in response.headers

    def test_on(self, engine: FakeEngine) -> None:
        """Pages of the origins that are named may, and no others."""
        app = create_app(Settings(service=ServiceOptions(cors_origins="https://news.example")), engine=engine)  # type: ignore[arg-type]
        with TestClient(app) as client:
            wait_ready(client)
            ours = client.get("/v1/search", headers={"Origin": "https://news.example"})
            other = client.get("/v1/search", headers={"Origin": "https://evil.example"})
        assert "https://news.example" == ours.headers["Access-Control-Allow-Origin"]
        assert "Access-Control-Allow-Origin" not in other.headers


class TestGetChangesNothing:
    def test_repeated(self, serve: Serve, engine: FakeEngine) -> None:
        """The same GET gives the same list each time and leaves the articles alone."""
        client = serve(engine)
        before = list(engine.articles)
        bodies = [client.get("/v1/search?q=court").json()["hits"] for _ in range(3)]
        assert bodies[0] == bodies[1] == bodies[2]
        assert before == list(engine.articles)
        assert json.dumps(bodies[0])
