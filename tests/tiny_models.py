"""Tiny models with random weights, built from their configurations and saved as the hub would hold them."""

from __future__ import annotations

import json
from string import ascii_lowercase

import torch
import transformers as tf

VISION = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
    "image_size": 32, "patch_size": 8,
}  # fmt: skip
TEXT = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
    "vocab_size": 120, "max_position_embeddings": 40, "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1,
}  # fmt: skip
WORDS = [
    "a",
    "an",
    "the",
    "red",
    "green",
    "blue",
    "square",
    "circle",
    "on",
    "in",
    "of",
    "dark",
    "bright",
    "loud",
    "quiet",
    "picture",
    "sound",
    "moving",
    "still",
]


def build(kind, folder):
    """Save the tiny model ``kind`` with its processor in ``folder`` and return the folder."""
    torch.manual_seed(0)
    MAKERS[kind](folder)
    return folder


def word_tokenizer(special, names):
    """A tokenizer of whole words and letters, trained nowhere; ``special`` come first, in their order."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = dict.fromkeys([*special, *WORDS, *ascii_lowercase])
    vocabulary = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=names["unk_token"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    first, last = (
        names.get("cls_token", names.get("bos_token")),
        names.get("sep_token", names.get("eos_token")),
    )
    if first and last:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{first} $A {last}",
            special_tokens=[(first, vocabulary[first]), (last, vocabulary[last])],
        )
    return tf.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=40, **names)


def clip_words():
    names = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return word_tokenizer(["<s>", "<pad>", "</s>", "<unk>"], names)


def bert_words():
    names = {"cls_token": "[CLS]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    return word_tokenizer(["[CLS]", "[PAD]", "[SEP]", "[UNK]"], names)


def pictures(kind, **settings):
    size = settings.pop("size", {"height": 32, "width": 32})
    return kind(size=size, crop_size={"height": 32, "width": 32}, **settings)


def save(folder, model, *parts):
    """Save a model whose weights are large enough that different input gives different vectors."""
    for weights in model.parameters():
        if weights.dim() > 1:
            torch.nn.init.normal_(weights, std=0.2)
    model.save_pretrained(folder)
    for part in parts:
        part.save_pretrained(folder)


def clip(folder):
    config = tf.CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=24)
    images = pictures(tf.CLIPImageProcessorPil, size={"shortest_edge": 32})
    save(folder, tf.CLIPModel(config), clip_words(), images)


def siglip(folder):
    text = {**TEXT, "projection_size": 32}
    model = tf.SiglipModel(tf.SiglipConfig(text_config=text, vision_config=VISION))
    save(folder, model, clip_words(), pictures(tf.SiglipImageProcessorPil))


def siglip2(folder):
    vision = {**VISION, "num_patches": 16}
    text = {**TEXT, "projection_size": 32}
    model = tf.Siglip2Model(tf.Siglip2Config(text_config=text, vision_config=vision))
    save(folder, model, clip_words(), tf.Siglip2ImageProcessorPil(patch_size=8, max_num_patches=16))


def xclip(folder):
    vision = {**VISION, "num_frames": 4, "mit_hidden_size": 24, "mit_intermediate_size": 32,
              "mit_num_hidden_layers": 1, "mit_num_attention_heads": 2}  # fmt: skip
    config = tf.XCLIPConfig(
        text_config=TEXT, vision_config=vision, projection_dim=24, prompt_num_attention_heads=2
    )
    images = pictures(tf.VideoMAEImageProcessorPil, size={"shortest_edge": 32})
    save(folder, tf.XCLIPModel(config), clip_words(), images)


def videomae(folder):
    config = tf.VideoMAEConfig(**VISION, num_frames=4, tubelet_size=2)
    save(folder, tf.VideoMAEModel(config), pictures(tf.VideoMAEImageProcessorPil, size={"shortest_edge": 32}))


def vjepa2(folder):
    config = tf.VJEPA2Config(
        patch_size=8, crop_size=32, frames_per_clip=4, tubelet_size=2, hidden_size=48, num_attention_heads=2,
        num_hidden_layers=2, mlp_ratio=2.0, pred_hidden_size=24, pred_num_attention_heads=2,
        pred_num_hidden_layers=1, pred_mlp_ratio=2.0, pred_num_mask_tokens=2,
    )  # fmt: skip
    save(folder, tf.VJEPA2Model(config))
    # Its own processor cannot be made without torchvision; this is what it saves.
    settings = {
        "video_processor_type": "VJEPA2VideoProcessor", "crop_size": {"height": 32, "width": 32},
        "size": {"shortest_edge": 36}, "do_center_crop": True, "resample": 2,
        "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
    }  # fmt: skip
    (folder / "video_preprocessor_config.json").write_text(json.dumps(settings))


def dinov2(folder):
    config = {k: v for k, v in VISION.items() if k != "intermediate_size"}
    model = tf.Dinov2Model(tf.Dinov2Config(**config))
    save(folder, model, pictures(tf.BitImageProcessorPil, size={"shortest_edge": 36}))


def dinov2_registers(folder):
    config = {k: v for k, v in VISION.items() if k != "intermediate_size"}
    model = tf.Dinov2WithRegistersModel(tf.Dinov2WithRegistersConfig(**config, num_register_tokens=2))
    save(folder, model, pictures(tf.BitImageProcessorPil, size={"shortest_edge": 36}))


def dinov3(folder):
    save(folder, tf.DINOv3ViTModel(tf.DINOv3ViTConfig(**VISION, num_register_tokens=2)))
    save_dinov3_settings(folder)


def dinov3_conv(folder):
    config = tf.DINOv3ConvNextConfig(hidden_sizes=[8, 8, 16, 24], depths=[1, 1, 1, 1], image_size=32)
    save(folder, tf.DINOv3ConvNextModel(config))
    save_dinov3_settings(folder)


def save_dinov3_settings(folder):
    """Its processor cannot be made without torchvision; this is what it saves."""
    settings = {
        "image_processor_type": "DINOv3ViTImageProcessorFast", "size": {"height": 32, "width": 32},
        "resample": 2, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))


def clap(folder, fusion=False):
    text = {**TEXT, "max_position_embeddings": 42, "projection_dim": 24}
    sound = {
        "window_size": 4, "num_mel_bins": 64, "spec_size": 128, "patch_size": 4, "patch_stride": [4, 4],
        "num_classes": 4, "hidden_size": 64, "projection_dim": 24, "depths": [1, 1], "num_hidden_layers": 2,
        "num_attention_heads": [2, 2], "patch_embeds_hidden_size": 32, "enable_fusion": fusion,
        "enable_patch_fusion": fusion, "fusion_type": "aff_2d" if fusion else None,
    }  # fmt: skip
    config = tf.ClapConfig(text_config=text, audio_config=sound, projection_dim=24)
    extractor = tf.ClapFeatureExtractor(
        max_length_s=2, sampling_rate=48000, truncation="fusion" if fusion else "rand_trunc"
    )
    save(folder, tf.ClapModel(config), clip_words(), extractor)


def clap_fused(folder):
    clap(folder, fusion=True)


def ast(folder):
    config = tf.ASTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48, max_length=200,
        num_mel_bins=32, patch_size=8, time_stride=8, frequency_stride=8,
    )  # fmt: skip
    save(
        folder, tf.ASTForAudioClassification(config), tf.ASTFeatureExtractor(num_mel_bins=32, max_length=200)
    )


def wav2vec2(folder):
    config = tf.Wav2Vec2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
        conv_dim=[16, 16, 16],
        conv_stride=[5, 4, 4], conv_kernel=[10, 8, 4], num_conv_pos_embeddings=8,
        num_conv_pos_embedding_groups=2, num_feat_extract_layers=3, vocab_size=30,
    )  # fmt: skip
    save(folder, tf.Wav2Vec2ForCTC(config), tf.Wav2Vec2FeatureExtractor())


def whisper(folder):
    config = tf.WhisperConfig(
        d_model=32, encoder_layers=2, encoder_attention_heads=2, encoder_ffn_dim=48, decoder_layers=1,
        decoder_attention_heads=2, decoder_ffn_dim=48, vocab_size=100, num_mel_bins=16,
        max_source_positions=100,
        max_target_positions=20, pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=3,
    )  # fmt: skip
    extractor = tf.WhisperFeatureExtractor(feature_size=16, chunk_length=2)
    save(folder, tf.WhisperForConditionalGeneration(config), extractor)


def blip_configs():
    text = {**TEXT, "projection_dim": 24, "encoder_hidden_size": 32}
    return tf.BlipConfig(
        text_config=text, vision_config={**VISION, "projection_dim": 24}, image_text_hidden_size=20
    )


def blip(folder):
    model = tf.BlipForImageTextRetrieval(blip_configs())
    save(folder, model, bert_words(), pictures(tf.BlipImageProcessorPil))


def blip_caption(folder):
    model = tf.BlipForConditionalGeneration(blip_configs())
    save(folder, model, bert_words(), pictures(tf.BlipImageProcessorPil))


def blip2_config(text=False):
    qformer = {
        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48,
        "encoder_hidden_size": 32, "vocab_size": 120, "max_position_embeddings": 40, "pad_token_id": 1,
        "use_qformer_text_input": text,
    }  # fmt: skip
    opt = {
        "model_type": "opt", "hidden_size": 32, "ffn_dim": 48, "num_hidden_layers": 1,
        "num_attention_heads": 2, "vocab_size": 120, "word_embed_proj_dim": 32, "max_position_embeddings": 40,
    }  # fmt: skip
    return tf.Blip2Config(
        vision_config=VISION, qformer_config=qformer, text_config=opt, num_query_tokens=5,
        image_text_hidden_size=20,
    )  # fmt: skip


def blip2(folder):
    model = tf.Blip2ForImageTextRetrieval(blip2_config(text=True))
    save(folder, model, bert_words(), pictures(tf.BlipImageProcessorPil))


def blip2_caption(folder):
    model = tf.Blip2ForConditionalGeneration(blip2_config())
    save(folder, model, bert_words(), pictures(tf.BlipImageProcessorPil))


QWEN_SPECIAL = ["<|im_start|>", "<|endoftext|>", "<|im_end|>", "<unk>", "<|vision_start|>", "<|vision_end|>",
                "<|image_pad|>", "<|video_pad|>"]  # fmt: skip


def qwen(folder):
    text = {
        "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "vocab_size": 120, "max_position_embeddings": 2048,
        "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0},
    }  # fmt: skip
    vision = {
        "depth": 2, "hidden_size": 32, "intermediate_size": 48, "num_heads": 2, "patch_size": 8,
        "spatial_merge_size": 2, "temporal_patch_size": 2, "out_hidden_size": 32,
        "num_position_embeddings": 64, "deepstack_visual_indexes": [0],
    }  # fmt: skip
    config = tf.Qwen3VLConfig(
        text_config=text, vision_config=vision, image_token_id=6, video_token_id=7, vision_start_token_id=4,
        vision_end_token_id=5,
    )  # fmt: skip
    names = {"pad_token": "<|endoftext|>", "eos_token": "<|im_end|>", "unk_token": "<unk>"}
    tokenizer = word_tokenizer(QWEN_SPECIAL, names)
    tokenizer.add_special_tokens({"additional_special_tokens": QWEN_SPECIAL[4:] + QWEN_SPECIAL[:1]})
    images = tf.Qwen2VLImageProcessorPil(
        patch_size=8, merge_size=2, temporal_patch_size=2, size={"shortest_edge": 256, "longest_edge": 4096}
    )
    save(folder, tf.Qwen3VLForConditionalGeneration(config), tokenizer, images)


def sentences(folder):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    bert = folder / "bert"
    save(bert, tf.BertModel(tf.BertConfig(**TEXT)), bert_words())
    words = Transformer(str(bert))
    SentenceTransformer(modules=[words, Pooling(32, "mean")], device="cpu").save(str(folder))


def vilt(folder):
    config = tf.ViltConfig(**{**VISION, **TEXT})
    images = tf.ViltImageProcessorPil(size={"shortest_edge": 32}, size_divisor=8)
    save(folder, tf.ViltModel(config), bert_words(), images)


MAKERS = {
    "clip": clip, "siglip": siglip, "siglip2": siglip2, "xclip": xclip, "videomae": videomae,
    "vjepa2": vjepa2,
    "dinov2": dinov2, "dinov2_registers": dinov2_registers, "dinov3_conv": dinov3_conv,
    "dinov3": dinov3, "clap": clap, "clap_fused": clap_fused, "ast": ast,
    "wav2vec2": wav2vec2, "whisper": whisper, "blip": blip, "blip_caption": blip_caption, "blip2": blip2,
    "blip2_caption": blip2_caption, "qwen": qwen, "vilt": vilt, "sentences": sentences,
}  # fmt: skip
