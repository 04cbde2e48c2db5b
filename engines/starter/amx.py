"""Builds amx.cc with g++ and gives its product to JAX, where the processor has AMX."""

import ctypes
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

NAME = "hearthgate_product"
SOURCE = Path(__file__).parent / "amx.cc"


def available() -> bool:
    """Builds and registers on the first call."""
    global _known
    if _known is None:
        _known = _register()
    return _known


_known: bool | None = None


def _register() -> bool:
    try:
        if "amx_bf16" not in Path("/proc/cpuinfo").read_text():
            return False
        library = Path(tempfile.gettempdir()) / f"hearthgate-amx-{sha256(SOURCE.read_bytes()).hexdigest()[:16]}.so"
        if not library.exists():
            half = library.with_suffix(".part")
            subprocess.run(
                ["g++", "-O3", "-std=c++17", "-shared", "-fPIC", "-w", "-fopenmp", "-march=sapphirerapids",
                 f"-I{jax.ffi.include_dir()}", str(SOURCE), "-o", str(half)], check=True)
            half.rename(library)
        symbol = ctypes.cdll.LoadLibrary(str(library)).HearthgateProduct
        jax.ffi.register_ffi_target(NAME, jax.ffi.pycapsule(symbol), platform="cpu")
        return True
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no AMX: {error}", flush=True)
        return False


def fits(m: int, n: int, k: int) -> bool:
    return m % 32 == 0 and n % 32 == 0 and k % 32 == 0


def product(a, b, turned: int):
    """a·b (0), a·bᵀ (1) or aᵀ·b (2); a leading axis, if any, counts products. Sizes are multiples of 32."""
    m = a.shape[-1] if turned == 2 else a.shape[-2]
    n = b.shape[-2] if turned == 1 else b.shape[-1]
    kind = jax.ShapeDtypeStruct((*a.shape[:-2], m, n), jnp.float32)
    return jax.ffi.ffi_call(NAME, kind)(a, b, turned=np.int64(turned))
