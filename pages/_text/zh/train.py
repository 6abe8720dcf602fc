"""Words of the Train page."""

TRAIN = "训练"
NEW_RUN, RUN, RUNS, CURVES, COMPARED, ABLATION = "新运行", "运行", "运行列表", "曲线", "对比", "消融实验"
LEARNS_FROM = "学习数据"
KINDS = {
    "photos": "仅照片（基线）",
    "progressive": "照片与变体，渐进式",
    "variants": "照片与变体，从一开始全部使用",
    "recoloured": "照片与重新着色的副本",
}
RUN_HINT = "baseline-0"
TRAIN_NUMBERS = {
    "epochs": "训练轮数",
    "seed": "随机种子",
    "learning_rate": "学习率",
    "photos_per_person": "每位行人的照片数",
    "variants": "每张照片的变体数上限",
    "batch": "批大小（0：默认）",
    "evaluate_every": "测试间隔（0：不测试）",
    "triplet_weight": "三元组损失权重",
    "height": "高度（0：按骨干网络）",
    "width": "宽度（0：按骨干网络）",
    "clip_frames": "视频片段帧数（1：照片）",
    "clip_stride": "片段内的帧间隔",
}
BACKBONE, BACKBONE_HINT = "骨干网络", "demo、timm:NAME、cal:PATH 或 hf:HUB_ID"
ACCEPTED_ONLY, CLOTHES_LOSSES = "仅已接受的变体", "服装分类器与对抗损失（CAL）"
GUIDANCE_KIND = "所用变体"
GUIDED_KINDS = {"": "不论有无判别器引导", "guided": "仅有判别器引导的", "unguided": "仅无判别器引导的"}
NEEDS_RUN, NEEDS_RUN_REMEDY = "运行没有名称。", "请起一个名称，例如 baseline-0。"
NEEDS_VARIANTS, NEEDS_VARIANTS_REMEDY = (
    "variants：使用变体训练时，每张照片至少需要 1 个变体，得到的是 0。",
    "请在“设置”中填写变体数，或改为仅用照片学习。",
)
IN_TRAINING, IN_TRAINING_REMEDY = "任务 {job} 已在训练运行 '{run}'。", "请查看该任务，或换一个名称。"
TRAINING, EVALUATING, ABLATING = "训练 {run}", "评测 {run}", "{name} 上的消融实验"
BATCH_MEANS = "每批含 {people} 位行人，每人 {photos} 张照片。"
HALF_VARIANTS = "另加同样数量的这些照片的变体。"
HALF_RECOLOURED = "另加同样数量的这些照片的重新着色副本。"
HALF_NONE = "不使用变体。"
NO_TRAINING = "当前没有任务。给运行起名后点“开始”，或继续一个已停止的运行。"
NO_RUNS = "该数据集还没有运行。请用表单开始一个。"
NO_RUN_CHOSEN = "未选择运行。请在上面的列表中选择要显示的运行。"
HIDE, GO_ON, EVALUATE, EVALUATE_BEST = "隐藏", "继续", "评测", "评测最佳"
EXPORT_RUN = "导出"
REMOVE_RUN, REALLY_REMOVE_RUN = "移除", "连同文件一起移除？"
VOTES = "每个查询参与投票的变体数（0：无）"
VOTE = "票"
WRONG_VOTES, WRONG_VOTES_REMEDY = "每个查询可有 0 至 100 个变体参与投票，得到的是 {votes}。", "0 表示不用变体投票。"
EPOCH, EPOCHS, LAST, LOWEST, HIGHEST, EVERY_EPOCH = (
    "轮次",
    "轮数",
    "最后",
    "最低",
    "最高",
    "以文字列出每一轮",
)
MEASURE_SHOWN, SMOOTHING = "显示指标", "平滑"
MEASURES = {
    "loss": "损失",
    "accuracy": "训练准确率",
    "rank1": "训练期间测试的 Rank-1",
    "mAP": "训练期间测试的 mAP",
    "identity": "身份损失",
    "clothes": "服装损失",
    "adversarial": "对抗损失",
    "learning_rate": "学习率",
    "usable_variants": "每张照片的可用变体数",
}
VARIANTS_USED, IMAGES_SEEN = "所用变体总数", "训练中看过的图像数"
ONLY_DIFFERENT = "设置只列出不同的项；每项结果的最佳值以粗体显示。"
NO_SCORES = "这些运行都还没有评测。请点已完成运行旁的“评测”。"
UNKNOWN_KIND = "未知的训练类型 '{name}'。"
NO_FLAGS, NO_FLAGS_REMEDY = "该运行的 {names} 无法用 `dlcr train` 的参数表示。", "请在 Python 中继续该运行。"
TOO_FEW, TOO_FEW_REMEDY = "{name}：至少为 1，得到的是 {value}。", "请修改后重试。"
YES, NO, OWN = "是", "否", "默认"
TRAINED = "{epochs} 轮，用时 {time}，看过 {seen} 张图像；最后损失 {loss}。"
ABLATED = "表中已完成 {count} 行。"
ARM, SEEDS = "训练方案", "种子数"
SEEDS_EACH, RUN_ABLATION = "每行的种子数", "运行"
NO_ABLATION = (
    "该数据集还没有消融实验。点“运行”后依次训练基线、+ 变体、+ 渐进式、+ 查询精化和 + 判别器引导，"
    "每项使用多个种子；各行完成后随即显示。含变体的各行需要先扩充训练划分。"
)
ABLATION_NOTE = "协议 {protocol} 下各种子的均值 ± 标准差。用时与图像数为单次训练的均值。"
