"""The error tree. Every error says what happened, to what, and what to do about it.

DlcrError
+-- SettingError        a setting, flag or form value is not allowed          (exit code 2)
+-- UsageError          the call does not fit: unknown data set, unknown verb (exit code 2)
+-- PhotoError          a picture cannot be used: unreadable, too large, no person in it
+-- MaskError           a mask cannot be used: wrong shape, empty
+-- PromptError         a prompt cannot be used: empty, nothing understood
+-- BackendError        a model is unknown, missing or of the wrong kind
+-- ReplyError          a language model or its server gave no usable reply
|   +-- ServerError     there is no server that could: it is not started, or went away
+-- WorkspaceError      the workspace cannot be read or written: full disk, permissions
+-- CatalogError        the catalog lacks a row or does not agree with the files
+-- LayoutError         a folder does not match the data-set layout
+-- ClusterError        a Ray cluster cannot be used: not installed, not reached, a node that sees other files
+-- TrainingError       a training cannot go on: loss not finite, damaged checkpoint, unknown run
Cancelled               the user stopped the work; not a failure
"""


class DlcrError(Exception):
    """Base of everything this package raises on purpose; `remedy` is one sentence on what to do."""

    exit_code = 1

    def __init__(self, what: str, remedy: str = ""):
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class SettingError(DlcrError):
    exit_code = 2


class UsageError(DlcrError):
    exit_code = 2


class PhotoError(DlcrError):
    pass


class MaskError(DlcrError):
    pass


class PromptError(DlcrError):
    pass


class BackendError(DlcrError):
    pass


class ReplyError(DlcrError):
    """`reply` is what came back word for word, empty if nothing did."""

    def __init__(self, what: str, remedy: str = "", reply: str = ""):
        super().__init__(what, remedy)
        self.reply = reply


class ServerError(ReplyError):
    pass


class WorkspaceError(DlcrError):
    pass


class CatalogError(DlcrError):
    pass


class LayoutError(DlcrError):
    pass


class ClusterError(DlcrError):
    pass


class TrainingError(DlcrError):
    pass


class Cancelled(Exception):
    """Raised by a callback to stop work between steps; carries nothing because nothing went wrong."""
