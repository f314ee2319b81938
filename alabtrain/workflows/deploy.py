"""Write the names of trained models into a labeling config: a copy of it, or the one in the project."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from alabtrain.core.errors import AlabtrainError, InputError, UsageError
from alabtrain.core.files import write_aside
from alabtrain.core.json import JsonObject
from alabtrain.labeling.config import LabelingConfig
from alabtrain.labeling.patch import Edit, TrainedModel, patch, plan, unified_diff
from alabtrain.labeling.rewrite import replace_files, replace_members
from alabtrain.project.manifest import LABEL_CONFIG, patch_manifest
from alabtrain.project.project import Project, open_project
from alabtrain.project.source import ZipSource, open_source
from alabtrain.runs.record import read_run, record_deployment
from alabtrain.trainers.registry import model_type
from alabtrain.workflows.configs import DeployOptions

RUN_CONFIG = "config.xml"


class EditJson(TypedDict):
    """A label or choice that got another model, and the line of the labeling config."""

    label: str
    line: int
    old: str | None
    new: str


class DeployJson(TypedDict):
    """The object that `alabtrain deploy --json` prints."""

    config: str
    changed: list[EditJson]
    diff: str
    written: str | None
    backup: str | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """The result of a deployment: the labeling config before and after, and the file that was written.

    `changed` are the labels and choices that got another model. `written` is None if no file was written, `backup` if
    no file was replaced.
    """

    where: str
    before: bytes
    after: bytes
    diff: str
    changed: tuple[Edit, ...] = ()
    written: Path | None = None
    backup: Path | None = None

    def to_dict(self) -> DeployJson:
        """Return the object that `alabtrain deploy --json` prints."""
        return {
            "config": self.where,
            "changed": [
                {"label": edit.label, "line": edit.line, "old": edit.old, "new": edit.new} for edit in self.changed
            ],
            "diff": self.diff,
            "written": str(self.written) if self.written else None,
            "backup": str(self.backup) if self.backup else None,
        }


def deploy(
    project: Project, models: Sequence[TrainedModel], *, out: Path | None, in_place: bool, dry_run: bool
) -> Deployment:
    """Write the models into the project's labeling config: to `out`, and with `in_place` into the project.

    Only `model` attributes change. With `dry_run`, no file is written. In place, the former file is kept beside the new
    one, and the config in `project.json` changes too if it was the same.

    Raises:
        InputError: the project has no labeling config, or the config does not fit the models.
        UsageError: `out` is a file of the project.
        SetupError: a file cannot be written.
    """
    config = project.config
    if config is None:
        raise InputError(
            "the project has no labeling config", where=str(project.path), hint="give it with --config FILE"
        )
    after = patch(config, models)
    name = Path(project.config_member).name if project.config_member else "config.xml"
    diff = unified_diff(config.source, after, name)
    files = _files(project, config, after, models) if in_place else []
    done = Deployment(config.where, config.source, after, diff, plan(config, models))
    if dry_run:
        return done
    written = backup = None
    if out is not None:
        _refuse_input(project, out)
        write_aside(out, after)
        written = out
    if in_place and done.changed:
        written, backup = _replace(project, files)
    return Deployment(done.where, done.before, after, diff, done.changed, written, backup)


@dataclass(frozen=True, slots=True)
class _File:
    """A file or member to write; `target` is a member's name, or the path of a file beside the project."""

    target: str | Path
    before: bytes
    after: bytes


def _files(project: Project, config: LabelingConfig, after: bytes, models: Sequence[TrainedModel]) -> list[_File]:
    """Return the files of an in-place deployment: first the config, then the `project.json` that contains it too."""
    member = project.config_member
    if member is not None and not _is_member(project, config):
        return [_File(Path(member), config.source, after)]
    found = [_File(member, config.source, after)] if member is not None else []
    manifest = project.manifest_member
    same = member is None or not any(finding.code == "config_differs" for finding in project.findings)
    if manifest is not None and same:
        source = project.source.read(manifest)
        if f'"{LABEL_CONFIG}"'.encode() in source:
            where = project.source.where(manifest)
            found.append(_File(manifest, source, patch_manifest(source, models, where=where)))
    return found


