"""The model card of a run: `README.md` in its folder, for later users of the model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from alabtrain.core.modeltypes import VISUAL_NER
from alabtrain.embeddings.registry import PRETRAINED_PREFIX, WORD2VEC, encoders
from alabtrain.reports import words
from alabtrain.reports.facts import RunFacts, TypeFacts
from alabtrain.runs.record import PIPELINE
from alabtrain.scoring.results import threshold_of
from alabtrain.trainers.ner.script import COPY as SCRIPT_COPY

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
    return {
        "project": Path(info.project).name if info.project else "a project",
        "models": models,
        "type_names": words.types([type_facts.type for type_facts in models or facts.types]),
        "code": usage(models, mixed=info.is_mixed),
        "about_code": " ".join(_ABOUT[type_facts.type] for type_facts in models if type_facts.type in _ABOUT),
        "pipeline": PIPELINE,
        "of_pages": any(type_facts.type == VISUAL_NER for type_facts in models),
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
    types = [type_facts.type for type_facts in models]
    folder = PIPELINE if mixed else next((type_facts.folder for type_facts in models), "model")
    imports, start = ["import sparknlp", "from pyspark.ml import PipelineModel"], "spark = sparknlp.start()"
    load = f'model = PipelineModel.load("{folder}")  # the folder next to this file'
    if VISUAL_NER in types:
        return "\n".join([*imports, "", *_PAGES, "", start, load, *_PAGE])
    lines = [*imports, "", start, load]
    lines.append('texts = spark.createDataFrame([["A sentence to label."]], ["text"])')
    if "assertion" in types and "ner" not in types:
        lines.append('entities = PipelineModel.load("path/of/a/ner/model")  # it gives the column ner_chunk')
        lines.append('texts = entities.transform(texts).select("text", "ner_chunk")')
    # Statuses are shown with their chunks, so these need no separate table.
    shown = [
        _SHOWN[model_type]
        for model_type in types
        if model_type in _SHOWN and not (model_type == "ner" and "assertion" in types)
    ]
    found = "model.transform(texts)"
    if len(shown) > 1:
        lines.append(f"found = {found}")
        found = "found"
    return "\n".join([*lines, *(line.format(found=found) for code in shown for line in code)])


_PAGES = (
    "from alabtrain.pages.boxes import Box",
    "from alabtrain.pages.layout import layout_rows",
    "from alabtrain.pages.text import page_text",
    "from alabtrain.pages.words import Page, Word",
)
_PAGE = (
    'words = (Word("Date:", Box(70, 80, 110, 95)), Word("2026-02-01", Box(120, 80, 200, 95)))  # of a page, in pixels',
    "text = page_text(Page(1, None, words))  # rules=find_rules(picture, height): ruling lines, too",
    'columns = "text string, layout array<array<float>>"',
    "pages = spark.createDataFrame([[text.text, layout_rows(text)]], columns)",
    'chunks = model.transform(pages).selectExpr("explode(ner_chunk) AS c")',
    'chunks.selectExpr("c.result", "c.metadata.entity").show()',
)
_SHOWN = {
    "ner": ('{found}.selectExpr("explode(ner_chunk) AS c").selectExpr("c.result", "c.metadata.entity").show()',),
    "assertion": (
        'chunks = {found}.selectExpr("explode(arrays_zip(ner_chunk, assertion)) AS c")',
        'columns = ["c.ner_chunk.result AS chunk", "c.ner_chunk.metadata.entity", "c.assertion.result AS status"]',
        "chunks.selectExpr(*columns).show()",
    ),
    "classification": ('{found}.selectExpr("text", "class.result AS class").show()',),
}
_ABOUT = {
    VISUAL_NER: "A row is a page: `text` has its words in reading order, `layout` a list of features for each word. "
    "alabtrain computes both; `alabtrain preannotate` does everything, from images to boxes.",
    "assertion": "`assertion` has a status for each chunk of `ner_chunk`, in the same order; its metadata hold the "
    "confidence.",
    "classification": "The metadata of `class` hold the score of every class.",
}


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
