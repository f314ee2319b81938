"""The command lines of the golden record, and the small files that they are given. See `golden.py`.

A line is `name | command line`, as in a shell: `A=b` in front sets a variable (`IN` names the folder to run in), a word
with `*` is a path that is there, and an indented line goes on with the one before. Where an option gets another name,
change it here; the names on the left are what two records are compared by, so they stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

RUNS = ("--runs", "--output")  # the option that names the folder of runs: the first that there is; `RUNS` below
HELP = (
    "wizard", "check", "select", "why", "show", "agreement", "train", "runs", "logs", "deploy", "models", "models show",
    "models import", "models remove", "models package", "preannotate", "evaluate", "rank", "watch", "curve", "export",
    "embeddings", "doctor",
)  # fmt: skip
PRINTED = ("check", "select", "agreement")  # with --json, of each project in DIR

CHEAP = """
version                  | --version
no command               |
unknown command          | chek clinic.zip
unknown command far      | fly clinic.zip
unknown option           | check clinic.zip --polcy latest
unknown value            | check clinic.zip --policy newest
out of bounds            | train clinic.zip --epochs 0
no argument              | why
doctor                   | doctor --json
embeddings               | embeddings --json
embeddings unknown       | embeddings --install nothing
wizard off a terminal    | wizard clinic.zip
check                    | check clinic.zip --json
check text               | check clinic.zip
check invoices           | check invoices.zip --json
check invoices text      | check invoices.zip
check invoices cost      | check invoices.zip --epochs 80 --batch-size 1 --members 3 --layout-members 0
                           --window 60 --json
