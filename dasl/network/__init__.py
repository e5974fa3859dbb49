"""The network: image and landmark map in, coefficients of the head model out."""

from dasl.network.coefficient_network import CoefficientNetwork, NetworkConfig

__all__ = ["CoefficientNetwork", "NetworkConfig"]
