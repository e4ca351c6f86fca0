"""A study: its fields are checked and become plain values."""

import json

import numpy as np
import pytest

from jaxact.lab import Study, UserError


def test_numbers_of_numpy_become_plain_ones():
    study = Study(activations=["relu"], lrs=np.array([1e-2]), seeds=np.int64(2), epochs=np.int32(1))
    assert study == Study(activations=("relu",), lrs=(1e-2,), seeds=2, epochs=1)
    assert json.dumps([*study.lrs, study.seeds, study.epochs]) == "[0.01, 2, 1]"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"activations": "relu"}, "activations is a list of str, got 'relu'"),
        ({"activations": (len,)}, "should be of type str"),
        ({"lrs": 0.01}, "lrs is a list of float, got 0.01"),
        ({"widths": 4}, "widths is a list of int, got 4"),
        ({"seeds": 2.5}, "seeds: 2.5 should be of type int"),
        ({"seeds": "3"}, "seeds: '3' should be of type int"),
        ({"validation": None}, "validation: None should be of type float"),
    ],
)
def test_values_of_another_type_are_refused(fields, message):
    with pytest.raises(UserError, match=message.replace("(", r"\(")):
        Study(**fields)


def test_settings_are_the_grid_of_rates_and_seeds():
    lrs, seeds = Study(lrs=(0.1, 0.2), seeds=3).settings
    np.testing.assert_array_equal(lrs, np.float32([0.1, 0.1, 0.1, 0.2, 0.2, 0.2]))
    np.testing.assert_array_equal(seeds, [0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image_size": 0}, "--image-size must be positive and finite, got 0"),
        ({"image_size": 8.5}, "image_size: 8.5 should be of type int"),
        ({"on_corrupt": "skp"}, "--on-corrupt: there is no 'skp'; did you mean skip"),
    ],
)
def test_how_pictures_are_read_is_checked(fields, message):
    with pytest.raises(UserError, match=message):
        Study(**fields)


@pytest.mark.parametrize("lr", [1e50, 4e38, 1e-60, 1e-45])
def test_learning_rates_are_normal_numbers_of_float32(lr):
    with pytest.raises(UserError, match=r"--lrs must be from 1.18e-38 to 3.4e\+38, .* got"):
        Study(lrs=(0.1, lr))
    assert np.isfinite(Study(lrs=(3e38, 2e-38)).settings[0]).all()


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ({"seeds": 5}, 2**31 - 5),
        ({"seeds": "auto"}, 2**31 - 50),
        ({"seeds": 5, "max_seeds": 7}, 2**31 - 7),
    ],
)
def test_seeds_stay_below_two_to_the_31(fields, most):
    seeds = Study(first_seed=most, **fields).settings[1]
    assert seeds[0] == most
    assert (np.diff(seeds[:5]) == 1).all()
    for first in (most + 1, 3_000_000_000, 2**32):
        with pytest.raises(UserError, match=f"--first-seed {first} with .* give {most} or less"):
            Study(first_seed=first, **fields)
