"""Every word the pages show, in one place."""

UNEXPECTED = "Something went wrong in the program itself."
UNEXPECTED_REMEDY = "The details are in its log; the page still works."

PRODUCT, TITLE = "DLCR Studio", "Studio"
ANY = "any"

FIND = "Find a sample"
DATASET, SPLIT, PERSON, CAMERA, OUTFIT, WORDS = "Data set", "Split", "Person", "Camera", "Outfit", "Words"
WORDS_HINT = "file name, outfit or its prompt"
UPLOAD = "Your own photo (drop it here or click)"
EARLIER, LATER = "Earlier", "Later"
NOTHING_FOUND = "No photo fits. Loosen a filter, or drop in your own photo below."
NO_UPLOADS = "No photo here yet. Drop one in below."

MASK = "Photo and mask"
PARSING = "Finding the clothes…"
UNSAVED = "unsaved"
VERSIONS, KEEP_MASK, OPEN, SHOWN = "Mask versions", "Keep this mask", "open", "shown"
NO_VERSIONS = "No mask yet."
NOT_READY = "There is no mask to work on."
NOT_READY_REMEDY = "Choose a photo that shows a person first."

PROMPT_TITLE = "Clothes"
PROMPT = "Prompt (garments separated by |)"
PROMPT_HINT = "red t-shirt | blue jeans | white shoes"
BY_GARMENT, GARMENT, DROP_GARMENT, ADD_GARMENT = "By garment", "Garment", "Remove garment", "Add garment"
HISTORY, OTHERS = "Earlier prompts of this outfit", "Take another outfit's prompt"
CAPTIONS, SUMMARY, USE = "What the captioner said", "The outfit in one line", "use as prompt"
FRAME = "Frame"
NO_CAPTIONS = "Choose a photo to see what the captioner says of each frame of its outfit."
DESCRIBING = "Describing the frames of this outfit…"
UNDERSTOOD, READ_AS, IGNORED = "The model reads", "read as", "not known, ignored"

VARIANTS, SEED = "Variants", "Seed"
SETTINGS = "Settings"
STEPS, GUIDANCE, SCHEDULER, STRENGTH, NEGATIVE = "Steps", "Guidance", "Scheduler", "Strength", "Negative prompt"
PAINT, CANCEL = "Paint", "Cancel"
WAITING = "Waiting for the model…"
CHECKING = "Checking and keeping…"
STOPPED = "Stopped. Variants finished before are kept."

RESULTS = "Variants"
NO_RESULTS = "Nothing painted yet. Write a prompt on the right and press Paint."
ACCEPT, REJECT, COMPARE, REASON = "Accept", "Reject", "Compare", "Reason"
ACCEPTED, REJECTED = "accepted", "rejected"
ORIGINAL, VARIANT, EDGE = "original", "variant", "Edge between original and variant"
NO_COMPARISON = "Choose Compare on a variant to lay it over the original."
OUTSIDE = "Pixels changed outside the mask"
DRIFT, HEAD_DRIFT = "Identity drift", "head"
DRIFT_NOTE = (
    "Identity drift is 1 − cosine of ImageNet EfficientNet-Lite0 features (0 = same): no re-identification model yet."
)
ASKED, SEEN, AGREEMENT = "Asked", "Captioner sees", "agreement"
NOT_COMPARABLE = "nothing to compare"
LINEAGE, PNG, JSON = "Lineage", "PNG", "JSON"
UNCHECKED = "not checked"

KEYS = "Keys: B brush, E eraser, A add, R remove, [ ] size, M photo or mask, Ctrl+Z undo, Ctrl+Enter paint, Esc cancel"
BACKENDS = "Parser {parser}, captioner {captioner}, summariser {summariser}, inpainter {inpainter}, device {device}"

FIGURE = "Figure 1: three ways to change clothes"
FIGURE_NOTE = (
    "Recolouring the masked clothes, diffusion without a mask (image to image), and DLCR, for the photo, mask, prompt and "
    "seed above. Clothing change is the mean absolute difference of colours inside the mask, 0 to 255. Nothing is kept."
)
FIGURE_DRAW = "Show the three ways"
RECOLOURED, UNMASKED, DLCR = "Recoloured", "Diffusion without mask", "DLCR"
CLOTHING_CHANGE = "Clothing change"

