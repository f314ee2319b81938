"""Records a training in its run: decisions, funnel and findings, epochs, the engine's log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from alabtrain.core.events import Begin, Epoch, Event, LogLine, Sink
from alabtrain.core.funnel import Funnel
from alabtrain.runs.record import EPOCHS, LOG
from alabtrain.runs.shapes import Parameter

if TYPE_CHECKING:
    from alabtrain.core.funnel import Account
    from alabtrain.runs.run import Run
    from alabtrain.selection.select import Selection

SECRET = re.compile(r"secret|password|token|credential|access.?key", re.IGNORECASE)


def record_selection(run: Run, selection: Selection) -> None:
    """Write `selection.jsonl`: one line per task, with the selected completion and the reasons against the others."""
    for decision in selection.decisions:
        run.append_jsonl("selection.jsonl", decision.to_dict())


def record_accounts(run: Run, accounts: Sequence[Account]) -> Funnel:
    """Write `funnel.json` and `findings.json`, and return the whole funnel after checking its sums."""
    funnel = Funnel()
    for account in accounts:
        funnel = funnel + account.funnel
    funnel.check()
    run.write_json("funnel.json", funnel.to_dict())
    run.write_json("findings.json", [finding for account in accounts for finding in account.findings])
    return funnel


def recorded(run: Run, sink: Sink, *, mixed: bool) -> Sink:
    """Return a sink that writes the run's log and epochs, and then passes the event on.

    In a run of several types, each type also has its own files in its folder.
    """
    folder = ""

    def hear(event: Event) -> None:
        nonlocal folder
        if isinstance(event, Begin):
            folder = f"{event.type}/" if mixed else ""
            run.log(f"training {event.type}")
        elif isinstance(event, Epoch):
            run.append_jsonl(f"{folder}{EPOCHS}", event)
        elif isinstance(event, LogLine):
            run.log(event.text)
            if folder:
                run.log(event.text, name=f"{folder}{LOG}")
        sink(event)

    return hear


def without_secrets(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return the parameters without the values of secret Spark settings: a run folder may be shared."""

    def clean(value: object) -> object:
        if isinstance(value, (list, tuple)):
            return [clean(item) for item in value]
        key, separator, _ = str(value).partition("=")
        return f"{key}=(left out)" if separator and SECRET.search(key) else value

    return {name: {"value": clean(entry["value"]), "from": entry["from"]} for name, entry in parameters.items()}
