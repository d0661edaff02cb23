"""Model files: one safetensors file a model, no pickle in it, written atomically, checked on reading."""

from chainrule.modelfile.atomic import replacing, write_atomically
from chainrule.modelfile.container import read_record, write_record
from chainrule.modelfile.record import ModelRecord
from chainrule.modelfile.registry import load, save, saveable, saveable_in

__all__ = [
    "ModelRecord",
    "load",
    "read_record",
    "replacing",
    "save",
    "saveable",
    "saveable_in",
    "write_atomically",
    "write_record",
]
