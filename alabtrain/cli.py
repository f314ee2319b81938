"""The command line: one entry per command; each lives in `alabtrain/commands/` and is imported when needed."""

from __future__ import annotations

import importlib

import click

from alabtrain import __version__

# In the order of the work; `alabtrain --help` shows them so.
COMMANDS = (
    "select",
    "why",
    "check",
    "train",
    "runs",
    "deploy",
    "export",
    "embeddings",
    "doctor",
)


class CommandLoader(click.Group):
    """A group that imports a command's module only when the command is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import `alabtrain.commands.<name>` and return its `command`."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"alabtrain.commands.{cmd_name}")
        command: click.Command = module.command
        return command


@click.group(cls=CommandLoader, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="alabtrain")
def cli() -> None:
    """Train Spark NLP models from a project exported from Annotation Lab or Label Studio.

    PROJECT is an export: a zip, a folder, or a tasks JSON with --config. It may be left out where a folder
    holds one export only, or alabtrain.yaml names it. Options come from flags, else from the environment
    (ALABTRAIN_SEED=7), else from alabtrain.yaml, else from the defaults.
    """
