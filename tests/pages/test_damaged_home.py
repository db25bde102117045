"""Whatever happens to a file of the lab, each page shows what is left, or says what is damaged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.datasets.array_cache import save_arrays
from fmnist_core.datasets.synthetic import synthetic_folder
from fmnist_core.settings import load_settings
from tests.damage import FILES, RUN, damageable_home, damaged, tries

_RUN = {"model": RUN.removeprefix("runs/")}
PAGES = {
    "home": {},
    "train": {},
    "train of the run": {"run": _RUN["model"]},
    "runs": {},
    "evaluate": _RUN,
    "predictions": _RUN,
    "training_dynamics": _RUN,
    "export": _RUN,
    "sweeps": {},
    "lessons": {},
    "try": {},
}


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_file_takes_no_page_down(page, home: Path, garments, open_app, engine_there):
    damageable_home(home)
    save_arrays(synthetic_folder(load_settings()), garments)

    @tries(3)
    @given(st.data())
    def try_it(data: st.DataObject) -> None:
        path = home / data.draw(st.sampled_from(FILES))
        whole = path.read_bytes()
        path.write_bytes(data.draw(damaged(whole)))
        try:
            app = open_app(page.split()[0], **PAGES[page])
            assert not [box.value for box in app.error if "could not be shown" in box.value]
        finally:
            path.write_bytes(whole)

    try_it()
