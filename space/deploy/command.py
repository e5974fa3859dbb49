"""`python -m space deploy USER/SPACE`: upload this project as a Space of the Hugging Face hub."""

import argparse
import re
import tempfile
from pathlib import Path

from eval.program.data_root import VARIABLE as DATA_VARIABLE
from space.deploy.files import DeployError, stage
from space.deploy.live import stage_live
from space.settings import (
    BOARD_VARIABLE,
    PUBLISH_CHOICES,
    PUBLISH_VARIABLE,
    REVISION_VARIABLE,
    ROOT,
    WEIGHTS_VARIABLE,
)

EXAMPLES = f"""examples:
  python -m space deploy user/faces --dry-run            # list what would be uploaded
  HF_TOKEN=... python -m space deploy user/faces --private
  python -m space deploy user/live --live                # the Live page: a static Space
  python -m space deploy user/faces --weights user/repo --revision COMMIT \\
      --board hf://datasets/user/board --publish at-once

Only what the Space needs goes up; files that lie there from earlier and are not needed any more
are deleted. Secrets are yours to set in the Space's settings: HF_TOKEN with write access to the
board, and the benchmark's data where submissions are to be scored there ({DATA_VARIABLE}).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `deploy`."""
    parser.add_argument("repo_id", metavar="USER/SPACE", help="made if it does not exist")
    parser.add_argument("--private", action="store_true", help="of a Space made here")
    parser.add_argument(
        "--live", action="store_true", help="the Live page alone, as a static Space of plain files"
    )
    parser.add_argument("--dry-run", action="store_true", help="list the files, upload nothing")
    parser.add_argument(
        "--gpu",
        action="store_true",
        help="for hardware with a GPU, also a lent one: torch with CUDA",
    )
    parser.add_argument("--weights", metavar="USER/REPO", help="weights on the hub to run on")
    parser.add_argument("--revision", metavar="COMMIT", help="of the weights; pin it")
    parser.add_argument("--board", metavar="PLACE", help="of submissions: hf://datasets/USER/NAME")
    parser.add_argument("--publish", choices=PUBLISH_CHOICES, help="of submissions")


def run(options: argparse.Namespace) -> str:
    """Stage the files and upload them; with `--dry-run`, only list them.

    Raises:
        DeployError: the name or the files are invalid, or the hub refuses the upload.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", options.repo_id):
        raise DeployError(f"a Space's name is USER/SPACE, got {options.repo_id}; give both")
    if options.weights and not options.revision:
        raise DeployError("--weights needs --revision COMMIT: an unpinned Space changes on its own")
    with tempfile.TemporaryDirectory() as folder:
        if options.live:
            names = stage_live(ROOT, Path(folder), options.weights)
        else:
            names = stage(ROOT, Path(folder), options.repo_id, gpu=options.gpu)
        size = sum((Path(folder) / name).stat().st_size for name in names)
        if options.dry_run:
            listing = "".join(f"{name}\n" for name in names)
            return f"{listing}{len(names)} files, {size / 1e6:.1f} MB; nothing was uploaded\n"
        address = upload(Path(folder), options)
    return f"{address}\n{len(names)} files, {size / 1e6:.1f} MB\n"


def upload(folder: Path, options: argparse.Namespace) -> str:
    """Replace the Space's content by that of a folder, in one commit.

    Args:
        folder: the staged files.
        options: command-line options.

    Returns:
        The Space's address.

    Raises:
        DeployError: the hub refuses the upload.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HTTPError

    api = HfApi()
    try:
        new = {
            "space_sdk": "static" if options.live else "gradio",
            "private": options.private,
            "exist_ok": True,
        }
        made = api.create_repo(options.repo_id, repo_type="space", **new)
        for name, value in ({} if options.live else _variables(options)).items():
            api.add_space_variable(options.repo_id, name, value)
        api.upload_folder(
            repo_id=options.repo_id,
            repo_type="space",
            folder_path=folder,
            delete_patterns="*",
            commit_message="Deploy",
        )
    except (OSError, ValueError, ImportError, HTTPError) as error:
        lines = str(error).strip().splitlines()
        raise DeployError(
            f"{options.repo_id}: the hub did not take it ({lines[0] if lines else error!r}); check "
            "the name, the connection, and HF_TOKEN"
        ) from error
    return str(made)


def _variables(options: argparse.Namespace) -> dict[str, str]:
    """The Space's variables, from the given options."""
    named = {
        WEIGHTS_VARIABLE: options.weights,
        REVISION_VARIABLE: options.revision,
        BOARD_VARIABLE: options.board,
        PUBLISH_VARIABLE: options.publish,
    }
    return {name: value for name, value in named.items() if value}
