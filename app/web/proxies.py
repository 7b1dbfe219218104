"""What a reverse proxy says about a request is believed only from where our own proxy is."""

import ipaddress
from collections.abc import Sequence
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.errors import Refused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(listed: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(one.strip()) for one in listed.split(",") if one.strip()]
    except ValueError as error:
        raise Refused(
            "MOTHMASK_PROXIES has addresses such as 10.0.0.2 or networks such as 10.0.0.0/24, "
            "between commas. {problem}.",
            problem=error,
        ) from None


class ByProxy:
    """Notes whether our proxy sent a request; if so, takes address and scheme from its headers."""

    def __init__(self, app: ASGIApp, proxies: Sequence[Network]) -> None:
        self.app = app
        self.proxies = proxies
        # uvicorn and Starlette name the same protocol by types of their own.
        trusted = [str(one) for one in proxies]
        self.believing = cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), trusted))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        believed = self._is_believed(scope)
        scope.setdefault("state", {})["by_proxy"] = believed
        await (self.believing if believed else self.app)(scope, receive, send)

    def _is_believed(self, scope: Scope) -> bool:
        try:
            peer = ipaddress.ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            return False
        return any(peer in network for network in self.proxies)
