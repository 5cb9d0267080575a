"""One question to a server on the user's behalf, and its answer as JSON."""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from videxplore.errors import ModelError

_LARGEST = 4 << 20
_CHUNK = 1 << 14


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: the key and the pictures are meant for one server."""

    def redirect_request(self, *_: Any) -> None:
        """Let the redirect become an error."""


def check_address(base_url: str) -> str:
    """The address without a slash at its end.

    Raises:
        ValueError: it is no HTTP address, or would send a key and pictures unencrypted to another network.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError(
            f"base_url={base_url!r} must look like 'https://api.example.org/v1', without user name and query."
        )
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise ValueError(
            f"base_url={base_url!r} would send key and pictures unencrypted. Take https://; http:// is for "
            "this machine and for private addresses such as http://192.168.1.5:8000/v1."
        )
    return base_url.rstrip("/")


def _is_near(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_private


def post(url: str, body: Mapping[str, Any], key: str, timeout_s: float) -> Any:
    """Send ``body`` as JSON and return the answer read as JSON; None where it is none.

    Args:
        url: where to.
        body: what.
        key: sent as bearer token; empty for none. Never part of an error.
        timeout_s: seconds until the whole answer must be there.

    Raises:
        ModelError: the server cannot be reached, refuses, or takes too long.
    """
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    request = Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 – checked address
    host = urlsplit(url).netloc
    deadline = time.monotonic() + timeout_s
    try:
        with _opener(url).open(request, timeout=timeout_s) as response:
            text = _read(response, deadline)
    except HTTPError as error:
        said = error.read(2000).decode(errors="replace")
        said = (said.replace(key, "…") if key else said)[:300]
        raise ModelError(f"{host} refused with HTTP {error.code}: {said or error.reason}") from None
    except TimeoutError as error:
        raise ModelError(
            f"{host} did not answer within {timeout_s:g} s. Give timeout_s=, or let it read fewer candidates."
        ) from error
    except (URLError, HTTPException, OSError) as error:
        why = getattr(error, "reason", None) or error
        if isinstance(why, TimeoutError):
            raise ModelError(f"{host} did not answer within {timeout_s:g} s. Give timeout_s=.") from error
        raise ModelError(f"{host} cannot be reached: {why}. Check base_url and the network.") from error
    try:
        return json.loads(text)
    except ValueError:
        return None


def _opener(url: str) -> OpenerDirector:
    host = urlsplit(url).hostname or ""
    return build_opener(_Stay, ProxyHandler({})) if _is_near(host) else build_opener(_Stay)


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """All of the answer, unless it is too long or drips in too slowly."""
    text = b""
    while chunk := response.read1(_CHUNK):
        text += chunk
        if len(text) > _LARGEST:
            raise ModelError(f"the answer is longer than {_LARGEST >> 20} MiB: no order of candidates.")
        if time.monotonic() > deadline:
            raise TimeoutError
    return text
