"""A panel whose controls stand in the row of its title, while it has one of its own."""

from PySide6.QtWidgets import QWidget


class PanelWithControls(QWidget):
    """A panel that shares its place has a tab and no title row: then the controls stand where the panel has them."""

    controls: QWidget

    def take_controls_back(self) -> None:
        """The title row is gone: put the controls somewhere else."""
        raise NotImplementedError
