"""What the embedded weights' card says of their training."""

from tools.embed_weights import EMBEDDED, ROOT, TRAINING


def test_the_card_tells_of_the_training_word_for_word() -> None:
    assert TRAINING in (EMBEDDED / "README.md").read_text(encoding="utf-8")


def test_every_file_that_it_names_exists() -> None:
    names = [word for word in TRAINING.split("`")[1::2] if "/" in word]
    assert len(names) >= 4
    assert all((ROOT / name).exists() for name in names)
