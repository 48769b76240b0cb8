import numpy as np
import pytest
import torch

import nntf_widget as nntf
from nntf_widget.samples import Samples, picture


def test_pictures_are_bytes_whatever_numbers_they_were():
    ramp = np.linspace(0, 1, 6).reshape(2, 3)
    expected = (ramp * 255).round()[:, :, None]
    for image in (ramp, ramp.astype(np.float32), torch.tensor(ramp), (ramp * 255).round().astype(np.uint8)):
        assert np.array_equal(picture(image), expected)
    assert np.array_equal(picture(ramp * 16 - 3), expected)  # stretched from the lowest to the highest
    assert np.array_equal(picture(ramp > 0.5), (ramp > 0.5)[:, :, None] * 255)


def test_colours_may_come_first_or_last_and_opacity_is_left_out():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    assert np.array_equal(picture(image), image[:, :, :3])
    assert np.array_equal(picture(np.moveaxis(image, 2, 0)), image[:, :, :3])


@pytest.mark.parametrize("shape", [(100, 300), (300, 100, 3), (1, 1000), (64, 64), (65, 64, 1)])
def test_large_pictures_are_shrunk_to_64_pixels_and_keep_their_mean(shape):
    image = np.full(shape, 77, np.uint8)
    small = picture(image)
    assert max(small.shape) <= 64
    assert (small == 77).all()


def test_pixels_that_are_not_numbers_are_black():
    assert picture([[0.0, np.nan], [1.0, np.inf]]).ravel().tolist() == [0, 0, 255, 0]


@pytest.mark.parametrize("image", [np.zeros((2, 2, 7)), np.zeros(5), np.zeros((0, 4)), 3, ["a"], object()])
def test_what_is_no_picture_is_refused(image):
    with pytest.raises((TypeError, ValueError), match="a sample"):
        picture(image)


@pytest.mark.parametrize("given", ["one text", b"bytes", 5, object()])
def test_what_are_no_samples_are_refused(given):
    with pytest.raises(TypeError, match="samples is a"):
        Samples(given)


def test_a_function_gives_pictures_or_texts():
    either = Samples(lambda place: f"text {place}" if place else np.zeros((2, 2)))
    assert either.at(3) == "text 3"
    assert either.at(0).shape == (2, 2, 1)


def test_there_are_as_many_as_predictions():
    run = nntf.Fingerprint(2, samples=["a", "b"])
    with pytest.raises(ValueError, match="predictions has 3 samples; expected 2, as many as samples="):
        run.update([0, 1, 1])
    run.update([0, 1])
    with pytest.raises(ValueError, match="samples has 3 items; expected 2"):
        run.samples = ["a", "b", "c"]
    run.samples = None
    assert run.samples is None