def _is_member(project: Project, config: LabelingConfig) -> bool:
    """Return whether the config is in the project, not in a file beside it."""
    member = project.config_member or ""
    inside = any(member == known.name for known in project.source.members())
    return inside and config.where == project.source.where(member)


def _replace(project: Project, files: Sequence[_File]) -> tuple[Path, Path]:
    """Write the files; return the first changed file on disk, and its backup."""
    current = open_source(project.path)
    for file in files:
        inside = isinstance(file.target, str)
        if (current.read(str(file.target)) if inside else Path(file.target).read_bytes()) != file.before:
            raise InputError("the file was changed in the meantime", where=str(file.target), hint="try again")
    members = {file.target: file.after for file in files if isinstance(file.target, str)}
    if members and isinstance(current, ZipSource):
        return project.path, replace_members(project.path, members)
    contents = {
        project.path / file.target if isinstance(file.target, str) else file.target: file.after for file in files
    }
    return next(iter(contents)), replace_files(contents)[0]


def _refuse_input(project: Project, out: Path) -> None:
    if any(out.resolve() == file.resolve() for file in project.members_read()):
        raise UsageError("this is a file of the project", where=str(out), hint="--in-place writes into the project")


def deploy_run(run: Path, project: Path | None = None, options: DeployOptions = DeployOptions()) -> Deployment:
    """Deploy the models of a run folder into the project that it was trained on, or into another one.

    Without `options.output` and `options.in_place`, the config is written to `config.xml` in the run. The run's record
    notes the file that was written, if the run folder is writable.

    Raises:
        UsageError: there is no such run, or `output` is another file of it.
        InputError: the run has no models, or does not name its project.
        AlabtrainError: what `deploy` raises.
    """
    info = read_run(run)
    config, output = options.config, options.output
    _refuse_run(run, output)
    models = [_trained(model, run) for model in info.models]
    if info.state != "done" or not models:
        raise InputError(f"the run is {info.state} and has no models to deploy", where=str(run))
    path = project or (Path(info.project) if info.project else None)
    if path is None:
        raise InputError(
            "the run does not name its project", where=str(run), hint="give it: alabtrain deploy RUN PROJECT"
        )
    if project is None and not path.exists():
        raise UsageError(
            "the project that the run was trained on no longer exists",
            where=str(path),
            hint="give its new path: alabtrain deploy RUN PROJECT",
        )
    if project is None and config is None and (given := info.parameter("config")):
        config = Path(str(given))
    out = output or (None if options.in_place else run / RUN_CONFIG)
    done = deploy(
        open_project(path, config=config), models, out=out, in_place=options.in_place, dry_run=options.dry_run
    )
    if done.written is not None:
        with contextlib.suppress(AlabtrainError):  # the run folder may be read-only
            record_deployment(run, done.written)
    return done


def _refuse_run(run: Path, output: Path | None) -> None:
    if output is None or output.resolve() == (run / RUN_CONFIG).resolve():
        return
    if output.resolve().is_relative_to(run.resolve()):
        hint = f"choose a file outside of the run; without --output, the config is written to {RUN_CONFIG} in the run"
        raise UsageError("this file is inside the run", where=str(output), hint=hint)


def _trained(model: JsonObject, run: Path) -> TrainedModel:
    of, name, labels = (model.get(key) for key in ("type", "name", "labels"))
    if not isinstance(of, str) or not isinstance(name, str) or not isinstance(labels, list):
        raise InputError("expected type, name and labels of each model", where=str(run / "models.json"))
    # The model of a classifier is an attribute of its Choices; its labels are the classes.
    choices = model.get("choices")
    group = choices if isinstance(choices, str) else None
    return model_type(of).deployed(name, [str(label) for label in labels], group)
