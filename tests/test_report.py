"""The report of a run: whole, self-contained, true to the summary, at home in odd runs."""

import html
import html.parser
import io
import itertools
import pathlib
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from jaxact import CATALOGUE
from jaxact.lab import (
    UserError,
    claims,
    figures,
    palette,
    records,
    report,
    runner,
    terminal,
    wording,
)
from jaxact.lab.report import write_report
from jaxact.lab.summary import comparisons, readings

NAMES = ("relu", "gelu", "my.module:act")
TWELVE = ("identity", "relu", "leaky_relu", "elu", "selu", "softplus", "sigmoid", "tanh", "gelu",
          "silu", "mish", "a_long.path.of.modules:_activation")  # fmt: skip


def make_results(names=NAMES, lrs=(0.01, 0.1), seeds=2, epochs=3, layers=2, dead=0.5):
    """A run whose numbers nobody measured."""
    rng, rows = np.random.default_rng(0), []
    for name, lr, seed in itertools.product(names, lrs, range(seeds)):
        for epoch in range(epochs + 1):
            score = 1 - 0.9 / (1 + epoch * lr * 40) - 0.05 * rng.random()
            splits = ["validation", *["train"] * (epoch > 0), *["test"] * (epoch == epochs)]
            rows += [(name, lr, seed, epoch, s, "accuracy", score) for s in splits]
            rows += [(name, lr, seed, epoch, s, "loss", 1 - score) for s in splits]
        for epoch, site in itertools.product((0, epochs), range(1, layers + 1)):
            share, norm = dead * rng.random() * (name == "relu"), 10.0 ** -(layers - site)
            rows.append((name, lr, seed, epoch, "train", f"dead_share.{site}", share))
            rows.append((name, lr, seed, epoch, "train", f"gradient_norm.{site}", norm))
    study = {"activations": list(names), "lrs": list(lrs), "seeds": seeds, "epochs": epochs,
             "dataset": "digits", "model": "cnn", "target": None}  # fmt: skip
    run = {"study": study, "command": "jaxact compare", "commit": None, "versions": {"jax": "1.2"},
           "device": "2 x cpu", "machine": "Linux",
           "step_ms": {n: 1.5 + i for i, n in enumerate(names)},
           "seconds": {"train": 2.0}, "finished": "2030-01-01T00:00:00+00:00"}  # fmt: skip
    return records.Results(pd.DataFrame(rows, columns=records.COLUMNS), run)


def spoil(results, metric, value, name=None):
    """The same run with a metric set to a value."""
    m = results.metrics
    hit = m["metric"].str.startswith(metric) & (m["activation"] == (name or m["activation"]))
    spoilt = m.assign(value=m["value"].mask(hit, value))
    return records.Results(spoilt, results.run)


