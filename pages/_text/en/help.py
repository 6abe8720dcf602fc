"""Words of the keyboard help and of the tour."""

HELP, HELP_TITLE, CLOSE = "Keys", "Keys", "Close"
KEYS_OF = {"studio": "On this page", "retrieve": "On this page", "everywhere": "On every page"}
SHORTCUTS = {
    "studio": {
        "N": "Next photo",
        "P": "Previous photo",
        "M": "Photo with the mask or without",
        "B": "Brush",
        "E": "Eraser",
        "A": "Click what belongs to the mask",
        "R": "Click what does not belong to the mask",
        "[": "Smaller brush",
        "]": "Larger brush",
        "Ctrl+Z": "Undo",
        "Ctrl+Shift+Z": "Redo",
        "Ctrl+Enter": "Paint",
        "Esc": "Cancel painting",
        "V": "Compare the next variant with the photo",
        "Y": "Accept the variant compared, else the first that is not judged",
        "X": "Reject it",
    },
    "retrieve": {
        "N": "Next query",
        "P": "Previous query",
        "Ctrl+Enter": "Try the outfits on",
        "Esc": "Stop trying on",
    },
    "everywhere": {
        "?": "Show or close these keys",
        "← →": "Go through pictures and buttons of a list",
        "Tab": "Go to the next control",
    },
}
"""Keys by page, as they are pressed, and what they do."""

TOUR, TOUR_START, TOUR_NO = "Tour", "Start the tour", "No, thanks"
TOUR_OFFER = (
    "New here? Six short steps show what is where. The tour can be left at any step, and started again at the top."
)
TOUR_LEAVE, TOUR_BACK, TOUR_NEXT, TOUR_END = "Leave", "Back", "Next", "Finish"
TOUR_STEPS = (
    (
        "Choose a photo",
        "Every photo of the data set, by split, person, camera, outfit or words. Your own photo goes in below.",
    ),
    (
        "See what is repainted",
        "The clothes are found by themselves. Correct them by class, brush or click; head and hands stay.",
    ),
    (
        "Say what to wear",
        "The captioner describes the outfit. Write another one, or take it from somebody else in the data set.",
    ),
    (
        "Paint",
        "Variants appear while they are painted. Outside the mask not one pixel changes. Cancel stops at the next step.",
    ),
    ("Compare and judge", "Lay a variant over its photo, read what was measured, accept or reject it with a reason."),
    (
        "From one photo to a data set",
        "Expand paints whole data sets, Train learns from them, Space and Retrieve show what it changed.",
    ),
)
"""Title and text of each step."""
