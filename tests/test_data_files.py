"""NPZ and IDX files."""

import gzip
import struct
import zipfile

import numpy as np
import pytest

from jaxact.lab import UserError
from jaxact.lab.data import load

RNG = np.random.default_rng(0)


def noise(*shape):
    return RNG.integers(0, 256, shape, np.uint8)


def labels(number, dtype=np.int64):
    return np.arange(number).astype(dtype) % 4


def keras(**changes):
    arrays = {
        "x_train": noise(40, 6, 6, 3),
        "y_train": labels(40),
        "x_test": noise(8, 6, 6, 3),
        "y_test": labels(8),
    }
    return {k: v for k, v in {**arrays, **changes}.items() if v is not None}


@pytest.fixture
def read(tmp_path):
    """Loads the arrays that it gets from an NPZ file."""

    def load_from(arrays, **options):
        np.savez(tmp_path / "set.npz", **arrays)
        return load(str(tmp_path / "set.npz"), **options)

    return load_from


def test_keys_of_keras(read):
    arrays = keras()
    found = read(arrays)
    assert (found.image_shape, found.num_classes) == ((6, 6, 3), 4)
    assert [len(s.labels) for s in found.splits.values()] == [32, 8, 8]
    np.testing.assert_array_equal(found.test.images, arrays["x_test"])
    np.testing.assert_array_equal(found.test.labels, arrays["y_test"])
    held = {
        image.tobytes() for s in (found.data.train, found.data.validation) for image in s.images
    }
    assert held == {image.tobytes() for image in arrays["x_train"]}


def test_keys_of_medmnist(read):
    arrays = {
        f"{split}_{kind}": array
        for split, number in (("train", 20), ("val", 8), ("test", 12))
        for kind, array in (
            ("images", noise(number, 5, 5)),
            ("labels", labels(number, np.uint8)[:, None]),
        )
    }
    found = read(arrays)
    assert found.image_shape == (5, 5, 1)
    assert [len(s.labels) for s in found.splits.values()] == [20, 8, 12]
    np.testing.assert_array_equal(found.data.validation.images[..., 0], arrays["val_images"])


@pytest.mark.parametrize("keys", [("images", "labels"), ("x", "y"), ("x_train", "y_train")])
def test_of_one_set_test_and_validation_are_held_out_by_class(read, keys):
    images = noise(100, 4, 4)
    found = read(dict(zip(keys, (images, labels(100)), strict=True)))
    assert [len(s.labels) for s in found.splits.values()] == [64, 16, 20]
    for split in found.splits.values():
        counts = np.bincount(split.labels)
        assert counts.max() - counts.min() <= 1
    everything = [image.tobytes() for s in found.splits.values() for image in s.images]
    assert sorted(everything) == sorted(image.tobytes() for image in images)
    has_train = keys[0] == "x_train"
    assert [("20 of its 100 pictures are for testing" in note) for note in found.notes] == (
        [True] * has_train
    )
    again = read(dict(zip(keys, (images, labels(100)), strict=True)))
    assert again.checksum == found.checksum


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_in_the_unit_interval_become_bytes(read, dtype):
    pixels = noise(8, 6, 6, 3)
    found = read(keras(x_test=(pixels / 255).astype(dtype)))
    np.testing.assert_array_equal(found.test.images, pixels)


@pytest.mark.parametrize("dtype", [bool, np.float16, np.float64])
def test_labels_may_be_booleans_and_whole_floats(read, dtype):
    found = read(keras(y_train=(labels(40) % 2).astype(dtype), y_test=labels(8) % 2))
    assert found.num_classes == 2
    np.testing.assert_array_equal(np.bincount(found.data.train.labels), [16, 16])


def test_class_names_and_image_size_are_used(read):
    names = np.array(["ant", "bee", "cow", "dog"])
    found = read(keras(classes=names), image_size=4)
    assert found.classes == ("ant", "bee", "cow", "dog")
    assert found.image_shape == (4, 4, 3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"x_train": noise(40, 6, 6, 3) * 1.0},
            r"floats from 0 to 255; they should be in \[0, 1\]",
        ),
        ({"x_test": np.full((8, 6, 6, 3), np.nan)}, "NaN or infinity for 864 of 864 numbers"),
        ({"x_train": noise(40, 6, 6, 3).astype(np.int32)}, "pictures are int32"),
        ({"x_train": noise(40, 3, 6, 6)}, r"have shape \(40, 3, 6, 6\); .* channels last"),
        ({"x_train": noise(40, 36)}, r"have shape \(40, 36\)"),
        ({"y_train": labels(40) * 0.5}, "labels are float64"),
        ({"y_train": labels(40) * 1e12}, "labels are float64"),
        ({"y_train": labels(40) + np.inf}, "labels are float64"),
        ({"y_train": np.eye(4, dtype=int)[labels(40)]}, r"of shape \(40, 4\).*; if .* argmax\(1\)"),
        ({"y_train": labels(39)}, "40 pictures but 39 labels"),
        ({"y_train": labels(40) - 1}, "labels from -1 to 2; they should count from 0"),
        ({"y_train": labels(40) + 1}, "should count from 0 on; their least label is 1"),
        ({"y_test": labels(8) + 2}, "test has labels that train has not: 4, 5"),
        ({"y_train": labels(40) * 1000}, "label 3000 is out of range for 40 training pictures"),
        ({"classes": np.array(["a", "b", "c"])}, "label 3 is out of range for 3 class names"),
        ({"y_test": None}, "lacks y_test"),
        ({"x_train": None, "y_train": None}, "has the keys x_test, y_test; it needs x_train"),
        ({"y_train": np.array([None] * 40)}, "y_train holds objects; save numbers"),
        ({"x_val": noise(4, 5, 5, 3), "y_val": labels(4)}, "2 sizes"),
    ],
)
def test_what_is_wrong_in_an_npz_file_is_named(read, changes, words):
    with pytest.raises(UserError, match=words):
        read(keras(**changes))


