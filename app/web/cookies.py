"""The cookie by which a browser that was let in is known again."""

from datetime import timedelta

from fastapi import Request, Response

from app.domain.people import SignIn
from app.settings import Settings

COOKIE = "mothmask"
A_YEAR = timedelta(days=365)

COUNTING = {
    SignIn.LINK: (SignIn.LINK,),
    SignIn.PASSWORD: (SignIn.PASSWORD,),
    SignIn.PROXY: (SignIn.PROXY,),
    SignIn.OPENID: (SignIn.OPENID, SignIn.PASSWORD),
}
"""Which sessions and tokens count, by how people come in now: by the link, anybody could have taken
any name."""


def lifetime(settings: Settings, sign_in: SignIn) -> timedelta:
    return A_YEAR if sign_in is SignIn.LINK else timedelta(days=settings.session_days)


def set_cookie(request: Request, response: Response, secret: str, lasts: timedelta) -> None:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
