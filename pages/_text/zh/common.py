"""Words that several pages show."""

UNEXPECTED = "程序内部出错。"
UNEXPECTED_REMEDY = "详情见程序日志；页面仍可继续使用。"

LANG = "zh-CN"
"""The language as HTML names it."""
PRODUCT = "DLCR Studio"
ANY = "不限"

DATASET, SPLIT, PERSON, CAMERA, OUTFIT = "数据集", "划分", "行人", "摄像头", "服装"
EARLIER, LATER = "上一页", "下一页"
VARIANTS, SEED = "变体", "随机种子"
SETTINGS = "设置"
SCHEDULER = "采样器"
CANCEL = "取消"
ORIGINAL, VARIANT = "原图", "变体"
SAMPLE_SAYS = "{split} · 行人 {pid} · 摄像头 {camid} · 服装 {outfit}"
OF_PERSON, OF_CAMERA, OF_OUTFIT = "行人 {pid}", "摄像头 {camid}", "服装 {outfit}"
VERDICTS = {"accepted": "已接受", "rejected": "已拒绝"}
CHOOSE_ONE = "请选择其中之一：{names}。"
MORE_ONES, AND_MORE = "另有 {count} 项", "另有 {count:,} 项"

JOB, STATE = "任务", "状态"
TOOK, DEVICE = "用时", "设备"
CANCELLING = "正在取消…"
STATES = {
    "queued": "排队中",
    "running": "运行中",
    "paused": "已暂停",
    "done": "已完成",
    "failed": "失败",
    "cancelled": "已取消",
    "interrupted": "已中断",
    "stopped": "已停止",
}
REACHED, REACHED_SO_FAR = "{what}：已完成 {done:,} / {total:,}", "{what}：已完成 {done:,}"

WORK_REACHED = "{says} 进度：{reached}。"
WORK = "当前工作"
START = "开始"
WORK_SAYS = {
    "queued": "正在排队等待…",
    "running": "正在启动…",
    "paused": "已暂停。点“继续”从停下处接着做。",
    "interrupted": "已中断。已完成的部分保留；点“继续”从该处接着做。",
    "cancelled": "已停止。已完成的部分保留；再次开始即可接着做。",
    "failed": "失败。",
    "done": "完成。",
}

RELEASE = "DLCR 发布格式"
IMAGES = "照片"
FOLDER = "文件夹"
SHOW = "显示"
PRIVATE, BLUR_FACES = "隐私模式：人脸已模糊", "模糊人脸（与绘制的图片不再相同）"
EXPORT, ONLY_ACCEPTED = "导出", "仅已接受的变体"
NEEDS_FOLDER, NEEDS_FOLDER_REMEDY = "未给出文件夹。", "请填写本机上的路径。"
MOVED_DONE = "{name}：{images} 张照片的 {variants} 个变体；略过 {bad} 个。"
EXPORTING = "导出 {name} 的变体"
STOPPED_WORK = "已停止。已完成的部分保留；再做一次即可接着做。"
JOB_SAYS = {
    "queued": "正在排队等待…",
    "running": "正在启动…",
    "paused": "已暂停。请在“任务”页继续。",
    "interrupted": "已中断。请在“任务”页继续。",
    "cancelled": STOPPED_WORK,
    "failed": "失败。",
    "done": "完成。",
}
FIGURE_FILE = "插图"
NO_VIEW, NO_VIEW_REMEDY = "地址中没有查询或运行。", "请使用“检索”页给出的地址。"
MANY_DRAWN, MANY_DRAWN_REMEDY = "{count} 张照片太多，无法画成一张图。", "请减少行人数。"
NO_SAMPLE, NO_SAMPLE_REMEDY = "地址中没有样本。", "请使用“工作室”页给出的地址。"
