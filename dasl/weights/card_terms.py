"""The parts of a model card that depend on what the weights may be used for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CardTerms:
    """Words of a card.

    Attributes:
        header: the licence's lines of the card's metadata.
        use: start of "Intended use".
        measured_on: the validation faces.
        licence: the section "Licence".
        source: argument of `from_pretrained` for weights that are not on the hub.
    """

    header: str
    use: str
    measured_on: str
    licence: str
    source: str = ""


RESEARCH = CardTerms(
    header="license: other\nlicense_name: research-only\nlicense_link: LICENSE-weights",
    use="""\
Research on face alignment and 3D reconstruction: 68 landmarks, a dense mesh on the photo, head
pose, ARKit expression weights and a textured head for every face of a photo. Each face comes with
the error to expect of it (`confidence`, `expected_nme`).""",
    measured_on="""\
Error at the hand-placed points of the validation faces, by which weights are chosen, in
percent of the face's size (`dasl/datasets/handplaced.py`):""",
    licence="""\
Weights carry the terms of the photographs that they learned from: those of AFLW and 300W-LP are
released for non-commercial research only (`LICENSE-weights`, where it lies beside this card). The
head model (CC0 base, statistics of an MIT-licensed scan model) is not part of this folder.""",
)
OPEN = CardTerms(
    header="license: apache-2.0",
    use="""\
Face alignment and 3D reconstruction for any purpose, commercial use included: 68 landmarks, a
dense mesh on the photo, head pose, ARKit expression weights and a textured head for every face of
a photo. Each face comes with the error to expect of it (`confidence`, `expected_nme`). The
research weights of the same package are more accurate.""",
    measured_on="""\
Error on rendered people with skins of other portraits, by which weights are chosen, at 17 points
of the true surface, in percent of the face's size (`dasl/datasets/handplaced.py`). Real photos are
harder; see the benchmark.""",
    licence="""\
Apache-2.0. No input forbids commercial use; `manifest.json` lists each one with source and licence.
Two networks were themselves trained on photographs with terms of their own: the backbone's start
weights (ImageNet), and the face detector that the package uses (WIDER FACE; not part of these
weights). Whether such terms reach a network is not settled by law.""",
    source='"open"',
)