JOBS, JOB, STATE, JOB_WHAT, PROGRESS, LOG = "Jobs", "Job", "State", "What", "Progress", "Log"
STARTED, ENDED, SUBMITTED, TOOK, DEVICE, ATTEMPTS = "Started", "Ended", "Submitted", "Took", "Device", "Attempts"
ALL_JOBS, BY_STATE, NO_JOBS = "all", "Jobs by state", "No job here. Index a folder on the Data page, and watch it here."
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
CANCELLING, PAUSING = "cancelling…", "pausing…"
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

EXPAND = "Expand"
NEW_VARIANTS, WORK, SHEET, COVERAGE = "New variants", "Work", "Newest variants", "Coverage"
VARIANTS_PER_PHOTO, OUTFIT_CHOICE, PROFILE, INPAINTER, LIMIT = (
    "Variants per photo",
    "Outfits",
    "Profile",
    "Inpainter",
    "Only the first photos (0: all)",
)
BY_CHANCE, DIVERSE = "by chance", "diverse (spread over garments and colours)"
INPAINTER_HINT = "the profile's"
STEPS_OR, BATCH_OR = "Steps (0: the profile's)", "Batch (0: the profile's)"
WEIGHT, COMPILE = "Discriminator guidance (0: off)", "Compile the model first"
START, MEASURE = "Start", "Measure"
EXPANDING, MEASURING, CHECKING_SET = (
    "expand {name}",
    "measure the speed of expanding {name}",
    "check variants of {name}",
)
WANTED = "{photos} photos × {variants} variants = {total} images."
THERE = "This split has {count} variants already; those with the same settings are kept, not painted again."
COST = "About {time}, and {disk} of disk ({each} each)."
COST_NO_DISK = "About {time}."
MEASURED = "From job {job}: {made} images at {rate} a second, {overhead} to load and describe."
NOT_MEASURED = "Not measured with these settings yet: Measure paints a few, which Start then keeps."
NO_PHOTOS, NO_PHOTOS_REMEDY = "The data set '{name}' has no photos yet.", "Index it on the Data page."
EXPAND_DONE = "{made} made, {kept} kept, {failed} failed; {rate} images a second."
CHECK_DONE = "{checked} checked: {passed} pass, {rejected} rejected by the gate, {judged} judged by people."
NO_WORK = "Nothing runs. Choose what to paint and press Start."
NO_SHEET = "No variants in this split yet. They appear here beside their photos while they are painted."
BEFORE_AFTER, BEFORE, GENERATED, AFTER = "Before and after", "Real", "Generated", "Together"
OUTFITS_OF_PEOPLE, OUTFITS_EACH = "Outfits, summed over people", "Outfits per person (mean)"
PHOTOS_BY_VARIANTS, PHOTOS_COUNTED, VARIANTS_COUNTED = "Photos by number of usable variants", "photos", "variants"
SHARE = "Grey: real, blue: generated"
BY_PERSON, PER_PHOTO, OWN_OUTFITS, NEW_OUTFITS, REJECTED_ONES = (
    "By person, fewest variants first",
    "Per photo",
    "Own outfits",
    "New outfits",
    "Rejected",
)
MORE_PEOPLE = "and {count} more people"
OUTFITS_NOTE = "New outfits are counted by their prompts; rejected variants are left out."
EXPORT_HINT = "where to write the strips"
QUALITY, GATE, CHECK = "Quality gate", "What fails", "Check"
GATES = {"keep": "only measure", "flag": "reject what falls short", "repaint": "reject and paint it again"}
WORK_SAYS = {
    "queued": "Waiting for its turn…",
    "running": "Starting…",
    "paused": "Paused. Resume goes on where it stopped.",
    "interrupted": "Interrupted. What was done is kept; Resume goes on from there.",
    "cancelled": "Stopped. What was done is kept; start it again to go on.",
    "failed": "It failed.",
    "done": "Done.",
}