check folder             | check clinic --json
check json               | check clinic/result.json --config clinic/config.xml --json
check alone              | IN=alone check --json
check latest             | check clinic.zip --policy latest --reviewed-only --tags Train --json
check sides              | check clinic.zip --reviews reviews.csv --task-tags tags.csv --json
check untagged           | check clinic.zip --tags Nothing --json
check misplaced          | check misplaced.json --config tiny.xml --json
check misplaced text     | check misplaced.json --config tiny.xml
check no completion      | check none.json --config tiny.xml --json
select                   | select clinic.zip --json
select text              | select clinic.zip
select invoices          | select invoices.zip --json
select file json         | select clinic.zip --output chosen.json
select file jsonl        | select clinic.zip --output chosen.jsonl --format jsonl
select file export       | select clinic.zip --output export.json --format export
select pages export      | select invoices.zip --output pages.json --format export
select again             | select export.json --config clinic/config.xml --json
select over input        | select clinic/result.json --config clinic/config.xml --output clinic/result.json
select latest            | select clinic.zip --policy latest --json
select priority          | select clinic.zip --priority bob,cid --json
select priority unknown  | select clinic.zip --priority zoe --json
select reviewed          | select clinic.zip --reviewed-only --json
select tags              | select clinic.zip --tags Test --json
select ids               | select clinic.zip --task-ids 3,5,999 --json
select no id             | select clinic.zip --task-ids 9999 --json
select imported          | select clinic.zip --include-imported --json
select sides             | select clinic.zip --reviews reviews.csv --task-tags tags.csv --tags Extra --json
select environment       | ALABTRAIN_PRIORITY=cid,ann ALABTRAIN_TAGS=Test select clinic.zip --json
select settings          | IN=settings select --json
select settings text     | IN=settings select --policy latest
select flag first        | IN=settings ALABTRAIN_PRIORITY=bob select --priority ann --json
why                      | why clinic.zip 5 --json
why text                 | why clinic.zip 5
why priority             | why clinic.zip 16 --priority bob --json
why invoices             | why invoices.zip 3
why alone                | IN=alone why 1
why unknown              | why clinic.zip 9999
show                     | show invoices.zip 3 --output pages --json
show order               | show invoices.zip 4 --output pages --order
show of a text           | show clinic.zip 5
show unknown             | show invoices.zip 999
agreement                | agreement clinic.zip --json
agreement text           | agreement clinic.zip
agreement ner            | agreement clinic.zip --type ner --tags Train --json
agreement two types      | agreement clinic.zip --type assertion --type classification --policy latest --json
agreement reviewed       | agreement clinic.zip --reviewed-only --priority cid,bob --json
agreement invoices       | agreement invoices.zip --json
agreement tiny           | agreement misplaced.json --config tiny.xml
runs missing             | runs RUNS nowhere
runs empty               | runs
logs missing             | logs nowhere
logs no run              | logs clinic
logs force               | logs nowhere --force
deploy missing           | deploy nowhere
deploy no run            | deploy clinic
models empty             | models
models unknown           | models show nothing
models options in front  | models --json show nothing
models remove unknown    | models remove nothing
models package unknown   | models package nothing
models package nowhere   | models package nothing --output nowhere
preannotate no model     | preannotate clinic.zip --no-hub
evaluate no model        | evaluate clinic.zip --no-hub
evaluate no runs         | evaluate clinic.zip --compare nowhere nothing
rank no model            | rank clinic.zip --no-hub
rank pages               | rank invoices.zip
watch not yet            | watch clinic.zip --once --no-deploy --every 1000 --json RUNS watched
watch not yet text       | watch clinic.zip --once --every 1000 RUNS watched
watch nothing            | watch --once
watch json               | watch clinic.zip --json
watch missing            | watch nowhere --once --no-deploy
curve base               | curve clinic.zip --base-model nothing
curve shares             | curve clinic.zip --shares 0,200
curve no scores          | curve clinic.zip --split random --validation 0
export spacy             | export clinic.zip --format spacy --output spacy
missing file             | check nothing.zip
missing settings         | check clinic.zip -c nothing.yaml
missing config           | check clinic/result.json --config nothing.xml
missing reviews          | check clinic.zip --reviews nothing.csv
no config                | check misplaced.json
not an export            | check notes.txt
not a zip                | check no.zip
cut json                 | check cut.json --config tiny.xml
object json              | check object.json --config tiny.xml
empty project            | check empty.json --config tiny.xml --json
empty project trained    | train empty.json --config tiny.xml
empty folder             | IN=empty check
two exports              | IN=two check
broken xml               | check misplaced.json --config broken.xml
doctype                  | check misplaced.json --config doctype.xml
not a view               | check misplaced.json --config root.xml
no labels                | check misplaced.json --config nolabels.xml --json
bad reviews              | check clinic.zip --reviews bad.csv
bad tags                 | check clinic.zip --task-tags bad.csv
settings unknown         | check clinic.zip -c unknown.yaml
settings type            | train clinic.zip -c type.yaml
settings list            | check clinic.zip -c list.yaml
settings broken          | check clinic.zip -c cut.yaml
environment type         | ALABTRAIN_EPOCHS=many train clinic.zip
environment value        | ALABTRAIN_POLICY=newest check clinic.zip
train no completion      | train none.json --config tiny.xml
train strict             | train misplaced.json --config tiny.xml --strict
train type unknown       | train clinic.zip --type relations
train type not there     | train clinic.zip --type visual_ner
train text on pages      | train invoices.zip --type ner
train texts and pages    | train clinic.zip --type ner --type visual_ner
train two names          | train clinic.zip --type ner --type assertion --model-name one
train odd name           | train clinic.zip --type ner --model-name a/b
train choices unknown    | train clinic.zip --type classification --choices nothing
train threshold of ner   | train clinic.zip --type ner --threshold 0.5
train members of ner     | train clinic.zip --type ner --members 2
train embeddings unknown | train clinic.zip --embeddings nothing
train base unknown       | train clinic.zip --type ner --base-model nowhere/nothing
train script missing     | train clinic.zip --type ner --script nothing.py
train script empty       | train clinic.zip --type ner --script empty.py
train script of another  | train clinic.zip --type assertion --script empty.py
train edition            | train clinic.zip --type ner --edition healthcare
train properties         | train clinic.zip --properties-file nothing.conf
train conf               | train clinic.zip --conf bad
train master             | train clinic.zip --master sc://localhost
train memory             | train clinic.zip --driver-memory lots
"""

QUICK = "--type classification --classifier classifierdl --epochs 3"
TRAINED = f"""
train ner                | train clinic.zip --type ner --split tags --embeddings word2vec --epochs 4 --deploy
                           RUNS runs/ner
