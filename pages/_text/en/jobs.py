"""Words of the Jobs page."""

JOBS, JOB_WHAT, PROGRESS, LOG = "Jobs", "What", "Progress", "Log"
STARTED, ENDED, SUBMITTED, ATTEMPTS = "Started", "Ended", "Submitted", "Attempts"
ALL_JOBS, BY_STATE, NO_JOBS = (
    "all",
    "Jobs by state",
    "No job here. Start one on the Expand, Train or Data page, and watch it here.",
)
CHOOSE_JOB, ABOUT_JOB, RESULT, COMMAND, COPY = (
    "Choose a job to see its command and log.",
    "About",
    "Result",
    "Command",
    "copy",
)
WORKERS = "Workers: {count}"
NO_WORKER, NO_WORKER_REMEDY = (
    "No worker runs: jobs wait.",
    "The app starts one within a minute; `dlcr worker` is one too.",
)
PAUSING = "pausing…"
JOB_BUTTONS = {
    "first": "Run next",
    "pause": "Pause",
    "cancel": "Cancel",
    "resume": "Resume",
    "retry": "Try again",
    "delete": "Delete",
}
REALLY_DELETE = "Delete it with its log?"
INTERRUPTED_SAYS = "Its worker or its command was stopped. What was done is kept: resume goes on from there."
LEFT, NOTHING = "{time} left", "none"
