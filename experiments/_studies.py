"""Studies that take long: kept in a folder, so that one that was stopped goes on."""

from __future__ import annotations

import dataclasses
import pathlib

from jaxact.lab import Study, records, run, unfinished
from jaxact.lab.errors import UserError
from jaxact.lab.records import Results


def kept(study: Study, name: str) -> Results:
    """The results of a study: those in ``runs/<name>``, or trained now and written there.

    An unfinished run of the same study goes on.

    Raises:
        UserError: if the folder holds a run of another study.
    """
    folder = pathlib.Path("runs", name)
    if not (folder / "run.json").exists():
        return run(dataclasses.replace(study, out=str(folder)))
    results = records.read(folder)
    theirs, ours = results.run["study"], unfinished.compared(study)
    differing = sorted(name for name in ours if theirs.get(name) != ours[name])
    if differing:
        raise UserError(
            f"{folder} holds a run of another study ({', '.join(differing)} differ); remove it"
        )
    return results
