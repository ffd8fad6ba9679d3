"""Processes of the program that are forked from one which has imported it, and start in a fraction of the time.

Each is a process of its own: it runs the program's `main` with the input, output, error output, environment and folder
that it was given, and ends as any other. What it shares with others is the import of modules that are read-only since.

`nursery.py` is that one process, `forked.py` what tests start; `stand_in.py` is started in the place of the program by
what needs a command. Only on Linux; elsewhere the program is started as usual.
"""
