"""The front door of the lab: `streamlit run app.py`."""

from fmnist_ui.navigation import run_page

run_page()
