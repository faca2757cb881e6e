"""One thing at a time that is spoilt, and all that the doctor then says."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.sandbox.slack import Fault
from tests.doctor.scene import NOWHERE, Scene

READ = (
    *("rak_invoice_read", "rak_customer_read", "rak_subscription_read", "rak_product_read"),
    *("rak_payment_intent_read", "rak_charge_read", "rak_event_read", "rak_webhook_read"),
)


def a_setting(name: str, value: str | None) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        scene.environ.pop(name, None)
        if value is not None:
            scene.environ[name] = value

    return spoil


def no_such_folder(scene: Scene) -> None:
    scene.environ["DATABASE_URL"] += ".d/x.sqlite3"


def revision(current: str, floor: str) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        file = scene.environ["DATABASE_URL"].partition("///")[2]
        with closing(sqlite3.connect(file)) as link:
            link.execute("UPDATE alembic_version SET version_num = ?", (current,))
            link.execute("UPDATE schema_floor SET revision = ?", (floor,))
            link.commit()

    return spoil


def no_tables(scene: Scene) -> None:
    file = Path(scene.environ["DATABASE_URL"].partition("///")[2] + ".new")
    file.touch()
    scene.environ["DATABASE_URL"] = f"sqlite:///{file}"


def token_revoked(scene: Scene) -> None:
    scene.around.slack.token_error = "token_revoked"


def slow_clock(scene: Scene) -> None:
    scene.clock.move(timedelta(minutes=2))


def scope_gone(name: str) -> Callable[[Scene], None]:
    return lambda scene: scene.around.slack.state.scopes.remove(name)


def channel_shared(scene: Scene) -> None:
    scene.around.review.is_ext_shared = True


def vips_archived(scene: Scene) -> None:
    scene.around.vip.is_archived = True


def bot_not_invited(scene: Scene) -> None:
    scene.around.vip.members.remove(scene.around.slack.state.bot_user)


def guest_approves(scene: Scene) -> None:
    scene.environ["APPROVERS"] = f"{scene.around.people.tom.id},{scene.around.people.guest.id}"


def approver_left(scene: Scene) -> None:
    scene.around.people.maya.deleted = True


def group_approves(scene: Scene) -> None:
    scene.environ["APPROVERS"] = scene.around.slack.add_group("billing", []).id


def groups_unpaid(scene: Scene) -> None:
    scene.environ["APPROVERS"] = scene.around.slack.add_group("b", [scene.around.people.tom]).id
    scene.around.slack.state.paid_plan = False


def manager_elsewhere(scene: Scene) -> None:
    scene.around.vip.members.remove(scene.around.people.priya.id)


def people_unknown(scene: Scene) -> None:
    scene.around.slack.fault("users.info", Fault(error="fatal_error"), times=None)


def socket_mode_off(scene: Scene) -> None:
    scene.around.slack.sockets.scopes.clear()


def stripe_down(scene: Scene) -> None:
    scene.around.stripe.fault("500", times=None)


def key_without(*gone: str) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        may = set(READ) - set(gone)
        scene.environ["STRIPE_API_KEY"] = scene.around.stripe.restrict("rk_test_less", may)

    return spoil


def endpoint(**changes: object) -> Callable[[Scene], None]:
    def spoil(scene: Scene) -> None:
        [told] = scene.around.stripe.webhooks.endpoints
        changed = replace(told, **changes)  # type: ignore[arg-type]
        scene.around.stripe.webhooks.endpoints[:] = [changed]

    return spoil


def one_event_less(scene: Scene) -> None:
    [told] = scene.around.stripe.webhooks.endpoints
    endpoint(events=told.events - {"charge.dispute.created"})(scene)


def no_endpoint_in_test_mode(scene: Scene) -> None:
    scene.around.stripe.webhooks.endpoints.clear()
    a_setting("PUBLIC_URL", None)(scene)


def event_lost(scene: Scene) -> None:
    world = scene.around.stripe.world
    world.update_customer(world.add_customer(email="ada@example.com"), name="Ada")
    for clock in (scene.around.clock, scene.clock):
        clock.move(timedelta(minutes=10))


def event_under_way(scene: Scene) -> None:
    world = scene.around.stripe.world
    world.update_customer(world.add_customer(email="ada@example.com"), name="Ada")


def model(kind: str) -> Callable[[Scene], None]:
    return lambda scene: scene.around.model.fault(kind, times=None)


def somebody_else_there(scene: Scene) -> None:
    scene.environ["PUBLIC_URL"] = scene.around.stripe.api_base
    endpoint(url=f"{scene.around.stripe.api_base}/stripe/webhook")(scene)


def nobody_there(scene: Scene) -> None:
    scene.environ["PUBLIC_URL"] = f"http://{NOWHERE}"
    endpoint(url=f"http://{NOWHERE}/stripe/webhook")(scene)


DATABASE = {f"database.{name}": "skipped after" for name in ("schema", "writes", "clock")}
SLACK = {
    f"slack.{name}": "skipped after"
    for name in (
        *("clock", "scopes", "review_channel", "vip_channel", "approvers"),
        *("account_manager", "app_token"),
    )
}
STRIPE = {f"stripe.{name}": "skipped after" for name in ("rights", "endpoint", "undelivered")}
FAULTS: tuple[tuple[Callable[[Scene], None], dict[str, str]], ...] = (
    (a_setting("COMPANY_NAME", None), {"settings": "wrong missing"}),
    (no_such_folder, {"database.reach": "wrong no_answer"} | DATABASE),
    (no_tables, {"database.schema": "wrong empty"}),
    (revision("0001", "0001"), {"database.schema": "wrong behind"}),
    (revision("9999", "9999"), {"database.schema": "wrong too_new"}),
    (revision("9999", "0001"), {}),
    (token_revoked, {"slack.token": "wrong setting"} | SLACK),
    (a_setting("SLACK_API_URL", f"http://{NOWHERE}"), {"slack.token": "wrong setting"} | SLACK),
    (slow_clock, {"slack.clock": "wrong skewed"}),
    (scope_gone("chat:write"), {"slack.scopes": "wrong lacking"}),
    (scope_gone("commands"), {"slack.scopes": "unknown less"}),
    (channel_shared, {"slack.review_channel": "wrong setting"}),
    (
        vips_archived,
        {"slack.vip_channel": "wrong setting", "slack.account_manager": "unknown not_asked"},
    ),
    (
        bot_not_invited,
        {"slack.vip_channel": "wrong setting", "slack.account_manager": "unknown not_asked"},
    ),
    (guest_approves, {"slack.approvers": "wrong out"}),
    (approver_left, {"slack.approvers": "wrong out"}),
    (group_approves, {"slack.approvers": "wrong out"}),
    (groups_unpaid, {"slack.approvers": "wrong out"}),
    (manager_elsewhere, {"slack.account_manager": "wrong out"}),
    (
        people_unknown,
        {"slack.approvers": "unknown not_asked", "slack.account_manager": "unknown not_asked"},
    ),
    (a_setting("SLACK_APP_TOKEN", "xapp-another"), {"slack.app_token": "wrong setting"}),
    (socket_mode_off, {"slack.app_token": "wrong setting"}),
    (a_setting("STRIPE_API_KEY", "sk_test_other"), {"stripe.key": "wrong setting"} | STRIPE),
    (stripe_down, {"stripe.key": "wrong no_answer"} | STRIPE),
    (key_without("rak_charge_read"), {"stripe.rights": "wrong lacking"}),
    (key_without("rak_invoice_read"), {"stripe.rights": "wrong lacking"}),
    (
        key_without("rak_event_read"),
        {"stripe.rights": "wrong lacking", "stripe.undelivered": "skipped not_allowed"},
    ),
    (key_without("rak_webhook_read"), {"stripe.endpoint": "unknown not_allowed"}),
    (endpoint(url="https://example.com/stripe/webhook"), {"stripe.endpoint": "wrong none"}),
    (endpoint(enabled=False), {"stripe.endpoint": "wrong disabled"}),
    (one_event_less, {"stripe.endpoint": "wrong untold"}),
    (endpoint(events=frozenset()), {}),  # all of them
    (
        no_endpoint_in_test_mode,
        {"stripe.endpoint": "unknown none_in_test", "public_url.answers": "skipped unset"},
    ),
    (event_lost, {"stripe.undelivered": "wrong some"}),
    (event_under_way, {}),
    (model("500"), {"model.letter": "wrong refused"}),
    (model("429"), {"model.letter": "wrong quota"}),
    (model("refusal"), {"model.letter": "wrong refused"}),
    (model("plain"), {"model.letter": "unknown formless"}),
    (a_setting("OPENAI_API_KEY", "sk-other"), {"model.letter": "wrong key"}),
    (a_setting("OPENAI_MODEL", "no-such"), {"model.letter": "wrong unknown_model"}),
    (a_setting("OPENAI_BASE_URL", f"http://{NOWHERE}"), {"model.letter": "wrong no_answer"}),
    (a_setting("OPENAI_API_KEY", None), {"model.letter": "skipped unset"}),
    (a_setting("MAIL_URL", f"smtp://{NOWHERE}"), {"mail.login": "wrong no_answer"}),
    (somebody_else_there, {"public_url.answers": "wrong another"}),
    (nobody_there, {"public_url.answers": "wrong no_answer"}),
)
