"""What annotators said of the tasks that test, and the account of it; no Spark."""

from __future__ import annotations

from pathlib import Path

from alabtrain.prediction.gold import read_gold
from alabtrain.prediction.named_models import named_models
from alabtrain.project.project import open_project
from alabtrain.selection.options import SelectionOptions
from tests.support import builders as b


def test_the_account_begins_with_all_tasks_and_goes_on_with_those_that_test(tmp_path: Path) -> None:
    region = b.region(0, 10, "Symptom", text=b.TEXT)
    tasks = [
        b.task(1, b.completion(1001, result=[region]), b.completion(1002, result=[region]), tags=["Test"]),
        b.task(2, tags=["test"]),
        b.task(3, b.completion(3001, result=[region])),
        b.task(4),
    ]
    project = open_project(b.write_project(tmp_path / "p.zip", tasks, config=CONFIG))
    assert project.config is not None
    gold = read_gold(project, project.config, named_models(project.config), SelectionOptions())
    gold.funnel.check()
    first, of_tasks, completions = list(gold.funnel)[:3]
    assert (first.entered, first.lost, first.left) == (4, {"not_test": 2}, 2)
    assert (of_tasks.entered, of_tasks.lost, of_tasks.left) == (2, {"no_completion": 1}, 1)
    assert (completions.entered, completions.left) == (2, 1)
    assert [document.task_id for document in gold.documents] == [1]


CONFIG = """<View>
  <Labels name="label" toName="text"><Label value="Symptom" model="ner_a"/></Labels>
  <Text name="text" value="$text"/>
</View>"""
