"""The window. The only room that imports Qt.

Start reading at `window.py`. A panel is a folder in `panels/` and a line in its registry; what several of them use lies
beside it: the selected frame in `frame/`, the demo's devices in `demo/`, the pages of the help in `docs/`, tables and
other parts of any panel in `widgets/`.
"""
