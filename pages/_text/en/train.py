"""Words of the Train page."""

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
    "batch": "Batch (0: the usual)",
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
UNKNOWN_KIND = "unknown kind of training '{name}'."
NO_FLAGS, NO_FLAGS_REMEDY = "the run has {names} that `dlcr train` cannot be told.", "Go on with it from Python."
TOO_FEW, TOO_FEW_REMEDY = "{name}: at least 1, got {value}.", "Change it and try again."
YES, NO, OWN = "yes", "no", "own"
TRAINED = "{epochs} epochs in {time}, {seen} images seen; last loss {loss}."
ABLATED = "{count} lines of the table are done."
ARM, SEEDS = "What is trained", "Seeds"
SEEDS_EACH, RUN_ABLATION = "Seeds of each line", "Run"
NO_ABLATION = (
    "No ablation on this data set yet. Run trains the baseline, + variants, + progressive, + refinement and + guidance, each with "
    "several seeds; lines appear as they are done. Those with variants need an expanded train split."
)
ABLATION_NOTE = (
    "Mean ± standard deviation over seeds under the protocol {protocol}. Time and images are means of one training."
)
