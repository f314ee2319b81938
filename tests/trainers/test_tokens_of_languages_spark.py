"""Sentences and tokens of the languages, cut by Spark NLP with our rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alabtrain.documents.document import Document
from alabtrain.trainers.tokens import tokenize

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

CASES = {
    "pt": (
        "Conforme o art. 187 do CPM, fls. 23, o Sr. Silva “confirma”. O Min. Rel. decidiu (n. 7). Fim!\n\nNova linha",
        ["Conforme o art. 187 do CPM, fls. 23, o Sr. Silva “confirma”.", "O Min. Rel. decidiu (n. 7).", "Fim!",
         "Nova linha"],
        ["“", "confirma", "187"],
    ),
    "de": (
        "Am 3. Mai kam „Erkensruhr“ z. B. nach Köln. Dr. Müller sagte: „Ja.“ Dann kam 🚀 «Romy». Es war 1992. Ende.",
        ["Am 3. Mai kam „Erkensruhr“ z. B. nach Köln.", "Dr. Müller sagte: „Ja.“", "Dann kam 🚀 «Romy».",
         "Es war 1992.", "Ende."],
        ["„", "Erkensruhr", "Romy", "🚀"],
    ),
    "it": (
        "L'ospedale dell’Università è «bello». Il dott. Rossi dice: un'altra. D'Annunzio arrivò.",
        ["L'ospedale dell’Università è «bello».", "Il dott. Rossi dice: un'altra.", "D'Annunzio arrivò."],
        ["L'", "ospedale", "dell’", "Università", "bello", "Annunzio"],
    ),
    "da": (
        "Den 3. Verdens børn på Det Kgl. Teater, bl.a. H.L. Hansen. Han siger det.",
        ["Den 3. Verdens børn på Det Kgl. Teater, bl.a. H.L. Hansen.", "Han siger det."],
        ["Kgl", "H.L", "Hansen"],
    ),
    "es": (
        "El Sr. Pérez, de EE.UU. Vive en la Avda. Goya. ¿Viene? ¡Sí! «Bien».",
        ["El Sr. Pérez, de EE.UU. Vive en la Avda. Goya.", "¿Viene?", "¡Sí!", "«Bien»."],
        ["Goya", "¿", "Viene", "Bien"],
    ),
    "ro": (
        "Echipa F.C. Argeș a pierdut la nr. 10, str. Gh. Lazăr. „Trist”, spune el.",
        ["Echipa F.C. Argeș a pierdut la nr. 10, str. Gh. Lazăr.", "„Trist”, spune el."],
        ["Argeș", "Trist", "Lazăr"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("lang", CASES)
def test_sentences_and_tokens_end_where_the_language_ends_them(spark: SparkSession, lang: str) -> None:
    text, sentences, tokens = CASES[lang]
    found = tokenize(spark, [Document(1, 1, text, (), "train")], lang).sentences
    assert [text[s.tokens[0][0] : s.tokens[-1][1]] for s in found] == sentences
    words = [text[start:end] for sentence in found for start, end in sentence.tokens]
    assert set(tokens) <= set(words)
