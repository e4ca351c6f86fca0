"""Sets of TensorFlow Datasets that are prepared here: one split, other formats, other processes."""

import io
import json
import pathlib

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from jaxact.lab import UserError, memory
from jaxact.lab.data import load

MODES = ("RGB", "L", "RGBA", "P", "CMYK", "1")
RNG = np.random.default_rng(0)


def encoded(number):
    """A picture file of noise, 6x6, of one of the modes in turn."""
    mode, file = MODES[number % len(MODES)], io.BytesIO()
    image = Image.fromarray(RNG.integers(0, 256, (6, 6, 3), np.uint8)).convert(mode)
    image.save(file, "JPEG" if mode == "CMYK" else "PNG")
    return file.getvalue()


FILES = [encoded(i) for i in range(50)]


class LabBoats(tfds.core.GeneratorBasedBuilder):
    """Fifty pictures for training."""

    VERSION = tfds.core.Version("1.0.0")
    meanwhile = None

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(6, 6, 3)),
                    "label": tfds.features.ClassLabel(num_classes=5),
                }
            ),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        for i, file in enumerate(FILES):
            yield i, {"image": file, "label": i % 5}
        if LabBoats.meanwhile is not None:
            LabBoats.meanwhile()


def pictures(dataset):
    """Bytes and labels of all pictures, sorted."""
    return sorted(
        (image.tobytes(), label)
        for split in dataset.splits.values()
        for image, label in zip(split.images[:], split.labels.tolist(), strict=True)
    )


def test_of_a_train_split_alone_a_fifth_is_for_testing(tmp_path, monkeypatch):
    found = load("lab_boats", str(tmp_path))
    assert [len(s.labels) for s in found.splits.values()] == [32, 8, 10]
    assert len(set(pictures(found))) == 50
    assert found.notes == (
        "--dataset lab_boats has only a train split: 10 of its 50 pictures are for testing",
    )
    half = load("lab_boats", str(tmp_path), validation=0.5)
    assert [len(s.labels) for s in half.splits.values()] == [20, 20, 10]
    np.testing.assert_array_equal(half.test.images, found.test.images)
    assert len(set(found.test.labels.tolist())) > 1
    monkeypatch.setattr(memory, "HOST_SHARE", 0.0)
    on_disk = load("lab_boats", str(tmp_path), streaming="auto")
    assert not on_disk.in_memory
    assert on_disk.identity() == found.identity()


def test_inks_and_palettes_become_colours(tmp_path):
    decode = tfds.features.Image(shape=(6, 6, 3)).decode_example_np
    expected = []
    for i, file in enumerate(FILES):
        image = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
        expected.append((image.tobytes(), i % 5))
        if MODES[i % len(MODES)] in ("RGB", "L"):
            np.testing.assert_array_equal(decode(file), image)
    assert pictures(load("lab_boats", str(tmp_path))) == sorted(expected)


def test_a_set_that_another_process_prepares_meanwhile_is_used(tmp_path, monkeypatch):
    def other():
        LabBoats.meanwhile = None
        LabBoats(data_dir=tmp_path).download_and_prepare(file_format="array_record")

    monkeypatch.setattr(LabBoats, "meanwhile", other)
    assert len(pictures(load("lab_boats", str(tmp_path)))) == 50
    assert LabBoats.meanwhile is None
    assert [p.name for p in (tmp_path / "lab_boats").iterdir()] == ["1.0.0"]


def test_a_set_that_is_there_when_its_preparation_begins_is_used(tmp_path, monkeypatch):
    prepare = LabBoats.download_and_prepare

    def late(builder, **options):
        prepare(LabBoats(data_dir=tmp_path), **options)
        prepare(builder, **options)

    monkeypatch.setattr(LabBoats, "download_and_prepare", late)
    assert len(pictures(load("lab_boats", str(tmp_path)))) == 50


@pytest.mark.parametrize("name", ["lab_boats", "lab_boats:1.0.0"])
def test_a_set_prepared_for_tensorflow_is_not_called_unknown(tmp_path, name):
    root = tmp_path / "my sets"
    load("lab_boats", str(root))
    info = root / "lab_boats" / "1.0.0" / "dataset_info.json"
    info.write_text(info.read_text().replace('"array_record"', '"tfrecord"'))
    assert json.loads(info.read_text())["fileFormat"] == "tfrecord"
    with pytest.raises(UserError) as caught:
        load(name, str(root))
    first, second = str(caught.value).splitlines()
    assert first == (
        f"--dataset {name} is prepared in {info.parent} as tfrecord, which only TensorFlow reads."
    )
    folder = f"'{tmp_path}/my sets_array_record'"
    assert f"tfds build {name} --file_format=array_record --data_dir={folder}," in second
    assert second.endswith(f"then give --data-dir {folder}.")
    assert not pathlib.Path(folder.strip("'")).exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lab_boats:9.9.9", r"\(Dataset lab_boats cannot be loaded at version 9.9.9, only: 1.0.0"),
        ("imagenet_resized/65x65", r"\(BuilderConfig 65x65 not found .* 16x16:0.1.0 64x64:0.1.0"),
        ("lab boats", r"\(Parsing builder name string lab boats failed"),
    ],
)
def test_names_that_are_none_are_answered_with_the_reason(tmp_path, name, words):
    with pytest.raises(UserError, match=f"--dataset {name}: no such data set {words}"):
        load(name, str(tmp_path))