train mixed              | train clinic.zip --members 1 --classifier classifierdl --epochs 8 --split tags --deploy
                           --json RUNS runs/mixed
train settings           | IN=settings ALABTRAIN_SEED=6 ALABTRAIN_BATCH_SIZE=8 train --type assertion
                           --type classification --choices topics --members 1 --epochs 3 --json RUNS ../runs/settings
train visual             | train invoices.zip --epochs 4 --layout-members 1 --deploy --json RUNS runs/visual
train demo               | ALABTRAIN_MODELS=demo train clinic.zip --type ner --split tags --deploy --json RUNS runs/demo
train base               | train clinic.zip --type ner --split tags --base-model runs/demo/2* --epochs 1 --json
                           RUNS runs/base
train script             | train clinic.zip --type ner --script slower_learning.py --epochs 1 --validation 0.2
                           RUNS runs/script
train script raises      | train clinic.zip --type ner --script raises.py RUNS runs/raises
runs                     | runs RUNS runs/mixed --json
runs text                | runs RUNS runs/ner
runs failed              | runs RUNS runs/raises
logs                     | logs runs/ner/2*
logs of a type           | logs runs/mixed/2* --type assertion --json
logs zip                 | logs runs/mixed/2* --zip logs.zip
logs zip again           | logs runs/mixed/2* --zip logs.zip --json
logs zip forced          | logs runs/mixed/2* --zip logs.zip --force --json
logs failed              | logs runs/raises/2*
logs unknown type        | logs runs/mixed/2* --type visual_ner
deploy dry               | deploy runs/mixed/2* --dry-run
deploy dry json          | deploy runs/mixed/2* --dry-run --json
deploy file              | deploy runs/ner/2* --output patched.xml --json
deploy run               | IN=settings deploy ../runs/settings/2*
deploy in place folder   | deploy runs/mixed/2* folder --in-place
deploy in place zip      | deploy runs/mixed/2* copy.zip --in-place --json
deploy again             | deploy runs/mixed/2* copy.zip --in-place
deploy visual            | deploy runs/visual/2* --dry-run
deploy elsewhere         | deploy runs/visual/2* clinic.zip
deploy failed run        | deploy runs/raises/2*
show run                 | show invoices.zip 25 --run runs/visual/2* --output pages --json
models                   | models --json
models text              | models
models show              | models show ner_clinic_annotation_manual --json
models show text         | models show assertion_jsl_annotation_manual
models package           | models package ner_clinic_annotation_manual --json
models import zip        | models import ner_clinic_annotation_manual*.zip --name again --lang en --json
models import run        | models import runs/demo/2* --models other
models import missing    | models import nowhere
models import text       | models import notes.txt
models remove            | models remove again --json
preannotate              | preannotate clinic.zip --config runs/mixed/2*/config.xml --no-hub --json
preannotate all          | preannotate copy.zip --overwrite --no-hub --output all.json
preannotate pictures     | preannotate invoices.zip --config runs/visual/2*/config.xml --pictures new --no-hub --json
evaluate                 | evaluate copy.zip --no-hub --json RUNS runs/evaluate
evaluate compare         | evaluate clinic.zip --compare runs/ner/2* runs/demo/2* --json RUNS runs/compare
evaluate visual          | evaluate invoices.zip --config runs/visual/2*/config.xml --no-hub RUNS runs/pages
rank                     | rank partly --run runs/mixed/2* --output next.csv --json
curve                    | curve clinic.zip {QUICK} --shares 40,100 --json RUNS runs/curve
watch                    | watch clinic.zip --once --deploy --every 2 {QUICK} --json RUNS runs/watch
watch again              | watch clinic.zip --once --every 2 --json RUNS runs/watch
export conll             | export clinic.zip --output conll --json
export jsonl             | export clinic.zip --format jsonl --split random --validation 0.2 --seed 3 --output jsonl
"""
SLOW = """
train ncbi-disease       | train DATA/projects/ncbi-disease.zip --type ner --split tags --json RUNS runs/ncbi
"""
EXACT = ("export", "deploy", "show")  # commands of TRAINED whose output depends on no score

TINY = """<View><Labels name="label" toName="text"><Label value="Drug"/><Label value="Dose"/></Labels>
<Text name="text" value="$text"/></View>"""


def tasks(*spans: tuple[int, int, str, str]) -> str:
    """Return an export of one text with these spans (start, end, label, text); without any: not annotated."""
    result = [
        {"id": f"r{number}", "from_name": "label", "to_name": "text", "type": "labels",
         "value": {"start": start, "end": end, "labels": [label], "text": text}}
        for number, (start, end, label, text) in enumerate(spans)
    ]  # fmt: skip
    entry = {"id": 11, "completed_username": "ann", "submitted_at": "2023-01-01T10:00:00Z", "result": result}
    data = {"text": "Ibuprofen 400 mg, then ibuprofen 200 mg."}
    return json.dumps([{"id": 1, "data": data, "completions": [entry] if spans else []}])


GOOD = tasks((0, 9, "Drug", "Ibuprofen"), (10, 16, "Dose", "400 mg"))
FILES = {
    "tiny.xml": TINY, "broken.xml": TINY[:-8], "doctype.xml": f'<!DOCTYPE View [<!ENTITY a "b">]>{TINY}',
    "root.xml": "<Labels/>", "nolabels.xml": '<View><Text name="text" value="$text"/></View>',
    "misplaced.json": tasks((0, 9, "Drug", "Ibuprofen"), (12, 18, "Dose", "400 mg"), (3, 12, "Drug", "profen 40"),
                            (17, 22, "Time", " then"), (0, 9, "Drug", "Ibuprofen"), (90, 99, "Dose", "900 mg")),
    "none.json": tasks(), "empty.json": "[]", "cut.json": GOOD[:-30], "object.json": '{"a": 1}',
    "notes.txt": "No export.", "no.zip": "No zip.", "empty/notes.txt": "",
    "alone/result.json": GOOD, "alone/config.xml": TINY, "two/a.json": GOOD, "two/b.json": GOOD,
    "unknown.yaml": "epoch: 3\n", "type.yaml": "epochs: many\n", "list.yaml": "- epochs\n",
    "cut.yaml": "epochs: [3\n", "bad.csv": "task,verdict\n1,good\n", "tags.csv": "task_id,tag\n3,Extra\n4,Extra\n",
    "reviews.csv": "task_id,completion_id,review\n6,6001,rejected\n8,8001,accepted\n", "empty.py": "X = 1\n",
    "raises.py": "def train(session, training, test, parameters, log):\n    raise ValueError('a secret')\n",
    "settings/alabtrain.yaml": "project: ../clinic.zip\npriority: [cid, ann]\nsplit: tags\nseed: 5\nepochs: 2\n"
                               "batch-size: 4\nlearning_rate: 0.002\n",
}  # fmt: skip


def rows(table: str) -> Iterator[tuple[str, str]]:
    """Return the names and command lines of a table."""
    for row in table.strip().replace("\n  ", " ").splitlines():
        name, _, line = row.partition("|")
        yield name.strip(), " ".join(line.split())


def rows_of(data: Path) -> Iterator[tuple[str, str]]:
    """Return the names and command lines for the projects, exports (with every config) and cases of a folder."""
    exports = [
        (name, config)
        for name in sorted(path.name for path in (data / "exports").glob("*.json"))
        for config in ["", *sorted(path.name for path in (data / "exports").glob("*.xml"))]
    ]
    for command in PRINTED:
        for path in sorted((data / "projects").glob("*.zip")):
            yield f"{command} {path.stem}", f"{command} DATA/projects/{path.name} --json"
        for name, config in exports:
            option = f" --config DATA/exports/{config}" if config else ""
            yield f"{command} {name} {config}".strip(), f"{command} DATA/exports/{name} --json{option}"
        for case in sorted(path for path in (data / "cases").iterdir() if path.is_dir()):
            files = [path for path in case.iterdir() if path.name != "config.xml"]
            project = files[0] if len(files) == 1 and files[0].is_file() else case
            option = f" --config DATA/cases/{case.name}/config.xml" if (case / "config.xml").exists() else ""
            yield f"{command} {case.name}", f"{command} DATA/{project.relative_to(data)} --json{option}"
