"""An exported project: its tasks as a stream, its labeling config, its team order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from alabtrain.core.errors import InputError
from alabtrain.core.findings import Finding, Tally
from alabtrain.core.json import Json, JsonObject
from alabtrain.project.export_files import MANIFEST, find_export_files
from alabtrain.project.json_stream import ArrayReader
from alabtrain.project.options import ProjectOptions
from alabtrain.project.parsing import parse_task, read_task_id
from alabtrain.project.records import Identifier, Review, Task
from alabtrain.project.reviews import review_findings
from alabtrain.project.side_files import read_reviews, read_small, read_tags
from alabtrain.project.source import MAX_SMALL, Source, hash_file, open_source

if TYPE_CHECKING:
    from alabtrain.labeling.config import LabelingConfig


def open_project(
    path: Path | str, *, config: Path | None = None, reviews: Path | None = None, task_tags: Path | None = None
) -> Project:
    """Open an export (a zip, a folder or a JSON file), with additional files that the user passes.

    Only the small files are read now, not the tasks.

    Raises:
        InputError: a file is not in the expected format.
        UsageError: a file does not exist.
    """
    return Project(open_source(Path(path)), config=config, reviews=reviews, task_tags=task_tags)


def as_project(project: Project | Path | str) -> Project:
    """Return a project as it is, and open one that is named by its path. Raises what `open_project` raises."""
    return open_project(project) if isinstance(project, (Path, str)) else project


def require_config(project: Project) -> LabelingConfig:
    """Return the labeling config of a project. Raises `InputError` where it has none."""
    if project.config is None:
        raise InputError("the project has no labeling config", where=str(project.path), hint="name it with --config")
    return project.config


class Project:
    """Tasks, labeling config and team order of one export; each call of `tasks()` reads the file again.

    `options` names the files that were added to it.
    """

    def __init__(
        self,
        source: Source,
        *,
        config: Path | None = None,
        reviews: Path | None = None,
        task_tags: Path | None = None,
    ) -> None:
        self.path = source.path
        self.source = source
        self._files = find_export_files(source, search_config=config is None)
        self.options = ProjectOptions(config, reviews, task_tags)
        self._side_files = [file for file in (config, reviews, task_tags) if file is not None]
        self._reviews: Mapping[tuple[str, str], Review] = read_reviews(reviews) if reviews else {}
        self._tags: Mapping[str, tuple[str, ...]] = read_tags(task_tags) if task_tags else {}
        manifest = _read_manifest(source, self._files.manifest)
        name = manifest.get("name")
        self.name: str = name if isinstance(name, str) and name and _is_clean(name) else self.path.resolve().stem
        self.team_order = _read_team_order(manifest, source, self._files.manifest)
        self.config_member: str | None = str(config) if config else self._files.config
        self._config_source, self._config_where = self._find_config(config, manifest)
        self._own_findings = self._compare_configs(manifest)
        self._pass_findings: list[Finding] = []
        self._data_keys: dict[str, None] | None = None
        self._equal_by_value = False

    @cached_property
    def config(self) -> LabelingConfig | None:
        """The labeling config, parsed at first use; None when the export has none."""
        if self._config_source is None:
            return None
        from alabtrain.labeling.config import parse_config

        # Inside JSON the text is already decoded, so its encoding declaration does not apply.
        encoding = "utf-8" if self.config_member is None else None
        return parse_config(self._config_source, where=self._config_where, encoding=encoding)

    @property
    def config_source(self) -> bytes | None:
        """The unchanged bytes of the labeling config in the export."""
        return self._config_source

    @property
    def manifest_member(self) -> str | None:
        """The name of the `project.json`, if there is one."""
        return self._files.manifest

    @property
    def findings(self) -> list[Finding]:
        """The findings about the files; complete once `tasks()` was read to its end."""
        return [*self._own_findings, *self._pass_findings]

    @property
    def data_keys(self) -> tuple[str, ...]:
        """The keys of the tasks' data: of all tasks once they were read, before that of the first task."""
        if self._data_keys is None:
            first = next(self.tasks(), None)
            return tuple(first.data) if first else ()
        return tuple(self._data_keys)

    def tasks(self) -> Iterator[Task]:
        """Yield the tasks in the order of the file, with `--reviews` and `--task-tags` applied.

        A task that is repeated with the same content is counted and skipped. Each call reads the file again.

        Raises:
            InputError: the file is broken, or a task is repeated with different content.
        """
        tally = Tally()
        keys: dict[str, None] = {}
        # Entries of the side files that no task has matched so far.
        missing_reviews = set(self._reviews)
        missing_tags = set(self._tags)
        where = self.source.where(self._files.tasks)
        for raw in self._distinct(tally):
            task = parse_task(raw, where=where, reviews=self._reviews, tags=self._tags, tally=tally)
            if missing_tags:
                missing_tags.discard(str(task.id))
            if missing_reviews:
                missing_reviews.difference_update((str(task.id), str(c.id)) for c in task.completions)
            if not keys.keys() >= task.data.keys():
                keys.update(dict.fromkeys(task.data))
            yield task
        self._data_keys = keys
        for review in sorted(missing_reviews):
            tally.add("reviews_unmatched", f"task {review[0]}, completion {review[1]}")
        for task_id in sorted(missing_tags):
            tally.add("tags_unmatched", f"task {task_id}")
        self._pass_findings = _pass_findings(tally)

    def inputs(self) -> dict[str, str]:
        """Return the SHA-256 of every input file, by path as the user gave it."""
        used = (self._files.tasks, self._files.config, self._files.manifest)
        hashes = self.source.sha256([name for name in used if name])
        hashes.update({str(file): hash_file(file) for file in self._side_files})
        return hashes

    def members_read(self) -> list[Path]:
        """Return the project's files on the disk, which must never be overwritten."""
        used = (self._files.tasks, self._files.config, self._files.manifest)
        inside = [self.path / name for name in used if name] if self.path.is_dir() else [self.path]
        return [*inside, *self._side_files]

    def _raw(self) -> Iterator[tuple[dict[str, Json], ArrayReader]]:
        name = self._files.tasks
        with self.source.open(name) as stream:
            reader = ArrayReader(stream, where=self.source.where(name))
            for raw in reader:
                yield raw, reader

    def _distinct(self, tally: Tally) -> Iterator[dict[str, Json]]:
        """Yield raw tasks, each id once.

        Only ids are kept until one is repeated: then the tasks so far are read once more and hashed.
        """
        seen: set[Identifier] = set()
        prints: dict[Identifier, int] | None = None
        where = self.source.where(self._files.tasks)
        for raw, reader in self._raw():
            task_id = read_task_id(raw, where=f"{where}, element /{reader.index}")
            if task_id not in seen:
                seen.add(task_id)
                if prints is not None:
                    prints[task_id] = reader.fingerprint()
                yield raw
                continue
            if prints is None:
                prints = self._fingerprints(reader.index)
            if prints[task_id] != reader.fingerprint() and not self._equal_by_value:
                self._compare_by_value()
                self._equal_by_value = True
            tally.add("duplicate_task", f"task {task_id}")

    def _fingerprints(self, count: int) -> dict[Identifier, int]:
        prints: dict[Identifier, int] = {}
        for raw, reader in self._raw():
            if reader.index >= count:
                break
            prints.setdefault(read_task_id(raw, where=self.source.where(self._files.tasks)), reader.fingerprint())
        return prints

    def _compare_by_value(self) -> None:
        """Raise `InputError` for the first id of two tasks that differ in value, not only in formatting."""
        prints: dict[Identifier, int] = {}
        where = self.source.where(self._files.tasks)
        for raw, reader in self._raw():
            task_id = read_task_id(raw, where=f"{where}, element /{reader.index}")
            try:
                value = hash(json.dumps(raw, sort_keys=True))
            except RecursionError:
                raise InputError("nested too deeply", where=f"{where}, task {task_id}") from None
            if prints.setdefault(task_id, value) != value:
                raise InputError(
                    f"task {task_id} occurs twice, with different content",
                    where=f"{where}, element /{reader.index}",
                    hint="does the file contain two exports? Remove one of the tasks, or give it a new id",
                )

    def _find_config(self, given: Path | None, manifest: JsonObject) -> tuple[bytes | None, str]:
        if given is not None:
            return read_small(given, MAX_SMALL), str(given)
        if self._files.config is not None:
            return self.source.read(self._files.config, MAX_SMALL), self.source.where(self._files.config)
        text = _label_config(manifest, self.source, self._files.manifest)
        where = f"{self.source.where(self._files.manifest or MANIFEST)} at /label_config"
        return (text.encode() if text else None), where

    def _compare_configs(self, manifest: JsonObject) -> list[Finding]:
        inside = _label_config(manifest, self.source, self._files.manifest)
        if not inside or self._config_source is None or _same_config(inside.encode(), self._config_source):
            return []
        return [
            Finding(
                "config_differs",
                "warning",
                f"the labeling config in {MANIFEST} differs from {self._config_where}; the latter is used",
                hint="choose the config with --config FILE",
            )
        ]


