"""Keys from the command line."""

import json
import re

from semsearch.keys import KeyFile


def test_create_list_revoke(call, home):
    """The key alone goes to standard output, once; the list never shows it."""
    made = call("keys", "create", "--scope", "write", "--name", "CMS", "--expires", "90d")
    assert (0, True) == (made.code, bool(re.fullmatch(r"ss_[\w-]{43}\n", made.out)))
    assert "scope write, until 2" in made.err
    key = KeyFile(home / "indexes").check(made.out.strip(), "write")

    listed = call("keys", "list")
    assert all(word in listed.out for word in (key.id, "CMS", "write", "usable"))
    assert made.out.strip() not in listed.out + json.dumps(call("keys", "list", "--format", "json").json())

    assert f"Key {key.id} is revoked.\n" == call("keys", "revoke", key.id).out
    assert ["revoked"] == [one["state"] for one in call("keys", "list", "--format", "json").json()]


def test_json(call):
    """Programs get the key and its facts in one document."""
    made = call("keys", "create", "--scope", "admin", "--format", "json").json()
    assert ("admin", None, "usable") == (made["scope"], made["expires_at"], made["state"])
    assert made["key"].startswith("ss_")


def test_none_yet(call):
    """An empty list says how to make one."""
    assert (0, "") == ((outcome := call("keys", "list")).code, outcome.out)
    assert "semsearch keys create" in outcome.err


def test_what_cannot_be(call):
    """A scope that is none is wrong usage; a date that is none, and an unknown id, are clear errors."""
    assert 2 == call("keys", "create", "--scope", "all").code
    assert 2 == call("keys", "create").code
    wrong = call("keys", "create", "--scope", "write", "--expires", "soon")
    assert (1, "") == (wrong.code, wrong.out)
    assert "'soon'" in wrong.err
    assert "no key 'x'" in call("keys", "revoke", "x").err


def test_with_a_key_others_may_reach_the_service(call, home, monkeypatch):
    """The refusal names keys; once there is one, the service starts."""
    started = []
    monkeypatch.setattr(
        "semsearch.service.serve.serve", lambda settings, **_: started.append(settings.service)
    )
    refused = call("serve", "--host", "0.0.0.0", "--port", "0")
    assert (1, []) == (refused.code, started)
    assert "semsearch keys create" in refused.err
    call("keys", "create", "--scope", "search")
    assert 0 == call("serve", "--host", "0.0.0.0", "--port", "0").code
    assert ["0.0.0.0"] == [one.host for one in started]
