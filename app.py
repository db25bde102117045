"""The front door of the lab: `streamlit run app.py`.

Streamlit imports it for the server, and runs it as a script for each view of a page.
"""

if __name__ == "__main__":
    from fmnist_ui.navigation import run_page

    run_page()
else:
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from fmnist_core.permissions import set_actor
    from fmnist_ui.classroom.after_class import begin_deletions
    from fmnist_ui.classroom.joining import ROUTES, ClassGate, is_class, open_class, who_acts
    from fmnist_ui.web_access import WebAccess, open_browser

    set_actor(who_acts)
    if is_class():
        open_class()
    begin_deletions()
    app = App(
        __file__,
        routes=ROUTES,
        middleware=[Middleware(WebAccess), Middleware(ClassGate)],
        lifespan=open_browser,
    )