def _read_manifest(source: Source, name: str | None) -> dict[str, Json]:
    if name is None:
        return {}
    where = source.where(name)
    try:
        value = json.loads(source.read(name, MAX_SMALL).decode("utf-8-sig"))
    except json.JSONDecodeError as problem:
        raise InputError(f"this is not JSON: {problem.msg}", where=f"{where}, line {problem.lineno}") from None
    except RecursionError:
        raise InputError("nested too deeply", where=where) from None
    except ValueError:
        raise InputError("this is not JSON in UTF-8", where=where) from None
    if not isinstance(value, dict):
        raise InputError("expected an object", where=where)
    return value


def _read_team_order(manifest: JsonObject, source: Source, name: str | None) -> tuple[str, ...]:
    members = manifest.get("team_members_order")
    if members is None:
        return ()
    where = source.where(name or MANIFEST)
    if not isinstance(members, list):
        raise InputError("expected a list at /team_members_order", where=where)
    for position, member in enumerate(members):
        if not isinstance(member, str) or not _is_clean(member):
            raise InputError(f"expected a text at /team_members_order/{position}", where=where)
    return tuple(dict.fromkeys(members))


def _label_config(manifest: JsonObject, source: Source, name: str | None) -> str:
    text = manifest.get("label_config")
    if text is None:
        return ""
    if not isinstance(text, str) or not _is_clean(text):
        raise InputError("expected a text at /label_config", where=source.where(name or MANIFEST))
    return text if text.strip() else ""


