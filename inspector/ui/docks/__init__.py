"""Docks that look like one row of tabs, whether a dock stands alone or shares its place.

Qt gives a dock that stands alone a title bar and several in one place a tab bar above their title bars. Here the title
bar is painted as a single tab, and taken away where a tab bar stands.
"""
