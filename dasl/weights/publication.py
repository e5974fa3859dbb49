"""Publication of a weights folder: the files that are read from it, and evaluation results."""

from collections.abc import Sequence
from pathlib import Path

from dasl.errors import WeightsError
from dasl.weights.folder import CARD_FILE, WEIGHTS_FILES, load_weights
from dasl.weights.hub import upload
from dasl.weights.model_card import model_card
from eval.results.record import ProtocolResult

RESULTS_FOLDER = ".eval_results"


def push_to_hub(
    folder: Path,
    repo_id: str,
    *,
    private: bool = False,
    token: str | None = None,
    records: Sequence[ProtocolResult] = (),
    benchmarks: str | None = None,
) -> str:
    """Upload a weights folder in one commit, after checking that it loads.

    Args:
        folder: as written by `dasl.weights.folder.save_weights`.
        repo_id: "user/repo"; created if missing.
        private: whether a newly created repository is private.
        token: None uses that of `hf auth login` or HF_TOKEN.
        records: the evaluator's records of these weights.
        benchmarks: hub user who owns the benchmarks' data sets; None: the user of `repo_id`.

    Returns:
        The URL of the commit.

    Raises:
        WeightsError: the folder does not load, or the upload fails.
    """
    files = publication(Path(folder), repo_id, records, benchmarks)
    return upload(files, repo_id, "Upload weights", private, token)


def publication(
    folder: Path,
    repo_id: str,
    records: Sequence[ProtocolResult] = (),
    benchmarks: str | None = None,
) -> dict[str, bytes]:
    """The files to publish, by path; arguments and errors as for `push_to_hub`.

    The folder's model card is kept, except that its example loads the weights from `repo_id`.
    Without a card, one is written.
    """
    network, config = load_weights(folder)
    paths = [folder / name for name in WEIGHTS_FILES]
    try:
        files = {path.name: path.read_bytes() for path in paths if path.is_file()}
    except OSError as error:
        raise WeightsError(f"cannot read {folder}: {error}") from error
    if CARD_FILE in files:
        source = f'pretrained("{repo_id}")'.encode()
        for embedded in (b"pretrained()", b'pretrained("open")'):
            files[CARD_FILE] = files[CARD_FILE].replace(embedded, source)
    else:
        title = repo_id.rpartition("/")[2]
        card = model_card(title, network.config, config, records, repo_id=repo_id)
        files[CARD_FILE] = card.encode()
    return files | _results(records, benchmarks or repo_id.partition("/")[0])


def _results(records: Sequence[ProtocolResult], owner: str) -> dict[str, bytes]:
    """One results file per benchmark, from its first ranked record."""
    from eval.leaderboard.hub_metadata import eval_results_yaml
    from eval.leaderboard.ranking import unranked_reason

    files: dict[str, bytes] = {}
    for record in records:
        name = f"{RESULTS_FOLDER}/{record.protocol}.yaml"
        if not unranked_reason(record) and name not in files:
            files[name] = eval_results_yaml(record, f"{owner}/{record.protocol}").encode()
    return files
