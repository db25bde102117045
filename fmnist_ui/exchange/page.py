"""The export page: a network in each format, with its check and download; and import."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import partial
from pathlib import Path

import streamlit as st

from fmnist_core.atomic_files import storage_errors
from fmnist_core.background_job import JobState
from fmnist_core.errors import ImportedFileError, InputError
from fmnist_core.exchange.exporting.checking import Check
from fmnist_core.exchange.exporting.exporting import Exported
from fmnist_core.exchange.exporting.formats import FORMATS, Format
from fmnist_core.exchange.exporting.job import begin_export, export_state, stop_export
from fmnist_core.exchange.exporting.subject import Subject, subject_of
from fmnist_core.exchange.importing import ImportResult, export_run, import_file
from fmnist_core.exchange.importing.archive import MOST_BYTES
from fmnist_core.permissions import carried
from fmnist_core.preprocessing.decode import shown_name
from fmnist_core.runs.pretrained import SHIPPED, SHIPPED_NETWORKS
from fmnist_core.settings import load_settings
from fmnist_ui.components.current_network import choose_network
from fmnist_ui.components.data_table import SHARE, WRITTEN, Column, data_table
from fmnist_ui.components.evaluated_model import runs_with_network
from fmnist_ui.components.job_progress import show_job_progress
from fmnist_ui.components.upload_limits import say_upload_limits
from fmnist_ui.exchange.by_code import show_exchange
from fmnist_ui.glossary import explained
from fmnist_ui.lab_state import owner
from fmnist_ui.page_errors import page_errors, plain, show_error
from fmnist_ui.server_memory import content_of, lighten, release
from fmnist_ui.words import labels, moment, percent, whole

_DONE, _FIELD, _REFUSED = "taken_in", "incoming_file", "import_refused"


_RUN = "taken_home"

_SHIPPED_TITLE = "Shipped network"


_IN_A_ROW = 3
_WHILE_MADE = 1.0


def show_take_home() -> None:
    """Everything below the lead."""
    with page_errors():
        network = _choose_network()
        show_exchange(network, _RUN)
        _show_formats(subject_of(network, load_settings()))
    with page_errors():
        _show_incoming()


def _show_formats(subject: Subject) -> None:
    running = st.session_state.get(_key(subject), False)
    st.fragment(_cards, run_every=_WHILE_MADE if running else None)(subject)


@page_errors()
def _cards(subject: Subject) -> None:
    states: dict[Format, JobState[Exported]] = {}
    formats = list(FORMATS.values())
    for start in range(0, len(formats), _IN_A_ROW):
        columns = st.columns(_IN_A_ROW, gap="small")
        for column, wanted in zip(columns, formats[start:], strict=False):
            with column:
                states[wanted] = _show_format(subject, wanted)
    _show_packed(subject)
    _show_table(states)
    _follow(subject, any(state.running for state in states.values()))


def _follow(subject: Subject, running: bool) -> None:
    """Looks again every second, only while something is being made."""
    if st.session_state.get(_key(subject), False) != running:
        st.session_state[_key(subject)] = running
        st.rerun()


def _key(subject: Subject) -> str:
    return f"takehome/{subject.model}/running"


def _show_packed(subject: Subject) -> None:
    """Nothing for the shipped network, which every lab has."""
    if subject.id in SHIPPED_NETWORKS:
        return
    st.download_button(
        "Export the whole run (ZIP)",
        # Called by the server as the file is fetched, where nobody acts.
        carried(lambda: _packed(subject)),
        f"{subject.id}.zip",
        "application/zip",
        key="pack_run",
        icon=":material/inventory_2:",
        help="Network, curves, metrics and predictions in one file, to import in another lab.",
        on_click="ignore",
    )


def _packed(subject: Subject) -> bytes:
    with tempfile.TemporaryDirectory() as part:
        path = Path(part) / "run.zip"
        export_run(subject.folder, path)
        return path.read_bytes()


def _choose_network() -> str:
    """A run that has ended and saved its network, by its identifier, or `"shipped"`."""
    runs = runs_with_network()
    told = labels(runs)
    names = {
        run.id: f"{told[run.id]}  ·  {percent(run.test_accuracy, 2)}  ·  {moment(run.created)}"
        for run in runs
    }
    return choose_network({**names, SHIPPED: _SHIPPED_TITLE}, _RUN)


def _show_table(states: dict[Format, JobState[Exported]]) -> None:
    """Nothing before the first file was checked."""
    made = [
        (wanted, file, file.check)
        for wanted, state in states.items()
        if (file := state.result) is not None and file.check is not None
    ]
    if not made:
        return
    checks = [check for _, _, check in made]
    same = [f"{whole(one.labels_equal)} of {whole(one.images)}" for one in checks]
    st.subheader(
        "Comparison of the files", anchor=False, help=explained("ONNX", "TFLite", "Quantization")
    )
    data_table(
        [
            Column("File", [wanted.title for wanted, _, _ in made], width=200),
            Column("Size, MB", [file.size / 1e6 for _, file, _ in made], "%.2f"),
            Column("Accuracy", [check.accuracy for check in checks], SHARE),
            Column("Same predictions", same, WRITTEN),
            Column(
                "Max. difference",
                [check.max_probability_difference for check in checks],
                "%.1e",
                "Largest difference of a class probability (0 to 1) from the original network.",
            ),
            Column(
                "Latency, ms",
                [check.single_ms for check in checks],
                "%.3f",
                "One image: median of 100 on this machine, one thread (Keras: its default).",
            ),
            Column(
                "Batch, ms/image",
                [check.batch_ms for check in checks],
                "%.3f",
                "Per image in batches of 500: median, two threads (Keras: its default).",
            ),
        ],
        alt="Exported files with their size, accuracy and speed.",
    )
    st.caption(
        "Measured on the test images. Files do not use test-time augmentation (flip): a run that "
        "has it is slightly more accurate in the lab."
    )


def _show_incoming() -> None:
    """The upload, and what came of it."""
    st.subheader("Import", anchor=False)
    st.markdown(
        "Import a Keras network (`.keras`, saved by Keras 2.13 or later), or a run exported from "
        "another lab (`.zip`). The file is checked first; then you can evaluate and explain it, "
        "and use it on Try it."
    )
    lighten(_FIELD)
    given = st.file_uploader(
        "File",
        key=_FIELD,
        max_upload_size=MOST_BYTES // 2**20,
        label_visibility="collapsed",
    )
    say_upload_limits()
    of_file, refused = st.session_state.get(_REFUSED, ("", None))
    if given is not None and refused is not None and given.file_id == of_file:
        # Its bytes are gone, and would be refused again.
        show_error(refused)
    elif given is not None and st.button("Import", type="primary", key="take_in"):
        with page_errors():
            try:
                _take(given.name, content_of(given))
            except (InputError, ImportedFileError) as error:
                st.session_state[_REFUSED] = given.file_id, error.to_keep()
                release(given)
                st.rerun()
    if done := st.session_state.get(_DONE):
        _show_done(done)


def _take(name: str, content: bytes) -> None:
    st.session_state.pop(_DONE, None)
    settings, bar = load_settings(), st.progress(0.0, text="Checking…")
    home = settings.home / "imports"

    def on_progress(share: float, what: str) -> None:
        bar.progress(share, text=f"{what}…")

    try:
        with storage_errors(home):
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=home, prefix=".part-") as part:
                # Under a name of ours: theirs may be anything.
                path = Path(part) / "received"
                path.write_bytes(content)
                called = Path(shown_name(name)).stem[:80]
                st.session_state[_DONE] = import_file(
                    path, settings, name=called, owner=owner(), on_progress=on_progress
                )
    finally:
        bar.empty()


def _show_done(done: ImportResult) -> None:
    st.success(f"**Imported as a run.** {plain(done.note)}", icon=":material/check_circle:")
    if done.warning:
        st.warning(plain(done.warning), icon=":material/warning:")
    st.page_link(
        "pages/evaluate.py",
        label="Evaluate",
        icon=":material/fact_check:",
        query_params={"run": done.run_id},
    )


def _offer(subject: Subject, wanted: Format) -> None:
    if st.button("Export", key=f"make_{wanted.name}", width="stretch"):
        _begin(subject, wanted)


def _hand_out(subject: Subject, wanted: Format, file: Exported) -> None:
    done = "Exported" if file.check is None else _check_words(file.check)
    st.caption(f"{done}, {file.size / 1e6:.2f}\N{NO-BREAK SPACE}MB.")
    path, card = file.path, file.card_path
    alone = path.suffix in (".html", ".py", ".ipynb") or not card.is_file()
    with st.container(horizontal=True, gap="small"):
        if st.button("Export again", key=f"again_{wanted.name}", type="tertiary"):
            _begin(subject, wanted)
        if alone and card.is_file():
            st.download_button(
                "Model card",
                card.read_bytes,
                f"{path.stem}-{card.name}",
                "text/markdown",
                key=f"its_card_{wanted.name}",
                type="tertiary",
                on_click="ignore",
            )
    # Last, in one line with the buttons of the cards beside it.
    st.download_button(
        "Download",
        path.read_bytes if alone else partial(_format_card_packed, path, card),
        path.name if alone else f"{path.stem}.zip",
        "application/octet-stream" if alone else "application/zip",
        key=f"download_{wanted.name}",
        icon=":material/download:",
        type="primary",
        width="stretch",
        on_click="ignore",
    )


def _show_format(subject: Subject, wanted: Format) -> JobState[Exported]:
    """Draws the card; returns how far the file is."""
    state = export_state(subject, wanted, load_settings())
    # Buttons stand in one line, however long the sentences above them are.
    with st.container(
        border=True,
        key=f"card_{wanted.name}",
        height="stretch",
        gap="small",
        vertical_alignment="distribute",
    ):
        st.markdown(f"**{wanted.title}**  \n:small[{wanted.purpose}]")
        with st.container(gap="small"):
            if state.running:
                stop = partial(stop_export, subject, wanted, load_settings())
                show_job_progress(state, "", key=f"stop_{wanted.name}", stop=stop)
            elif state.result is not None:
                _hand_out(subject, wanted, state.result)
            else:
                if state.error is not None:
                    show_error(state.error)
                _offer(subject, wanted)
    return state


def _begin(subject: Subject, wanted: Format) -> None:
    with page_errors():
        begin_export(subject, wanted, load_settings())
        st.rerun()


def _check_words(check: Check) -> str:
    """How a file compares with its network, in a sentence."""
    same = f"{whole(check.labels_equal)} of {whole(check.images)}"
    return f"Checked: same prediction for {same} test images, accuracy {percent(check.accuracy, 2)}"


def _format_card_packed(path: Path, card: Path) -> bytes:
    """A network goes with its card; what is read in a browser goes alone."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
        archive.write(card, card.name)
    return packed.getvalue()
