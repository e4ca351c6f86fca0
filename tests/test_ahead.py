"""The report's libraries are imported while a study trains."""

import pytest

from jaxact.lab import ahead
from jaxact.lab.progress import Silent


class Notes(Silent):
    def __init__(self):
        self.told = []

    def phase(self, name, total):
        self.told.append((name, total))

    def advance(self, amount):
        self.told.append(amount)


@pytest.fixture
def imported(monkeypatch):
    names = []
    monkeypatch.setattr(ahead.importlib, "import_module", names.append)
    return names


def test_libraries_are_imported_once_when_training_begins(imported):
    notes = Notes()
    with ahead.ImportsAhead(notes) as progress:
        progress.phase("compile", 2)
        progress.advance(1)
        assert imported == []
        progress.phase("train", 3)
        progress.phase("train", 3)
    assert notes.told == [("compile", 2), 1, ("train", 3), ("train", 3)]
    assert imported == [*ahead._LIBRARIES]


def test_nothing_is_imported_where_nothing_is_trained(imported):
    with ahead.ImportsAhead(Silent()) as progress:
        progress.phase("data", 1)
    assert imported == []


def test_a_library_that_fails_is_left_to_who_needs_it(monkeypatch):
    names = []

    def fail(name):
        names.append(name)
        raise ImportError(name)

    monkeypatch.setattr(ahead.importlib, "import_module", fail)
    with ahead.ImportsAhead(Silent()) as progress:
        progress.phase("train", 1)
    assert names == [*ahead._LIBRARIES]
