"""Every action once, shared by menus, toolbar and the buttons of the state sentence."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from inspector.analysis.state import Action
from inspector.ui.demo.actions import DemoActions
from inspector.ui.theme import ThemeChoice


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


class Actions(QObject):
    """The actions; what they do is connected by whoever does it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_files()
        self._make_connection()
        self._make_uploads()
        self._make_findings()
        self._make_moments()
        self._make_window()
        self._make_frames()
        self._make_layout()
        self._make_help()
        self.themes = self._themes()
        self.demo = DemoActions(self)
        self.next_step, self.start_again = self.demo.next_step, self.demo.start_again

    def _make_files(self) -> None:
        self.new_connection = self._action("newConnection", _tr("Connect…"), QKeySequence.StandardKey.New)
        self.new_connection.setToolTip(_tr("Sync from a PowerSync service"))
        self.open_file = self._action("openFile", _tr("Open…"), QKeySequence.StandardKey.Open)
        self.open_file.setToolTip(_tr("Open a client database or a capture, read-only"))
        self.reopen = self._action("reopen", _tr("Open again"), QKeySequence.StandardKey.Refresh)
        self.reopen.setToolTip(_tr("Open the file anew, to see what is in it now"))
        self.start_demo = self._action("startDemo", _tr("Start the demo"))
        self.start_demo.setToolTip(
            _tr("Start a service with made-up data, and two clients that share a list, in another window")
        )
        self.load_schema = self._action("loadSchema", _tr("Load the app's schema…"))
        self.load_schema.setToolTip(
            _tr("Have the tables and columns of the app in this connection: JSON as its SDK serialises the schema")
        )
        self.open_folder = self._action("openFolder", _tr("Open the folder of the files"))
        self.open_folder.setToolTip(_tr("Show the client database and the capture in the system's file manager"))
        self.change_parameters = self._action("changeParameters", _tr("Connection parameters…"))
        self.change_parameters.setToolTip(
            _tr("Change what is sent with each request: the stream is replaced, the connection's files stay")
        )
        self.subscribe = self._action("subscribe", _tr("Subscribe to a stream…"))
        self.subscribe.setToolTip(_tr("Ask the service for a stream, with parameters; syncing goes on"))
        self.close_source = self._action("closeSource", _tr("Close"), QKeySequence.StandardKey.Close)
        self.quit = self._action("quit", _tr("Quit"), QKeySequence.StandardKey.Quit)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _make_connection(self) -> None:
        self.go_offline = self._action("goOffline", _tr("Go offline"))
        self.go_offline.setToolTip(_tr("Act as a device without network: local writes wait"))
        self.go_online = self._action("goOnline", _tr("Go online"))
        self.go_online.setToolTip(_tr("Have the network again"))
        self.connect_now = self._action("connect", _tr("Connect"))
        self.connect_now.setToolTip(_tr("Connect now; do not wait for the next try"))
        self.disconnect_now = self._action("disconnect", _tr("Disconnect"))
        self.disconnect_now.setToolTip(_tr("End the stream and stay disconnected"))
        self.refresh_token = self._action("refreshToken", _tr("Fetch a new token"))
        self.refresh_token.setToolTip(_tr("Fetch credentials anew and replace the stream"))
        self.restart_service = self._action("restartService", _tr("Restart the service"))
        self.restart_service.setToolTip(_tr("Start the demo's service again at the same address, with its rows"))
        self.restart_engine = self._action("restartEngine", _tr("Restart the engine"))
        self.restart_engine.setToolTip(_tr("Start the sync engine again on the same client database and capture"))

    def _make_uploads(self) -> None:
        self.show_write = self._action("showWrite", _tr("Show the write"))
        self.show_write.setToolTip(_tr("Show the oldest local write that waits, and what became of it so far"))
        self.retry_upload = self._action("retryUpload", _tr("Retry now"))
        self.retry_upload.setToolTip(_tr("Upload the oldest transaction again now; do not wait for the next try"))
        self.discard_writes = self._action("discardWrites", _tr("Discard…"))
        self.discard_writes.setToolTip(
            _tr("Give up the chosen local transaction, or the oldest; what is lost is shown first")
        )
        self.upload_now = self._action("uploadNow", _tr("Upload now"))
        self.upload_now.setToolTip(_tr("Upload the local writes that wait, without waiting for the next try"))
        self.hold_uploads = self._action("holdUploads", _tr("Hold uploads"))
        self.hold_uploads.setToolTip(_tr("Keep local writes on this device, or let them go"))

    def _make_findings(self) -> None:
        self.show_bucket = self._action("showBucket", _tr("Show the bucket"))
        self.show_bucket.setToolTip(_tr("Show what was expected of the bucket, and what came"))
        self.show_findings = self._action("showFindings", _tr("Show the findings"))
        self.show_findings.setToolTip(_tr("Show what was found in this file, with its evidence"))
        self.compare_with = self._action("compareWith", _tr("Compare with…"))
        self.compare_with.setToolTip(_tr("Show what differs between this client database and another one"))
        self.sync_fresh = self._action("syncFresh", _tr("Sync fresh as this user…"))
        self.sync_fresh.setToolTip(
            _tr(
                "Sync a fresh copy with a token of this file's user, into a database of its own, and show what differs."
                " The file is only read, and nothing of it is uploaded"
            )
        )
        self.export_bundle = self._action("exportBundle", _tr("Export bundle…"))
        self.export_bundle.setToolTip(
            _tr("Write the findings and figures of this file, without its data, into one file")
        )

    def _make_moments(self) -> None:
        self.back_to_now = self._action("backToNow", _tr("Back to now"), "Ctrl+Shift+N")
        self.back_to_now.setToolTip(_tr("Leave the past moment and show what is going on"))
        self.show_then = self._action("showThen", _tr("Show the data of then"), "Ctrl+T")
        self.show_then.setToolTip(
            _tr(
                "Rebuild the client database as it was at the chosen moment, or when the selected frame came, and show"
                " it in the panels, read-only"
            )
        )
        self.stop_rebuilding = self._action("stopRebuilding", _tr("Stop rebuilding"))
        self.stop_rebuilding.setToolTip(_tr("Leave the panels as they are"))
        self.previous_checkpoint = self._action("previousCheckpoint", _tr("Previous checkpoint"), "Alt+Shift+Left")
        self.previous_checkpoint.setToolTip(_tr("Go to the checkpoint before the chosen moment"))
        self.next_checkpoint = self._action("nextCheckpoint", _tr("Next checkpoint"), "Alt+Shift+Right")
        self.next_checkpoint.setToolTip(_tr("Go to the checkpoint after the chosen moment"))

    def _make_window(self) -> None:
        self.back = self._action("back", _tr("Back"), "Alt+Left")
        self.back.setToolTip(_tr("Select what was selected before"))
        self.forward = self._action("forward", _tr("Forward"), "Alt+Right")
        self.forward.setToolTip(_tr("Select again what “Back” has left"))
        self.command_palette = self._action("commandPalette", _tr("Search or run a command…"), "Ctrl+K")
        self.command_palette.setShortcuts([QKeySequence("Ctrl+K"), QKeySequence("Ctrl+Shift+P")])
        self.command_palette.setToolTip(_tr("Find every command, panel, bucket and frame by a few letters"))
        self.zoom_in = self._action("zoomIn", _tr("Larger text"))
        self.zoom_in.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
        self.zoom_out = self._action("zoomOut", _tr("Smaller text"), "Ctrl+-")
        self.zoom_reset = self._action("zoomReset", _tr("Text at its usual size"), "Ctrl+0")

    def _make_frames(self) -> None:
        self.pause_view = self._action("pauseView", _tr("Pause view"), "Ctrl+E", checkable=True)
        self.pause_view.setToolTip(_tr("Hold the list of frames still. Syncing and recording go on"))
        self.show_happenings = self._action("showHappenings", _tr("Show uploads and events"), checkable=True)
        self.show_happenings.setChecked(True)
        self.show_happenings.setToolTip(
            _tr("Show uploads, events, requests for a stream and their ends between the frames, in the order of time")
        )
        self.go_to_frame = self._action("goToFrame", _tr("Go to frame or time…"), "Ctrl+G")
        self.go_to_frame.setToolTip(_tr("Show a frame by its number, or what came at a time"))
        self.mark_frame = self._action("markFrame", _tr("Mark"), "M")
        self.mark_frame.setToolTip(_tr("Mark the selected frames, or take the marks away"))
        self.comment_frame = self._action("commentFrame", _tr("Comment…"), "Shift+M")
        self.comment_frame.setToolTip(_tr("Write something about the selected frame"))
        for action in (self.mark_frame, self.comment_frame):  # elsewhere one would not see what they write
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.next_mark = self._action("nextMark", _tr("Next mark"), "Ctrl+M")
        self.next_mark.setToolTip(_tr("Select the next frame that is marked or commented"))
        self.filter_frames = self._action("filterFrames", _tr("Filter the frames"), "Ctrl+F")
        self.filter_frames.setToolTip(_tr("Write a filter for the list of frames"))
        self.export_frames = self._action("exportFrames", _tr("Export frames…"), "Ctrl+Shift+S")
        self.export_frames.setToolTip(
            _tr("Write the selected frames, or else all that the filter shows, as NDJSON, CSV or an HTTP archive")
        )
        self.copy_json = self._action("copyJson", _tr("Copy as JSON"), "Ctrl+Shift+C")
        self.copy_json.setToolTip(_tr("Copy the lines of the selected frames"))
        self.copy_curl = self._action("copyCurl", _tr("Copy as curl"))
        self.copy_curl.setToolTip(_tr("Copy the request of the frame's connection; the token is left out"))
        self.copy_curl_with_token = self._action("copyCurlWithToken", _tr("Copy as curl with the token"))
        self.copy_curl_with_token.setToolTip(
            _tr(
                "Copy the request of the frame's connection with the token that is in use now:"
                " the clipboard then holds a secret"
            )
        )
        self.copy_curl_with_token.setVisible(False)
        self.colour_rules = self._action("colourRules", _tr("Colour rules…"))
        self.colour_rules.setToolTip(_tr("Choose which frames are tinted, and how"))

    def _make_layout(self) -> None:
        self.save_perspective = self._action("savePerspective", _tr("Save perspective as…"))
        self.save_perspective.setToolTip(_tr("Keep where the panels stand now under a name of your own"))
        self.delete_perspective = self._action("deletePerspective", _tr("Delete perspective…"))
        self.reset_layout = self._action("resetLayout", _tr("Reset layout"))
        self.reset_layout.setToolTip(_tr("Put the panels back where this perspective has them"))

    def _make_help(self) -> None:
        self.help = self._action("help", _tr("How to read the panels"))
        self.help_here = self._action(
            "helpHere", _tr("About the panel in front"), QKeySequence.StandardKey.HelpContents
        )
        self.what_is_this = self._action("whatIsThis", _tr("What is this?"), "Shift+F1")
        self.what_is_this.setToolTip(_tr("Explain what is under the pointer: a column's word, or the panel"))
        self.help_words = self._action("helpWords", _tr("Words"))
        self.help_connect = self._action("helpConnect", _tr("How to connect"))
        self.help_filter = self._action("helpFilter", _tr("The filter language"))
        self.help_changes = self._action("helpChanges", _tr("What is new"))
        self.copy_report = self._action("copyReport", _tr("Copy the error report"))
        self.copy_report.setToolTip(
            _tr("What went wrong in the program, and where: read it before you pass it on, for an error may name data")
        )
        self.copy_report.setVisible(False)
        self.about = self._action("about", _tr("About PowerSync Inspector"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def for_state(self, action: Action) -> QAction:
        """The action behind a button of the state sentence."""
        return {
            Action.CONNECT: self.new_connection,
            Action.OPEN_FILE: self.open_file,
            Action.REOPEN: self.reopen,
            Action.START_DEMO: self.start_demo,
            Action.TRY_NOW: self.connect_now,
            Action.GO_ONLINE: self.go_online,
            Action.RESTART_ENGINE: self.restart_engine,
            Action.RESTART_SERVICE: self.restart_service,
            Action.REFRESH_TOKEN: self.refresh_token,
            Action.DISCONNECT: self.disconnect_now,
            Action.RESUME_UPLOADS: self.hold_uploads,
            Action.SHOW_WRITE: self.show_write,
            Action.RETRY_UPLOAD: self.retry_upload,
            Action.DISCARD: self.discard_writes,
            Action.SHOW_BUCKET: self.show_bucket,
            Action.SHOW_FINDINGS: self.show_findings,
            Action.BACK_TO_NOW: self.back_to_now,
            Action.SHOW_THEN: self.show_then,
            Action.STOP_REBUILDING: self.stop_rebuilding,
            Action.PREVIOUS_CHECKPOINT: self.previous_checkpoint,
            Action.NEXT_CHECKPOINT: self.next_checkpoint,
        }[action]

    def _themes(self) -> dict[ThemeChoice, QAction]:
        group = QActionGroup(self)
        titles = {
            ThemeChoice.SYSTEM: _tr("As the system"),
            ThemeChoice.DARK: _tr("Dark"),
            ThemeChoice.LIGHT: _tr("Light"),
        }
        actions = {choice: self._action(f"theme-{choice}", title, checkable=True) for choice, title in titles.items()}
        for action in actions.values():
            group.addAction(action)
        return actions

    def _action(
        self,
        name: str,
        title: str,
        shortcut: QKeySequence.StandardKey | str | None = None,
        *,
        checkable: bool = False,
    ) -> QAction:
        action = QAction(title, self, checkable=checkable)
        action.setObjectName(name)
        # A button's own idea of its text leaves out the dots that say that a question follows.
        action.setIconText(title)
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        return action


def connect(action: QAction, slot: Callable[[], object]) -> None:
    """Call `slot` without the checked state that `triggered` carries."""
    action.triggered.connect(lambda: slot())
