"""Words that several pages show."""

UNEXPECTED = "Something went wrong in the program itself."
UNEXPECTED_REMEDY = "The details are in its log; the page still works."

LANG = "en"
"""The language as HTML names it."""
PRODUCT = "DLCR Studio"
ANY = "any"

DATASET, SPLIT, PERSON, CAMERA, OUTFIT = "Data set", "Split", "Person", "Camera", "Outfit"
EARLIER, LATER = "Earlier", "Later"
VARIANTS, SEED = "Variants", "Seed"
SETTINGS = "Settings"
SCHEDULER = "Scheduler"
CANCEL = "Cancel"
ORIGINAL, VARIANT = "original", "variant"
SAMPLE_SAYS = "{split} · person {pid} · camera {camid} · outfit {outfit}"
OF_PERSON, OF_CAMERA, OF_OUTFIT = "person {pid}", "camera {camid}", "outfit {outfit}"
VERDICTS = {"accepted": "accepted", "rejected": "rejected"}
CHOOSE_ONE = "Choose one of: {names}."
MORE_ONES, AND_MORE = "{count} more", "and {count:,} more"

JOB, STATE = "Job", "State"
TOOK, DEVICE = "Took", "Device"
CANCELLING = "cancelling…"
STATES = {
    "queued": "queued",
    "running": "running",
    "paused": "paused",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
    "stopped": "stopped",
}
REACHED, REACHED_SO_FAR = "{what}: {done:,} of {total:,}", "{what}: {done:,}"

WORK_REACHED = "{says} {reached}."
WORK = "Work"
START = "Start"
WORK_SAYS = {
    "queued": "Waiting for its turn…",
    "running": "Starting…",
    "paused": "Paused. Resume goes on where it stopped.",
    "interrupted": "Interrupted. What was done is kept; Resume goes on from there.",
    "cancelled": "Stopped. What was done is kept; start it again to go on.",
    "failed": "It failed.",
    "done": "Done.",
}

RELEASE = "DLCR release"
IMAGES = "Photos"
FOLDER = "Folder"
SHOW = "show"
PRIVATE, BLUR_FACES = "privacy mode: faces are blurred", "Blur faces (others than the painted pictures then)"
EXPORT, ONLY_ACCEPTED = "Export", "Only accepted variants"
NEEDS_FOLDER, NEEDS_FOLDER_REMEDY = "No folder is given.", "Write its path on this machine."
MOVED_DONE = "{name}: {variants} variants of {images} photos; {bad} left out."
EXPORTING = "export variants of {name}"
STOPPED_WORK = "Stopped. What was done is kept; do it again to go on."
JOB_SAYS = {
    "queued": "Waiting for its turn…",
    "running": "Starting…",
    "paused": "Paused. Resume it on the Jobs page.",
    "interrupted": "Interrupted. Resume it on the Jobs page.",
    "cancelled": STOPPED_WORK,
    "failed": "It failed.",
    "done": "Done.",
}
FIGURE_FILE = "Figure"
NO_VIEW, NO_VIEW_REMEDY = "the address names no query or no run.", "Take it from the Retrieve page."
MANY_DRAWN, MANY_DRAWN_REMEDY = "{count} photos are too many for a figure.", "Choose fewer people."
NO_SAMPLE, NO_SAMPLE_REMEDY = "the address names no sample.", "Take it from the Studio."
