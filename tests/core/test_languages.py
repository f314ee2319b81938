"""The registry of languages, and which language texts are in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alabtrain.cli import run
from alabtrain.core.languages.detect import detect_language, settle_language
from alabtrain.core.languages.registry import language_of, languages
from alabtrain.core.languages.rules import sentence_bounds, split_pattern
from alabtrain.embeddings.options import EmbeddingOptions
from alabtrain.embeddings.registry import encoders
from alabtrain.trainers.corpus import CorpusOptions, settle

TEXTS = {
    "en": "The patient was admitted with chest pain and was seen by the cardiologist on the same evening.",
    "da": "Patienten blev indlagt med brystsmerter og blev samme aften tilset af en hjertelæge på afdelingen.",
    "de": "Die Patientin wurde mit Schmerzen in der Brust aufgenommen und noch am Abend vom Kardiologen gesehen.",
    "es": "La paciente ingresó con dolor en el pecho y fue vista por el cardiólogo esa misma noche en el hospital.",
    "it": "La paziente è stata ricoverata con dolore al petto ed è stata visitata dal cardiologo la sera stessa.",
    "pt": "A paciente foi internada com dor no peito e foi examinada pelo cardiologista na mesma noite, não havendo febre.",
    "ro": "Pacienta a fost internată cu dureri în piept și a fost văzută de cardiolog chiar în seara aceea.",
}


def test_the_registry_has_seven_languages_with_encoders_that_there_are() -> None:
    assert sorted(languages()) == ["da", "de", "en", "es", "it", "pt", "ro"]
    for code, language in languages().items():
        encoder = encoders()[language.embeddings]
        assert code in encoder.languages or encoder.languages == ("xx",)
        assert language.rules == (code != "en")
        assert len(set(language.abbreviations)) == len(language.abbreviations)
        assert all(len(word) > 1 for word in language.abbreviations), "single letters need no entry"


@pytest.mark.parametrize("lang", ["pt", "pt-BR", "PT_br"])
def test_a_region_does_not_matter(lang: str) -> None:
    assert language_of(lang) is languages()["pt"]


def test_a_language_without_an_entry_gets_the_multilingual_encoder_and_english_rules() -> None:
    french = language_of("fr")
    assert (french.code, french.embeddings, french.rules) == ("fr", "bert-multilingual-cased", False)
    assert french.hub_pipelines == ()


@pytest.mark.parametrize("code", TEXTS)
def test_each_language_is_found(code: str) -> None:
    found = detect_language([TEXTS[code], TEXTS[code].lower(), TEXTS[code][:60]])
    assert found.code == code
    assert found.confidence > 0.7


def test_the_language_of_most_of_the_text_counts() -> None:
    found = detect_language([TEXTS["de"]] * 3 + [TEXTS["en"]])
    assert found.code == "de"
    assert 0.5 < found.confidence < 0.8
    assert detect_language([TEXTS["de"], TEXTS["en"], TEXTS["it"]]).code is None


@pytest.mark.parametrize("texts", [[], ["", " \n"], ["Fever."], ["\ud83d\udc4d", "\ud83d", "\0" * 300]])
def test_of_too_little_nothing_is_said(texts: list[str]) -> None:
    assert detect_language(texts).code is None
    lang, findings = settle_language(texts)
    assert lang == "en"
    assert [(f.code, f.severity) for f in findings] == [("language", "warning")]


@given(st.lists(st.text(), max_size=5))
def test_any_text_is_looked_at_without_a_fault(texts: list[str]) -> None:
    assert 0.0 <= detect_language(texts).confidence <= 1.0


def test_what_is_left_to_the_texts_is_settled_and_told() -> None:
    german, findings = settle(EmbeddingOptions(), [TEXTS["de"]] * 3)
    assert german == CorpusOptions("bert-multilingual-cased", "de")
    assert [(f.code, f.severity) for f in findings] == [("language", "info")]
    assert "German" in findings[0].message
    english, _ = settle(EmbeddingOptions(), [TEXTS["en"]] * 3)
    assert english == CorpusOptions("minilm", "en")


def test_what_is_given_is_not_asked_of_the_texts() -> None:
    options, findings = settle(EmbeddingOptions(embeddings="minilm", lang="de"), [TEXTS["en"]] * 3)
    assert options == CorpusOptions("minilm", "de")
    assert [f.code for f in findings] == ["encoder_language"]
    assert "bert-multilingual-cased" in findings[0].hint


def test_an_encoder_for_another_language_than_the_texts_is_a_warning() -> None:
    _, findings = settle(EmbeddingOptions(embeddings="minilm"), [TEXTS["it"]] * 3)
    assert [f.code for f in findings] == ["language", "encoder_language"]


def test_a_language_without_rules_is_told() -> None:
    text = "Le patient a été hospitalisé pour une douleur thoracique et il a été vu par le cardiologue le soir même."
    lang, findings = settle_language([text] * 3)
    assert lang == "fr"
    assert [(f.code, f.severity) for f in findings] == [("language", "warning")]
    assert text not in str(findings)


@pytest.mark.parametrize(
    "note",
    [
        "Metformin 500 mg tablet twice daily",
        "PT ADM W/ CP. HX HTN, DM2, CAD",
        "Patient: F/62 BP 120/80 HR 72 RR 16 T 36.8",
    ],
)
def test_terse_notes_are_taken_for_english_and_nothing_else(note: str) -> None:
    lang, (finding,) = settle_language([note] * 20)
    assert lang == "en"
    assert finding.code == "language"


@pytest.mark.parametrize(("lang", "told"), [("fr", ["language"]), ("de-AT", []), ("en", [])])
def test_a_given_language_without_rules_is_told(lang: str, told: list[str]) -> None:
    _, findings = settle(EmbeddingOptions(embeddings="word2vec", lang=lang), [])
    assert [finding.code for finding in findings] == told


@pytest.mark.parametrize("lang", ["german", "deu", "e", "1"])
def test_what_is_no_code_is_a_usage_error(lang: str, clinic: Path) -> None:
    assert run(["train", str(clinic), "--lang", lang]) == 2
    assert not Path("runs").exists()


def test_rules_name_what_a_language_has() -> None:
    german, italian = languages()["de"], languages()["it"]
    assert "bzw" in sentence_bounds(german)[0]
    assert r"\d{1,3}\." in sentence_bounds(german)[0]
    assert r"\d{1,3}\." not in sentence_bounds(italian)[0]
    assert split_pattern(german, "/") == "/"
    assert split_pattern(italian, "/").startswith("/|")
