"""The hair network in torch and as a file."""

import numpy as np
import onnxruntime
import torch

from dasl.network.hair_parser import PARTS, PLANES
from tools.hair_parser.network import HairNetwork, onnx_bytes


def test_the_file_gives_what_torch_gives_for_any_size() -> None:
    torch.manual_seed(0)
    network = HairNetwork().eval()
    content = onnx_bytes(network)
    assert len(content) < 400_000
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for size in ((32, 64), (160, 176)):
        planes = torch.randn(1, PLANES, *size)
        (found,) = session.run(None, {"planes": planes.numpy()})
        assert found.shape == (1, len(PARTS), *size)
        with torch.no_grad():
            np.testing.assert_allclose(found, network(planes).numpy(), atol=2e-3)