class Page(html.parser.HTMLParser):
    """Tags with their attributes, and the cells of all tables row by row."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.rows = [], []
        self.feed(text)
        for row in re.findall("<tr>.*?</tr>", text, re.DOTALL):
            cells = re.findall("<t[dh].*?>(.*?)</t[dh]>", row, re.DOTALL)
            self.rows.append([html.unescape(re.sub("<.*?>", "", cell)) for cell in cells])

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def text_of(svg):
    return [e.text for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    results = make_results()
    path = write_report(results, tmp_path_factory.mktemp("report"))
    return results, path.read_text("utf-8")


def test_page_needs_nothing_else(written):
    tags = Page(written[1]).tags
    links = [v for _, a in tags for k, v in a.items() if k in ("src", "href", "xlink:href")]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not {"script", "iframe", "img", "object"} & {tag for tag, _ in tags}
    assert not re.search(r"url\((?!#)|@import", written[1])
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link[0] == "#"} <= set(ids)


def test_table_holds_the_summary(written):
    results, page = written
    rows = {row[0]: row for row in Page(page).rows if len(row) == 5}
    for s in results.summary.to_dict("records"):
        mean, low, high = (f"{100 * s['accuracy_' + k]:.1f}" for k in ("mean", "low", "high"))
        _, accuracy, speed, lr, notes = rows[s["activation"]]
        assert accuracy == f"{mean} [{low}, {high}] (n={s['n']})"
        assert speed.startswith(f"{s['step_ms']:.2f} ms/step; {s['epochs_to_target']:g} epoch")
        assert (float(lr), notes) == (s["lr"], s["notes"])


def test_claims_come_with_verdict_and_evidence(written):
    page = html.unescape(written[1])
    for finding in claims.judge(written[0]):
        item = re.search(rf"<li>((?!</li>).)*{re.escape(finding.claim)}.*?</li>", page, re.DOTALL)
        assert item is not None
        assert finding.verdict in item[0]
        assert finding.evidence in item[0]


def test_read_back_and_written_again_the_page_has_the_same_bytes(written, tmp_path):
    records.write(written[0], tmp_path)
    assert write_report(records.read(tmp_path), tmp_path).read_text("utf-8") == written[1]


def test_hostile_words_stay_words(tmp_path):
    names = ("<script>x</script>:f", 'a:"$_{x}$&#5eff00', "_own:f")
    results = make_results(names, epochs=1)
    results.run["study"]["dataset"] = "</title><img src=x>"
    page = write_report(results, tmp_path).read_text("utf-8")
    parsed = Page(page)
    assert not {"img", "script"} & {tag for tag, _ in parsed.tags}
    assert {row[0] for row in parsed.rows} >= set(names)
    assert set(names) <= set(text_of(figures.draw(results)["gradients"]))


def test_notes_on_the_data_stand_below_its_name(tmp_path):
    results = make_results(epochs=1)
    notes = ["its test split has no labels; unused", "<2> corrupt pictures are left out"]
    results.run["dataset"] = {"name": "digits", "notes": notes}
    page = write_report(results, tmp_path).read_text("utf-8")
    entry = re.search("<dt>dataset</dt>(.*?)<dt>", page, re.DOTALL)[1]
    told = re.findall("<dd.*?>(.*?)</dd>", entry)
    assert [html.unescape(text) for text in told] == ["digits", *notes]


def test_a_report_that_fails_leaves_a_complete_run(tmp_path, monkeypatch):
    def fail(results):
        raise ArithmeticError("no page")

    results = make_results(epochs=1)
    with monkeypatch.context() as m:
        m.setattr(report, "_page", fail)
        with pytest.raises(
            UserError, match="report failed: ArithmeticError: no page; .*jaxact report"
        ):
            runner.save(results, tmp_path)
    pd.testing.assert_frame_equal(records.read(tmp_path).summary, results.summary)


def test_on_a_full_disk_the_page_before_stays(written, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("before")
    monkeypatch.setattr(report, "_page", lambda results: written[1])
    write_text = pathlib.Path.write_text

    def full(path, text, *args, **options):
        write_text(path, text[:1000], *args, **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pathlib.Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        write_report(written[0], tmp_path)
    assert path.read_text() == "before"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    "results",
    [
        make_results(("relu",), (0.1,), seeds=1, epochs=1, layers=1),
        make_results(TWELVE, (0.1, 0.2, 0.3), seeds=3, epochs=2, layers=10),
        spoil(spoil(make_results(), "loss", np.nan, "gelu"), "gradient_norm", np.nan, "gelu"),
        spoil(make_results(), "accuracy", np.nan, "gelu"),
        spoil(make_results(), "accuracy", 1.0),
        spoil(make_results(), "dead", np.nan, "gelu"),
    ],
    ids=["one", "many", "diverged", "no accuracy", "perfect", "no share"],
)
def test_every_figure_shows_every_activation(results, tmp_path):
    page = write_report(results, tmp_path).read_text("utf-8")
    assert ("How the learning rate was chosen" in page) == (results.metrics["lr"].nunique() > 1)
    drawings = re.findall("<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 4
    for svg in drawings:
        for style in palette.styles(results.run["study"]["activations"]).values():
            assert f"var({style.variable})" in svg
            assert any(text.startswith(style.label) for text in text_of(svg))


def test_panels_without_marks_say_why():
    quiet = figures.draw(spoil(spoil(make_results(), "dead", 0.0), "gradient_norm", 0.0))
    assert "No dead units: 0 % in every layer of every run" in text_of(quiet["dead"])
    assert "No gradient norm above 0" in text_of(quiet["gradients"])
    lost = figures.draw(spoil(make_results(), "dead", np.nan))
    assert "No finite share of dead units" in text_of(lost["dead"])
    assert "gelu (not finite)" in text_of(lost["dead"])


def test_every_family_has_a_colour():
    assert all(palette.hue_of(row.family) is not None for row in CATALOGUE.values())
    assert palette.hue_of("own") is None


def test_every_other_activation_is_compared_with_the_best(tmp_path):
    results = make_results(seeds=6)
    page = write_report(results, tmp_path).read_text("utf-8")
    found = {row[0]: row for row in Page(page).rows if len(row) == 6}
    pairs = comparisons(readings(results.metrics, results.run), results.run)
    assert set(found) - {"Activation"} == set(NAMES) - {pairs.ranked[0]}
    for pair in pairs.against_best():
        _, _, difference, p, won, verdict = found[pair.first]
        assert difference == pair.difference.text(1, 100)
        assert (p, won) == (wording.chance(pair.p), wording.wins(pair).removeprefix("wins "))
        assert verdict.startswith(pair.verdict)
    assert "Tuning budget: 2 learning rates × 6 seeds each" in page
    assert "These 6 seeds can see" in page
    assert "Student's t over seeds" not in page
    assert "p is corrected for all 3 pairs;" in page


def test_intervals_of_few_seeds_are_in_the_picture_and_called_students(written):
    few, page = written
    assert "Student's t over seeds" in page
    assert few.summary["accuracy_high"].max() == 1
    ticks = [int(t) for t in text_of(figures.draw(few)["accuracy"]) if t.isdigit()]
    lowest = min(r.accuracy.min() for r in readings(few.metrics, few.run).values())
    assert 100 * few.summary["accuracy_low"].min() - 5 < min(ticks) < 100 * lowest - 5


def test_it_says_what_p_is_corrected_for_in_claims(tmp_path):
    three = make_results(names=("relu", "gelu", "sigmoid"), seeds=6)
    page = write_report(three, tmp_path).read_text("utf-8")
    assert "p is corrected for 2 claims on accuracy, named before the run." in page
    alone = make_results(names=("relu", "gelu"), seeds=6)
    assert "on accuracy, named" not in write_report(alone, tmp_path).read_text("utf-8")


@pytest.mark.parametrize("seeds", [1, 2, 6])
@pytest.mark.parametrize("names", [NAMES, NAMES[:1], NAMES[:2]])
@pytest.mark.parametrize("columns", [40, 80])
def test_the_terminal_holds_every_word(names, seeds, columns):
    console = Console(width=columns, record=True, file=io.StringIO())
    console.print(terminal.view(make_results(names, seeds=seeds)))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= columns
    words = " ".join(" ".join(lines).split())
    compared = len(names) > 1 and seeds > 1
    seen = f"These {seeds} seeds can see" if seeds >= 5 else "With fewer than 5 seeds no difference"
    assert ("minus" in words and seen in words) == compared


@pytest.mark.parametrize("name", ["flowers [small]", "a:smile:", "[/b]"])
def test_words_in_brackets_or_between_colons_stay_as_they_are(name):
    results = make_results(("relu", f"own:{name}"), epochs=1)
    results.run["study"]["dataset"] = name
    console = Console(width=200, file=io.StringIO())
    console.print(terminal.view(results))
    shown = console.file.getvalue()
    assert f"{name}: 2 learning rates" in shown
    assert shown.count(f"own:{name}") > 1


def test_a_run_that_added_seeds_says_so(tmp_path):
    results = make_results(seeds=6)
    told = {"looks": [5, 6], "levels": [0.035, 0.015], "max_seeds": 6}
    results.run["sequential"] = told | {"pair": ["gelu", "relu"], "verdict": "undecided"}
    page = html.unescape(write_report(results, tmp_path).read_text("utf-8"))
    assert "6 of at most 6, in 2 looks; gelu and relu are still undecided." in page
    assert "all 3 pairs and all looks" in page
