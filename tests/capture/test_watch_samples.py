from __future__ import annotations

import numpy as np
import pytest
from loops import mlp
from torch.utils.data import DataLoader, SubsetRandomSampler

import nntf_widget as nntf
from nntf_widget.samples import picture


def test_samples_go_by_their_index_in_the_dataset(digits):
    images = digits.tensors[0].reshape(-1, 8, 8)
    whole = nntf.watch(mlp(), DataLoader(digits, batch_size=32), samples=images)
    assert np.array_equal(whole.fingerprint.samples.at(7), picture(images[7]))
    some = DataLoader(digits, batch_size=32, sampler=SubsetRandomSampler([5, 9, 11]))
    for samples in (images, lambda index: images[index]):
        picked = nntf.watch(mlp(), some, samples=samples)
        assert np.array_equal(picked.fingerprint.samples.at(1), picture(images[9]))


def test_samples_that_do_not_fit_the_dataset_are_refused_before_anything_is_watched(digits):
    model, loader = mlp(), DataLoader(digits, batch_size=32)
    with pytest.raises(ValueError, match="samples has 3 items; expected 600"):
        nntf.watch(model, loader, samples=["a", "b", "c"])
    with pytest.raises(TypeError, match="samples is a int"):
        nntf.watch(model, loader, samples=5)
    assert not model._forward_hooks
