"""What a benchmark ran on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.speed.process import available_cores
from chainrule.version import __version__

__all__ = ["describe_machine"]

PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "jax", "jaxlib")


def describe_machine() -> dict[str, Any]:
    """Return the processor, the cores, how busy they are, and the versions of everything compared."""
    return {
        "cpu": cpu_name(),
        "cores": len(available_cores()),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "blas": blas_names(),
        "versions": {"python": platform.python_version(), "chainrule": __version__, **versions()},
    }


def versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def blas_names() -> list[str]:
    """Return which BLAS NumPy and SciPy have, and for which processor it takes this one."""
    import scipy.linalg  # noqa: F401  # brings the BLAS along
    from threadpoolctl import threadpool_info

    return sorted(
        {
            " ".join(
                str(library[key])
                for key in ("internal_api", "version", "architecture")
                if library.get(key)
            )
            for library in threadpool_info()
            if library.get("user_api") == "blas"
        }
    )
