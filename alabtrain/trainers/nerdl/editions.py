"""Editions of the NER trainer: the open one, and those of the vendor's licensed packages.

The code for the licensed trainers is based on their public documentation only
(https://nlp.johnsnowlabs.com/docs/en/licensed_annotators, the release notes, and the open package johnsnowlabs, which
names the classes of each edition). It assumes that they have the setters of the open NerDLApproach. It has never run
with a licensed package; the tests cover the errors for a missing package, licence, jar, class or setter.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass

from alabtrain.core.errors import SetupError
from alabtrain.spark.types import Stage

OPEN = "open"
PACKAGE = "sparknlp_jsl"
LICENCE = "SPARK_NLP_LICENSE"
"""The environment variable from which the licensed jar reads its licence, according to its installation page."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The module and class of the NER trainer of a licensed package."""

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
    """Raise `SetupError` if the package or the licence of an edition is missing; the open one needs neither."""
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
            f"the {name} edition needs {title}; missing: {' and '.join(missing)}",
            hint="both come from the vendor; --edition open needs neither",
            code="no_edition",
        )


def ner_approach(name: str) -> Stage:
    """Return an untrained NER trainer of an edition. Raises `SetupError` if its class or its jar is missing."""
    if name == OPEN:
        from sparknlp.annotator import NerDLApproach

        return NerDLApproach()
    edition = LICENSED[name]
    try:
        approach = getattr(importlib.import_module(edition.module), edition.ner)
    except (ImportError, AttributeError):
        raise SetupError(
            f"the installed {PACKAGE} has no {edition.module}.{edition.ner}",
            hint=f"install a version of {edition.title} that fits this Spark NLP",
            code="no_edition",
        ) from None
    try:
        return approach()
    except TypeError:  # pyspark's "'JavaPackage' object is not callable": the class is not on the JVM's class path
        raise SetupError(
            f"the jar of {edition.title} is not loaded",
            hint="give the spark-nlp-jsl jar with --jars",
            code="no_edition",
        ) from None
