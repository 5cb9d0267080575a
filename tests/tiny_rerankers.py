"""Tiny models that rerank, with random weights, saved as the hub would hold them."""

from __future__ import annotations

import json

import numpy as np
import torch
import transformers as tf

from videxplore.values.rankings import Candidate, Hit, Query, Ranking
from videxplore.values.vectors import EncoderCard

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
           "<|image_pad|>", "<|video_pad|>", "<think>", "</think>"]  # fmt: skip
CHAT = (
    "{% for turn in messages %}<|im_start|>{{ turn.role }}\n{{ turn.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
VOCABULARY = 320


def build(kind, folder):
    """Save the tiny model ``kind`` in ``folder`` and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    MAKERS[kind](folder)
    return folder


NAMES = ("bang", "bang_rate", "dark", "voices", "rain", "slow", "crowd_share", "blue")
SPANS = [(0, 3), (10, 14), (41, 44), (20, 60), (50, 53.5), (0, 100), (60, 63), (70, 72), (30, 45), (80, 84)]


def pool_of(video):
    """A ranking of ten stretches of a film, as a search in an encoder with named columns gives it."""
    rng = np.random.default_rng(4)
    card = EncoderCard("named", len(NAMES), names=NAMES)
    candidates = []
    for rank, (start, end) in enumerate(SPANS, start=1):
        said = "You should not have come." if start == 20 else ""
        score = 0.6 - 0.03 * rank
        level = "scene" if end - start > 8 else "moment"
        hit = Hit(
            rank, f"{level}{rank}", str(video), level, float(start), float(end), score, score, rank,
            transcript=said,
        )  # fmt: skip
        times = np.arange(start, end, 0.5)
        vector = np.abs(rng.normal(size=len(NAMES))).astype(np.float32)
        frames = rng.normal(score, 0.1, len(times)).astype(np.float32)
        candidates.append(Candidate(hit, vector / np.linalg.norm(vector), times, frames))
    query = Query("a gunshot in the dark", candidates[0].vector, card)
    return Ranking(query, tuple(c.hit for c in candidates[:5]), tuple(candidates))


def byte_tokenizer(chat=None, limit=8192):
    """Every byte a token, a letter behind a space as well, and "yes" and "no"; nothing is ever unknown."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ġ", c) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"] + [("y", "e"), ("ye", "s"), ("n", "o")]
    words = dict.fromkeys([*SPECIAL, *alphabet, *(a + b for a, b in merges)])
    vocabulary = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word in SPECIAL])
    assert tokenizer.get_vocab_size() < VOCABULARY
    return tf.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=limit, chat_template=chat,
        eos_token="<|im_end|>", pad_token="<|endoftext|>",
    )  # fmt: skip


def save(folder, model, *parts):
    """Save a model whose weights are large enough that different input gives different logits."""
    for name, weights in model.named_parameters():
        if weights.dim() > 1 and "visual" not in name:
            torch.nn.init.normal_(weights, std=0.2)
    model.save_pretrained(folder)
    for part in parts:
        part.save_pretrained(folder)


TEXT = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 16, "vocab_size": VOCABULARY, "max_position_embeddings": 8192,
    "tie_word_embeddings": True,
}  # fmt: skip
ROPE = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0}
MARKS = {"image_token_id": 5, "video_token_id": 6, "vision_start_token_id": 3, "vision_end_token_id": 4}


def pictures(patch):
    return tf.Qwen2VLImageProcessorPil(
        patch_size=patch, merge_size=2, temporal_patch_size=2,
        size={"shortest_edge": 256, "longest_edge": 40_000},
    )  # fmt: skip


def qwen3_vl(folder):
    vision = {
        "depth": 1, "hidden_size": 32, "intermediate_size": 48, "num_heads": 2, "patch_size": 16,
        "spatial_merge_size": 2, "temporal_patch_size": 2, "out_hidden_size": 32,
        "num_position_embeddings": 64, "deepstack_visual_indexes": [0],
    }  # fmt: skip
    config = tf.Qwen3VLConfig(
        text_config={**TEXT, "rope_parameters": ROPE}, vision_config=vision, tie_word_embeddings=True, **MARKS
    )
    save(folder, tf.Qwen3VLForConditionalGeneration(config), byte_tokenizer(), pictures(16))


def qwen2_5_vl(folder):
    vision = {
        "depth": 1, "hidden_size": 32, "intermediate_size": 48, "num_heads": 2, "patch_size": 14,
        "spatial_merge_size": 2, "temporal_patch_size": 2, "out_hidden_size": 32, "window_size": 56,
        "fullatt_block_indexes": [0],
    }  # fmt: skip
    text = {key: value for key, value in TEXT.items() if key != "head_dim"}
    config = tf.Qwen2_5_VLConfig(
        text_config={**text, "rope_parameters": ROPE}, vision_config=vision, tie_word_embeddings=True, **MARKS
    )
    save(folder, tf.Qwen2_5_VLForConditionalGeneration(config), byte_tokenizer(), pictures(14))


def causal(folder):
    save(folder, tf.Qwen3ForCausalLM(tf.Qwen3Config(**TEXT)), byte_tokenizer(CHAT))


def causal_without_conversation(folder):
    config = tf.GPT2Config(n_embd=32, n_layer=1, n_head=2, n_positions=1024, vocab_size=VOCABULARY)
    save(folder, tf.GPT2LMHeadModel(config), byte_tokenizer(limit=1024))


def classifier(folder, labels=1):
    from tiny_models import TEXT as SMALL
    from tiny_models import bert_words

    config = tf.BertConfig(**SMALL, num_labels=labels)
    save(folder, tf.BertForSequenceClassification(config), bert_words())


def classifier_of_three(folder):
    classifier(folder, labels=3)


CODE = '''
import torch
from transformers import Qwen3Config, Qwen3Model


class OwnRanker(Qwen3Model):
    """Prefers long documents."""

    def rerank(self, query, documents):
        rows = [{"index": i, "relevance_score": float(len(d))} for i, d in enumerate(documents)]
        return sorted(rows, key=lambda row: -row["relevance_score"])
'''


def brought(folder):
    save(folder, tf.Qwen3Model(tf.Qwen3Config(**TEXT)), byte_tokenizer())
    (folder / "modeling.py").write_text(CODE)
    config = json.loads((folder / "config.json").read_text())
    config |= {"auto_map": {"AutoModel": "modeling.OwnRanker"}, "architectures": ["OwnRanker"]}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n# A model\n")


MAKERS = {
    "qwen3_vl": qwen3_vl, "qwen2_5_vl": qwen2_5_vl, "causal": causal,
    "causal_without_conversation": causal_without_conversation, "classifier": classifier,
    "classifier_of_three": classifier_of_three, "brought": brought,
}  # fmt: skip
