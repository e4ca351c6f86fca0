"""Pictures in files: colour, size, orientation, and what is corrupt."""

import io

import numpy as np
import pytest
from PIL import Image

from jaxact.lab import UserError
from jaxact.lab.data import pictures

RNG = np.random.default_rng(0)


def saved(path, image, **options):
    image.save(path, **options)
    return path


def noise(*shape):
    return RNG.integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("end", ["png", "bmp", "tiff"])
def test_lossless_pictures_keep_their_bytes(tmp_path, mode, end):
    pixels = noise(6, 9) if mode == "L" else noise(6, 9, 3)
    path = saved(tmp_path / f"a.{end}", Image.fromarray(pixels))
    assert pictures.header(path) == ((6, 9), mode == "L")
    found = pictures.decoded(path, grey=mode == "L")
    np.testing.assert_array_equal(found, pixels.reshape(6, 9, -1))


@pytest.mark.parametrize("end", ["jpg", "gif", "webp"])
def test_other_formats_are_read(tmp_path, end):
    path = saved(tmp_path / f"a.{end}", Image.new("RGB", (9, 6), (200, 100, 50)))
    found = pictures.decoded(path, grey=False)
    assert found.shape == (6, 9, 3)
    np.testing.assert_allclose(found[0, 0], [200, 100, 50], atol=4)


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK", "L", "1", "LA", "I;16"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    end = "tiff" if mode == "CMYK" else "png"
    plain = Image.new("I;16", (4, 4), 60000) if mode == "I;16" else Image.new("RGB", (4, 4), "red")
    path = saved(tmp_path / f"a.{end}", plain if mode == "I;16" else plain.convert(mode))
    found = pictures.decoded(path, grey=False)
    assert (found.shape, found.dtype) == ((4, 4, 3), np.uint8)
    expected = {"RGBA": [255, 0, 0], "P": [255, 0, 0], "L": 76, "LA": 76, "1": 0, "I;16": 233}
    if mode in ("CMYK", "1"):
        expected[mode] = np.asarray(plain.convert(mode).convert("RGB"))
    np.testing.assert_array_equal(found, np.broadcast_to(expected[mode], (4, 4, 3)))
    assert pictures.header(path)[1] == (mode in ("L", "1", "LA", "I;16"))


def test_sixteen_bits_are_scaled_to_eight(tmp_path):
    levels = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    path = saved(tmp_path / "a.png", Image.fromarray(levels))
    found = pictures.decoded(path, grey=True)
    np.testing.assert_array_equal(found.ravel(), np.arange(256))


def test_what_is_transparent_lies_on_white(tmp_path):
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0] = (10, 20, 30, 255)
    path = saved(tmp_path / "a.png", Image.fromarray(pixels))
    found = pictures.decoded(path, grey=False)
    np.testing.assert_array_equal(found[0, 0], [10, 20, 30])
    np.testing.assert_array_equal(found[1, 1], [255, 255, 255])


@pytest.mark.parametrize("end", ["jpg", "tiff", "png"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_orientation_is_applied(tmp_path, end, orientation):
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, 8:] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / f"a.{end}", Image.fromarray(pixels), exif=exif)
    found = pictures.decoded(path, grey=False)
    turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    expected = np.rot90(pixels, turns)
    assert pictures.header(path)[0] == found.shape[:2] == expected.shape[:2]
    np.testing.assert_allclose(found.astype(int), expected, atol=8)


def moved_to_the_end(path, kind):
    """Puts the chunk of a PNG that is of a kind behind its pixels."""
    data, chunks, at = path.read_bytes(), [], 8
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        chunks.append(data[at:end])
        at = end
    chunks.sort(key=lambda chunk: (chunk[4:8] == b"IEND", chunk[4:8] == kind))
    path.write_bytes(data[:8] + b"".join(chunks))


def test_orientation_behind_the_pixels_of_a_png_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "a.png", Image.fromarray(noise(4, 9, 3)), exif=exif)
    before = pictures.decoded(path, grey=False)
    moved_to_the_end(path, b"eXIf")
    with Image.open(path) as image:
        assert "exif" not in image.info
    assert pictures.header(path)[0] == (9, 4)
    np.testing.assert_array_equal(pictures.decoded(path, grey=False), before)


