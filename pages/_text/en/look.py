"""Words of the pages that look at what runs learned: Retrieve and Space."""

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
PLACE_IN_LIST, PART_OF = "{place} of {count}", "{first:,} – {last:,} of {count:,}"
CAM = "cam {camid}"
MOVED = {
    "fixed": "fixed by B",
    "broken": "broken by B",
    "right": "first answer right",
    "wrong": "first answer wrong",
}
MARKS = {"right": "✓", "wrong": "✗", "junk": "–"}
MARK_WORDS = {"right": "right", "wrong": "wrong", "junk": "junk"}
MARK_SAYS = {"right": "right", "wrong": "wrong", "junk": "junk, does not count"}
AS_QUERY, IN_STUDIO, IN_SPACE = "ask with it", "Studio", "Space"
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

WARDROBE = "Wardrobe"
WEAR_SAYS = (
    "The query can be dressed in other outfits to see whether its person is still found. Nothing of it is kept. Choose outfits of "
    "the train split, write your own, or leave both empty for five that are as unlike as can be."
)
OUTFITS_TO_WEAR, OWN_OUTFIT, OWN_WORDS = "Outfits", "or in your own words", "own words"
TRY_ON, STOP_TRYING, TRYING = "Try on", "Stop", "{done} of {count} outfits tried on"
NO_OUTFITS = "There is nothing to try on: no outfit of '{name}' has a prompt that the inpainter understands."
NO_OUTFITS_REMEDY = "Describe the data set (dlcr describe {name}), or write the clothes yourself."
AS_IT_IS, SIMILARITY = "as it is", "similarity"
SENSITIVITY = "{run}: clothing sensitivity {value:.3f}; right at rank 1 in {held} of {count} outfits"
SENSITIVITY_SAYS = (
    "Clothing sensitivity: mean absolute change of the mean cosine to the right answers when only the clothes change; "
    "0 where they do not matter."
)
RANKS_OVER_OUTFITS = "Rank of the first right answer, 1 at the top, {worst} at the bottom; run A solid, run B dashed."
RESTS, WHY, WHY_SAYS = "What a match rests on", "why?", "What the match rests on"
RESTS_HINT = "“why?” below an answer shows what its similarity to the query rests on: clothes, head or the rest."
RESTS_SAYS = (
    "Query and answer, what speaks for the match in orange, what speaks against it in blue; full colour is a loss of {scale:.3f} "
    "of the cosine where a square hides the photo. A white line bounds the clothes. The bars say what clothes, head and rest add, "
    "hidden and shown in every order."
)
RESTS_PARTS = {"clothes": "clothes", "head": "head", "rest": "rest"}
RESTS_IN_ALL = "similarity {similarity:.3f} = {base:.3f} without anything + {parts}"
PART_ADDS, PART_SHARE, PART_POSITIVE, PART_AREA = "adds", "share", "of what speaks for it", "of the picture"
LOOKING_INTO, HEAT_OF, ANSWER = "Hiding parts of both photos…", "heat of {run} over {what}", "Answer"
CASE_BLURRED = "faces blurred"
CASE, CASE_FILE = "A query of {dataset}, protocol {protocol}, photo {sample}", "Case report"
CASE_VARIANTS, CASE_RUNS = "Painted variants of the query", "Runs"
WORN_PROMPT, STOPPED_TRYING = "Prompt", "Stopped."

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
NEAREST, USUAL = "Neighbours", "usual"
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
PLACING_POINTS = "Placing the points…"
PLACING, PLACING_LATER = (
    "place {name} by {run}",
    "{count:,} points take minutes to place: a job does it, this page shows it.",
)
NO_PLOTLY = "plotly did not load: is it installed? pip install plotly"
PLOTLY_MISSING, PLOTLY_MISSING_REMEDY = (
    "the Space page needs plotly, which is not installed.",
    "Install it: pip install plotly",
)
POINTS_GONE = "These points are not kept any more: load the page again."
UNASKED = "no query, or no right answer"
PLOT_SAYS = "Points of the photos, a plane for each run; the table below says the same in words."
SELECTION = "Lassoed"
