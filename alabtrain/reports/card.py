"""The model card of a run: `README.md` in its folder, for later users of the model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from alabtrain.embeddings.registry import PRETRAINED_PREFIX, WORD2VEC, encoders
from alabtrain.reports import words
from alabtrain.reports.facts import RunFacts, TypeFacts
from alabtrain.runs.record import PIPELINE
from alabtrain.scoring.results import threshold_of
from alabtrain.trainers.model_type import SCRIPT_COPY
from alabtrain.trainers.registry import find_type

RARE = 30
"""With fewer scored examples than this, one or two mistakes change a label's F1 by several points."""


MOST_ROWS = 20
"""A larger confusion matrix is only in the report."""


def render_card(facts: RunFacts) -> str:
    """Return the model card as Markdown. It contains no names of annotators and no text of documents."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("alabtrain.reports"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown; what comes from outside goes through `md`
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["md"] = _escaped
    template = environment.get_template("card.md.j2")
    text = template.render(facts=facts, info=facts.info, words=words, **_parts(facts))
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def licences(choice: str) -> list[tuple[str, str]]:
    """Return the name and licence of each part of an embeddings choice."""
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


def _parts(facts: RunFacts) -> dict[str, object]:
    info = facts.info
    models = [type_facts for type_facts in facts.trained if type_facts.model]
    known_types = [known for type_facts in models if (known := find_type(type_facts.type)) is not None]
    return {
        "project": Path(info.project).name if info.project else "a project",
        "models": models,
        "type_names": words.types([type_facts.type for type_facts in models or facts.types]),
        "code": usage(models, mixed=info.is_mixed),
        "about_code": " ".join(known.usage.about for known in known_types if known.usage.about),
        "pipeline": PIPELINE,
        "of_pages": any(known.of_pages for known in known_types),
        "columns_of": _columns,
        "most_rows": MOST_ROWS,
        "rare_below": RARE,
        "script": Path(str(info.parameter("script"))).name if info.parameter("script") else None,
        "script_copy": SCRIPT_COPY,
        "licences": licences(str(info.parameter("embeddings") or "")),
        "chosen_on_scored": _chosen_on_scored(facts),
        "inputs": [(Path(path).name, digest) for path, digest in info.inputs.items()],
        "parameters": [
            (name, _shown(name, entry.get("value")), entry.get("from", ""))
            for name, entry in info.parameters.items()
            if _is_relevant(name, entry.get("value"))
        ],
    }


def usage(models: Sequence[TypeFacts], *, mixed: bool) -> str:
    """Return Python code that loads the trained models and shows their predictions; of a mixed run, all in one."""
    types = [known for type_facts in models if (known := find_type(type_facts.type)) is not None]
    folder = PIPELINE if mixed else next((type_facts.folder for type_facts in models), "model")
    imports, start = ["import sparknlp", "from pyspark.ml import PipelineModel"], "spark = sparknlp.start()"
    load = f'model = PipelineModel.load("{folder}")  # the folder next to this file'
    pages = next((known.usage for known in types if known.of_pages), None)
    if pages is not None:
        return "\n".join([*imports, "", *pages.imports, "", start, load, *pages.shows])
    lines = [*imports, "", start, load]
    lines.append('texts = spark.createDataFrame([["A sentence to label."]], ["text"])')
    reads_chunks = any(known.reads_chunks for known in types)
    if reads_chunks and not any(known.gives_chunks for known in types):
        lines.append('entities = PipelineModel.load("path/of/a/ner/model")  # it gives the column ner_chunk')
        lines.append('texts = entities.transform(texts).select("text", "ner_chunk")')
    # Statuses are shown with their chunks, so these need no separate table.
    shown = [known.usage.shows for known in types if known.usage.shows and not (known.gives_chunks and reads_chunks)]
    found = "model.transform(texts)"
    if len(shown) > 1:
        lines.append(f"found = {found}")
        found = "found"
    return "\n".join([*lines, *(line.format(found=found) for code in shown for line in code)])


def _chosen_on_scored(facts: RunFacts) -> list[str]:
    """Return what was chosen by the same scores that the card shows."""
    on_validation = [
        type_facts for type_facts in facts.trained if type_facts.scores and type_facts.scores["split"] == "validation"
    ]
    found = []
    if any(
        type_facts.best_epoch and facts.info.parameter_of(type_facts.type, "best_model") for type_facts in on_validation
    ):
        found.append("The epoch")
    thresholds = [
        type_facts for type_facts in on_validation if type_facts.scores and threshold_of(type_facts.scores) is not None
    ]
    if any(facts.info.parameter_of(type_facts.type, "threshold") is None for type_facts in thresholds):
        found.append("The threshold")
    return found


def _columns(confusion: Mapping[str, Mapping[str, int]]) -> list[str]:
    return list(dict.fromkeys([*confusion, *(name for counts in confusion.values() for name in counts)]))


_RELEVANT = (
    "tags", "task_ids", "reviewed_only", "priority", "policy", "include_imported", "split", "validation", "seed",
    "strict", "embeddings", "epochs", "learning_rate", "decay", "dropout", "batch_size", "best_model", "lang",
    "choices", "share", "threshold", "unlabeled_status", "members", "layout_members", "base_model", "script", "edition",
    "window", "crf", "ocr", "ocr_lang",
)  # fmt: skip
"""Parameters that influence the model; in a mixed run those of a trainer are prefixed with the type."""

_ON_BY_DEFAULT = ("crf", "ocr")  # shown even if they are off


def _is_relevant(name: str, value: object) -> bool:
    """Whether a parameter influenced the model; the others are about the machine, or were not used."""
    plain = name.rpartition(".")[2]
    there = plain in _RELEVANT and value not in (None, "", [], ())
    return there and (value is not False or plain in _ON_BY_DEFAULT)


def _shown(name: str, value: object) -> str:
    if name == "priority" and isinstance(value, (list, tuple)):
        return f"{len(value)} annotators"  # their names are only in the report, which is not for sharing
    if name == "script":
        return Path(str(value)).name
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _escaped(value: object) -> str:
    """Escape text of the project, so that it is not read as Markdown, HTML or the border of a table."""
    line = " ".join(str(value).split())
    return re.sub(r"[\\`*\[\]<>|#~]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", line)
