"""Pre-annotation written by hand against Spark NLP, as its own notebooks do it: the yardstick for alabtrain's.

It knows one form of tasks, holds them all in memory, gives offsets as Java counts them, and loses what it does not know.

    python -m benchmarks.preannotation_by_hand TASKS.json MODEL OUT.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from benchmarks.by_hand import start_session


def main() -> None:
    """Find entities in all tasks, write the tasks with predictions, and print one JSON object."""
    tasks_file, model_folder, output = sys.argv[1:]
    tasks = json.loads(Path(tasks_file).read_text(encoding="utf-8"))
    session = start_session()
    from pyspark.ml import PipelineModel

    model = PipelineModel.load(model_folder)
    frame = session.createDataFrame([(task["id"], task["data"]["text"]) for task in tasks], "id long, text string")
    found = model.transform(frame.repartition(8)).select("id", "ner_chunk").collect()
    by_id = {row["id"]: row["ner_chunk"] for row in found}
    labels: Counter[str] = Counter()
    for task in tasks:
        result = []
        for chunk in by_id[task["id"]]:
            label = chunk.metadata["entity"]
            labels[label] += 1
            value = {"start": chunk.begin, "end": chunk.end + 1, "text": chunk.result, "labels": [label]}
            score = float(chunk.metadata["confidence"])
            result.append({"from_name": "label", "to_name": "text", "type": "labels", "value": value, "score": score})
        task["predictions"] = [{"result": result}]
    Path(output).write_text(json.dumps(tasks), encoding="utf-8")
    print(json.dumps({"regions": labels}))


if __name__ == "__main__":
    main()
