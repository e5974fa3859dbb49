"""The API endpoint `/reconstruct`: takes a photo, returns a record and a GLB for each face."""

from pathlib import Path
from typing import Any

import gradio as gr

from space.problems import problem_words
from space.reconstruct.service import ReconstructionService
from space.visitor_files import UploadedFile, visitor_folder


def offer_endpoint(service: ReconstructionService, photo: gr.Image, queue: str) -> None:
    """Adds the endpoint to the current Blocks, without visible components.

    Args:
        service: shared by all visitors.
        photo: the page's input component; defines the type of the endpoint's input.
        queue: concurrency id shared with the page.
    """

    def reconstruct(upload: UploadedFile) -> tuple[list[dict[str, Any]], list[str]]:
        path = upload["path"] if upload else None
        if path is None:
            raise gr.Error("Give a photo, as a file.", print_exception=False)
        try:
            faces = service(Path(path)).faces
            folder = visitor_folder()
            files = [face.save(folder / f"face{n}.glb") for n, face in enumerate(faces, 1)]
        except Exception as error:
            raise gr.Error(problem_words(error, path), print_exception=False) from error
        return [face.record().document() for face in faces], [str(file) for file in files]

    facts = gr.JSON(label="faces", visible=False)
    heads = gr.Files(label="heads", visible=False)
    gr.Button(visible=False).click(
        reconstruct,
        inputs=[photo],
        outputs=[facts, heads],
        preprocess=False,
        concurrency_id=queue,
        api_name="reconstruct",
        api_description=(
            "Photo to 3D heads. Returns a list with the record of each face, largest first, as "
            "in its JSON file: box, pose (degrees), expression (ARKit weights), confidence, "
            "68 landmarks, identity and measures; and one GLB file for each."
        ),
    )
