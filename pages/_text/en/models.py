"""Words of the Models page."""

MODELS, BACKENDS_IN_USE, OTHERS_THERE_ARE, TRY_THEM = "Models", "In use", "What else there is", "Test on a photo"
MODEL_HEADS = ("Step", "Backend", "State", "What and where")
OTHER_HEADS = ("Backend", "What it is")
ON_TRAIN_PAGE = "named on the Train page"
HERE, NOT_HERE = "✓ ready", "✗ missing"
STEP_NAMES = {
    "parser": "find the clothes",
    "captioner": "say what is worn",
    "summariser": "sum an outfit up",
    "inpainter": "paint",
    "clicker": "answer clicks",
    "backbone": "tell people apart",
}
OTHER_BACKENDS = (
    ("parser", "segformer:mattmdjaga/segformer_b2_clothes", "SegFormer B2, 18 classes (ATR), 110 MB"),
    ("parser", "segformer:fashn-ai/fashn-human-parser", "SegFormer B4, 18 classes (FASHN), 260 MB"),
    ("parser", "schp:exp-schp-201908261155-lip.onnx", "SCHP on LIP, the paper's, as ONNX"),
    ("clicker", "sam:sam_vit_b_01ec64.pth", "Segment Anything"),
    ("clicker", "sam2:facebook/sam2.1-hiera-tiny", "Segment Anything 2.1, 160 MB"),
    ("captioner", "vlm:llava-hf/llava-1.5-7b-hf", "LLaVA 1.5, the paper's, 14 GB"),
    ("captioner", "vlm:Qwen/Qwen2.5-VL-3B-Instruct", "Qwen-VL, 8 GB"),
    ("captioner", "vlm:HuggingFaceTB/SmolVLM-256M-Instruct", "SmolVLM, 0.5 GB"),
    ("captioner", "openai:http://localhost:8000/v1#NAME", "any server that speaks OpenAI's protocol"),
    ("summariser", "llm:meta-llama/Llama-2-7b-chat-hf", "Llama 2 chat, the paper's, 14 GB"),
    ("summariser", "openai:http://localhost:8000/v1#NAME", "any server that speaks OpenAI's protocol"),
    ("inpainter", "sd:stable-diffusion-v1-5/stable-diffusion-inpainting", "Stable Diffusion 1.5, the paper's, 4 GB"),
    (
        "inpainter",
        "sd:stable-diffusion-v1-5/stable-diffusion-inpainting@latent-consistency/lcm-lora-sdv1-5",
        "the same with an adapter for 4 steps (scheduler lcm, guidance 1.5)",
    ),
    ("inpainter", "sdxl:diffusers/stable-diffusion-xl-1.0-inpainting-0.1", "Stable Diffusion XL, 14 GB"),
    ("inpainter", "flux-fill:black-forest-labs/FLUX.1-Fill-dev", "Flux Fill, 34 GB"),
    ("backbone", "timm:resnet50.tv_in1k", "ResNet-50, the paper's"),
    ("backbone", "cal:PATH", "a published CAL checkpoint"),
)
"""Step, spec, and what it is."""
DEVICE_IS, DEVICE_FREE, DEVICE_HELD = "Device: {device}.", "No job holds it.", "{device} is held by {worker}"
DEVICE_PAINTS = "somebody paints on {device}"
TRIED_STEPS = {"parser": "parser", "captioner": "captioner", "inpainter": "inpainter"}
TRY, TRYING_MODELS = "Test", "testing the {step} …"
TRY_SAYS = "Finds the clothes of one photo, says what is worn and paints it once; the first time with loading. Nothing is kept."
TRY_SAMPLE = "Sample (its number; the first query if empty)"
NO_SUCH_SAMPLE = "There is no photo to try."
NO_SUCH_SAMPLE_REMEDY = "Give the number of a sample, as the Studio's address has it."
SECONDS_TAKEN = "{seconds:.1f} s"
