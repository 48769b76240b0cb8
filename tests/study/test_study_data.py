"""The data sets in every layout in which people have them."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest
import torch
from data import CIFAR_RECORD, load, read_idx
from PIL import Image

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
LABELS = np.arange(20, dtype=np.uint8) % 10


def idx(array):
    return b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def write_idx(folder, pack=lambda raw: raw, suffix=""):
    folder.mkdir(parents=True)
    for part, rows in (("train", slice(None)), ("t10k", slice(5))):
        (folder / f"{part}-images-idx3-ubyte{suffix}").write_bytes(pack(idx(IMAGES[rows])))
        (folder / f"{part}-labels-idx1-ubyte{suffix}").write_bytes(pack(idx(LABELS[rows])))


def check(data):
    assert data.x_train.shape == (20, 1, 28, 28)
    assert data.x_test.shape == (5, 1, 28, 28)
    assert torch.equal(data.x_train[:, 0], torch.tensor(IMAGES) / 255)
    assert data.y_train.tolist() == LABELS.tolist()


def test_mnist_as_torchvision_keeps_it(tmp_path):
    write_idx(tmp_path / "MNIST" / "raw")
    check(load("mnist", tmp_path))


def test_fashion_mnist_as_its_authors_publish_it(tmp_path):
    write_idx(tmp_path / "fashion_mnist", gzip.compress, ".gz")
    data = load("fashion_mnist", tmp_path)
    check(data)
    assert data.class_names[9] == "Ankle boot"


def test_an_archive_of_arrays(tmp_path):
    np.savez(tmp_path / "mnist.npz", x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:5], y_test=LABELS[:5])
    check(load("mnist", tmp_path))


def test_the_binary_version_of_cifar10(tmp_path):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    records = np.random.default_rng(1).integers(0, 256, (4, CIFAR_RECORD), np.uint8)
    records[:, 0] = [3, 1, 9, 0]
    for name in ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"):
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    data = load("cifar10", tmp_path)
    assert data.x_train.shape == (20, 3, 32, 32)
    assert data.y_test.tolist() == [3, 1, 9, 0]
    green = records[1, 1 + 1024 : 1 + 2048].reshape(32, 32)
    assert torch.equal(data.x_train[1, 1], torch.tensor(green) / 255)


def test_an_archive_of_jpeg_files(tmp_path):
    colours = np.array([[200, 30, 30], [20, 180, 60], [40, 40, 210]], np.uint8)
    files = []
    for colour in colours:
        file = io.BytesIO()
        Image.fromarray(np.broadcast_to(colour, (32, 32, 3)).copy()).save(file, "JPEG", quality=95)
        files.append(file.getvalue())
    stream, offsets = np.frombuffer(b"".join(files), np.uint8), np.cumsum([0, *map(len, files)])
    parts = {f"jpeg_{part}": stream for part in ("train", "test")} | {
        f"offsets_{p}": offsets for p in ("train", "test")
    }
    np.savez(tmp_path / "cifar10_jpeg.npz", **parts, y_train=LABELS[:3], y_test=LABELS[:3])
    data = load("cifar10", tmp_path)
    seen = data.x_train[:, :, 16, 16].numpy() * 255
    assert np.abs(seen - colours).max() <= 3


def test_the_digits_are_always_there():
    data = load("digits")
    assert (len(data.x_train), len(data.x_test)) == (1500, 297)
    assert np.bincount(data.y_test).min() >= 28


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_what_is_missing_is_said_with_where_to_get_it(tmp_path, name):
    with pytest.raises(FileNotFoundError, match=f"{name} is not in .*; expected "):
        load(name, tmp_path)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="name is 'minst'; expected one of 'digits', 'mnist'"):
        load("minst")


@pytest.mark.parametrize("raw", [b"", b"\0\0\x0d\x01\0\0\0\0", idx(LABELS)[:-1], b"PK\x03\x04"])
def test_a_file_that_is_no_idx_file_is_refused(tmp_path, raw):
    (tmp_path / "file").write_bytes(raw)
    with pytest.raises(ValueError, match="file "):
        read_idx(tmp_path / "file")


def test_a_cut_file_of_cifar10_is_refused(tmp_path):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    (folder / "data_batch_1.bin").write_bytes(bytes(CIFAR_RECORD - 1))
    with pytest.raises(ValueError, match=r"data_batch_1.bin is no file of CIFAR-10's binary version: 3072 bytes"):
        load("cifar10", tmp_path)
