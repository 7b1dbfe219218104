"""To the OpenID provider and back."""

from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Cookie, Request
from fastapi.responses import RedirectResponse

from app.domain.people import SignIn
from app.errors import Forbidden, NotFound
from app.services import signing_in
from app.services.openid import Provider, Visit
from app.settings import Settings
from app.web.access import ANYBODY, DatabaseDep, SettingsDep
from app.web.pages.sign_in import let_in, own_path

router = APIRouter(prefix="/sign-in/openid", dependencies=[ANYBODY])

COOKIE = "mothmask_openid"
SECONDS_AWAY = 900


@router.get("")
def leave(request: Request, settings: SettingsDep, then: str = "/") -> RedirectResponse:
    visit = Visit.begin()
    answer = RedirectResponse(_provider(settings).address(visit), status_code=303)
    kept = ".".join((visit.state, visit.nonce, visit.verifier, quote(own_path(then), safe="")))
    # Lax, since the provider leads the browser back here from another site.
    answer.set_cookie(
        COOKIE,
        kept,
        max_age=SECONDS_AWAY,
        path=router.prefix,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/return")
def come_back(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    kept: Annotated[str, Cookie(alias=COOKIE)] = "",
    state: str = "",
    code: str = "",
    error: str = "",
) -> RedirectResponse:
    provider = _provider(settings)
    if error:
        raise Forbidden("The OpenID provider refused to sign you in: {problem}.", problem=error)
    if kept.count(".") < 3:
        raise Forbidden("This sign-in was not begun in this browser. Begin again.")
    *visit, then = kept.split(".", 3)
    outsider = provider.who(Visit(*visit), state=state, code=code)
    with database.transaction() as session:
        account = signing_in.vouched_for(session, outsider, settings.newcomers)
        person_id = account.person_id
    answer = let_in(request, database, settings, SignIn.OPENID, person_id, unquote(then))
    answer.delete_cookie(COOKIE, path=router.prefix)
    return answer


def _provider(settings: Settings) -> Provider:
    if settings.sign_in is not SignIn.OPENID:
        raise NotFound("Nobody signs in with OpenID here.")
    return Provider(
        issuer=settings.openid_issuer,
        client=settings.openid_client,
        secret=settings.openid_secret.get_secret_value(),
        redirect=f"{settings.address}{router.prefix}/return",
    )
