"""``jaxact list`` and ``jaxact show``: the rows as a person sees them."""

import sys

import pytest
from rows import ELEMENTWISE

from jaxact import CATALOGUE
from jaxact.lab import browse, cli
from jaxact.lab.browse import Filters


def run(monkeypatch, capsys, *words):
    """Exit code and what was printed, on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(sys, "argv", ["jaxact", *words])
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = end.code
    return code, *capsys.readouterr()


def names(filters):
    return {row.name for row in filters.chosen()}


def test_all_rows_are_listed(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "list")
    assert code == 0
    assert all(f" {name} " in f" {out} " for name in CATALOGUE)
    assert out.rstrip().endswith(f"{len(CATALOGUE)} of {len(CATALOGUE)} activations")


def test_filters_take_what_meets_all(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "list", "--smooth", "--bounded", "--parity", "odd")
    assert code == 0
    listed = {line.split()[0] for line in out.splitlines() if line.strip()}
    assert "tanh" in listed
    assert not {"sigmoid", "hard_tanh", "gelu"} & listed


@pytest.mark.parametrize(
    ("filters", "inside", "outside"),
    [
        (Filters(smooth=True), {"gelu", "tanh"}, {"relu", "elu", "softmax"}),
        (Filters(bounded=True), {"sigmoid", "relu6"}, {"relu", "gelu"}),
        (Filters(monotonic=True), {"relu", "softplus"}, {"gelu", "mish"}),
        (Filters(zero_at_zero=True), {"relu", "tanh"}, {"sigmoid", "softplus"}),
        (Filters(learnable=True), {"prelu", "rational"}, {"relu", "softmax"}),
        (Filters(elementwise=True), {"relu"}, {"softmax", "glu"}),
        (Filters(parity="even"), {"gaussian", "absolute"}, {"relu", "tanh"}),
        (Filters(family="gated"), {"glu", "swiglu"}, {"relu"}),
        (Filters(role="head"), {"softmax", "sigmoid"}, {"mish"}),
        (Filters(search="SWISH"), {"silu", "hard_silu"}, {"relu"}),
    ],
)
def test_each_filter_takes_some_and_leaves_some(filters, inside, outside):
    found = names(filters)
    assert inside <= found
    assert not outside & found


def test_nothing_found_is_no_error(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "list", "--search", "nothing like it")
    assert code == 0
    assert f"0 of {len(CATALOGUE)} activations" in out


def test_an_unknown_family_is_answered_with_the_known(monkeypatch, capsys):
    code, _, err = run(monkeypatch, capsys, "list", "--family", "nope")
    assert code == 2
    assert "rectified" in err


@pytest.mark.parametrize("name", ["gelu", "prelu", "softmax", "clipped_gelu", "xielu", "sine"])
def test_show_tells_formula_paper_and_call(name, monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "show", name)
    row = CATALOGUE[name]
    assert code == 0
    for words in (row.formula, row.paper, row.url, f"jaxact.{name}(x"):
        assert words in out
    assert ("┤" in out) == row.elementwise


def test_every_row_has_words():
    for row in CATALOGUE.values():
        facts = dict(browse.properties(browse.get(row.name)))
        assert all(facts.values())
        assert browse.summary(row).endswith(".")


def test_show_resolves_names_of_frameworks(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "show", "keras.layers.LeakyReLU")
    assert code == 0
    assert "jaxact.leaky_relu(x, negative_slope=0.3)" in out


@pytest.mark.parametrize("name", ["gleu", "torch.GELLU", "TeLU", "torch.Threshold"])
def test_show_answers_a_name_it_cannot_resolve(name, monkeypatch, capsys):
    code, out, err = run(monkeypatch, capsys, "show", name)
    assert (code, out) == (2, "")
    assert err.startswith("jaxact: ")
    assert len(err.splitlines()) <= 2


@pytest.mark.parametrize("row", list(ELEMENTWISE.values())[::10], ids=lambda row: row.name)
def test_plot_fits_its_width(row):
    text = browse.plot(browse.get(row.name), 60)
    assert max(map(len, text.splitlines())) <= 60
