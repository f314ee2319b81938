"""The model card of a run: `README.md` in its folder, for whoever meets the model later."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from alabtrain.embeddings.registry import PRETRAINED_PREFIX, WORD2VEC, encoders
from alabtrain.runs import words
from alabtrain.runs.facts import RunFacts

RARE = 30
"""With fewer scored examples than this, a label's F1 moves by several points from one or two mistakes."""


def render_card(facts: RunFacts) -> str:
    """Return the model card as Markdown. It names no annotator and holds no text of a document."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("alabtrain.runs"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown; what comes from outside goes through `md`
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["md"] = _escaped
    template = environment.get_template("card.md.j2")
    text = template.render(facts=facts, info=facts.info, words=words, **_parts(facts))
    return text.rstrip() + "\n"


def rare_labels(facts: RunFacts) -> list[tuple[str, int]]:
    """Return the labels that were scored on few examples, with how many."""
    scores = facts.scores or {}
    labels = scores.get("entity", scores).get("labels", {})
    return [(name, entry["support"]) for name, entry in labels.items() if entry["support"] < RARE]


def licences(choice: str) -> list[tuple[str, str]]:
    """Return for each part of an embeddings choice its name and under which licence it comes."""
    found = []
    for part in filter(None, (part.strip() for part in choice.split("+"))):
        if part in encoders():
            found.append((encoders()[part].title, encoders()[part].licence))
        elif part == WORD2VEC:
            found.append(("word2vec", "trained on the project's own texts"))
        elif part.startswith(PRETRAINED_PREFIX):
            found.append((part.removeprefix(PRETRAINED_PREFIX), "see its page on the vendor's models hub"))
        else:
            found.append((Path(part).name, "a folder of the user's; not known"))
    return found


def _parts(facts: RunFacts) -> dict[str, Any]:
    info = facts.info
    scores = facts.scores
    return {
        "project": Path(info.project).name if info.project else "a project",
        "scores": scores,
        "entity": scores.get("entity", scores) if scores else None,
        "rare": rare_labels(facts),
        "rare_below": RARE,
        "licences": licences(str(info.parameter("embeddings") or "")),
        "chosen_on_scored": bool(
            scores and scores["split"] == "validation" and info.parameter("best_model") and facts.best_epoch
        ),
        "inputs": [(Path(path).name, digest) for path, digest in info.inputs.items()],
        "parameters": [
            (name, _shown(name, entry.get("value")), entry.get("from", ""))
            for name, entry in info.parameters.items()
            if name in _TELLING and entry.get("value") not in (None, "", [], False)
        ],
    }


_TELLING = (
    "tags", "reviewed_only", "priority", "policy", "include_imported", "split", "validation", "seed",
    "strict", "embeddings", "epochs", "learning_rate", "decay", "dropout", "batch_size", "best_model", "lang",
)  # fmt: skip
"""The parameters that make the model what it is; the others are about the machine."""


def _shown(name: str, value: Any) -> str:
    if name == "priority" and isinstance(value, (list, tuple)):
        return f"{len(value)} annotators"  # their names are in the report, which is not made to be passed on
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _escaped(value: object) -> str:
    """Keep text of the project from being read as Markdown, HTML or a table's edge."""
    line = " ".join(str(value).split())
    return re.sub(r"[\\`*\[\]<>|#~]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", line)
