"""Words of the Data page."""

DATA = "数据"
DATASETS, INDEX_A_FOLDER = "数据集", "为文件夹建立索引"
NAME, LAYOUT, PEOPLE, OUTFITS, CAMERAS = "名称", "目录格式", "行人", "服装", "摄像头"
PROTOCOLS, ON_DISK, WHOLE_SET = "评测协议", "磁盘占用", "全部"
NO_PROTOCOLS = "没有查询"
REMOVE, REALLY_REMOVE = "从目录库中移除", "确定移除？文件保持原样"
HEALTH = "健康状况"
PHOTOS_PER_PERSON, OUTFITS_PER_PERSON, CAMERA_MATRIX = (
    "每位行人的照片数",
    "每位行人的服装数",
    "各划分与摄像头的照片数",
)
SPLIT_SIZES = "各划分的规模"
FROM_TO, NUMBER = "从 – 到", "行人数"
MANY_CAMERAS = "共 {count} 个摄像头，太多而不逐一列出（可能每张照片各算一个）。"
FOUND, HOW_MANY, FIRST_ONES = "发现", "数量", "最前几项"
FINDINGS = {
    "unreadable": "无法读取的图片",
    "truncated": "不完整或已损坏的图片",
    "tiny": "边长不足 16 像素的图片",
    "duplicates": "内容逐字节相同的文件",
    "two_ids": "同一文件属于两位行人",
    "people_with_one_outfit": "只有一套服装的行人",
    "outfits_with_one_picture": "只有一张照片的服装",
    "cameras_without_queries": "没有查询的摄像头",
}
UNCHECKED_FILES = "尚未打开检查的文件"
HEALTHY = "未发现问题。"
FOLDER_HINT, NAME_HINT = "/data/prcc", "prcc"
CHECK_FILES = "打开每个文件，检查是否可用"
INDEX, IMPORT = "建立索引", "导入"
RELEASE_HINT = "拼接图所在的文件夹，或写入的位置"
NEEDS_NAME, NEEDS_NAME_REMEDY = "数据集没有名称。", "请起一个名称，例如 prcc。"
DISK = "照片 {pictures}，目录库 {catalog}；工作区 {home} 剩余 {free}。"
INDEX_DONE = (
    "{name}：{images} 张照片（新增 {new}，变更 {changed}，消失 {gone}），{bad} 张不可用。目录格式 {layout}。{why}"
)
INDEXING, IMPORTING = "为 {name} 建立索引", "导入 {name} 的变体"
