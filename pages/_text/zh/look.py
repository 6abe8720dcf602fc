"""Words of the pages that look at what runs learned: Retrieve and Space."""

UNKNOWN_SET, UNKNOWN_SET_REMEDY = "没有数据集 '{name}'。", "请另选一个，或在“数据”页为其建立索引。"
NO_QUERIES, NO_QUERIES_REMEDY = (
    "'{name}' 中没有查询：其目录格式不含查询。",
    "请选择有评测协议的数据集（见“数据”页）。",
)
NOT_TRAINED, NOT_TRAINED_REMEDY = (
    "还没有训练完成的运行。",
    "请先训练一个基线和一个使用变体的运行，然后再来：",
)
NO_FEATURES, NO_FEATURES_REMEDY = (
    "没有 {runs} 在 '{name}' 上的特征，或特征早于该运行或数据集。",
    "可在此以任务方式提取，或手动运行：",
)
EMBED, EMBEDDING = "提取特征", "用 {run} 提取 {name} 的特征"

RETRIEVE, QUERIES, ANSWERS, QUERY = "检索", "查询列表", "检索结果", "查询"
PROTOCOL, FIRST_RUN, OTHER_RUN, NO_OTHER, TOP = "评测协议", "运行 A", "运行 B", "无", "显示结果数"
SHOW_JUNK, REFINE = "显示无效样本", "用查询的变体精化"
ONLY = {
    "": "全部",
    "fixed": "B 纠正的",
    "broken": "B 弄错的",
    "lookalike": "错误结果与查询衣着相似",
}
ONLY_SAYS = {
    "": "全部查询，按 {run} 由差到好排列。",
    "fixed": "首个结果 {first} 错误而 {second} 正确；按 {run} 由差到好排列。",
    "broken": "首个结果 {first} 正确而 {second} 错误；按 {run} 由差到好排列。",
    "lookalike": (
        "{run} 的首个结果错误，且衣着颜色相近：在图中上衣与下装所在区域的颜色中，至少 {share:.0%} 一致。"
        "仅比较颜色，不使用掩码和描述。"
    ),
}
WORST_IN, AS_LIST, AS_PICTURES = "{run} 最差者在前", "列表", "图片"
AVERAGE_PRECISION, FIRST_RIGHT = "AP", "首个正确"
NO_LISTED = "这里没有查询。"
CHOOSE_QUERY = "请在左侧选择一个查询。"
PREVIOUS, NEXT, NOT_LISTED = "← 上一个", "下一个 →", "不在此列表中"
PLACE_IN_LIST, PART_OF = "第 {place} 个，共 {count} 个", "第 {first:,} – {last:,} 个，共 {count:,} 个"
CAM = "摄像头 {camid}"
MOVED = {
    "fixed": "B 纠正",
    "broken": "B 弄错",
    "right": "首个结果正确",
    "wrong": "首个结果错误",
}
MARKS = {"right": "✓", "wrong": "✗", "junk": "–"}
MARK_WORDS = {"right": "正确", "wrong": "错误", "junk": "无效"}
MARK_SAYS = {"right": "正确", "wrong": "错误", "junk": "无效样本，不计入"}
AS_QUERY, IN_STUDIO, IN_SPACE = "以此为查询", "工作室", "特征空间"
NO_ANSWERS = "没有结果：对该查询而言，此图库中的图片均为无效样本。请另选摄像头或评测协议。"
NO_RIGHT = "此图库中没有正确结果"
FIRST_RIGHT_AT = "首个正确结果排名 {rank}，AP {precision:.1%}"
WITHOUT_VARIANTS = "没有投票：该查询没有变体。请在“工作室”页绘制，或运行 dlcr expand {dataset} --split query。"
BY_TRACKLETS = "没有投票：该协议按轨迹片段查询。"
VOTES_CAST, VOTED = "投票", "得分为 1 + 余弦相似度，再加上每个变体的贡献：原图 + 变体"
RUN_SCORES = "{run}：Rank-1 {rank1:.1%}，mAP {mean:.1%}，{queries:,} 个查询"
SKIPPED = "略过 {count:,} 个没有正确结果的查询"
AS_TABLE, RANK, MARK, SCORE, SAMPLE = "以表格显示", "排名", "标记", "得分", "照片"
RETRIEVE_KEYS = "快捷键：N 下一个查询，P 上一个查询。点击图片在“工作室”中打开；“以此为查询”将其设为查询。"

