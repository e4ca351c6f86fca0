"""Pictures in files: decoding, colour and size, with Pillow."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import struct
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxact.lab.errors import UserError, first_line

EXTENSIONS = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"})
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
_GREY = {"1", "L", "LA", "La", "I", "F"}
_ORIENTATION = 0x0112


class Corrupt(Exception):
    """A file that is no whole picture; its message says why."""


def header(path: pathlib.Path) -> tuple[tuple[int, int], bool]:
    """Height and width of a picture as it will be seen, and whether it is grey.

    Pixels are not decoded, unless metadata follow them in a PNG. A palette of PNG or GIF that
    holds nothing but greys is grey.

    Raises:
        Corrupt: if the file does not begin as a picture does.
        UserError: if the file cannot be read, or is a decompression bomb.
    """
    with _opened(path) as image:
        width, height = image.size
        # Pillow turns TIFF by itself.
        if image.format != "TIFF" and _orientation(image, path) >= 5:
            width, height = height, width
        return (height, width), _is_grey(image)


def decoded(path: pathlib.Path, grey: bool, image_size: int | None = None) -> np.ndarray:
    """A picture in a file.

    Turned as its EXIF data say; what is transparent lies on white; 16 bits become 8; of an
    animation it is the first picture.

    Args:
        path: of the file.
        grey: whether to give one channel, else three (RGB).
        image_size: height and width to bring it to, see :func:`fitted`; None leaves it.

    Returns:
        uint8, shape (H, W, 1) or (H, W, 3).

    Raises:
        Corrupt: if the file is not a whole picture.
        UserError: if the file cannot be read, or is a decompression bomb.
    """
    from PIL import ImageOps

    with _opened(path) as image:
        image.load()
        if _orientation(image) > 1:
            image = ImageOps.exif_transpose(image)
        flat = _flat(image, grey)
        if image_size is not None:
            flat = _fit(flat, image_size)
        pixels = np.asarray(flat)
        return pixels[..., None] if grey else pixels


def fitted(image: np.ndarray, size: int) -> np.ndarray:
    """A picture with its shorter side resized to ``size``, and its centre cropped.

    Pillow's bicubic filter, which is antialiased when it makes pictures smaller.

    Args:
        image: uint8, shape (H, W, C), where C is 1, 3 or 4.
        size: height and width of the result, in pixels.

    Returns:
        uint8, shape (size, size, C).

    Example:
        >>> import numpy as np
        >>> fitted(np.full((10, 20, 3), 7, np.uint8), 5).shape
        (5, 5, 3)
    """
    from PIL import Image

    if image.shape[:2] == (size, size):
        return image
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    pixels = np.asarray(_fit(picture, size))
    return pixels.reshape(size, size, image.shape[-1])


def recoloured(image: np.ndarray, channels: int) -> np.ndarray:
    """Grey as RGB and RGB as grey, where a set says how many channels its pictures have.

    Args:
        image: uint8, shape (H, W, C), where C is 1, 3 or 4.
        channels: 1 or 3; with another number, the picture stays as it is.
    """
    from PIL import Image

    if image.shape[-1] == channels or channels not in (1, 3):
        return image
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    pixels = np.asarray(_flat(picture, grey=channels == 1))
    return pixels.reshape(*image.shape[:2], channels)


def encoded(image: np.ndarray) -> bytes:
    """A picture, uint8 of shape (H, W, 1) or (H, W, 3), as a BMP file.

    Records are compressed in any case, and reading BMP takes a fifth of the time of PNG.
    """
    from PIL import Image

    file = io.BytesIO()
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture.save(file, "BMP")
    return file.getvalue()


@contextlib.contextmanager
def _opened(path: pathlib.Path) -> Iterator[Any]:
    """An image of Pillow; whatever goes wrong with it becomes :class:`Corrupt`."""
    from PIL import Image

    try:
        file = path.open("rb")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None
    with file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(file, formats=_FORMATS) as image:
                yield image
        except Image.DecompressionBombError as error:
            raise UserError(
                f"{path} is a decompression bomb, or far too large: {error}; remove it"
            ) from None
        except Image.UnidentifiedImageError:
            empty = path.stat().st_size == 0
            raise Corrupt("empty" if empty else "no picture that Pillow knows") from None
        except Exception as error:  # Damaged files fail in many ways.
            raise Corrupt(first_line(error)) from None


def _orientation(image: Any, path: pathlib.Path | None = None) -> int:
    """How the picture is to be turned (EXIF), 1 to 8; 1 where that cannot be told.

    Pillow decodes a PNG for it. Given its path, that is done only if metadata follow the pixels.
    """
    from PIL import Image

    try:
        if path is None or image.format != "PNG" or _ends_in_metadata(path):
            exif = image.getexif()
        else:
            exif = Image.Image.getexif(image)
        found = exif.get(_ORIENTATION, 1)
    except Exception:  # Damaged EXIF data do not spoil a picture.
        return 1
    return found if found in range(1, 9) else 1


def _ends_in_metadata(path: pathlib.Path) -> bool:
    """Whether the pixels of a PNG are followed by EXIF or text; reads the heads of its chunks."""
    follows = False
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if follows and kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt"):
                return True
            follows |= kind == b"IDAT"
            file.seek(length + 4, os.SEEK_CUR)
    return False


def _is_grey(image: Any) -> bool:
    """Whether an image of Pillow has greys alone, by its mode or its palette."""
    if image.mode == "P" and image.palette is not None:
        order, levels = image.palette.getdata()
        if order == "RGB":  # Of PNG and GIF; a level of red, green and blue in turn.
            colours = np.frombuffer(levels, np.uint8, len(levels) // 3 * 3).reshape(-1, 3)
            return bool((colours == colours[:, :1]).all())
    return image.mode in _GREY or image.mode.startswith("I;16")


def _flat(image: Any, grey: bool) -> Any:
    """An image of Pillow in mode L or RGB."""
    from PIL import Image

    if image.mode.startswith("I"):
        bytes_of_it = np.rint(np.asarray(image, np.float64) / 257).clip(0, 255)
        image = Image.fromarray(bytes_of_it.astype(np.uint8))
    elif image.mode == "F":
        raise ValueError("its pixels are floats")
    elif image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("L" if grey else "RGB")


def _fit(image: Any, size: int) -> Any:
    from PIL import Image, ImageOps

    return ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
