"""The editors' desk under ``/desk``: who is signed in, and what each of its pages is made with.

A page is a module ``desk_x.py`` with a template ``desk_x.html``, listed in ``desk_pages``::

    from semsearch.service.desk import Desk, Form, desk_router

    router = desk_router()

    @router.get("/desk/rules")
    async def rules(desk: Desk) -> Response:
        found = await desk.call(lambda engine: ...)          # off the event loop
        return desk.render("desk_rules.html", found=found)

    @router.post("/desk/rules")
    async def add_rule(desk: Desk) -> Response:
        form = await desk.form()                             # token checked: form.get("q"), form.all("id")
        await desk.run(lambda: store.add(form.get("query"), by=desk.who))
        return desk.go("/desk/rules", said="saved")          # 303; SAID["saved"] stands above the page

The template extends ``desk.html``, fills the blocks ``title`` (with `` – `` at its end), ``heading`` and
``desk``, and puts ``{{ form_token }}`` into each ``<form method="post">``. Everything in it is escaped; the
policy of the pages forbids scripts and styles within them, ``style`` attributes included.

What a handler raises becomes a page: a SemsearchError with its own words and status, a pydantic
ValidationError as 422. No key, or one that opens nothing any more, leads to the form to sign in.

The browser shows the key itself, in a cookie that only this server under ``/desk`` is sent and no script
can read, so it is checked at each request by ``KeyFile.check`` like that of a program: a revoked or expired
key is out at once in every worker, and a stolen ``keys.json`` still opens nothing, as it would if sessions
were signed with what is in it. A form carries a token made from the key: SameSite=Strict alone would let
pages of a sister site (blog.example for desk.example) post here.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from markupsafe import Markup
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from semsearch.errors import AccessDenied, InputError, KeyInvalid, KeyMissing, ScopeMissing, SemsearchError
from semsearch.keys import Key, Scope
from semsearch.service.addressing import address_of, bare
from semsearch.service.errors import HTTP_CODES, public_message, status_of, validation_detail
from semsearch.service.pages import rendered
from semsearch.service.reading import in_query
from semsearch.service.state import Service, service_of

if TYPE_CHECKING:
    from semsearch.engine import Engine

Result = TypeVar("Result")

HOME = "/desk"
SIGN_IN = "/desk/sign-in"
COOKIE = "semsearch_desk"
COOKIE_SECONDS = 12 * 3600  # a working day; then the key is asked for again
TOKEN = "form_token"  # the name of a field
MAX_FIELDS = 500
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
FORM = "application/x-www-form-urlencoded"

# What a page says after a form was sent, by the code in its address: nobody can put other words there.
SAID = {
    "saved": "Saved.",
    "removed": "Removed.",
    "sent": "Sent.",
    "signed-out": "You are signed out.",
    "rebuilding": "The rebuild has begun. Searches go on meanwhile.",
    "activated": "The generation is live.",
}


class SignInNeeded(Exception):  # noqa: N818  what is needed, not what failed
    """No key was shown, or one that opens nothing (any more); ``words`` say which."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.words = words


class FormRefused(InputError):  # noqa: N818  as the tree of errors is named
    """A form that this desk did not give to whoever is signed in."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form that was sent, in their order; none of them is trusted."""

    fields: tuple[tuple[str, str], ...]

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field, without the blanks around it."""
        return next((value.strip() for key, value in self.fields if key == name), default)

    def all(self, name: str) -> list[str]:
        """All values of a field that are not blank."""
        return [value.strip() for key, value in self.fields if key == name and value.strip()]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One request of somebody who is signed in."""

    request: Request
    key: Key
    token: str

    @property
    def service(self) -> Service:
        """The shared state of the app."""
        return service_of(self.request)

    @property
    def who(self) -> str:
        """What the key is called: for a history of who changed what."""
        return self.key.called

    def need(self, scope: Scope) -> None:
        """Raise ScopeMissing unless the key has this scope."""
        if not self.key.covers(scope):
            raise ScopeMissing(
                f"your key {self.key.id} has scope {self.key.scope}; this needs scope {scope}: "
                f"make such a key with semsearch keys create --scope {scope}, and sign in with it"
            )

    async def call(self, job: Callable[[Engine], Result]) -> Result:
        """The result of a job on the engine, as ``Service.for_editors`` runs it."""
        return await self.service.for_editors(job, self.request)

    async def run(self, job: Callable[[], Result]) -> Result:
        """The result of a job that waits for a disk, run off the event loop."""
        return await run_sync(job)

    async def form(self) -> Form:
        """The form that was sent; raises FormRefused where its token is not that of this session."""
        form = await read_form(self.request)
        if not hmac.compare_digest(form.get(TOKEN).encode(), self.token.encode()):
            raise FormRefused("this form is out of date; go back, load its page again and send it once more")
        return form

    def render(self, name: str, status: int = 200, **values: object) -> Response:
        """A template as a page of the desk."""
        field = Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN, self.token)
        said = SAID.get(self.request.query_params.get("said", ""))
        kept = {"desk": self, "form_token": field, "said": said, "here": self.request.url.path}
        return page_of(self.request, name, status, **{**kept, **values})

    def go(self, path: str, *, said: str = "", **query: str) -> Response:
        """Send the browser on to a page of ours (303), which says what ``said`` is the code of."""
        assert not said or said in SAID, said
        asked = urlencode({**query, **({"said": said} if said else {})}, errors="replace")
        return redirect(f"{path}?{asked}" if asked else path)


