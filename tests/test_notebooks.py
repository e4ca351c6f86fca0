"""Notebooks: the pair of a source and its executed twin, and that they still run."""

import pathlib

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = pathlib.Path(__file__).parent.parent / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))


def cells(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def tables(notebook):
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [o.data["text/html"] for o in outputs if "text/html" in o.get("data", {})]


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def source(request) -> pathlib.Path:
    return request.param


def test_there_are_notebooks():
    assert SOURCES
    assert {p.stem for p in SOURCES} == {p.stem for p in FOLDER.glob("*.ipynb")}


def test_the_pair_has_the_same_cells_and_was_executed(source):
    executed = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert cells(executed) == cells(jupytext.read(source))
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not any(o.output_type == "error" for cell in code for o in cell.outputs)
    assert source.with_suffix(".ipynb").stat().st_size < 300_000


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_source_runs_and_its_tables_are_those_shown(source):
    fresh = jupytext.read(source)
    NotebookClient(fresh, resources={"metadata": {"path": str(FOLDER)}}).execute()
    executed = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert tables(fresh) == tables(executed)
    assert tables(fresh)
