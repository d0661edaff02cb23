"""The file itself: safetensors, with the rest of the model as JSON in its metadata.

A safetensors file is a table of named arrays behind a JSON header. There is no code in it and nothing
to execute. The tensors are W1, b1, W2, b2 and so on, so that any reader of the format can use them.
One metadata entry, ``chainrule``, is a JSON document with the keys

=============  =========================================================================
format         the version of this layout, 1
kind           what the model is
network        sizes, activations, loss, reduction, penalty
details        encoder, classes, training record and the like
versions       of chainrule, NumPy and Python, when it was written
=============  =========================================================================

and another, ``sha256``, is the digest of that document and of every tensor: it finds damage and
careless editing. It is no signature; a file from a stranger is safe to open, but not vouched for.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from safetensors.numpy import load as parse
from safetensors.numpy import save as serialize

from chainrule.errors import ChainruleError, ModelFileError
from chainrule.files import memory, open_regular
from chainrule.modelfile.atomic import write_atomically
from chainrule.modelfile.record import ModelRecord
from chainrule.nn import Network, Parameters
from chainrule.nn.packs import network_from_dict
from chainrule.version import __version__

__all__ = ["UNUSABLE", "read_record", "unusable", "write_record"]

FORMAT = 1
METADATA = "__metadata__"
MOST_HEADER = 100_000_000  # bytes; safetensors takes no longer one either
DAMAGED = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
# What putting a model together raises where a file's values are not what a model is made of.
UNUSABLE = (
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
)


def write_record(record: ModelRecord, path: str | os.PathLike[str]) -> None:
    """Write a model file, atomically: the old file stays until the new one is complete.

    Raises
    ------
    ModelFileError
        If the file cannot be written.
    """
    document = json.dumps(
        {
            "format": FORMAT,
            "kind": record.kind,
            "network": record.network.to_dict(),
            "details": record.details,
            "versions": {
                "chainrule": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        },
        allow_nan=False,
    )
    tensors = {name: np.ascontiguousarray(V) for name, V in record.parameters.items()}
    metadata = {"chainrule": document, "sha256": digest(document, tensors)}
    write_atomically(Path(path), in_order(serialize(tensors, metadata=metadata)))


def in_order(content: bytes) -> bytes:
    """Sort a safetensors header, which comes in any order: the same model is the same bytes."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8:end]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # the tensors stay aligned
    return len(header).to_bytes(8, "little") + header + content[end:]


def read_record(path: str | os.PathLike[str]) -> ModelRecord:
    """Read a model file and check all of it. Nothing in it is ever executed.

    Raises
    ------
    ModelFileError
        If the file is missing, truncated, altered, foreign, or from a newer version.
    """
    path = Path(path)
    metadata, tensors = split(path, read_content(path))
    if "chainrule" not in metadata:
        raise ModelFileError(
            f"{str(path)!r} is a safetensors file, but not a chainrule model: it lacks the metadata"
        )
    if metadata.get("sha256") != digest(metadata["chainrule"], tensors):
        raise ModelFileError(
            f"{str(path)!r} was altered or damaged after it was written: its checksum does not hold"
        )
    return assemble(path, metadata["chainrule"], tensors)


def read_content(path: Path) -> bytes:
    """Return the bytes of a file that has the size which its header says; no other is read."""
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(8)
            length = int.from_bytes(start, "little")
            if length > min(size, MOST_HEADER):
                raise foreign(path)
            header = file.read(length)
            if 8 + len(header) + size_of_tensors(path, header) != size:
                raise foreign(path)
            if size > memory() // 2:  # the file and the parameters out of it
                raise ModelFileError(
                    f"the model file {str(path)!r}, of {size:,} bytes, does not fit into the memory of "
                    "this machine: load it on a larger one"
                )
            return start + header + file.read(size - 8 - len(header))
    except (OSError, ValueError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(
            f"cannot read the model file {str(path)!r}: {getattr(error, 'strerror', None) or error}"
        ) from None


def size_of_tensors(path: Path, header: bytes) -> int:
    """Return the number of bytes behind a header."""
    try:
        entries = json.loads(header)
        ends = (entry["data_offsets"][1] for name, entry in entries.items() if name != METADATA)
        return int(max(ends, default=0))
    except (*DAMAGED, RecursionError):
        raise foreign(path) from None


def foreign(path: Path) -> ModelFileError:
    return ModelFileError(
        f"{str(path)!r} is not a model file, or is cut short: it does not read as safetensors"
    )


def split(path: Path, content: bytes) -> tuple[dict[str, str], dict[str, Any]]:
    """Take a safetensors file apart into its metadata and its tensors."""
    try:
        tensors = parse(content)
        header_length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + header_length])
    except (safetensors.SafetensorError, *DAMAGED):
        raise foreign(path) from None
    metadata = header.get(METADATA, {})
    return metadata, tensors


def digest(document: str, tensors: dict[str, Any]) -> str:
    """Return the SHA-256 of the document and of every tensor: name, dtype, shape and bytes."""
    sha = hashlib.sha256(document.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        sha.update(f"\0{name}\0{tensor.dtype}\0{tensor.shape}\0".encode())
        sha.update(tensor.tobytes())
    return sha.hexdigest()


def assemble(path: Path, document: str, tensors: dict[str, Any]) -> ModelRecord:
    """Build the record from a file's parts, checking each."""
    try:
        header = json.loads(document, parse_constant=float_refused)
        if type(header["format"]) is not int or header["format"] < 1:
            raise ModelFileError(f"its format is {header['format']!r:.80}")
        if header["format"] > FORMAT:
            raise ModelFileError(
                f"it was written by chainrule {header['versions']['chainrule']!r:.80}, in a newer "
                "format: upgrade chainrule"
            )
        network = network_from_dict(header["network"])
        if json.loads(json.dumps(network.to_dict())) != header["network"]:
            raise ModelFileError("its network is not described in full")
        if not isinstance(header["kind"], str):
            raise ModelFileError("its kind is not a name")
        precisions = {tensor.dtype for tensor in tensors.values()}
        if precisions not in ({np.dtype(np.float32)}, {np.dtype(np.float64)}):
            raise ModelFileError("its tensors are not all float32, or all float64")
        parameters = Parameters.of_layout(network.layout, tensors)
        if not np.isfinite(parameters.vector).all():
            raise ModelFileError("a parameter is NaN or infinite")
        check_predictions(network, parameters)
        return ModelRecord(header["kind"], network, parameters, dict(header["details"]))
    except UNUSABLE as error:
        raise unusable(path, error) from None


def check_predictions(network: Network, parameters: Parameters) -> None:
    """Raise a ModelFileError if what is predicted for rows of 0, of 1 and of −1 is not finite."""
    rows = np.repeat(np.array([[0.0], [1.0], [-1.0]]), network.sizes[0], axis=1)
    with np.errstate(all="ignore"):
        outputs = network.predict(parameters, rows.astype(parameters.dtype))
    if not np.isfinite(outputs).all():
        raise ModelFileError("its predictions are not finite: its weights are too large")


def float_refused(name: str) -> None:
    raise ModelFileError(f"a number is {name}")


def unusable(path: str | os.PathLike[str], error: Exception) -> ModelFileError:
    """Return the error for a file whose parts do not make a model."""
    reason = str(error) if isinstance(error, ChainruleError) else f"its metadata: {error!r}"
    return ModelFileError(f"{os.fspath(path)!r} is not a usable model file: {reason:.400}")
