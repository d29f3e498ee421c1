"""CUDA: whether this host has a GPU, whether it is visible here, and what in the image fits it."""

from .examine import examine
from .model import CudaReport, Device
from .probe.prober import Prober
from .verdict.fits import UNFIT
from .verdict.report import verdict

__all__ = ["UNFIT", "CudaReport", "Device", "Prober", "examine", "verdict"]