async def signed_in(request: Request) -> DeskPage:
    """The dependency of each page; raises SignInNeeded."""
    shown = request.cookies.get(COOKIE)
    try:
        key = service_of(request).keys.check(shown, "write")
    except KeyMissing:
        raise SignInNeeded from None
    except (KeyInvalid, ScopeMissing):
        raise SignInNeeded("Your key opens nothing here any more. Sign in with another.") from None
    assert shown
    return DeskPage(request, key, token_of(shown))


Desk = Annotated[DeskPage, Depends(signed_in)]


def token_of(key: str) -> str:
    """The token in the forms of whoever shows this key; the key cannot be told from it."""
    return hmac.new(key.encode("utf-8", "replace"), b"semsearch desk form", hashlib.sha256).hexdigest()


async def read_form(request: Request) -> Form:
    """The fields of a form; raises FormRefused for what no form of ours sends."""
    check_origin(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise FormRefused(f"the form came as '{kind[:80]}'; send it as {FORM}")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError:
        raise FormRefused(f"the form has more than {MAX_FIELDS} fields; send fewer") from None
    return Form(tuple(pairs))


def check_origin(request: Request) -> None:
    """Raise FormRefused for a form of another site, by headers that no page can change.

    Browsers send Sec-Fetch-Site over https and on this machine; without it, the Origin must be a host that we
    are reached at. Programs send neither, and need the token.
    """
    site = request.headers.get("sec-fetch-site", "").strip().lower()
    origin = request.headers.get("origin", "").strip()
    if site:
        ours = site in {"same-origin", "none"}
    else:
        host = origin.partition("://")[2]
        ours = not origin or bare(host) in address_of(request).own
    if not ours:
        raise FormRefused(
            "this form came from another site; open its page here and send it again. If this is its own "
            "page, set service.public_url to the address that your browser shows"
        )


def page_of(request: Request, name: str, status: int = 200, **values: object) -> Response:
    """A template as a page, signed in or not."""
    text = rendered(request, name, **values)
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def redirect(path: str) -> Response:
    """Send the browser on with GET, to a path of this server."""
    return RedirectResponse(path, 303)


def desk_router() -> APIRouter:
    """A router for pages of the desk; nothing of it is in the OpenAPI document."""
    return APIRouter(route_class=DeskRoute, include_in_schema=False)


class DeskRoute(APIRoute):
    """A route whose errors are pages, and whose answers no cache keeps and no search engine lists."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler within what is common to all pages of the desk."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                response = await handler(request)
            except SignInNeeded as need:
                response = _to_sign_in(request, need)
            except ValidationError as error:
                response = _failed(request, 422, words_of(in_query(error)))
            except RequestValidationError as error:
                response = _failed(request, 422, words_of(error.errors()))
            except SemsearchError as error:
                status = 403 if isinstance(error, AccessDenied | FormRefused) else status_of(error)
                response = _failed(request, status, [public_message(error)])
            except HTTPException as error:
                words = HTTP_CODES.get(error.status_code, ("", str(error.detail)))[1]
                response = _failed(request, error.status_code, [words])
            for name, value in HEADERS.items():
                response.headers[name] = value
            return response

        return handled


def words_of(errors: Sequence[Mapping[str, Any]], labels: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong with the fields of a form, in pydantic's shape; one sentence each, by their labels."""
    found = validation_detail(errors)
    return [f"{(labels or {}).get(one['field'], one['field'])}: {one['problem']}" for one in found]


def labelled(words: str, labels: Mapping[str, str]) -> str:
    """An error that begins with the name of a field, by the field's label."""
    name, blank, rest = words.partition(" ")
    return f"{labels.get(name, name)}{blank}{rest}"


def _failed(request: Request, status: int, words: Iterable[str]) -> Response:
    titles = {403: "Not allowed", 404: "Not found", 409: "Busy", 422: "That did not work"}
    title = titles.get(status, "Just a moment" if status == 503 else "That did not work")
    shown = request.cookies.get(COOKIE)
    with contextlib.suppress(SemsearchError):  # whoever is not signed in is shown the words alone
        desk = DeskPage(request, service_of(request).keys.check(shown, "write"), token_of(shown or ""))
        return desk.render("desk_message.html", status, title=title, words=tuple(words))
    return page_of(
        request, "desk_message.html", status, desk=None, said=None, title=title, words=tuple(words)
    )


def _to_sign_in(request: Request, need: SignInNeeded) -> Response:
    back = request.url.path if request.method == "GET" else HOME
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    response = redirect(f"{SIGN_IN}?next={quote(back + query, safe='/')}{'&out=1' if need.words else ''}")
    if need.words:
        response.delete_cookie(COOKIE, path=HOME)
    return response