def _is_clean(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _same_config(one: bytes, other: bytes) -> bool:
    return _plain(one) == _plain(other)


def _plain(source: bytes) -> bytes:
    return source.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").strip()


def _pass_findings(tally: Tally) -> list[Finding]:
    found = [
        tally.finding(
            "completions_ignored",
            "warning",
            "{count} [completion is|completions are] ignored, because the task also has annotations",
            "the annotations count; remove the completions from the export if they are old",
        ),
        tally.finding(
            "duplicate_task", "warning", "{count} [task repeats|tasks repeat] another task; each was used once",
            "their content is the same, so nothing is lost",
        ),
        tally.finding(
            "duplicate_completion", "warning",
            "{count} [completion repeats|completions repeat] another one; each was used once",
        ),
        tally.finding(
            "reviews_unmatched", "warning",
            "{count} [line of --reviews names|lines of --reviews name] a completion that does not exist",
            "check the ids in the file",
        ),
        tally.finding(
            "tags_unmatched", "warning",
            "{count} [task named in --task-tags is|tasks named in --task-tags are] not in the export",
            "check the ids in the file",
        ),
        tally.finding(
            "drafts_ignored", "info", "{count} [task holds|tasks hold] unsaved drafts, which are never used",
        ),
    ]  # fmt: skip
    return [*review_findings(tally), *(finding for finding in found if finding)]
