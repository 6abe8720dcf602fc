"""Words of the Studio page."""

TITLE = "工作室"

FIND = "查找样本"
FIND_WORDS = "关键词"
WORDS_HINT = "文件名、服装或其提示词"
UPLOAD = "自己的照片（拖到此处或点击）"
DROP_HERE = "自己的照片：拖到此处，或点击"
NO_PHOTO, NO_PHOTO_REMEDY = "没有收到照片。", "请拖入一个 JPEG 或 PNG 文件。"
OWN_PHOTO, ONE_PHOTO, SOME_PHOTOS = "自己的照片 {name}", "1 张照片", "{count} 张照片"
NOTHING_FOUND = "没有符合条件的照片。请放宽筛选条件，或在下方拖入自己的照片。"
NO_UPLOADS = "这里还没有照片。请在下方拖入一张。"

MASK = "照片与掩码"
EDITOR = {
    "tools": "掩码工具",
    "show": "显示",
    "photo_says": "仅照片 (M)",
    "photo": "照片",
    "mask_says": "照片与掩码 (M)",
    "mask": "掩码",
    "alone_says": "单独显示掩码",
    "alone": "仅掩码",
    "parsing_says": "解析器的结果",
    "parsing": "解析",
    "diff_says": "蓝色：在自动掩码上添加的部分；橙色：从中去除的部分",
    "diff": "差异",
    "tool": "工具",
    "brush_says": "画笔 (B)",
    "brush": "画笔",
    "eraser_says": "橡皮擦 (E)",
    "eraser": "橡皮擦",
    "add_says": "点击应属于掩码的部分 (A)",
    "add": "点选 +",
    "remove_says": "点击不应属于掩码的部分 (R)",
    "remove": "点选 −",
    "size": "大小",
    "history": "历史",
    "undo_says": "撤销 (Ctrl+Z)",
    "undo": "撤销",
    "redo_says": "重做 (Ctrl+Shift+Z)",
    "redo": "重做",
    "stage": "掩码编辑器：方向键移动画笔，空格键绘制或点选",
    "empty": "从列表中选择一张照片，或拖入自己的照片。程序会找出其中的服装，可在此修正。",
    "busy": "正在分析点击处…",
    "classes": "要重绘的类别",
    "protect": "保护头部和手部",
    "limbs": "包括裸露的手臂和腿",
    "limbs_says": "用于比原衣服覆盖更多的衣服；手部保持不变",
    "grow": "扩大或收缩",
}
PARSING = "正在解析服装…"
UNSAVED = "未保存"
VERSIONS, KEEP_MASK, OPEN, SHOWN = "掩码版本", "保存此掩码", "打开", "当前"
NO_VERSIONS = "还没有掩码。"
VERSION_HEADS = ("版本", "来源", "覆盖率", "与自动掩码的 IoU", "源自")
FROM_MASK, SOURCES = "掩码 {mask}", {"hand": "手工"}
MASK_SAYS = "覆盖 {coverage:.1%} · 与自动掩码的 IoU {iou:.3f} · +{added} −{removed} px"
NOT_READY = "没有可编辑的掩码。"
NOT_READY_REMEDY = "请先选择一张有行人的照片。"

