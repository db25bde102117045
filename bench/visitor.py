"""A visitor without a browser: speaks Streamlit's own protocol and times reruns of a page."""

from __future__ import annotations

import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class Visitor:
    """One session of one page; `rerun` is what a click on a widget costs the server."""

    def __init__(self, url: str, page: str, query: str = "") -> None:
        self._page, self._query = page, query
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(address, subprotocols=["streamlit"], max_size=None)

    def rerun(self) -> float:
        """Seconds from asking for a full rerun until the script has finished."""
        began = time.perf_counter()
        message = BackMsg()
        message.rerun_script.page_name = self._page
        message.rerun_script.query_string = self._query
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(self._socket.recv(timeout=60))
            if answer.WhichOneof("type") == "script_finished":
                return time.perf_counter() - began

    def close(self) -> None:
        self._socket.close()
