"""A run on twelve invented faces, as a program: to be killed, or to be one of several processes.

python -m tests.dasl.training.tiny_run SETTINGS.json
"""

import json
import sys
from pathlib import Path

from dasl.training.config import config_from_dict
from dasl.training.run import make_accelerator
from dasl.training.trainer import train
from tests.dasl.tiny_model import invented_faces, tiny_model, use_tiny_networks


def main() -> None:
    use_tiny_networks()
    config = config_from_dict(json.loads(Path(sys.argv[1]).read_text()))
    accelerator = make_accelerator(config)
    train(config, invented_faces(12), invented_faces(4), tiny_model(), accelerator=accelerator)
    accelerator.wait_for_everyone()
    accelerator.end_training()


if __name__ == "__main__":
    main()
