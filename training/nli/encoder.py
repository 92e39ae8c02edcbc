"""The cross-encoder that is trained: MiniLM's six layers, the mean of its tokens, three classes."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 3


class Layer(nn.Module):
    """One transformer layer of BERT, normalised after each step."""

    def __init__(self, width: int, inner: int, heads: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_1 = nn.LayerNorm(width, eps=epsilon)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm_2 = nn.LayerNorm(width, eps=epsilon)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        rows, tokens, width = x.shape
        q, k, v = (
            part.view(rows, tokens, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(width, dim=-1)
        )
        weights = (q / (width // self.heads) ** 0.5) @ k.transpose(-1, -2) + mask
        mixed = weights.softmax(-1) @ v
        x = self.norm_1(x + self.dropout(self.out(mixed.transpose(1, 2).reshape(rows, tokens, width))))
        return self.norm_2(x + self.dropout(self.down(functional.gelu(self.up(x)))))


class CrossEncoder(nn.Module):
    """Token ids of evidence and claim to logits of supported, refuted, not enough info."""

    def __init__(self, config: dict[str, int | float], dropout: float = 0.1) -> None:
        super().__init__()
        width, epsilon = int(config["hidden_size"]), float(config["layer_norm_eps"])
        self.words = nn.Embedding(int(config["vocab_size"]), width)
        self.places = nn.Embedding(int(config["max_position_embeddings"]), width)
        self.kinds = nn.Embedding(int(config["type_vocab_size"]), width)
        self.norm = nn.LayerNorm(width, eps=epsilon)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            Layer(width, int(config["intermediate_size"]), int(config["num_attention_heads"]), epsilon, dropout)
            for _ in range(int(config["num_hidden_layers"]))
        )
        self.head = nn.Sequential(
            nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, CLASSES)
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        x = self.words(input_ids) + self.places(places)[None] + self.kinds(token_type_ids)
        x = self.dropout(self.norm(x))
        there = attention_mask.to(x.dtype)
        mask = (1.0 - there)[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, mask)
        mean = (x * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        return self.head(torch.cat([x[:, 0], mean], dim=-1))


def from_minilm(folder: Path, dropout: float = 0.1) -> CrossEncoder:
    """The encoder with MiniLM's weights, and a head that has learnt nothing."""
    model = CrossEncoder(json.loads((folder / "config.json").read_text()), dropout)
    given = load_file(folder / "model.safetensors")
    state = {
        "words.weight": given["embeddings.word_embeddings.weight"],
        "places.weight": given["embeddings.position_embeddings.weight"],
        "kinds.weight": given["embeddings.token_type_embeddings.weight"],
        "norm.weight": given["embeddings.LayerNorm.weight"],
        "norm.bias": given["embeddings.LayerNorm.bias"],
    }
    names = {
        "out": "attention.output.dense",
        "norm_1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm_2": "output.LayerNorm",
    }
    for number in range(len(model.layers)):
        there = f"encoder.layer.{number}."
        for part in ("weight", "bias"):
            for ours, theirs in names.items():
                state[f"layers.{number}.{ours}.{part}"] = given[f"{there}{theirs}.{part}"]
            qkv = [given[f"{there}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            state[f"layers.{number}.qkv.{part}"] = torch.cat(qkv)
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(name.startswith("head.") for name in missing)
    return model
