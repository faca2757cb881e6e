"""The composition root of what answers HTTP: every route, and the lifetime beside them."""

from aiohttp import web

from bot import config as settings
from bot import metrics, page
from bot.clock import Clock
from bot.config import Config
from bot.intake import route
from bot.request_body import AS_IT_CAME
from bot.review import door
from bot.running import Running
from bot.setup import route as setup

RUNNING: web.AppKey[Running] = web.AppKey("running", Running)


def web_app(
    config: Config,
    clock: Clock,
    *,
    with_worker: bool = True,
    polls: bool = True,
    keeps_time: bool = True,
) -> web.Application:
    """Everything that answers HTTP, and the worker beside it; nothing is opened before it starts.

    While settings are missing, or the database is not migrated, both POST routes answer 503 and
    the first page says what is missing. Where Slack reaches us by Socket Mode only, without a
    secret to prove a request with, its route is not there: 404. `keeps_time`: the clock is one that
    can be held against the database's, and not one that is moved.
    """
    app = web.Application(handler_args=AS_IT_CAME)
    running = Running(
        config, clock, with_worker=with_worker, listens=True, polls=polls, keeps_time=keeps_time
    )
    missing = settings.missing(config)
    livemode = config.livemode if config.stripe_api_key else None
    app.add_routes(
        page.routes(
            missing=missing,
            livemode=livemode,
            check=running.check,
            wrong=running.wrong,
            mails=bool(config.test_mail_to),
            locale=config.locale,
        )
    )
    app.add_routes(metrics.routes(config.metrics_token, running.gauges))
    app.add_routes(route.routes(_for_stripe(config, clock, running)))
    if config.slack_signing_secrets or not config.slack_app_token:
        door.mount(app, _for_slack(config, clock, running))
    setup.mount(app, config, clock)
    app.cleanup_ctx.append(running.lifetime)
    app[RUNNING] = running
    return app


def _for_stripe(config: Config, clock: Clock, running: Running) -> route.Door:
    return route.Door(
        secrets=config.stripe_webhook_secrets,
        livemode=config.livemode,
        remember=running.remember,
        ready=running.ready,
        clock=clock,
    )


def _for_slack(config: Config, clock: Clock, running: Running) -> door.Door:
    return door.Door(
        take=running.take,
        secrets=config.slack_signing_secrets,
        clock=clock,
        ready=running.ready,
    )
