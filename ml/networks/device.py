"""Where networks run, and how their numbers are kept there."""

import torch
from torch import Tensor, nn

from ml.config import Precision


def best_device() -> torch.device:
    """Return the first CUDA device, or the CPU where there is none."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_name(device: torch.device, processes: int = 1) -> str:
    """Return what people call a device: what takes equally long on it can be compared by it."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    else:
        name = f"CPU, {torch.get_num_threads()} threads"
    return name if processes == 1 else f"{processes} × {name}"


def place(network: nn.Module, device: torch.device) -> None:
    """Move a network to a device, channels last: the layout that convolutions are fastest in."""
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def half_precision(device: torch.device, precision: Precision = "auto") -> torch.autocast:
    """Return the context in which networks calculate with the precision that is asked for.

    ``auto`` is bfloat16 where the device is fast at it: on a CPU with AVX-512 bf16 a training step
    takes half the time, and one without it would emulate. ``fp16`` is for CUDA alone and ``auto``
    elsewhere: CPUs emulate it thirty times slower.
    """
    if precision == "fp16" and device.type == "cuda":
        return torch.autocast(device.type, torch.float16)
    wanted = precision == "bf16" or (precision != "float32" and _is_fast_at_bf16(device))
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted)


def _is_fast_at_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def as_pictures(pixels: Tensor) -> Tensor:
    """Return what networks take: (n, 3, side, side) float32, 0 for white to 1 for black.

    White being 0, whatever is filled with zeros looks like the bands of a letter-box.

    Args:
        pixels: shape (n, side, side, 3), uint8, RGB.
    """
    return 1 - pixels.permute(0, 3, 1, 2).float() / 255