@pytest.mark.parametrize("changes", [{}, {"classes": np.array(["ant", "bee"])}])
@pytest.mark.parametrize("keys", [("images", "labels"), ("x_train", "y_train")])
def test_pictures_of_one_class_are_refused(read, keys, changes):
    arrays = dict(zip(keys, (noise(40, 6, 6), np.zeros(40, int)), strict=True))
    with pytest.raises(UserError, match="all training pictures are of one class"):
        read(arrays | changes)


def test_a_damaged_npz_file_is_named(tmp_path):
    path = tmp_path / "set.npz"
    np.savez(path, **keras())
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UserError, match="is no whole NPZ file"):
        load(str(path))
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(UserError, match="holds one array"):
        load(str(path))
    for text in ("", "words"):
        path.write_text(text)
        with pytest.raises(UserError, match="is no NPZ file; np.savez writes such$"):
            load(str(path))
    with zipfile.ZipFile(path, "w") as packed:
        for i in range(9):
            packed.writestr(f"ant/{i}.jpg", b"")
    with pytest.raises(UserError, match="keys ant/0.jpg, .* ant/4.jpg and 4 more; it needs"):
        load(str(path))


def test_damage_within_a_packed_array_is_named(tmp_path):
    path = tmp_path / "set.npz"
    np.savez_compressed(path, **keras())
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as packed:
        start = packed.getinfo("y_test.npy").header_offset
    name, more = struct.unpack_from("<HH", raw, start + 26)
    raw[start + 30 + name + more] = 0x07  # A kind of block that there is not.
    path.write_bytes(raw)
    with pytest.raises(UserError, match="is no whole NPZ file: error: .*invalid block type"):
        load(str(path))


def idx(array):
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return head + array.tobytes()


def write_idx(folder, mark="-", packed=True, **changes):
    folder.mkdir(exist_ok=True)
    arrays = {
        "train-images": noise(20, 7, 5),
        "train-labels": labels(20, np.uint8),
        "t10k-images": noise(8, 7, 5),
        "t10k-labels": labels(8, np.uint8),
    }
    for name, array in arrays.items():
        raw = changes.get(name.replace("-", "_"), idx(array))
        path = folder / f"{name}{mark}idx{array.ndim}-ubyte{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(raw) if packed else raw)
    return arrays


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("mark", ["-", "."])
def test_idx_files_are_read(tmp_path, mark, packed):
    arrays = write_idx(tmp_path, mark, packed)
    found = load(str(tmp_path))
    assert (found.image_shape, found.num_classes) == ((7, 5, 1), 4)
    assert [len(s.labels) for s in found.splits.values()] == [16, 4, 8]
    np.testing.assert_array_equal(found.test.images[..., 0], arrays["t10k-images"])
    np.testing.assert_array_equal(found.test.labels, arrays["t10k-labels"])


def test_of_idx_files_for_training_alone_a_fifth_is_for_testing(tmp_path):
    arrays = write_idx(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(UserError, match="has IDX files but not t10k-images-idx3-ubyte"):
        load(str(tmp_path))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    found = load(str(tmp_path))
    assert [len(s.labels) for s in found.splits.values()] == [13, 3, 4]
    assert sorted(found.test.labels) == [0, 1, 2, 3]
    everything = [image.tobytes() for s in found.splits.values() for image in s.images]
    assert sorted(everything) == sorted(image.tobytes() for image in arrays["train-images"])
    assert "only a train split: 4 of its 20 pictures are for testing" in found.notes[0]


def test_each_idx_file_may_lie_in_a_folder_of_its_name(tmp_path):
    arrays = write_idx(tmp_path / "flat", packed=False)
    for path in (tmp_path / "flat").iterdir():
        (tmp_path / "deep" / path.name).mkdir(parents=True)
        path.rename(tmp_path / "deep" / path.name / path.name)
    found = load(str(tmp_path / "deep"))
    np.testing.assert_array_equal(found.test.images[..., 0], arrays["t10k-images"])


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"train_images": idx(noise(20, 7, 5))[:-1]}, r"damaged: it has 715 bytes .* asks for 716"),
        ({"train_images": idx(noise(20, 7, 5))[:9]}, "train-images.*damaged: it has 9 bytes"),
        ({"t10k_images": idx(noise(8, 7, 5)) + b"x"}, "t10k-images.*damaged"),
        ({"train_images": idx(labels(20, np.uint8))}, "begins with 00000801, not 00000803"),
        ({"train_labels": b""}, "begins with nothing, not 00000801"),
        ({"train_labels": idx(labels(19, np.uint8))}, "train: 20 pictures but 19 labels"),
    ],
)
def test_what_is_wrong_in_an_idx_file_is_named(tmp_path, changes, words, packed):
    write_idx(tmp_path, packed=packed, **changes)
    with pytest.raises(UserError, match=words):
        load(str(tmp_path))


def test_idx_files_of_one_class_are_refused(tmp_path):
    alike = {
        f"{split}_labels": idx(np.zeros(n, np.uint8)) for split, n in (("train", 20), ("t10k", 8))
    }
    write_idx(tmp_path, **alike)
    with pytest.raises(UserError, match="all training pictures are of one class"):
        load(str(tmp_path))


def test_damaged_packing_and_missing_files_are_named(tmp_path):
    write_idx(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UserError, match="train-images.* cannot be read: EOFError"):
        load(str(tmp_path))
    path.unlink()
    with pytest.raises(UserError, match="has IDX files but not train-images-idx3-ubyte"):
        load(str(tmp_path))
