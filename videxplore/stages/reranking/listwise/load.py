"""From the id or folder of a model to the reranker of its kind."""

from __future__ import annotations

import os

from videxplore.errors import ModelError
from videxplore.stages.pretrained.hardware import choose_device, choose_dtype
from videxplore.stages.pretrained.plan import Plan
from videxplore.stages.pretrained.source import find_source, read_config
from videxplore.stages.reranking.listwise.brought import ListwiseBrought
from videxplore.stages.reranking.listwise.licence import check_licence
from videxplore.stages.reranking.listwise.pointwise import CrossEncoder, YesNo
from videxplore.stages.reranking.listwise.text import ListwiseText
from videxplore.stages.reranking.listwise.vision import FAMILIES, ListwiseVision
from videxplore.stages.reranking.protocol import Reranker

LISTWISE, POINTWISE = "listwise", "pointwise"

SUPPORTED = (
    f"vision-language models of the types {', '.join(FAMILIES)} (listwise), causal language models "
    "(listwise, text), Qwen3-Reranker and Qwen3-VL-Reranker (pointwise), cross-encoders with one label "
    "(pointwise), and with trust_remote_code=True models whose code has a method rerank(query, documents)"
)


def load_reranker(
    name: str | os.PathLike[str],
    *,
    kind: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    revision: str | None = None,
    download: bool = False,
    accept_licence: str | None = None,
    trust_remote_code: bool = False,
    **options: int,
) -> Reranker:
    """Return the reranker for a pretrained model.

    The model used last stays in memory, so that asking for it again costs nothing.

    Args:
        name: folder, or id on the Hugging Face hub, such as ``"Qwen/Qwen3-VL-2B-Instruct"``.
        kind: ``"listwise"`` (candidates are read together) or ``"pointwise"`` (one after another); by
            default what the model was made for.
        device: ``"cuda"``, ``"cuda:1"``, ``"mps"`` or ``"cpu"``; by default the first of them that is there.
        dtype: ``"float32"``, ``"bfloat16"`` or ``"float16"``; by default bfloat16 where the device
            computes in it, else float32.
        revision: branch, tag or commit on the hub.
        download: fetch what is not on this machine. Nothing is ever fetched otherwise.
        accept_licence: name of a licence that forbids commercial use, where the model has one.
        trust_remote_code: let code that lies with the model run.
        **options: ``depth`` (candidates that are read, 32); of listwise rerankers also ``window`` (16),
            ``stride`` (half a window), ``permutations`` (3) and ``seed`` (0), see
            :class:`~videxplore.stages.reranking.listwise.windows.Reading`; of vision-language models
            ``grid`` (2, rows and columns of a contact sheet).

    Raises:
        ModelError: the model is not on this machine, incomplete, pickled, of a kind not supported, or its
            licence was not accepted.
        ValueError: an option is not allowed.
        TypeError: an option that this kind of model does not have.
    """
    if kind not in (None, LISTWISE, POINTWISE):
        raise ValueError(f"kind={kind!r} is not allowed; allowed: None, {LISTWISE!r}, {POINTWISE!r}.")
    source = find_source(name, revision=revision, download=download, opener="vx.load_reranker")
    check_licence(source, accept_licence)
    state = tuple(sorted((p.name, p.stat().st_mtime_ns) for p in source.folder.iterdir() if p.is_file()))
    key = (source, state, kind, device, dtype, trust_remote_code, tuple(sorted(options.items())))
    if key not in _KEPT:
        _KEPT.clear()  # before the next one needs the memory
        chosen = choose_device(device)
        told = f"Supported are {SUPPORTED}."
        config = read_config(source, trust_remote_code=trust_remote_code, supported=told)
        plan = Plan(source, config, chosen, choose_dtype(dtype, chosen), None, trust_remote_code)
        _KEPT[key] = _reranker(plan, kind, options)
    return _KEPT[key]


_KEPT: dict[object, Reranker] = {}
"""The reranker loaded last, by all that it was made of."""


def _reranker(plan: Plan, kind: str | None, options: dict[str, int]) -> Reranker:
    config = plan.config
    made = (config.architectures or [""])[0]
    name = plan.source.title.lower()
    judges = "qwen3-reranker" in name or "qwen3-vl-reranker" in name
    if made.endswith("ForSequenceClassification"):
        if kind == LISTWISE:
            raise ModelError(f"{plan.source.title!r} is a cross-encoder: it cannot read candidates together.")
        return CrossEncoder(plan, **options)
    if "auto_map" in vars(config) and plan.trust_remote_code:
        return ListwiseBrought(plan, **options)
    pointwise = kind == POINTWISE or (kind is None and judges)
    if config.model_type in FAMILIES:
        return YesNo(plan, sees=True, **options) if pointwise else ListwiseVision(plan, **options)
    if not made.endswith(("ForCausalLM", "LMHeadModel")):
        raise ModelError(
            f"model {plan.source.title!r} is a {made or config.model_type!r}, which cannot rerank; supported "
            f"are {SUPPORTED}."
        )
    if kind is None and "rerank" in name and not judges:
        raise ModelError(
            f"{plan.source.title!r} seems to be trained to rerank, with a question not known here. Say how "
            "to ask it: kind='listwise' (which is the best?) or kind='pointwise' (yes or no?)."
        )
    return YesNo(plan, sees=False, **options) if pointwise else ListwiseText(plan, **options)
