"""A folder of class folders as a builder of TensorFlow Datasets, which needs no TensorFlow."""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow_datasets as tfds
from tensorflow_datasets.core import constants, registered

from jaxact.lab.data import pictures
from jaxact.lab.data.folder import File, Listing, named, shown
from jaxact.lab.data.named import is_whole
from jaxact.lab.data.remarks import several_sizes
from jaxact.lab.errors import UserError, first_line

FOLDER = "class_folders"
"""Where folders of pictures are prepared, in the folder of prepared sets."""

_SHARD_BYTES = 1 << 26


@dataclasses.dataclass
class FolderConfig(tfds.core.BuilderConfig):
    """A folder, and how its pictures are prepared.

    Attributes:
        listing: what is in the folder.
        shape: height, width and channels of all pictures.
        image_size: what they are brought to; None leaves them as they are.
        skips: whether corrupt pictures are left out; else they are an error.
    """

    listing: Listing | None = None
    shape: tuple[int, int, int] = (0, 0, 0)
    image_size: int | None = None
    skips: bool = False


with registered.skip_registration():

    class ClassFolders(tfds.core.ShardBasedBuilder):
        """Pictures in class folders, as BMP, in the order of the listing."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self) -> tfds.core.DatasetInfo:
            config: Any = self.builder_config
            return tfds.core.DatasetInfo(
                builder=self,
                description=f"Pictures in the class folders of {shown(str(config.listing.root))}.",
                features=tfds.features.FeaturesDict(
                    {
                        "image": tfds.features.Image(shape=config.shape),
                        # The names of classes are the listing's: not all can be stored.
                        "label": tfds.features.ClassLabel(num_classes=len(config.listing.classes)),
                    }
                ),
                supervised_keys=("image", "label"),
                metadata=tfds.core.MetadataDict(corrupt=[]),
            )

        def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
            super()._download_and_prepare(*args, **kwargs)
            config: Any = self.builder_config
            self._corrupt.sort()
            # Raised here, what was written so far is taken away.
            refuse_corrupt(config.listing, self._corrupt, config.skips)

        def _shard_iterators_per_split(self, dl_manager: Any) -> dict[str, list[Callable[[], Any]]]:
            config: Any = self.builder_config
            height, width, channels = config.shape
            size = max(1, _SHARD_BYTES // (height * width * channels))
            return {
                split: [
                    functools.partial(self._examples, files[i : i + size])
                    for i in range(0, len(files), size)
                ]
                for split, files in config.listing.splits.items()
            }

        def _examples(self, files: list[File]) -> Iterator[tuple[str, dict[str, Any]]]:
            config: Any = self.builder_config
            grey = config.shape[-1] == 1
            for file in files:
                path = config.listing.root / file.path
                try:
                    image = pictures.decoded(path, grey, config.image_size)
                except pictures.Corrupt as error:
                    self._corrupt.append(f"{shown(file.path)} ({error})")
                    continue
                yield shown(file.path), {"image": pictures.encoded(image), "label": file.label}

        @property
        def _corrupt(self) -> list[str]:
            return corrupt_pictures(self)


def slug(root: pathlib.Path) -> str:
    """What the names of a folder's preparations begin with."""
    return re.sub(r"[^A-Za-z0-9]+", "_", root.resolve().name).strip("_")[:40] or "folder"


def prepared(
    listing: Listing, name: str, data_dir: str | None, image_size: int | None, skips: bool
) -> Any:
    """The builder of a folder's pictures, prepared if that was not done before.

    Args:
        listing: what is in the folder.
        name: of the set, for messages.
        data_dir: where sets are prepared; by default that of TensorFlow Datasets.
        image_size: height and width to bring pictures to; None leaves them as they are.
        skips: whether corrupt pictures are left out; else they are an error.

    Raises:
        UserError: if pictures are corrupt, though ``skips`` if all of a class are, or of several
            sizes.
    """
    config = f"{slug(listing.root)}-{listing.fingerprint(image_size)}"
    base = pathlib.Path(data_dir or constants.DATA_DIR).expanduser()
    done = base / FOLDER / config / str(ClassFolders.VERSION)
    if not is_whole(done):
        made = FolderConfig(
            name=config,
            listing=listing,
            shape=_shape(listing, name, image_size),
            image_size=image_size,
            skips=skips,
        )
        try:
            _prepare(made, base)
        except (UserError, MemoryError):
            raise
        except Exception as error:
            # Another process may have prepared the same in the meantime.
            if not is_whole(done):
                raise UserError(
                    f"--dataset {name}: could not be prepared in {done}: {first_line(error)}; "
                    "give another folder with --data-dir"
                ) from None
    builder = tfds.builder_from_directory(done)
    refuse_corrupt(listing, corrupt_pictures(builder), skips)
    return builder


def corrupt_pictures(builder: Any) -> list[str]:
    """The pictures that were left out when a builder was prepared, each with the reason."""
    return builder.info.metadata["corrupt"]


def refuse_corrupt(listing: Listing, corrupt: list[str], skips: bool) -> None:
    """Lets no corrupt picture pass, or with ``skips`` no class of which all pictures are.

    Raises:
        UserError: if there is one; it names the first few.
    """
    if not corrupt:
        return
    if not skips:
        more = f" and {len(corrupt) - 3} more" if len(corrupt) > 3 else ""
        raise UserError(
            f"--dataset {listing.root}: {len(corrupt)} corrupt pictures: "
            f"{', '.join(corrupt[:3])}{more}.\n"
            "Mend or remove them, or give --on-corrupt skip to leave them out."
        )
    # Each is a path and a reason in brackets, and there may be brackets in paths.
    paths = {text[: found.start()] for text in corrupt for found in re.finditer(r" \(", text)}
    for split, files in listing.splits.items():
        left = {file.label for file in files if shown(file.path) not in paths}
        lost = [file for file in files if file.label not in left]
        if lost and not (left and listing.divided and split == "test"):
            classes = named(list({listing.classes[file.label] for file in lost}))
            raise UserError(
                f"--dataset {listing.root}: all pictures for {split} are corrupt of {classes}, "
                f"such as {shown(lost[0].path)}; mend them, or remove the class"
            )


def _prepare(config: FolderConfig, base: pathlib.Path) -> None:
    builder = ClassFolders(config=config, data_dir=base, file_format="array_record")
    tfds.disable_progress_bar()
    builder.download_and_prepare(file_format="array_record")


def _shape(listing: Listing, name: str, image_size: int | None) -> tuple[int, int, int]:
    """Height, width and channels that all pictures will have, from the heads of their files."""
    sizes: collections.Counter[tuple[int, ...]] = collections.Counter()
    all_grey = True
    for file in itertools.chain(*listing.splits.values()):
        try:
            size, grey = pictures.header(listing.root / file.path)
        except pictures.Corrupt:  # Counted when it is read.
            continue
        sizes[size] += 1
        all_grey &= grey
    if not sizes:
        raise UserError(f"--dataset {name}: not one of its pictures can be read")
    if image_size is None and len(sizes) > 1:
        raise several_sizes(name, sizes)
    height, width = (image_size,) * 2 if image_size is not None else next(iter(sizes))
    return height, width, 1 if all_grey else 3
