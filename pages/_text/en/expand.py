"""Words of the Expand page."""

EXPAND = "Expand"
NEW_VARIANTS, SHEET, COVERAGE = "New variants", "Newest variants", "Coverage"
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
MEASURE = "Measure"
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
UNKNOWN_GATE = "unknown gate '{name}'."
