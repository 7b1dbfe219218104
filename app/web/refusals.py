"""How refusals reach a person: a sentence, as JSON for scripts and as a page for people."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from app.domain.people import SignIn
from app.errors import BatchStale, MothmaskError, NotSignedIn, StaleParent
from app.web.access import caller_of, person_of
from app.web.addresses import blob_url, mask_url
from app.web.api.shapes import current_label
from app.web.headers import SECURITY
from app.web.rendering import render
from app.web.wording import sentence
from ml.errors import BadInput, UnusableMask
from ml.imaging.outside import WrongSize


@dataclass(frozen=True)
class RefusalPage:
    status: int
    message: str

    @property
    def inside(self) -> bool:
        """Whether the one who is refused may see other pages."""
        return self.status != NotSignedIn.status


def add_refusals(app: FastAPI) -> None:
    app.add_exception_handler(MothmaskError, _refused)
    app.add_exception_handler(BatchStale, _batch_stale)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    for unstorable in (DataError, IntegrityError, OverflowError):
        app.add_exception_handler(unstorable, _unstorable)
    app.add_exception_handler(Exception, _unexpected)


def refused(request: Request, error: MothmaskError) -> Response:
    """The answer to whoever is not even let in."""
    message = sentence(error.template, **error.values)
    outside = isinstance(error, NotSignedIn) and not _wants_json(request)
    if outside and (place := _where_to_come_in(request)):
        return RedirectResponse(place, status_code=303)
    answer = _answer(request, error.status, message, _both_masks(error))
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _where_to_come_in(request: Request) -> str:
    """A page that asks for a name or a password, where one would help."""
    caller = caller_of(request)
    if caller.sign_in is SignIn.LINK:
        return "/welcome" if caller.is_known else ""
    if caller.sign_in is SignIn.PROXY:
        return ""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    asked = request.method == "GET" and wanted != "/"
    return "/sign-in" + (f"?{urlencode({'then': wanted})}" if asked else "")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, MothmaskError)
    return refused(request, error)


def _both_masks(error: MothmaskError) -> dict[str, object]:
    """The label that counts now and, where it came as a file, the mask that was refused."""
    if not isinstance(error, StaleParent):
        return {}
    current, mine = current_label(error.current), error.mine
    return {"current": current, "mine": mine and {"mask": mask_url(mine), "full": blob_url(mine)}}


def _batch_stale(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BatchStale)
    stale = [
        {
            "specimen_id": number,
            "error": sentence(each.template, **each.values),
            **_both_masks(each),
        }
        for number, each in error.refusals.items()
    ]
    content = {"error": sentence(error.template, **error.values), "stale": stale}
    return JSONResponse(content, status_code=error.status)


def _bad_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadInput)
    # Where the picture has the right size, a person may know better how it is to be read.
    may_be_read_otherwise = isinstance(error, UnusableMask) and not isinstance(error, WrongSize)
    more: dict[str, object] = {"may_be_read_otherwise": True} if may_be_read_otherwise else {}
    return _answer(request, 422, sentence(error.template, **error.values), more)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    where = "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()
    )
    return _answer(request, 422, sentence("The request is not understood: {where}.", where=where))


def _unstorable(request: Request, _error: Exception) -> Response:
    """A number no table can hold, a text with a NUL, or a row that somebody else made just now."""
    message = "The database cannot hold what was sent; check numbers and texts, and try again."
    return _answer(request, 422, sentence(message))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _answer(request, 404, sentence("There is nothing at {path}.", path=request.url.path))
    return _answer(request, error.status_code, str(error.detail))


def _unexpected(request: Request, _error: Exception) -> Response:
    message = "Something went wrong inside the program; the server's log says what."
    answer = _answer(request, 500, sentence(message))
    answer.headers.update(SECURITY)  # it goes out past what gives them to all others
    return answer


def _answer(
    request: Request, status: int, message: str, more: dict[str, object] | None = None
) -> Response:
    if _wants_json(request):
        return JSONResponse({"error": message, **(more or {})}, status_code=status)
    # A page about a broken server must not need the server's database.
    person = person_of(request) if status < 500 else None
    page = RefusalPage(status, message)
    return render(request, "refusal.html", page, person=person, status=status)


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/")