WARDROBE = "试衣间"
WEAR_SAYS = (
    "给查询换上其他服装，看模型是否仍能找到该行人。结果不保留。可选择 train 划分中的服装，"
    "也可自己填写；都留空则取五套尽量不同的服装。"
)
OUTFITS_TO_WEAR, OWN_OUTFIT, OWN_WORDS = "服装", "或自己填写（英文）", "自己填写"
TRY_ON, STOP_TRYING, TRYING = "试穿", "停止", "已试穿 {done} / {count} 套服装"
NO_OUTFITS = "没有可试穿的服装：'{name}' 的服装都没有修复模型能理解的提示词。"
NO_OUTFITS_REMEDY = "请先描述该数据集（dlcr describe {name}），或自己填写服装。"
AS_IT_IS, SIMILARITY = "原样", "相似度"
SENSITIVITY = "{run}：服装敏感度 {value:.3f}；{count} 套服装中有 {held} 套 Rank-1 正确"
SENSITIVITY_SAYS = "服装敏感度：仅改变服装时，与正确结果的平均余弦相似度变化的平均绝对值；服装无影响时为 0。"
RANKS_OVER_OUTFITS = "首个正确结果的排名，顶部为 1，底部为 {worst}；运行 A 为实线，运行 B 为虚线。"
RESTS, WHY, WHY_SAYS = "匹配依据", "为什么？", "该匹配的依据"
RESTS_HINT = "点击结果下方的“为什么？”可查看它与查询的相似度依据：服装、头部还是其余部分。"
RESTS_SAYS = (
    "查询与结果：橙色支持匹配，蓝色反对匹配；颜色最深处表示用方块遮挡照片时余弦相似度损失 {scale:.3f}。白线为服装边界。"
    "条形表示服装、头部与其余部分按所有先后次序遮挡与显示时各自的平均贡献。"
)
RESTS_PARTS = {"clothes": "服装", "head": "头部", "rest": "其余"}
RESTS_IN_ALL = "相似度 {similarity:.3f} = 全部遮挡时 {base:.3f} + {parts}"
PART_ADDS, PART_SHARE, PART_POSITIVE, PART_AREA = "贡献", "占比", "占支持证据", "占画面"
LOOKING_INTO, HEAT_OF, ANSWER = "正在逐块遮挡两张照片…", "{run} 对{what}的热力图", "结果"
CASE_BLURRED = "模糊人脸"
CASE, CASE_FILE = "{dataset} 的一个查询，协议 {protocol}，照片 {sample}", "案例报告"
CASE_VARIANTS, CASE_RUNS = "查询的绘制变体", "训练运行"
WORN_PROMPT, STOPPED_TRYING = "提示词", "已停止。"

SPACE, METHOD, COLOUR_BY, SHAPE_BY, DRAW_AGAIN = "特征空间", "降维方法", "颜色依据", "形状依据", "换一批行人"
METHODS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
COLOURS = {
    "person": "行人",
    "outfit": "服装",
    "camera": "摄像头",
    "split": "划分",
    "error": "首个结果",
}
SHAPES = {"outfit": "服装", "split": "划分", "none": "无"}
NEAREST, USUAL = "近邻数", "默认"
HOW_MANY_PEOPLE, ALL_PEOPLE, TEST_SPLITS = "行人数", "全部", "测试集"
TRUST, RULED_BY_PERSON, RULED_BY_OUTFIT, RULED_BY = (
    "可信度",
    "按行人的轮廓系数",
    "按服装的轮廓系数",
    "主导因素",
)
PERSONS_RULE, CLOTHES_RULE = "行人", "服装"
MEASURES_SAY = (
    "可信度：接近 1 时，图中某点的十个近邻在特征空间中也与其相近。轮廓系数（-1 到 1）针对所示各点在特征空间本身计算："
    "较大者说明照片是按行人还是按服装聚集。"
)
CHOOSE_POINT = "指向一个点可查看其照片；点击可将其留在此处；圈出若干点可查看全部。"
NO_LASSO = "还没有选择：请圈出若干点。"
LASSOED_MANY = "{count:,} 张图片。"
MANY_VARIANTS, MANY_VARIANTS_REMEDY = (
    "{count:,} 个变体太多，无法一次放置（上限 {most}）。",
    "请减少行人或变体。",
)
HOLLOW = "空心：变体，与其照片相连"
LASSOED, FIRST_SHOWN = "{people} 位行人、{outfits} 套服装的 {count:,} 张图片。", "显示前 {count} 项。"
FIRST_ANSWER = "首个结果"
PLACING_POINTS = "正在排布各点……"
PLACING, PLACING_LATER = (
    "用 {run} 放置 {name} 的点",
    "放置 {count:,} 个点需要几分钟：由任务完成，本页显示结果。",
)
NO_PLOTLY = "plotly 未能加载：是否已安装？pip install plotly"
PLOTLY_MISSING, PLOTLY_MISSING_REMEDY = (
    "“特征空间”页需要 plotly，但尚未安装。",
    "请安装：pip install plotly",
)
POINTS_GONE = "这些点已不再保留：请重新加载页面。"
UNASKED = "不是查询，或没有正确结果"
PLOT_SAYS = "照片对应的点，每个运行一个平面；下方表格以文字给出相同内容。"
SELECTION = "圈选结果"
