"""Words of the Models page."""

MODELS, BACKENDS_IN_USE, OTHERS_THERE_ARE, TRY_THEM = "模型", "正在使用", "其他可选后端", "用一张照片测试"
MODEL_HEADS = ("步骤", "后端", "状态", "是什么，在哪里")
OTHER_HEADS = ("后端", "是什么")
ON_TRAIN_PAGE = "在“训练”页填写"
HERE, NOT_HERE = "✓ 就绪", "✗ 缺失"
STEP_NAMES = {
    "parser": "解析服装区域",
    "captioner": "描述穿着",
    "summariser": "归纳整套服装",
    "inpainter": "绘制",
    "clicker": "响应点击",
    "backbone": "识别行人",
}
OTHER_BACKENDS = (
    ("parser", "segformer:mattmdjaga/segformer_b2_clothes", "SegFormer B2，18 类（ATR），110 MB"),
    ("parser", "segformer:fashn-ai/fashn-human-parser", "SegFormer B4，18 类（FASHN），260 MB"),
    ("parser", "schp:exp-schp-201908261155-lip.onnx", "LIP 上的 SCHP，论文所用，ONNX 格式"),
    ("clicker", "sam:sam_vit_b_01ec64.pth", "Segment Anything"),
    ("clicker", "sam2:facebook/sam2.1-hiera-tiny", "Segment Anything 2.1，160 MB"),
    ("captioner", "vlm:llava-hf/llava-1.5-7b-hf", "LLaVA 1.5，论文所用，14 GB"),
    ("captioner", "vlm:Qwen/Qwen2.5-VL-3B-Instruct", "Qwen-VL，8 GB"),
    ("captioner", "vlm:HuggingFaceTB/SmolVLM-256M-Instruct", "SmolVLM，0.5 GB"),
    ("captioner", "openai:http://localhost:8000/v1#NAME", "任何支持 OpenAI 协议的服务器"),
    ("summariser", "llm:meta-llama/Llama-2-7b-chat-hf", "Llama 2 chat，论文所用，14 GB"),
    ("summariser", "openai:http://localhost:8000/v1#NAME", "任何支持 OpenAI 协议的服务器"),
    ("inpainter", "sd:stable-diffusion-v1-5/stable-diffusion-inpainting", "Stable Diffusion 1.5，论文所用，4 GB"),
    (
        "inpainter",
        "sd:stable-diffusion-v1-5/stable-diffusion-inpainting@latent-consistency/lcm-lora-sdv1-5",
        "同上，加 4 步适配器（scheduler lcm，guidance 1.5）",
    ),
    ("inpainter", "sdxl:diffusers/stable-diffusion-xl-1.0-inpainting-0.1", "Stable Diffusion XL，14 GB"),
    ("inpainter", "flux-fill:black-forest-labs/FLUX.1-Fill-dev", "Flux Fill，34 GB"),
    ("backbone", "timm:resnet50.tv_in1k", "ResNet-50，论文所用"),
    ("backbone", "cal:PATH", "已发布的 CAL 检查点"),
)
"""Step, spec, and what it is."""
DEVICE_IS, DEVICE_FREE, DEVICE_HELD = "设备：{device}。", "没有任务占用。", "{device} 由 {worker} 占用"
DEVICE_PAINTS = "有人正在 {device} 上绘制"
TRIED_STEPS = {"parser": "解析器", "captioner": "描述模型", "inpainter": "修复模型"}
TRY, TRYING_MODELS = "测试", "正在测试{step}…"
TRY_SAYS = "解析一张照片中的服装，描述穿着，并绘制一次；首次包含加载时间。结果不保留。"
TRY_SAMPLE = "样本（编号；留空则取第一个查询）"
NO_SUCH_SAMPLE = "没有可供测试的照片。"
NO_SUCH_SAMPLE_REMEDY = "请填写样本编号，即“工作室”页地址中的编号。"
SECONDS_TAKEN = "{seconds:.1f} s"
