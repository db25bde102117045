"""What a page asks for many times is worked out once a run, and anew in the next."""

from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from fmnist_ui.once_a_run import once_a_run

    def work():
        st.session_state["worked"] = st.session_state.get("worked", 0) + 1
        return st.session_state["worked"]

    @st.fragment
    def part():
        st.button("again", key="again")
        st.text(f"part {once_a_run('a', work)} {once_a_run('a', work)}")

    st.text(f"page {once_a_run('a', work)} {once_a_run('a', work)} {once_a_run('b', lambda: 0)}")
    part()


def test_once_a_run_of_the_page_and_of_a_fragment():
    app = AppTest.from_function(page).run()
    assert [text.value for text in app.text] == ["page 1 1 0", "part 1 1"]
    app.run()
    assert [text.value for text in app.text] == ["page 2 2 0", "part 2 2"]


def test_outside_a_run_it_is_done_each_time():
    from fmnist_ui.once_a_run import once_a_run

    done = []
    once_a_run("a", lambda: done.append(1))
    once_a_run("a", lambda: done.append(1))
    assert len(done) == 2
