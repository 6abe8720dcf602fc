"""Words of the Data page."""

DATA = "Data"
DATASETS, INDEX_A_FOLDER = "Data sets", "Index a folder"
NAME, LAYOUT, PEOPLE, OUTFITS, CAMERAS = "Name", "Layout", "People", "Outfits", "Cameras"
PROTOCOLS, ON_DISK, WHOLE_SET = "Protocols", "On disk", "all"
NO_PROTOCOLS = "no queries"
REMOVE, REALLY_REMOVE = "remove from the catalog", "remove it? Files stay where they are"
HEALTH = "Health"
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
INDEX, IMPORT = "Index", "Import"
RELEASE_HINT = "folder of the strips, or where to write them"
NEEDS_NAME, NEEDS_NAME_REMEDY = "The data set has no name.", "Give it one, such as prcc."
DISK = "Photos {pictures}, catalog {catalog}; {free} free in the workspace {home}."
INDEX_DONE = (
    "{name}: {images} photos ({new} new, {changed} changed, {gone} gone), {bad} unusable. Layout {layout}. {why}"
)
INDEXING, IMPORTING = "index {name}", "import variants of {name}"