PROMPT_TITLE = "服装"
PROMPT = "提示词（英文，各件服饰以 | 分隔）"
PROMPT_HINT = "red t-shirt | blue jeans | white shoes"
BY_GARMENT, GARMENT, DROP_GARMENT, ADD_GARMENT = "逐件编辑", "服饰", "移除服饰", "添加服饰"
HISTORY, OTHERS = "该服装以前的提示词", "采用其他服装的提示词"
CAPTIONS, SUMMARY, USE = "描述模型的输出", "整套服装的一行概括", "用作提示词"
FRAME = "帧"
NO_CAPTIONS = "选择一张照片，查看描述模型对该服装每一帧的描述。"
DESCRIBING = "正在描述该服装的各帧…"
UNDERSTOOD, READ_AS, IGNORED = "模型读到", "读作", "未知，已忽略"
STEPS, GUIDANCE, STRENGTH, NEGATIVE = "步数", "引导系数", "强度", "负向提示词"
PAINT = "绘制"
WAITING = "正在等待模型…"
CHECKING = "正在检查并保存…"
STOPPED = "已停止。此前完成的变体保留。"
STEP_SAYS, SECONDS_LEFT = "第 {index} 步，共 {total} 步 · 已完成 {done} / {count} 个变体", "约剩 {seconds} 秒"
PREVIEW = "预览"
NO_PROMPT, NO_PROMPT_REMEDY = "提示词为空。", "请用英文描述服装，例如：{hint}"
NOT_WHOLE, NOT_WHOLE_REMEDY = "{name}必须是 {least} 到 {most} 之间的整数，得到的是 {value}。", "请修改。"

RESULTS = "变体"
NO_RESULTS = "这张照片还没有变体。填写提示词，然后点“绘制”。"
NOTHING_CHOSEN = "选择一张照片：在这里比较和评判它的变体。world 的前几张照片自带变体。"
ACCEPT, REJECT, COMPARE, REASON = "接受", "拒绝", "对比", "理由"
EDGE = "原图与变体的分界"
NO_COMPARISON = "点某个变体的“对比”，将其叠放在原图上。"
OUTSIDE = "掩码外改变的像素"
DRIFT, HEAD_DRIFT = "身份漂移", "头部"
DRIFT_NOTE = "身份漂移为 1 − ImageNet EfficientNet-Lite0 特征的余弦相似度（0 = 相同）：此处尚未使用行人重识别模型。"
SEEN, AGREEMENT = "描述模型所见", "一致"
NOT_COMPARABLE = "无可比较"
LINEAGE, PNG, JSON = "来历", "PNG", "JSON"
UNCHECKED = "未检查"

KEYS = "所有操作都可用键盘完成：按 ? 查看快捷键。"
BACKENDS = "解析器 {parser}，描述模型 {captioner}，归纳模型 {summariser}，修复模型 {inpainter}，设备 {device}"

FIGURE = "图 1：三种换装方式"
FIGURE_NOTE = (
    "对掩码内的服装重新着色、不用掩码的扩散（图生图），以及 DLCR，均使用上面的照片、掩码、提示词和种子。"
    "服装变化为掩码内颜色差的平均绝对值，0 到 255。结果不保留。"
)
FIGURE_DRAW = "显示三种方式"
WAYS = {"recoloured": "重新着色", "unmasked": "无掩码扩散", "dlcr": "DLCR"}
FIGURE_GONE, FIGURE_GONE_REMEDY = "该图已不再保留。", "请在“工作室”重新绘制。"
CLOTHING_CHANGE = "服装变化"
NEIGHBOURS = "近邻"

IN_LINE = "等待其他人绘制：前面还有 {ahead} 个，队列共 {count} 个。"
JOB_HOLDS = "任务 {job} 占用设备：待其结束或让出后开始绘制。"
DEVICE_TAKEN = "另一个程序占用设备：待其归还后开始绘制。"
JOB_COMPUTES, JOB_YIELDS = "任务 {job} 正在此设备上计算：{what}。", "任务 {job} 在两个批次之间等待：{what}。"
ASK_TO_YIELD, ASK_TO_YIELD_SAYS = "绘制时让它等待", "请任务 {job} 在你绘制期间于批次之间等待"
ASK_IT_REMEDY = "请稍后再试；在工作室中可以请任务等待。"
PAINTING_NOW = "绘制队列中有 {count} 个。"
LINE_FULL, LINE_FULL_REMEDY = "你已有 {count} 个请求在排队。", "请等待其中一个完成，或将其取消。"
CANNOT_YIELD = "任务 {job} 已不在运行，或即将结束。"
