"""The Streamlit pages of the lab."""
