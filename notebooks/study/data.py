"""The data sets of the study, read from where the user has them; the digits of scikit-learn are always there.

Under the data folder each is looked for as torchvision keeps it (MNIST and Fashion-MNIST: IDX files, gzipped or not),
as its authors publish it (CIFAR-10's binary version), and as a NumPy archive. What holds pickles is not read: it could
run anything.
"""

from __future__ import annotations

import gzip
import io
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

DIGITS = [str(digit) for digit in range(10)]
CLOTHES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
THINGS = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

IDX_FOLDERS = {"mnist": ["MNIST/raw", "mnist", ""], "fashion_mnist": ["FashionMNIST/raw", "fashion_mnist"]}
IDX_FILES = [f"{part}-{what}-ubyte" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1")]
CIFAR_FOLDER = "cifar-10-batches-bin"
CIFAR_FILES = [[f"data_batch_{part}.bin" for part in range(1, 6)], ["test_batch.bin"]]  # training, test
CIFAR_RECORD = 1 + 3 * 32 * 32  # the label, then the planes of red, green and blue
WHERE = {
    "mnist": "the four gzipped IDX files of MNIST in MNIST/raw, as torchvision's MNIST(download=True) leaves them",
    "fashion_mnist": "the four gzipped IDX files of github.com/zalandoresearch/fashion-mnist in FashionMNIST/raw",
    "cifar10": "the binary version of cs.toronto.edu/~kriz/cifar.html (cifar-10-binary.tar.gz), unpacked",
}

Images = NDArray[np.uint8]


class DataSet(NamedTuple):
    """Images as float32 of shape (N, C, H, W) in [0, 1], labels as int64 of shape (N,)."""

    x_train: torch.Tensor
    y_train: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor
    class_names: list[str]


def load(name: str, folder: str | Path = "data") -> DataSet:
    """Return a data set.

    Parameters
    ----------
    name : {"digits", "mnist", "fashion_mnist", "cifar10"}
    folder : str or path
        Where the data sets are.

    Raises
    ------
    FileNotFoundError
        It is not there; the message says what to download.
    ValueError
        Unknown name, or a file that is not what its name says.
    """
    folder = Path(folder)
    if name == "digits":
        return _digits()
    if name not in WHERE:
        raise ValueError(f"name is {name!r}; expected one of 'digits', {', '.join(map(repr, WHERE))}")
    parts = _cifar10(folder) if name == "cifar10" else _idx(name, folder)
    parts = parts or _archive(name, folder)
    if parts is None:
        pickled = " cifar-10-batches-py holds pickles, which are not read." if name == "cifar10" else ""
        raise FileNotFoundError(f"{name} is not in {folder.resolve()}; expected {WHERE[name]}.{pickled}")
    x_train, y_train, x_test, y_test = parts
    names = {"mnist": DIGITS, "fashion_mnist": CLOTHES, "cifar10": THINGS}[name]
    return DataSet(_pixels(x_train), _labels(y_train), _pixels(x_test), _labels(y_test), names)


def _digits() -> DataSet:
    digits = load_digits()
    images = (digits.images * (255 / 16)).astype(np.uint8)
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits.target, test_size=297, stratify=digits.target, random_state=0
    )
    return DataSet(_pixels(x_train), _labels(y_train), _pixels(x_test), _labels(y_test), DIGITS)


def _pixels(images: Images) -> torch.Tensor:
    planes = images[:, None] if images.ndim == 3 else np.moveaxis(images, -1, 1)
    return torch.tensor(planes, dtype=torch.float32) / 255


def _labels(labels: NDArray[np.integer]) -> torch.Tensor:
    return torch.tensor(labels, dtype=torch.int64)


def _idx(name: str, folder: Path) -> list[Images] | None:
    for place in IDX_FOLDERS[name]:
        files = [_present(folder / place / file) for file in IDX_FILES]
        found = [file for file in files if file]
        if len(found) == len(files):
            return [read_idx(file) for file in found]
    return None


def _present(path: Path) -> Path | None:
    return next((file for file in (path, path.with_name(f"{path.name}.gz")) if file.is_file()), None)


def read_idx(path: Path) -> Images:
    """Return the array of an IDX file of unsigned bytes, gzipped or not."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is no IDX file of unsigned bytes: it begins with {raw[:3]!r}")
    start = 4 + 4 * raw[3]
    shape = np.frombuffer(raw[4:start], ">u4").astype(np.int64)
    if len(raw) - start != shape.prod():
        raise ValueError(f"{path} has {len(raw) - start} values; expected {shape.prod()} for shape {tuple(shape)}")
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)


def _cifar10(folder: Path) -> list[Images] | None:
    folder = folder / CIFAR_FOLDER
    if not folder.is_dir():
        return None
    parts: list[Images] = []
    for files in CIFAR_FILES:
        records = np.concatenate([_cifar_records(folder / file) for file in files])
        parts += [np.moveaxis(records[:, 1:].reshape(-1, 3, 32, 32), 1, -1), records[:, 0]]
    return parts


def _cifar_records(path: Path) -> Images:
    raw = np.fromfile(path, np.uint8)
    if len(raw) % CIFAR_RECORD or not len(raw) or raw[::CIFAR_RECORD].max() > 9:
        raise ValueError(f"{path} is no file of CIFAR-10's binary version: {len(raw)} bytes")
    return raw.reshape(-1, CIFAR_RECORD)


def _archive(name: str, folder: Path) -> list[Images] | None:
    """Read ``<name>.npz`` (arrays x_train, y_train, x_test, y_test), or ``<name>_jpeg.npz`` with all images as JPEG."""
    plain, jpeg = folder / f"{name}.npz", folder / f"{name}_jpeg.npz"
    if plain.is_file():
        with np.load(plain, allow_pickle=False) as arrays:
            return [arrays[part] for part in ("x_train", "y_train", "x_test", "y_test")]
    if not jpeg.is_file():
        return None
    with np.load(jpeg, allow_pickle=False) as arrays:
        parts: list[Images] = []
        for part in ("train", "test"):
            parts += [_decoded(arrays[f"jpeg_{part}"], arrays[f"offsets_{part}"]), arrays[f"y_{part}"]]
        return parts


def _decoded(stream: Images, offsets: NDArray[np.int64]) -> Images:
    raw = stream.tobytes()
    return np.stack([np.asarray(Image.open(io.BytesIO(raw[i:j]))) for i, j in pairwise(offsets)])
