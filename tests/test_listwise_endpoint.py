"""A model behind an address: nothing leaves unasked, and no answer of a server loses a candidate."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import logging
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import tiny_rerankers
from handmade import make_pool
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import videxplore as vx
from videxplore.errors import ModelError
from videxplore.stages.reranking.listwise import transport
from videxplore.stages.reranking.listwise.endpoint import ListwiseEndpoint, read_order
from videxplore.stages.reranking.listwise.naming import letters
from videxplore.stages.reranking.listwise.transport import check_address

SECRET = "sk-very-secret"


class Server(ThreadingHTTPServer):
    """Answers with what ``answer(body)`` returns: text of the model, or (status, bytes), or a function."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests, self.answer = [], reverse
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers.get("Authorization"), body))
        given = self.server.answer(body)
        if callable(given):
            given(self)
            return
        if isinstance(given, str):
            given = 200, json.dumps({"choices": [{"message": {"content": given}}]}).encode()
        status, content = given
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def asked(body):
    """How many candidates a request is about."""
    text = body["messages"][1]["content"][-1]["text"]
    return int(text.split("Order all ")[1].split()[0])


def reverse(body):
    return json.dumps({"order": list(letters(asked(body))[::-1])})


@pytest.fixture
def server():
    running = Server()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture(scope="module")
def pool():
    """Eight candidates of films that do not exist: words alone."""
    raw = make_pool(1, films=2)
    kept = tuple(replace(c, relatives=()) for c in raw.candidates[:8])
    hits = tuple(replace(c.hit, rank=i) for i, c in enumerate(kept[:5], start=1))
    return replace(raw, query=replace(raw.query, text="a dog barks"), candidates=kept, hits=hits)


def ask(server, **options):
    return ListwiseEndpoint(server.url, "some-model", consent=True, pictures=False, **options)


def order_of(ranking):
    return [c.hit.segment_id for c in sorted(ranking.candidates, key=lambda c: c.hit.rank)]


def raw_order(ranking):
    return [c.hit.segment_id for c in ranking.candidates]


def test_the_order_of_the_model_is_taken(server, pool):
    new = vx.rerank(pool, ask(server, permutations=1))
    assert order_of(new) == raw_order(pool)[::-1]
    assert new.kind == "joint"
    assert new.system.startswith("some-model at 127.0.0.1:")
    ((path, authorization, body),) = server.requests
    assert (path, authorization, body["model"], body["temperature"]) == (
        "/v1/chat/completions", None, "some-model", 0,
    )  # fmt: skip
    text = body["messages"][1]["content"][-1]["text"]
    assert "Search: a dog barks" in text
    assert "H: moment" in text


def test_a_model_that_reverses_whatever_it_sees_is_found_out(server, pool):
    new = vx.rerank(pool, ask(server, permutations=2))
    assert order_of(new) == raw_order(pool)
    assert new.order_sensitivity == 4.0
    assert any("take this ranking with care" in note for note in new.notes)


def test_nothing_leaves_without_consent(server, sample, caplog):
    raw = tiny_rerankers.pool_of(sample.videos[0])
    raw = replace(raw, candidates=raw.candidates[:5], hits=raw.hits[:3])
    shy = ListwiseEndpoint(server.url, "some-model", extra={})
    with pytest.raises(ModelError, match=r"nothing was sent\. 3 calls .*consent=True") as refused:
        vx.rerank(raw, shy)
    assert server.requests == []
    host = server.url.split("/")[2]
    willing = ListwiseEndpoint(server.url, "some-model", consent=True, extra={})
    with caplog.at_level(logging.WARNING):
        new = vx.rerank(raw, willing)
        vx.rerank(raw, willing, strength=0.5)
    assert len(server.requests) == 3  # another strength asks nobody
    (said,) = [r.getMessage() for r in caplog.records if host in r.getMessage()]  # once, before the first
    assert said in str(refused.value)
    assert said in new.notes
    contents = [body["messages"][1]["content"] for _, _, body in server.requests]
    urls = [p["image_url"]["url"] for content in contents for p in content if p["type"] == "image_url"]
    words = sum(len(p["text"].split()) for content in contents for p in content if p["type"] == "text")
    assert f"send {len(urls)} pictures (" in said
    assert f"about {words:,} words" in said
    for url in urls:
        picture = Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/jpeg;base64,"))))
        assert min(picture.size) > 200
        assert np.asarray(picture).std() > 5


@pytest.mark.parametrize("consent", ["no", "yes", 1, None])
def test_only_true_is_consent(consent):
    with pytest.raises(TypeError, match="consent must be True or False"):
        ListwiseEndpoint("http://localhost:1/v1", "some-model", consent=consent)
    with pytest.raises(ValueError, match="model must be the name"):
        ListwiseEndpoint("http://localhost:1/v1", "")


