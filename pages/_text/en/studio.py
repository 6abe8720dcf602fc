"""Words of the Studio page."""

TITLE = "Studio"

FIND = "Find a sample"
FIND_WORDS = "Words"
WORDS_HINT = "file name, outfit or its prompt"
UPLOAD = "Your own photo (drop it here or click)"
DROP_HERE = "Own photo: drop it here, or click"
NO_PHOTO, NO_PHOTO_REMEDY = "no photo was given.", "Drop a JPEG or PNG file."
OWN_PHOTO, ONE_PHOTO, SOME_PHOTOS = "own photo {name}", "1 photo", "{count} photos"
NOTHING_FOUND = "No photo fits. Loosen a filter, or drop in your own photo below."
NO_UPLOADS = "No photo here yet. Drop one in below."

MASK = "Photo and mask"
EDITOR = {
    "tools": "Mask tools",
    "show": "Show",
    "photo_says": "Photo only (M)",
    "photo": "Photo",
    "mask_says": "Photo with the mask (M)",
    "mask": "Mask",
    "alone_says": "Mask alone",
    "alone": "Mask only",
    "parsing_says": "What the parser saw",
    "parsing": "Parsing",
    "diff_says": "Blue: added to the automatic mask; orange: removed from it",
    "diff": "Difference",
    "tool": "Tool",
    "brush_says": "Brush (B)",
    "brush": "Brush",
    "eraser_says": "Eraser (E)",
    "eraser": "Eraser",
    "add_says": "Click what belongs to the mask (A)",
    "add": "Click +",
    "remove_says": "Click what does not belong to the mask (R)",
    "remove": "Click −",
    "size": "Size",
    "history": "History",
    "undo_says": "Undo (Ctrl+Z)",
    "undo": "Undo",
    "redo_says": "Redo (Ctrl+Shift+Z)",
    "redo": "Redo",
    "stage": "Mask editor: arrow keys move the brush, space paints or clicks",
    "empty": "Choose a photo from the list, or drop in your own. Its clothes are found and can be corrected here.",
    "busy": "Looking at what you clicked…",
    "classes": "Classes to repaint",
    "protect": "Protect head and hands",
    "limbs": "Bare arms and legs too",
    "limbs_says": "For clothes that cover more than those worn; hands stay",
    "grow": "Grow or shrink",
}
PARSING = "Finding the clothes…"
UNSAVED = "unsaved"
VERSIONS, KEEP_MASK, OPEN, SHOWN = "Mask versions", "Keep this mask", "open", "shown"
NO_VERSIONS = "No mask yet."
VERSION_HEADS = ("version", "source", "covers", "IoU to automatic", "from")
FROM_MASK, SOURCES = "mask {mask}", {"hand": "hand"}
MASK_SAYS = "covers {coverage:.1%} · IoU to automatic {iou:.3f} · +{added} −{removed} px"
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
STEPS, GUIDANCE, STRENGTH, NEGATIVE = "Steps", "Guidance", "Strength", "Negative prompt"
PAINT = "Paint"
WAITING = "Waiting for the model…"
CHECKING = "Checking and keeping…"
STOPPED = "Stopped. Variants finished before are kept."
STEP_SAYS, SECONDS_LEFT = "step {index} of {total} · {done} of {count} variants done", "about {seconds} s left"
PREVIEW = "preview"
NO_PROMPT, NO_PROMPT_REMEDY = "the prompt is empty.", "Describe the clothes, such as: {hint}"
NOT_WHOLE, NOT_WHOLE_REMEDY = "{name} must be a whole number between {least} and {most}, got {value}.", "Change it."

RESULTS = "Variants"
NO_RESULTS = "Nothing painted of this photo yet. Write a prompt and press Paint."
NOTHING_CHOSEN = "Choose a photo: its variants are compared and judged here. The first photos of world come with some."
ACCEPT, REJECT, COMPARE, REASON = "Accept", "Reject", "Compare", "Reason"
EDGE = "Edge between original and variant"
NO_COMPARISON = "Choose Compare on a variant to lay it over the original."
OUTSIDE = "Pixels changed outside the mask"
DRIFT, HEAD_DRIFT = "Identity drift", "head"
DRIFT_NOTE = (
    "Identity drift is 1 − cosine of ImageNet EfficientNet-Lite0 features (0 = same): no re-identification model yet."
)
SEEN, AGREEMENT = "Captioner sees", "agreement"
NOT_COMPARABLE = "nothing to compare"
LINEAGE, PNG, JSON = "Lineage", "PNG", "JSON"
UNCHECKED = "not checked"

KEYS = "Everything works with the keyboard: press ? for the keys."
BACKENDS = "Parser {parser}, captioner {captioner}, summariser {summariser}, inpainter {inpainter}, device {device}"

FIGURE = "Figure 1: three ways to change clothes"
FIGURE_NOTE = (
    "Recolouring the masked clothes, diffusion without a mask (image to image), and DLCR, for the photo, mask, prompt and "
    "seed above. Clothing change is the mean absolute difference of colours inside the mask, 0 to 255. Nothing is kept."
)
FIGURE_DRAW = "Show the three ways"
WAYS = {"recoloured": "Recoloured", "unmasked": "Diffusion without mask", "dlcr": "DLCR"}
FIGURE_GONE, FIGURE_GONE_REMEDY = "this figure is not kept any more.", "Draw it again in the Studio."
CLOTHING_CHANGE = "Clothing change"
NEIGHBOURS = "Neighbours"

IN_LINE = "Waiting for others who paint: {ahead} before you, {count} in the line."
JOB_HOLDS = "Job {job} holds the device: painting starts when it ends, or when it is asked to yield."
DEVICE_TAKEN = "Another program holds the device: painting starts when it gives it back."
JOB_COMPUTES, JOB_YIELDS = "Job {job} computes here: {what}.", "Job {job} waits between two batches: {what}."
ASK_TO_YIELD, ASK_TO_YIELD_SAYS = (
    "let it wait while I paint",
    "Ask job {job} to wait between two batches while you paint",
)
ASK_IT_REMEDY = "Ask for it again later; in the Studio a job can be asked to wait."
PAINTING_NOW = "{count} in the line to paint."
LINE_FULL, LINE_FULL_REMEDY = "{count} of your orders are in the line already.", "Wait for one, or cancel it."
CANNOT_YIELD = "job {job} does not run any more, or is about to end."
