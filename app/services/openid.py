"""Sign-in with an OpenID provider: the authorization code flow, with PKCE and a nonce."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.errors import Forbidden, ProviderFailed
from app.services.signing_in import Outsider

SCOPE = "openid profile email"
SIGNATURES = ["RS256", "PS256", "ES256", "EdDSA"]
"""Only with keys that the provider publishes: never “none”, never our own secret."""
SECONDS = 10.0
NAMES = ("name", "preferred_username", "email", "sub")


@dataclass(frozen=True)
class Visit:
    """One way to the provider and back; the browser keeps it meanwhile."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls) -> "Visit":
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True)
class Provider:
    issuer: str
    client: str
    secret: str
    redirect: str
    """Where the provider sends the browser back to."""

    def address(self, visit: Visit) -> str:
        """Where the browser goes to sign in."""
        with _clear(), self._session() as session:
            url, _ = session.create_authorization_url(
                self._metadata(session)["authorization_endpoint"],
                state=visit.state,
                nonce=visit.nonce,
                code_verifier=visit.verifier,
            )
        return str(url)

    def who(self, visit: Visit, *, state: str, code: str) -> Outsider:
        """Whom the provider vouches for."""
        if not secrets.compare_digest(state.encode(), visit.state.encode()):
            raise Forbidden("This sign-in was not begun in this browser. Begin again.")
        with _clear(), self._session() as session:
            metadata = self._metadata(session)
            token = session.fetch_token(
                metadata["token_endpoint"], code=code, code_verifier=visit.verifier
            )
            keys = _answer(session, metadata["jwks_uri"])
            claims = self._claims(token["id_token"], keys, visit.nonce)
        name = next(str(claims[key]) for key in NAMES if claims.get(key))
        return Outsider(f"{self.issuer} {claims['sub']}", name)

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self.client,
            self.secret,
            scope=SCOPE,
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            default_timeout=SECONDS,
        )

    def _metadata(self, session: OAuth2Session) -> dict[str, Any]:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = _answer(session, address)
        if found["issuer"] != self.issuer:
            raise ProviderFailed(
                "The OpenID provider calls itself {found}, not {issuer}: MOTHMASK_OPENID_ISSUER "
                "has to be written as the provider does.",
                found=found["issuer"],
                issuer=self.issuer,
            )
        return found

    def _claims(self, id_token: str, keys: Any, nonce: str) -> dict[str, Any]:
        found = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=SIGNATURES)
        jwt.JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(found.claims)
        return found.claims


def _answer(session: OAuth2Session, address: str) -> dict[str, Any]:
    reply = session.get(address, withhold_token=True)
    reply.raise_for_status()
    found: dict[str, Any] = reply.json()
    return found


@contextmanager
def _clear() -> Iterator[None]:
    """What a provider can get wrong, as a sentence."""
    try:
        yield
    except (requests.RequestException, OAuthError, JoseError, KeyError, ValueError) as error:
        raise ProviderFailed(
            "The OpenID provider did not sign you in: {problem}. Try again; if it stays so, tell "
            "an admin.",
            problem=str(error) or type(error).__name__,
        ) from error