TRAIN = "Train"
NEW_RUN, RUN, RUNS, CURVES, COMPARED, ABLATION = "New run", "Run", "Runs", "Curves", "Comparison", "Ablation"
LEARNS_FROM = "Learns from"
KINDS = {
    "photos": "photos only (baseline)",
    "progressive": "photos and variants, progressive",
    "variants": "photos and variants, all from the start",
    "recoloured": "photos and recoloured copies",
}
RUN_HINT = "baseline-0"
TRAIN_NUMBERS = {
    "epochs": "Epochs",
    "seed": "Seed",
    "learning_rate": "Learning rate",
    "photos_per_person": "Photos per person",
    "variants": "Variants per photo, at most",
    "batch": "Batch",
    "evaluate_every": "Test interval (0: never)",
    "triplet_weight": "Triplet weight",
    "height": "Height (0: the backbone's)",
    "width": "Width (0: the backbone's)",
    "clip_frames": "Frames of a clip (1: photos)",
    "clip_stride": "Stride in a clip",
}
BACKBONE, BACKBONE_HINT = "Backbone", "demo, timm:NAME, cal:PATH, hf:HUB_ID"
ACCEPTED_ONLY, CLOTHES_LOSSES = "Only accepted variants", "Clothes classifier and adversarial loss (CAL)"
GUIDANCE_KIND = "Variants painted"
GUIDED_KINDS = {"": "with or without discriminator guidance", "guided": "with it only", "unguided": "without it only"}
NEEDS_RUN, NEEDS_RUN_REMEDY = "The run has no name.", "Give it one, such as baseline-0."
NEEDS_VARIANTS, NEEDS_VARIANTS_REMEDY = (
    "variants: a training with variants needs at least 1 of each photo, got 0.",
    "Ask for some under Settings, or learn from photos only.",
)
IN_TRAINING, IN_TRAINING_REMEDY = "job {job} trains the run '{run}' already.", "Watch it, or choose another name."
TRAINING, EVALUATING, ABLATING = "train {run}", "evaluate {run}", "ablation on {name}"
BATCH_MEANS = "A batch has {people} people with {photos} photos each."
HALF_VARIANTS = "As many variants of these photos come with it."
HALF_RECOLOURED = "As many recoloured copies of these photos come with it."
HALF_NONE = "No variants are used."
NO_TRAINING = "Nothing runs. Name a run and press Start, or go on with one that was stopped."
NO_RUNS = "No run on this data set yet. Start one with the form."
NO_RUN_CHOSEN = "No run is chosen. Show some of the list above."
HIDE, GO_ON, EVALUATE, EVALUATE_BEST = "hide", "go on", "evaluate", "evaluate best"
EXPORT_RUN = "export"
REMOVE_RUN, REALLY_REMOVE_RUN = "remove", "remove it with its files?"
VOTES = "Variants of each query that vote (0: none)"
VOTE = "votes"
WRONG_VOTES, WRONG_VOTES_REMEDY = "From 0 to 100 variants of each query may vote, got {votes}.", "0 asks none of them."
EPOCH, EPOCHS, LAST, LOWEST, HIGHEST, EVERY_EPOCH = (
    "Epoch",
    "Epochs",
    "Last",
    "Lowest",
    "Highest",
    "Every epoch as text",
)
MEASURE_SHOWN, SMOOTHING = "Shown", "Smoothing"
MEASURES = {
    "loss": "Loss",
    "accuracy": "Accuracy in training",
    "rank1": "Rank-1 in tests on the way",
    "mAP": "mAP in tests on the way",
    "identity": "Identity loss",
    "clothes": "Clothes loss",
    "adversarial": "Adversarial loss",
    "learning_rate": "Learning rate",
    "usable_variants": "Usable variants of a photo",
}
VARIANTS_USED, IMAGES_SEEN = "Variants of the set used", "Images seen"
ONLY_DIFFERENT = "Of the settings only those that differ; of each result the best is bold."
NO_SCORES = "None of these runs was evaluated yet. Press evaluate beside a finished one."
YES, NO, OWN = "yes", "no", "own"
TRAINED = "{epochs} epochs in {time}, {seen} images seen; last loss {loss}."
ABLATED = "{count} lines of the table are done."
ARM, SEEDS = "What is trained", "Seeds"
SEEDS_EACH, RUN_ABLATION = "Seeds of each line", "Run"
NO_ABLATION = (
    "No ablation on this data set yet. It trains the baseline, + variants, + progressive, + refinement and + guidance, "
    "each with several seeds; lines appear as they are done."
)
ABLATION_NOTE = (
    "Mean ± standard deviation over seeds under the protocol {protocol}. Time and images are means of one training."
)

