"""Editions: which NER trainer fits the model, the open one or one of the vendor's licensed packages.

The licensed trainers are addressed by their public documentation only
(https://nlp.johnsnowlabs.com/docs/en/licensed_annotators, the release notes, and the open package johnsnowlabs, which
names the classes of each edition). They are taken to have the setters of the open NerDLApproach. None of this was ever
run against a licensed package: what is tested is that a missing package, licence, jar, class or setter is told.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alabtrain.core.errors import SetupError

OPEN = "open"
PACKAGE = "sparknlp_jsl"
LICENCE = "SPARK_NLP_LICENSE"
"""The environment variable that the licensed jar reads its licence from, as its installation page says."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Where a licensed package has its NER trainer."""

    title: str
    module: str
    ner: str


LICENSED: Mapping[str, Edition] = {
    "healthcare": Edition("Healthcare NLP", "sparknlp_jsl.annotator", "MedicalNerApproach"),
    "finance": Edition("Finance NLP", "sparknlp_jsl.finance", "FinanceNerApproach"),
    "legal": Edition("Legal NLP", "sparknlp_jsl.legal", "LegalNerApproach"),
}
EDITIONS = (OPEN, *LICENSED)


def require_edition(name: str) -> None:
    """Raise `SetupError` when the package or the licence of an edition is missing; the open one needs nothing."""
    if name == OPEN:
        return
    title = LICENSED[name].title
    missing = []
    if importlib.util.find_spec(PACKAGE) is None:
        missing.append(f"the Python package {PACKAGE} (spark-nlp-jsl)")
    if not os.environ.get(LICENCE):
        missing.append(f"a licence in the environment variable {LICENCE}")
    if missing:
        raise SetupError(
            f"the {name} edition needs {title}, and this is missing: {' and '.join(missing)}",
            hint="both come from the vendor; --edition open needs neither",
            code="no_edition",
        )


def ner_approach(name: str) -> Any:
    """Return an untrained NER trainer of an edition. Raises `SetupError` when its classes or its jar are not there."""
    if name == OPEN:
        from sparknlp.annotator import NerDLApproach

        return NerDLApproach()
    edition = LICENSED[name]
    try:
        kind = getattr(importlib.import_module(edition.module), edition.ner)
    except (ImportError, AttributeError):
        raise SetupError(
            f"the installed {PACKAGE} has no {edition.module}.{edition.ner}",
            hint=f"install a version of {edition.title} that fits this Spark NLP",
            code="no_edition",
        ) from None
    try:
        return kind()
    except TypeError:  # pyspark's "'JavaPackage' object is not callable": the class is not on the JVM's class path
        raise SetupError(
            f"the jar of {edition.title} is not loaded",
            hint="name the spark-nlp-jsl jar with --jars",
            code="no_edition",
        ) from None
