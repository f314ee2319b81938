"""Which files of an export hold the tasks, the labeling config and the project's settings."""

from __future__ import annotations

from dataclasses import dataclass

from alabtrain.core.errors import InputError
from alabtrain.project.source import MAX_SMALL, FileSource, Member, Source

MANIFEST = "project.json"
_SNIFFED = 4096
_RIGHT_EXPORT = 'export the project again as "JSON"'
_OTHER_EXPORTS = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".conll": "CoNLL",
    ".conll2003": "CoNLL",
    ".gz": "tar.gz",
    ".tar": "tar",
    ".7z": "7z",
}


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The names of the members that hold the tasks, the labeling config and the manifest (`project.json`)."""

    tasks: str
    config: str | None = None
    manifest: str | None = None


def find_export_files(source: Source, *, search_config: bool = True) -> ExportFiles:
    """Return which members hold the tasks, the config and the manifest.

    Raises:
        InputError: there are several candidates for one of them, or none for the tasks.
    """
    members = source.members()
    if isinstance(source, FileSource):
        _refuse_other_export(source, members[0])
        return ExportFiles(members[0].name)
    manifest = _only(source, [m for m in members if m.base == MANIFEST], "project.json files", "keep one of them")
    tasks = _find_tasks(source, members)
    config = _find_config(source, members) if search_config else None
    return ExportFiles(tasks, config, manifest)


def _find_tasks(source: Source, members: list[Member]) -> str:
    files = [m for m in members if m.base.lower().endswith(".json") and m.base != MANIFEST]
    heads = {m.name: _head(source, m) for m in files}
    lists = [m for m in files if _is_list(heads[m.name])]
    hint = "pass the right file itself, with its labeling config: alabtrain COMMAND FILE.json --config FILE.xml"
    found = _only(source, lists, "lists of tasks", hint)
    if found is not None:
        return found
    for member in files:
        if b'"images"' in heads[member.name] or b'"categories"' in heads[member.name]:
            raise InputError("this is a COCO export, which does not contain the completions",
                             where=source.where(member.name), hint=_RIGHT_EXPORT)  # fmt: skip
    if len(files) == 1:
        return files[0].name  # reading it reports what is wrong with it
    for member in members:
        _refuse_other_export(source, member)
    raise InputError("it contains no list of tasks (a .json file)", where=str(source.path), hint=_RIGHT_EXPORT)


def _find_config(source: Source, members: list[Member]) -> str | None:
    suspects = [m for m in members if m.base.lower().endswith((".xml", ".txt")) and m.size <= MAX_SMALL]
    configs = [m for m in suspects if _looks_like_config(_head(source, m, 1 << 16))]
    if configs:
        return _only(source, configs, "labeling configs", "choose one with --config")
    broken = [m for m in suspects if m.base.lower() == "config.xml"]
    return broken[0].name if len(broken) == 1 else None  # parsing it reports what is wrong with it


def _only(source: Source, found: list[Member], what: str, hint: str) -> str | None:
    if len(found) > 1:
        names = ", ".join(m.name for m in found[:5]) + (", …" if len(found) > 5 else "")
        raise InputError(f"{len(found)} {what}: {names}", where=str(source.path), hint=hint)
    return found[0].name if found else None


def _head(source: Source, member: Member, size: int = _SNIFFED) -> bytes:
    with source.open(member.name) as stream:
        return stream.read(size)


def _is_list(head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True  # UTF-16: reading it reports the encoding
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"["):
        return False
    # A list of chosen completions written by `alabtrain select --output` is not an export.
    return not text[1:].lstrip().removeprefix(b"{").lstrip().startswith(b'"task_id"')


def _looks_like_config(head: bytes) -> bool:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return text.startswith(b"<") and b"<View" in text


def _refuse_other_export(source: Source, member: Member) -> None:
    suffix = "." + member.base.lower().rpartition(".")[2]
    format_name = _OTHER_EXPORTS.get(suffix)
    if format_name:
        raise InputError(
            f"a {format_name} file does not contain the completions",
            where=source.where(member.name),
            hint=_RIGHT_EXPORT,
        )
    if isinstance(source, FileSource) and suffix == ".xml":
        raise InputError("this is XML, not a list of tasks", where=source.where(member.name),
                         hint="pass the tasks, and the labeling config with --config")  # fmt: skip
