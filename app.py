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
    from fmnist_ui.classroom.joining import (
        ClassGate,
        close_class,
        is_class,
        join_routes,
        open_class,
        who_acts,
    )
    from fmnist_ui.classroom.uploads import UploadGate
    from fmnist_ui.web_access import WebAccess, open_browser

    if is_class():
        # In the name of the lab's own account: nobody has joined yet.
        open_class()
    else:
        close_class()
    begin_deletions()
    set_actor(who_acts)
    app = App(
        __file__,
        routes=join_routes(),
        middleware=[Middleware(WebAccess), Middleware(ClassGate), Middleware(UploadGate)],
        lifespan=open_browser,
    )
