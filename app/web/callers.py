"""Finds out who is asking, before anything of a request is read."""

import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request, Response
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.db import Database
from app.domain.people import Role, SignIn
from app.errors import Forbidden, MothmaskError, NotSignedIn
from app.services import accounts, api_tokens, browser_sessions, signing_in
from app.services.signing_in import Outsider
from app.settings import Settings
from app.web.access import Caller, not_signed_in
from app.web.cookies import COOKIE, COUNTING, lifetime, set_cookie
from app.web.refusals import refused

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
BEARER = "bearer "
OPEN = ("/sign-in", "/first-admin")
"""What people send who are not in yet."""
PICTURES = "/pictures/"
LATELY_SECONDS = 3.0


@dataclass(frozen=True)
class Found:
    caller: Caller
    secret: str = ""
    """For the cookie of a browser that has just come by the link."""


class Lately:
    """Browsers that asked for a picture moments ago: who asks for one asks for a dozen."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, Found]] = {}

    def find(self, request: Request) -> Found | None:
        until, found = self._found.get(_secret_for_pictures(request), (0.0, None))
        return found if time.monotonic() < until else None

    def keep(self, request: Request, found: Found) -> None:
        secret, moment = _secret_for_pictures(request), time.monotonic()
        if not secret or not found.caller.session_id:
            return
        for over in [each for each, (until, _) in self._found.items() if until < moment]:
            del self._found[over]
        self._found[secret] = moment + LATELY_SECONDS, found


def _secret_for_pictures(request: Request) -> str:
    """Of the browser; empty where something else is asked for, or by a program."""
    is_picture = request.url.path.startswith(PICTURES) and request.method == "GET"
    by_program = "authorization" in request.headers
    return request.cookies.get(COOKIE, "") if is_picture and not by_program else ""


class Callers:
    def __init__(self, app: ASGIApp, settings: Settings, database: Database) -> None:
        self.app = app
        self.settings = settings
        self.database = database
        self.lately = Lately()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            found = self.lately.find(request)
            if found is None:
                found = await run_in_threadpool(self._find, request)
                self.lately.keep(request, found)
        except MothmaskError as error:
            await refused(request, error)(scope, receive, send)
            return
        request.state.caller = found.caller
        await self.app(scope, receive, _with_cookie(request, found, self.settings, send))

    def _find(self, request: Request) -> Found:
        found = self._by_token(request) or self._by_proxy(request) or self._by_cookie(request)
        if request.method not in SAFE_METHODS:
            if not found.caller.by_token:
                _refuse_other_sites(request)
            if not found.caller.is_known and request.url.path not in OPEN:
                raise not_signed_in(found.caller)  # before megabytes are taken from a stranger
        return found

    def _by_token(self, request: Request) -> Found | None:
        given = request.headers.get("authorization", "")
        if not given.lower().startswith(BEARER):
            return None
        secret, moment = given[len(BEARER) :].strip(), self.database.clock()
        sign_in = self.settings.sign_in
        with self.database.reading() as session:
            found = api_tokens.find(session, secret, COUNTING[sign_in], moment)
        if found is None:
            raise NotSignedIn("This API token is unknown, was revoked, or has expired.")
        if found.is_to_be_noted(moment):
            with self.database.transaction() as session:
                api_tokens.note_use(session, found.token.id)
        own = self._role(found.role)
        role = found.token.scope if own is not None and own.includes(found.token.scope) else own
        return Found(Caller(sign_in, found.person, role, by_token=True))

    def _by_proxy(self, request: Request) -> Found | None:
        if self.settings.sign_in is not SignIn.PROXY:
            return None
        # Our own proxy overwrites the header; from anywhere else it is anybody's word.
        raw = request.headers.get(self.settings.proxy_header, "")
        if not raw or not getattr(request.state, "by_proxy", False):
            return Found(Caller(SignIn.PROXY))
        try:
            name = raw.encode("latin-1").decode("utf-8").strip()
        except UnicodeDecodeError:
            raise Forbidden("The proxy gives a name that is not UTF-8.") from None
        return Found(self._vouched_for(Outsider(name, name)))

    def _vouched_for(self, outsider: Outsider) -> Caller:
        with self.database.reading() as session:
            account = accounts.by_subject(session, outsider.subject)
            if account is not None and account.closed_at is None:
                return Caller(SignIn.PROXY, account.person, account.role)
        try:
            return self._first_visit(outsider)
        except IntegrityError:  # two of their requests came first at once
            return self._first_visit(outsider)

    def _first_visit(self, outsider: Outsider) -> Caller:
        with self.database.transaction() as session:
            account = signing_in.vouched_for(session, outsider, self.settings.newcomers)
            return Caller(SignIn.PROXY, account.person, account.role)

    def _by_cookie(self, request: Request) -> Found:
        sign_in, moment = self.settings.sign_in, self.database.clock()
        since = moment - lifetime(self.settings, sign_in)
        if secret := request.cookies.get(COOKIE):
            with self.database.reading() as session:
                found = browser_sessions.find(session, secret, COUNTING[sign_in], since)
            if found is not None:
                if found.is_to_be_seen(moment):
                    with self.database.transaction() as session:
                        browser_sessions.see(session, found.session.id)
                role = self._role(found.role)
                session_id = found.session.id
                return Found(Caller(sign_in, found.person, role, session_id), "")
        return self._by_link(request) or Found(Caller(sign_in))

    def _by_link(self, request: Request) -> Found | None:
        if self.settings.sign_in is not SignIn.LINK or not is_token(request, self.settings):
            return None
        with self.database.transaction() as session:
            begun, secret = browser_sessions.begin(
                session,
                SignIn.LINK,
                None,
                browser=request.headers.get("user-agent", ""),
                lifetime=lifetime(self.settings, SignIn.LINK),
            )
        return Found(Caller(SignIn.LINK, role=Role.ADMIN, session_id=begun.id), secret)

    def _role(self, own: Role | None) -> Role | None:
        """Whoever came by the link has every right."""
        return Role.ADMIN if self.settings.sign_in is SignIn.LINK else own


def is_token(request: Request, settings: Settings) -> bool:
    """Whether the address carries what the printed link does."""
    offered, wanted = request.query_params.get("token", ""), settings.token.get_secret_value()
    return bool(wanted) and secrets.compare_digest(offered.encode(), wanted.encode())


def _with_cookie(request: Request, found: Found, settings: Settings, send: Send) -> Send:
    if not found.secret:
        return send
    cookie = Response()
    set_cookie(request, cookie, found.secret, lifetime(settings, found.caller.sign_in))

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", cookie.headers["set-cookie"])
        await send(message)

    return send_with_cookie


def _refuse_other_sites(request: Request) -> None:
    """Browsers say which site a request is from; older ones, and over plain http, the origin."""
    site = request.headers.get("sec-fetch-site")
    if site is None:
        origin = urlsplit(request.headers.get("origin", "")).netloc
        is_own = bool(origin) and origin == request.headers.get("host")
    else:
        is_own = site in ("same-origin", "none")
    if not is_own:
        raise Forbidden(
            "This change was asked for by another site and is refused. Programs use an API token."
        )