DATA = "Data"
DATASETS, INDEX_A_FOLDER, RELEASE = "Data sets", "Index a folder", "DLCR release"
NAME, LAYOUT, IMAGES, PEOPLE, OUTFITS, CAMERAS, SPLITS = (
    "Name",
    "Layout",
    "Photos",
    "People",
    "Outfits",
    "Cameras",
    "Splits",
)
PROTOCOLS, FOLDER, ON_DISK, WHOLE_SET = "Protocols", "Folder", "On disk", "all"
NO_PROTOCOLS = "no queries"
SHOW, REMOVE, REALLY_REMOVE = "show", "remove from the catalog", "remove it? Files stay where they are"
STATISTICS, HEALTH = "Labels", "Health"
PHOTOS_PER_PERSON, OUTFITS_PER_PERSON, CAMERA_MATRIX = (
    "Photos per person",
    "Outfits per person",
    "Photos by split and camera",
)
SPLIT_SIZES = "Sizes by split"
FROM_TO, NUMBER = "from – to", "people"
MANY_CAMERAS = "{count} cameras: too many to list (each photo may be its own)."
FOUND, HOW_MANY, FIRST_ONES = "Found", "How many", "The first ones"
FINDINGS = {
    "unreadable": "Pictures that cannot be read",
    "truncated": "Pictures that break off or are damaged",
    "tiny": "Pictures below 16 pixels on a side",
    "duplicates": "Files with the same bytes",
    "two_ids": "The same file under two persons",
    "people_with_one_outfit": "People with one outfit only",
    "outfits_with_one_picture": "Outfits with one photo only",
    "cameras_without_queries": "Cameras without queries",
}
UNCHECKED_FILES = "Files not opened yet"
HEALTHY = "Nothing found."
FOLDER_HINT, NAME_HINT = "/data/prcc", "prcc"
CHECK_FILES = "Open every file to see whether it can be used"
INDEX, IMPORT, EXPORT, ONLY_ACCEPTED = "Index", "Import", "Export", "Only accepted variants"
RELEASE_HINT = "folder of the strips, or where to write them"
NEEDS_FOLDER, NEEDS_FOLDER_REMEDY = "No folder is given.", "Write its path on this machine."
NEEDS_NAME, NEEDS_NAME_REMEDY = "The data set has no name.", "Give it one, such as prcc."
DISK = "Photos {pictures}, catalog {catalog}; {free} free in the workspace {home}."
INDEX_DONE = (
    "{name}: {images} photos ({new} new, {changed} changed, {gone} gone), {bad} unusable. Layout {layout}. {why}"
)
MOVED_DONE = "{name}: {variants} variants of {images} photos; {bad} left out."
INDEXING, IMPORTING, EXPORTING = "index {name}", "import variants of {name}", "export variants of {name}"
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

UNKNOWN_SET, UNKNOWN_SET_REMEDY = "There is no data set '{name}'.", "Choose another, or index it on the Data page."
NO_QUERIES, NO_QUERIES_REMEDY = (
    "Nothing asks in '{name}': its layout has no queries.",
    "Choose a data set with protocols (the Data page lists them).",
)
NOT_TRAINED, NOT_TRAINED_REMEDY = (
    "There is no trained run yet.",
    "Train a baseline and one with variants, then come back:",
)
NO_FEATURES, NO_FEATURES_REMEDY = (
    "The features of '{name}' by {runs} are not there, or older than the run or the set.",
    "Make them here as a job, or by hand:",
)
EMBED, EMBEDDING = "Make the features", "embed {name} by {run}"

