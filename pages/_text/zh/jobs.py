"""Words of the Jobs page."""

JOBS, JOB_WHAT, PROGRESS, LOG = "任务", "内容", "进度", "日志"
STARTED, ENDED, SUBMITTED, ATTEMPTS = "开始时间", "结束时间", "提交时间", "尝试次数"
ALL_JOBS, BY_STATE, NO_JOBS = (
    "全部",
    "按状态筛选任务",
    "这里还没有任务。可在“扩充”、“训练”或“数据”页启动任务，然后在此查看。",
)
CHOOSE_JOB, ABOUT_JOB, RESULT, COMMAND, COPY = (
    "选择一个任务以查看其命令和日志。",
    "概况",
    "结果",
    "命令",
    "复制",
)
WORKERS = "工作进程：{count}"
NO_WORKER, NO_WORKER_REMEDY = (
    "没有工作进程：任务在等待。",
    "应用会在一分钟内启动一个；也可运行 `dlcr worker`。",
)
PAUSING = "正在暂停…"
JOB_BUTTONS = {
    "first": "优先运行",
    "pause": "暂停",
    "cancel": "取消",
    "resume": "继续",
    "retry": "重试",
    "delete": "删除",
}
REALLY_DELETE = "连同日志一起删除？"
INTERRUPTED_SAYS = "其工作进程或命令已被停止。已完成的部分保留：点“继续”从该处接着做。"
LEFT, NOTHING = "剩余 {time}", "无"