@pytest.mark.parametrize("end", ["png", "gif", "webp", "jpg", "tiff", "bmp"])
def test_headers_are_read_without_decoding(tmp_path, end, monkeypatch):
    path = saved(tmp_path / f"a.{end}", Image.fromarray(noise(4, 9, 3)))
    with Image.open(path) as image:
        kinds = [kind for kind in type(image).__mro__ if "load" in vars(kind)]
    loaded = []
    for kind in kinds:
        monkeypatch.setattr(kind, "load", lambda self: loaded.append(self))
    assert pictures.header(path)[0] == (4, 9)
    assert not loaded


@pytest.mark.parametrize("end", ["png", "gif"])
def test_a_palette_of_greys_is_grey(tmp_path, end):
    grey = Image.fromarray(noise(8, 8)).quantize(8)
    path = saved(tmp_path / f"grey.{end}", grey)
    with Image.open(path) as image:
        assert image.mode == "P"
    assert pictures.header(path)[1]
    expected = np.asarray(grey.convert("RGB"))
    np.testing.assert_array_equal(pictures.decoded(path, grey=True), expected[..., :1])
    colour = saved(tmp_path / f"colour.{end}", Image.fromarray(noise(8, 8, 3)).quantize(8))
    assert not pictures.header(colour)[1]


def test_the_shorter_side_is_resized_and_the_centre_cropped():
    ramp = np.broadcast_to(np.arange(0, 240, 2, dtype=np.uint8)[:, None], (40, 120, 1)[1::-1])
    image = np.ascontiguousarray(ramp)[..., None]
    assert image.shape == (120, 40, 1)
    found = pictures.fitted(image, 20)
    assert found.shape == (20, 20, 1)
    # The centre, rows 40 to 79, by steps of two: the mean of each two rows.
    np.testing.assert_allclose(found[2:-2, 0, 0], 81 + 4 * np.arange(20)[2:-2], atol=1)


def test_making_smaller_is_antialiased():
    board = np.indices((64, 64)).sum(0) % 2 * np.uint8(255)
    found = pictures.fitted(board.astype(np.uint8)[..., None], 16)
    np.testing.assert_allclose(found[2:-2, 2:-2], 127.5, atol=4)


def test_pictures_of_the_right_size_stay_as_they_are():
    image = noise(12, 12, 3)
    np.testing.assert_array_equal(pictures.fitted(image, 12), image)


def test_records_hold_the_same_bytes():
    for image in (noise(5, 7, 3), noise(5, 7, 1)):
        found = np.asarray(Image.open(io.BytesIO(pictures.encoded(image))))
        np.testing.assert_array_equal(found.reshape(image.shape), image)


def test_grey_among_colour_becomes_colour():
    grey = noise(3, 4, 1)
    np.testing.assert_array_equal(pictures.recoloured(grey, 3), np.repeat(grey, 3, axis=-1))
    assert pictures.recoloured(noise(3, 4, 4), 3).shape == (3, 4, 3)
    assert pictures.recoloured(noise(3, 4, 3), 1).shape == (3, 4, 1)


def test_truncated_empty_and_foreign_files_are_corrupt(tmp_path):
    whole = saved(tmp_path / "whole.jpg", Image.fromarray(noise(32, 32, 3)))
    (tmp_path / "truncated.jpg").write_bytes(whole.read_bytes()[:-200])
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.png").write_text("no picture")
    assert pictures.decoded(whole, grey=False).shape == (32, 32, 3)
    for name, words in {
        "truncated.jpg": "truncated",
        "empty.jpg": "empty",
        "text.png": "no pic",
    }.items():
        with pytest.raises(pictures.Corrupt, match=words):
            pictures.decoded(tmp_path / name, grey=False)


def test_a_decompression_bomb_is_answered_in_words(tmp_path, monkeypatch):
    path = saved(tmp_path / "bomb.png", Image.new("L", (100, 100)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    for read in (pictures.header, lambda p: pictures.decoded(p, grey=True)):
        with pytest.raises(UserError, match=r"bomb.png is a decompression bomb.*remove it"):
            read(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone.png cannot be read: No such file"):
        pictures.header(tmp_path / "gone.png")