RETRIEVE, QUERIES, ANSWERS, QUERY = "Retrieve", "Queries", "Answers", "Query"
PROTOCOL, FIRST_RUN, OTHER_RUN, NO_OTHER, TOP = "Protocol", "Run A", "Run B", "none", "Answers shown"
SHOW_JUNK, REFINE = "Show junk", "Refine by the query's variants"
ONLY = {
    "": "all",
    "fixed": "fixed by B",
    "broken": "broken by B",
    "lookalike": "wrong answer wears the query's clothes",
}
ONLY_SAYS = {
    "": "Every query, worst first by {run}.",
    "fixed": "First answer wrong by {first}, right by {second}; worst first by {run}.",
    "broken": "First answer right by {first}, wrong by {second}; worst first by {run}.",
    "lookalike": (
        "First answer of {run} is wrong and dressed in like colours: of the colours where a crop shows upper and lower clothes, "
        "at least {share:.0%} agree. Colours only: neither masks nor captions are asked."
    ),
}
WORST_IN, AS_LIST, AS_PICTURES = "worst in {run}", "list", "pictures"
AVERAGE_PRECISION, FIRST_RIGHT = "AP", "first right"
NO_LISTED = "No query here."
CHOOSE_QUERY = "Choose a query on the left."
PREVIOUS, NEXT, NOT_LISTED = "← Previous", "Next →", "not in this list"
PLACE_IN_LIST = "{place} of {count}"
MOVED = {
    "fixed": "fixed by B",
    "broken": "broken by B",
    "right": "first answer right",
    "wrong": "first answer wrong",
}
MARKS = {"right": "✓", "wrong": "✗", "junk": "–"}
MARK_SAYS = {"right": "right", "wrong": "wrong", "junk": "junk, does not count"}
AS_QUERY, IN_STUDIO, IN_SPACE, NEIGHBOURS = "ask with it", "Studio", "Space", "Neighbours"
NO_ANSWERS = "Nothing answers: every picture of this gallery is junk for the query. Choose another camera or protocol."
NO_RIGHT = "no right answer in this gallery"
FIRST_RIGHT_AT = "first right at rank {rank}, AP {precision:.1%}"
WITHOUT_VARIANTS = "No votes: the query has no variants. Paint some in Studio, or dlcr expand {dataset} --split query."
BY_TRACKLETS = "No votes: this protocol asks by tracklets."
VOTES_CAST, VOTED = "Votes", "score 1 + cosine, raised by what each variant adds: original + variants"
RUN_SCORES = "{run}: rank-1 {rank1:.1%}, mAP {mean:.1%}, {queries:,} queries"
SKIPPED = "{count:,} without a right answer left out"
AS_TABLE, RANK, MARK, SCORE, SAMPLE = "As a table", "Rank", "Mark", "Score", "Photo"
RETRIEVE_KEYS = "Keys: N next query, P previous. A picture opens in Studio; “ask with it” makes it the query."

SPACE, METHOD, COLOUR_BY, SHAPE_BY, DRAW_AGAIN = "Space", "Projection", "Colour by", "Shape by", "Draw other people"
METHODS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
COLOURS = {
    "person": "person",
    "outfit": "outfit",
    "camera": "camera",
    "split": "split",
    "error": "first answer",
}
SHAPES = {"outfit": "outfit", "split": "split", "none": "none"}
HOW_MANY_PEOPLE, ALL_PEOPLE, TEST_SPLITS = "People", "all", "test"
TRUST, RULED_BY_PERSON, RULED_BY_OUTFIT, RULED_BY = (
    "Trustworthiness",
    "Silhouette by person",
    "Silhouette by outfit",
    "What rules the space",
)
PERSONS_RULE, CLOTHES_RULE = "persons", "clothes"
MEASURES_SAY = (
    "Trustworthiness: near 1, a point's ten neighbours here are near it in the space too. Silhouettes (-1 to 1) are of the space "
    "itself, over the points shown: the larger one says whether photos group by person or by outfit."
)
CHOOSE_POINT = "Point at a dot to see its photo; click it to keep it here; draw around dots to see them all."
NO_LASSO = "Nothing yet: draw around dots."
LASSOED_MANY = "{count:,} pictures."
MANY_VARIANTS, MANY_VARIANTS_REMEDY = (
    "{count:,} variants are too many to place at once ({most}).",
    "Choose fewer people or variants.",
)
HOLLOW = "hollow: a variant, joined to its photo"
LASSOED, FIRST_SHOWN = "{count:,} pictures of {people} people in {outfits} outfits.", "The first {count} are shown."
FIRST_ANSWER = "first answer"
PLACING, PLACING_LATER = (
    "place {name} by {run}",
    "{count:,} points take minutes to place: a job does it, this page shows it.",
)
NO_PLOTLY = "plotly did not load: is it installed? pip install plotly"
UNASKED = "no query, or no right answer"
PLOT_SAYS = "Points of the photos, a plane for each run; the table below says the same in words."
SELECTION = "Lassoed"
