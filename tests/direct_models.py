"""What transformers itself gives: each tiny model called as its documentation shows, one item at a time."""

from __future__ import annotations

import json

import numpy as np
import torch
import transformers as tf
from PIL import Image


def unit(rows):
    rows = np.asarray(rows, np.float64)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


class Direct:
    """Calls the model saved in ``folder``; every method takes one item and returns one unit vector."""

    def __init__(self, folder, kind):
        self.folder = folder
        self.model = kind.from_pretrained(folder).eval()

    def images(self, pictures):
        processor = tf.AutoImageProcessor.from_pretrained(self.folder, backend="pil")
        return processor(images=[Image.fromarray(p) for p in pictures], return_tensors="pt")

    def tokens(self, text, **options):
        return tf.AutoTokenizer.from_pretrained(self.folder)(text, return_tensors="pt", **options)

    def sound(self, samples, rate):
        extractor = tf.AutoFeatureExtractor.from_pretrained(self.folder)
        return extractor(samples, sampling_rate=rate, return_tensors="pt")

    def by_hand(self, pictures, edge=None):
        """Pillow and numpy: what the processors that need torchvision would do."""
        found = []
        for picture in pictures:
            image = Image.fromarray(picture)
            if edge is None:
                image = image.resize((32, 32), Image.Resampling.BILINEAR)
            else:
                short = min(image.size)
                image = image.resize(
                    [int(edge * side / short) for side in image.size], Image.Resampling.BILINEAR
                )
                left, top = (image.width - 32) // 2, (image.height - 32) // 2
                image = image.crop((left, top, left + 32, top + 32))
            pixels = np.asarray(image, np.float32) / 255
            pixels = (pixels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
            found.append(pixels.transpose(2, 0, 1).astype(np.float32))
        return torch.tensor(np.stack(found))


class ImageText(Direct):
    """CLIP and SigLIP: picture and text through the whole model at once."""

    def __init__(self, folder):
        super().__init__(folder, tf.AutoModel)

    def see(self, picture, text="a"):
        return unit(self._both(picture, text).image_embeds[0])

    def read(self, text):
        return unit(self._both(np.zeros((32, 32, 3), np.uint8), text).text_embeds[0])

    def _both(self, picture, text):
        siglip = "siglip" in self.model.config.model_type
        padding = {"padding": "max_length", "max_length": 40} if siglip else {}
        return self.model(**self.images([picture]), **self.tokens(text, **padding))


class VideoText(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.XCLIPModel)

    def watch(self, frames):
        pixels = self.images(frames)["pixel_values"]
        return unit(self.model(pixel_values=pixels, **self.tokens("a")).video_embeds[0])

    def read(self, text):
        return unit(self.model.get_text_features(**self.tokens(text)).pooler_output[0])


class Tubelets(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.AutoModel)

    def watch(self, frames):
        if self.model.config.model_type == "vjepa2":
            tokens = self.model.get_vision_features(self.by_hand(frames, edge=36)[None])
        else:
            tokens = self.model(**self.images(frames)).last_hidden_state
        return unit(tokens[0].mean(0))


class Features(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.AutoModel)

    def see(self, picture):
        three = self.model.config.model_type.startswith("dinov3")
        inputs = {"pixel_values": self.by_hand([picture])} if three else self.images([picture])
        return unit(self.model(**inputs).last_hidden_state[0, 0])


class Clap(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.ClapModel)

    def hear(self, samples, rate):
        inputs = self.sound(samples, rate)
        inputs["is_longer"] = torch.tensor([[False]])
        return unit(self.model(**inputs, **self.tokens("a")).audio_embeds[0])

    def read(self, text):
        return unit(self.model.get_text_features(**self.tokens(text)).pooler_output[0])


class Spectrogram(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.ASTModel)

    def hear(self, samples, rate):
        hidden = self.model(**self.sound(samples, rate)).last_hidden_state[0]
        return unit((hidden[0] + hidden[1]) / 2)


class Speech(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.AutoModel)

    def hear(self, samples, rate):
        inputs = self.sound(samples, rate)
        if self.model.config.model_type == "wav2vec2":
            return unit(self.model(**inputs).last_hidden_state[0].mean(0))
        output = self.model(**inputs, decoder_input_ids=torch.tensor([[3]]))
        return unit(output.encoder_last_hidden_state[0][: -(-len(samples) // 320)].mean(0))


class BlipFeatures(Direct):
    """Checkpoints that caption."""

    def __init__(self, folder):
        architecture = json.loads((folder / "config.json").read_text())["architectures"][0]
        super().__init__(folder, getattr(tf, architecture))

    def see(self, picture):
        inputs = self.images([picture])
        if isinstance(self.model, tf.BlipForConditionalGeneration):
            return unit(self.model.vision_model(**inputs).pooler_output[0])
        return unit(self.model.get_image_features(**inputs).qformer_outputs[0][0].mean(0))


class BlipMatching(BlipFeatures):
    """BLIP's own forward gives similarities only; its towers are called as it calls them."""

    def see(self, picture):
        inputs = self.images([picture])
        if isinstance(self.model, tf.BlipForImageTextRetrieval):
            patches = self.model.vision_model(**inputs).last_hidden_state
            return unit(self.model.vision_proj(patches[0, 0]))
        return unit(self.model(**inputs, **self.tokens("a")).image_embeds[0].mean(0))

    def read(self, text):
        words = self.tokens(text)
        if isinstance(self.model, tf.BlipForImageTextRetrieval):
            hidden = self.model.text_encoder(words["input_ids"], words["attention_mask"]).last_hidden_state
            return unit(self.model.text_proj(hidden[0, 0]))
        blank = self.images([np.zeros((32, 32, 3), np.uint8)])
        return unit(self.model(**blank, **words).text_embeds[0])


class Chat(Direct):
    """The generating model: the last layer's state of the last token of the conversation."""

    def __init__(self, folder):
        super().__init__(folder, tf.Qwen3VLForConditionalGeneration)

    def watch(self, frames):
        return self._say(frames, "")

    def see(self, picture):
        return self._say([picture], "")

    def read(self, text):
        return self._say([], text)

    def together(self, frames, text):
        return self._say(frames, text)

    def _say(self, pictures, text):
        inputs = dict(self.images(pictures)) if len(pictures) else {}
        shown = ""
        for _, height, width in inputs.get("image_grid_thw", []):
            shown += "<|vision_start|>" + "<|image_pad|>" * (height * width // 4) + "<|vision_end|>"
        line = "<|im_start|>system\nRepresent the user's input.<|im_end|>\n<|im_start|>user\n"
        tokens = self.tokens(line + shown + text + "<|im_end|>\n<|im_start|>assistant\n")
        inputs |= {name: tokens[name] for name in ("input_ids", "attention_mask")}
        inputs["mm_token_type_ids"] = (inputs["input_ids"] == 6).int()
        return unit(self.model(**inputs, output_hidden_states=True).hidden_states[-1][0, -1])


class SingleStream(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.ViltModel)

    def see(self, picture, text=""):
        return unit(self.model(**self.images([picture]), **self.tokens(text)).pooler_output[0])

    def together(self, frames, text):
        return unit(np.mean([self.see(picture, text) for picture in frames], axis=0))


class Sentences(Direct):
    def __init__(self, folder):
        super().__init__(folder, tf.AutoModel)

    def read(self, text):
        return unit(self.model(**self.tokens(text)).last_hidden_state[0].mean(0))


CALLS = {
    "clip": ImageText, "siglip": ImageText, "siglip2": ImageText, "xclip": VideoText, "videomae": Tubelets,
    "vjepa2": Tubelets, "dinov2": Features, "dinov3": Features, "clap": Clap, "clap_fused": Clap,
    "ast": Spectrogram, "wav2vec2": Speech, "whisper": Speech, "blip": BlipMatching,
    "blip_caption": BlipFeatures, "blip2": BlipMatching, "dinov2_registers": Features,
    "dinov3_conv": Features,
    "blip2_caption": BlipFeatures, "qwen": Chat, "vilt": SingleStream, "sentences": Sentences,
}  # fmt: skip