def test_the_key_comes_from_the_environment_and_stays_secret(server, pool, monkeypatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    endpoint = ask(server, key_variable="MY_KEY", permutations=1)
    with pytest.raises(ModelError, match="nothing was sent: the environment variable 'MY_KEY' holds no key"):
        vx.rerank(pool, endpoint)
    assert server.requests == []
    monkeypatch.setenv("MY_KEY", SECRET)
    vx.rerank(pool, endpoint)
    assert server.requests[0][1] == f"Bearer {SECRET}"
    assert SECRET not in repr(endpoint) + str(vars(endpoint))
    server.answer = lambda _: (401, f"bad key {SECRET}".encode())
    with pytest.raises(ModelError, match=r"refused with HTTP 401: bad key …") as error:
        vx.rerank(pool, ask(server, key_variable="MY_KEY"))
    assert SECRET not in str(error.value)


def test_long_lists_are_read_window_by_window(server):
    raw = make_pool(2)
    raw = replace(raw, query=replace(raw.query, text="a dog barks"))
    new = vx.rerank(raw, ask(server, depth=20, window=8, stride=4, permutations=1))
    assert [asked(body) for _, _, body in server.requests] == [8] * 4
    assert order_of(new)[20:] == raw_order(raw)[20:]
    assert sorted(order_of(new)[:20]) == sorted(raw_order(raw)[:20])
    assert any("the other 80 keep their raw order behind them" in note for note in new.notes)


NAMED = "the model named C twice (the first counts) and left out F: raw order kept for"


@pytest.mark.parametrize(
    ("said", "order", "note"),
    [
        ('{"order": ["C","A","B","D","C","E","G","H"]}', "CABDEGHF", NAMED),
        ('I think\n```json\n{"order": ["B", "A"]}\n```', "BACDEFGH", "left out C, D, E, F, G, H"),
        ('[9, "H", null, {"a": 1}, "H"]', "HABCDEFG", "which there is not"),
        ('{"order": []}', "ABCDEFGH", "named none of A to H"),
        ("A, B and then C", "ABCDEFGH", "holds no JSON with an order"),
        ("", "ABCDEFGH", "holds no JSON with an order"),
        ("[" * 50_000, "ABCDEFGH", "holds no JSON with an order"),
        ((200, b"<html>"), "ABCDEFGH", "holds no message"),
        ((200, b'{"choices": []}'), "ABCDEFGH", "holds no message"),
        ((200, b'{"choices": [{"message": {"content": null}}]}'), "ABCDEFGH", "holds no JSON"),
        ((200, b"\xff\xfe"), "ABCDEFGH", "holds no message"),
    ],
)
def test_broken_answers_lose_no_candidate(said, order, note, server, pool):
    server.answer = lambda _: said
    new = vx.rerank(pool, ask(server, permutations=1))
    assert order_of(new) == [raw_order(pool)[letters(8).index(letter)] for letter in order]
    assert any(note in n for n in new.notes), new.notes
    if order == letters(8):
        assert [h.score.hex() for h in new] == [h.score.hex() for h in pool]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from("ABCDEFG"),
    lambda inner: (
        st.lists(inner, max_size=8)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "order", "text"]), inner, max_size=3
        )
    ),
    max_leaves=20,
)


@given(JSON | JSON.map(lambda x: {"choices": [{"message": {"content": json.dumps(x)}}]}), st.integers(1, 7))
def test_no_json_whatever_loses_a_candidate(answer, n):
    verdict = read_order(answer, [f"s{i}" for i in range(n)])
    assert (verdict.scores is None) <= bool(verdict.note)
    if verdict.scores is not None:
        assert sorted((-verdict.scores).astype(int)) == list(range(n))


def test_what_was_thought_aloud_does_not_count():
    content = '<think>maybe {"order": ["A", "B"]}?</think> {"order": ["B", "A"]}'
    verdict = read_order({"choices": [{"message": {"content": content}}]}, ["one", "two"])
    assert np.argsort(-verdict.scores).tolist() == [1, 0]
    parts = [{"type": "text", "text": '{"order": '}, {"type": "text", "text": '["B", "A"]}'}]
    again = read_order({"choices": [{"message": {"content": parts}}]}, ["one", "two"])
    assert np.argsort(-again.scores).tolist() == [1, 0]


def elsewhere(handler):
    handler.send_response(307)
    handler.send_header("Location", handler.server.url + "/other")
    handler.end_headers()


def drip(handler):
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):  # the other side leaves
        for _ in range(40):
            handler.wfile.write(b" ")
            time.sleep(0.05)


def hang_up(handler):
    handler.connection.close()


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (lambda _: (500, b"overloaded"), "refused with HTTP 500: overloaded"),
        (lambda _: elsewhere, "refused with HTTP 307"),
        (lambda _: time.sleep(0.6) or "[]", "did not answer within 0.3 s"),
        (lambda _: drip, "did not answer within 0.3 s"),
        (lambda _: hang_up, "cannot be reached"),
        (lambda _: (200, b" " * 5000), "longer than 0 MiB"),
    ],
)
def test_a_server_that_fails_says_so(behaviour, message, server, pool, monkeypatch):
    monkeypatch.setattr(transport, "_LARGEST", 4096)
    server.answer = behaviour
    timeout_s = 0.3 if "0.3 s" in message else 60  # the others answer, be it late
    with pytest.raises(ModelError, match=message):
        vx.rerank(pool, ask(server, permutations=1, timeout_s=timeout_s))
    deadline = time.monotonic() + 60
    while not server.requests and time.monotonic() < deadline:  # who asked may have left before it was heard
        time.sleep(0.01)
    assert len(server.requests) == 1


def test_nobody_there_is_said(pool):
    nobody = ListwiseEndpoint("http://127.0.0.1:9/v1", "m", consent=True, pictures=False)
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9 cannot be reached"):
        vx.rerank(pool, nobody)


@pytest.mark.parametrize(
    "address",
    ["http://api.example.org/v1", "ftp://127.0.0.1/", "api.example.org", "https://me:pw@example.org/v1",
     "http://8.8.8.8/v1", "https://example.org/v1?key=1", ""],
)  # fmt: skip
def test_addresses_that_would_leak_are_refused(address):
    with pytest.raises(ValueError, match="base_url"):
        ListwiseEndpoint(address, "m")


def test_addresses_that_are_safe_are_taken():
    for address in ("https://api.example.org/v1/", "http://localhost:8000/v1", "http://[::1]:1/v1",
                    "http://192.168.1.5:8000/v1"):  # fmt: skip
        assert check_address(address) == address.rstrip("/")
