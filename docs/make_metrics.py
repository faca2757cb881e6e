"""Makes docs/metrics.md from bot.metrics: python -m docs.make_metrics."""

from pathlib import Path

from bot.metrics import METRICS, Metric
from bot.recovery.watch import LATE, SILENT, WEEKS

PAGE = Path(__file__).with_name("metrics.md")

HEAD = """# Metrics

Made from `bot/metrics.py` by `python -m docs.make_metrics`; change it there.

With `METRICS_TOKEN` set, `GET /metrics` tells [Prometheus](https://prometheus.io) how the bot is;
without it there is no such page. A wrong token is answered with 401; 503 means that the bot has not
started or can't reach its database.

```yaml
scrape_configs:
  - job_name: dunning
    scheme: https
    authorization: {credentials: the value of METRICS_TOKEN}
    static_configs: [{targets: ["dunning.example.com"]}]
```

All of it is read from the database, by indexes, in one go: one process tells for all that share
it, and a restart forgets nothing. There is no name, address, id or amount in it.

"""

TAIL = f"""
The two counters begin at 0 every midnight in UTC, as others do at a restart; `rate()` and
`increase()` know that. They are counted, and not kept: so they cost as much after years as on the
first day.

## Alarms to begin with

```yaml
- alert: DunningLate           # no worker runs, or it can't keep up
  expr: dunning_oldest_due_seconds > 300
  for: 2m
- alert: DunningDeadLetters    # given up after many tries; tried again every hour
  expr: sum(dunning_dead_effects) > 0
- alert: DunningSilent         # choose what is long for you
  expr: time() - dunning_last_stripe_event_timestamp_seconds > 86400
- alert: DunningNobodyDecides
  expr: dunning_waiting_oldest_seconds > 86400
- alert: DunningGone
  expr: up{{job="dunning"}} == 0
```

## What the review channel is told anyway

Without Prometheus, and without a setting:

- **Work is late**: the oldest effect or event has been due for {LATE.seconds // 60} minutes, and
  no pause holds it. Every process watches this, also `web --no-worker`: that no worker runs is how
  it usually comes.
- **Stripe is silent**: nothing came for {SILENT.seconds // 3600} hours, by webhook or by asking,
  and in the same hours of the last {WEEKS} weeks something came each time. (Webhooks that are lost
  while asking works are told on the first page and by `/dunning health`.)
- **A dead letter**: as it becomes one, as told in
  [what can go wrong](errors.md#how-often-is-again).

The first two are said once until it is well again, by one of all processes, and that it is well
again is said once too. A process that has just started, or slept, looks for a minute first.
"""


def page() -> str:
    """The whole page."""
    head = "| name | type | what it tells |\n|---|---|---|\n"
    return HEAD + head + "".join(map(_row, METRICS)) + TAIL


def _row(metric: Metric) -> str:
    label = f"{{{metric.label}}}" if metric.label else ""
    return f"| `{metric.name}{label}` | {metric.kind} | {metric.about} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
