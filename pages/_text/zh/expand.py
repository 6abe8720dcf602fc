"""Words of the Expand page."""

EXPAND = "扩充"
NEW_VARIANTS, SHEET, COVERAGE = "新变体", "最新变体", "覆盖情况"
VARIANTS_PER_PHOTO, OUTFIT_CHOICE, PROFILE, INPAINTER, LIMIT = (
    "每张照片的变体数",
    "服装选取",
    "配置方案",
    "修复模型",
    "仅前若干张照片（0：全部）",
)
BY_CHANCE, DIVERSE = "随机", "多样（分散于各类服饰与颜色）"
INPAINTER_HINT = "按配置方案"
STEPS_OR, BATCH_OR = "步数（0：按配置方案）", "批大小（0：按配置方案）"
WEIGHT, COMPILE = "判别器引导（0：关闭）", "先编译模型"
MEASURE = "测速"
EXPANDING, MEASURING, CHECKING_SET = (
    "扩充 {name}",
    "测量扩充 {name} 的速度",
    "检查 {name} 的变体",
)
WANTED = "{photos} 张照片 × {variants} 个变体 = {total} 张图像。"
THERE = "该划分已有 {count} 个变体；设置相同的会保留，不再重新绘制。"
COST = "约需 {time}，磁盘 {disk}（每张 {each}）。"
COST_NO_DISK = "约需 {time}。"
MEASURED = "依据任务 {job}：{made} 张图像，每秒 {rate} 张，加载与描述用时 {overhead}。"
NOT_MEASURED = "尚未按这些设置测速：“测速”会绘制几张，“开始”时予以保留。"
NO_PHOTOS, NO_PHOTOS_REMEDY = "数据集 '{name}' 还没有照片。", "请在“数据”页为其建立索引。"
EXPAND_DONE = "新绘制 {made}，保留 {kept}，失败 {failed}；每秒 {rate} 张图像。"
CHECK_DONE = "已检查 {checked}：通过 {passed}，被质量门拒绝 {rejected}，已由人工评判 {judged}。"
NO_WORK = "当前没有任务。选择要绘制的内容，然后点“开始”。"
NO_SHEET = "该划分还没有变体。绘制过程中，变体会与原照片并排显示在这里。"
BEFORE_AFTER, BEFORE, GENERATED, AFTER = "扩充前后", "真实", "生成", "合计"
OUTFITS_OF_PEOPLE, OUTFITS_EACH = "服装数（各行人之和）", "每位行人的服装数（均值）"
PHOTOS_BY_VARIANTS, PHOTOS_COUNTED, VARIANTS_COUNTED = "按可用变体数统计的照片", "照片", "变体"
SHARE = "灰：真实，蓝：生成"
BY_PERSON, PER_PHOTO, OWN_OUTFITS, NEW_OUTFITS, REJECTED_ONES = (
    "按行人，变体最少者在前",
    "每张照片",
    "自有服装",
    "新服装",
    "被拒绝",
)
MORE_PEOPLE = "另有 {count} 位行人"
OUTFITS_NOTE = "新服装按提示词计数；被拒绝的变体不计入。"
EXPORT_HINT = "写入拼接图的位置"
QUALITY, GATE, CHECK = "质量门", "未达标者", "检查"
GATES = {"keep": "仅测量", "flag": "拒绝未达标者", "repaint": "拒绝并重新绘制"}
UNKNOWN_GATE = "未知的质量门 '{name}'。"
