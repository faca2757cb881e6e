"""How Stripe says no: status and JSON error body, as its SDK turns them into exceptions.

https://docs.stripe.com/api/errors
"""

from typing import Any


class RefusalError(Exception):
    """A request Stripe answers with an error."""

    def __init__(self, status: int, message: str, **fields: Any) -> None:  # noqa: ANN401
        """`fields`: code, param, type (`invalid_request_error` unless said)."""
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "error": {"message": message, "type": "invalid_request_error", **fields}
        }


def no_such(noun: str, number: str, param: str, *, status: int = 404) -> RefusalError:
    """An id that this key cannot see: 404 in the path, 400 in a parameter."""
    return RefusalError(status, f"No such {noun}: '{number}'", code="resource_missing", param=param)


def other_mode(noun: str, number: str, param: str, *, key_live: bool) -> RefusalError:
    """The id exists, in the mode the key is not for."""
    there, key = ("test", "live") if key_live else ("live", "test")
    return RefusalError(
        404,
        f"No such {noun}: '{number}'; a similar object exists in {there} mode, "
        f"but a {key} mode key was used to make this request.",
        code="resource_missing",
        param=param,
    )


def no_key() -> RefusalError:
    """No Authorization header."""
    return RefusalError(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    )


def unknown_key(key: str) -> RefusalError:
    """A key that is none of ours."""
    return RefusalError(401, f"Invalid API Key provided: {masked(key)}")


def not_permitted(key: str, permission: str, account: str) -> RefusalError:
    """A restricted key without the permission this needs."""
    return RefusalError(
        403,
        f"The provided key '{masked(key)}' does not have the required permissions for this "
        f"endpoint on account '{account}'. Having the '{permission}' permission would allow this "
        "request to continue.",
    )


def no_account(key: str, account: str) -> RefusalError:
    """A connected account that is not connected."""
    return RefusalError(
        403,
        f"The provided key '{masked(key)}' does not have access to account '{account}' (or that "
        "account does not exist). Application access may have been revoked.",
        code="account_invalid",
    )


def unknown_parameter(name: str) -> RefusalError:
    """A parameter this endpoint does not know."""
    return RefusalError(
        400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name
    )


def missing_parameter(name: str) -> RefusalError:
    """A parameter this endpoint cannot do without."""
    return RefusalError(
        400, f"Missing required param: {name}.", code="parameter_missing", param=name
    )


def bad_value(name: str, message: str, code: str | None = None) -> RefusalError:
    """A parameter that is not what it should be."""
    return RefusalError(400, message, param=name, **({"code": code} if code else {}))


def too_deep(path: str) -> RefusalError:
    """More than four levels of expansion."""
    return RefusalError(
        400,
        f"You cannot expand more than 4 levels of a property. Property: {path}",
        param="expand",
    )


def not_expandable(path: str) -> RefusalError:
    """A property that is no reference, or does not exist."""
    return RefusalError(400, f"This property cannot be expanded ({path}).", param="expand")


def no_route(method: str, path: str) -> RefusalError:
    """An address Stripe does not have."""
    return RefusalError(
        404,
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we "
        "can help at https://support.stripe.com/.",
    )


def unknown_version(version: str) -> RefusalError:
    """A Stripe-Version that never was."""
    return RefusalError(400, f"Invalid Stripe API version: {version}")


def reused_idempotency_key() -> RefusalError:
    """The same idempotency key with other parameters."""
    return RefusalError(
        400,
        "Keys for idempotent requests can only be used with the same parameters they were first "
        "used with.",
        type="idempotency_error",
    )


def rate_limited() -> RefusalError:
    """Too many requests."""
    return RefusalError(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here "
        "https://stripe.com/docs/rate-limits.",
        code="rate_limit",
    )


def out_of_order() -> RefusalError:
    """Stripe itself is in trouble."""
    return RefusalError(
        500,
        "An unknown error occurred. If this problem persists, please contact support.",
        type="api_error",
    )


def masked(key: str) -> str:
    """A key as Stripe repeats it: its kind and its last four signs."""
    head = "_".join(key.split("_")[:2])
    return f"{head}_{'*' * 8}{key[-4:]}"
