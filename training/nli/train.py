"""Train the cross-encoder, a stage at a time.

python training/nli/train.py nli --minilm FOLDER --nli FOLDER -o stage1.pt
python training/nli/train.py claims --start stage1.pt --verdicts FOLDER --nli FOLDER --contrast FILE -o stage2.pt
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from contrast import edited_rows, inference_rows
from encoder import CrossEncoder, from_minilm
from measure import measured
from rows import (
    CLAIMS,
    LABELS,
    NOT_SUPPORTED,
    TOKENS,
    Nearest,
    Row,
    deciding_rows,
    fold_of,
    foreign_rows,
    nli_rows,
    read,
    read_tokenizer,
)
from tokenizers import Tokenizer
from torch.nn import functional

BATCH = 6144  # tokens, padding included


def encoded(rows: Sequence[Row], tokenizer: Tokenizer) -> list[tuple[list[int], list[int], int]]:
    tokenizer.enable_truncation(TOKENS, strategy="only_first")
    found = tokenizer.encode_batch([(row.evidence, row.claim) for row in rows])
    return [(one.ids, one.type_ids, row.label) for one, row in zip(found, rows, strict=True)]


def batches(examples: list[tuple[list[int], list[int], int]], chance: random.Random) -> list[list[int]]:
    """Examples of about one length together; which, and in which order, is random."""
    order = sorted(range(len(examples)), key=lambda n: len(examples[n][0]) + chance.uniform(0, 6))
    found, batch = [], []
    for number in order:
        if batch and (len(batch) + 1) * len(examples[number][0]) > BATCH or len(batch) == 160:
            found.append(batch)
            batch = []
        batch.append(number)
    found.append(batch)
    chance.shuffle(found)
    return found


def tensors(examples: Sequence[tuple[list[int], list[int], int]]) -> tuple[torch.Tensor, ...]:
    longest = max(len(ids) for ids, _, _ in examples)
    ids = torch.zeros(len(examples), longest, dtype=torch.long)
    mask, kinds = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, (own, own_kinds, _) in enumerate(examples):
        ids[row, : len(own)] = torch.tensor(own)
        kinds[row, : len(own)] = torch.tensor(own_kinds)
        mask[row, : len(own)] = 1
    return ids, mask, kinds, torch.tensor([label for _, _, label in examples])


def loss_of(logits: torch.Tensor, labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Cross-entropy; where only "not supported" is known, of that."""
    known = labels != NOT_SUPPORTED
    total = logits.new_zeros(())
    if known.any():
        total = total + functional.cross_entropy(
            logits[known], labels[known], reduction="sum", label_smoothing=smoothing
        )
    if (~known).any():
        chances = logits[~known].log_softmax(-1)
        total = total - torch.logsumexp(chances[:, 1:], -1).sum()
    return total / len(labels)


def trained(
    model: CrossEncoder, epochs: Iterator[list[Row]], steps: int, tokenizer: Tokenizer, options: argparse.Namespace
) -> None:
    model.words.weight.requires_grad_(options.train_words)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=options.rate, weight_decay=0.01, fused=True)
    chance, done, began, running = random.Random(options.seed), 0, time.time(), 0.0
    for epoch, rows in enumerate(epochs):
        examples = encoded(rows, tokenizer)
        order = batches(examples, chance)
        if epoch == 0:
            steps = steps * len(order)
        for batch in order:
            rate = options.rate * min((done + 1) / (0.06 * steps), max(0.02, 1 - done / steps))
            for group in optimiser.param_groups:
                group["lr"] = rate
            ids, mask, kinds, labels = tensors([examples[n] for n in batch])
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(ids, mask, kinds)
            loss = loss_of(logits.float(), labels, options.smoothing)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            done += 1
            running += 0.02 * (float(loss.detach()) - running) if running else float(loss.detach())
            if done % 50 == 0:
                print(f"{time.time() - began:6.0f} s  step {done} of {steps}  loss {running:.3f}", flush=True)
            if done % 500 == 0:
                torch.save(model.state_dict(), options.output)
        if options.verdicts:
            figures = measured(model, tokenizer, options.verdicts, 1200 if done >= steps else 500)
            print(f"epoch {epoch + 1}", json.dumps(figures), flush=True)
            model.train()
    torch.save(model.state_dict(), options.output)


def made_row(row: dict[str, Any], nearest: Nearest) -> Row:
    return Row(nearest(row["claim"], row["evidence"]), row["claim"], LABELS[row["label"]], "made")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=("nli", "claims"))
    parser.add_argument(
        "--minilm", type=Path, required=True, help="folder with config.json, model.safetensors, tokenizer.json"
    )
    parser.add_argument("--start", type=Path)
    parser.add_argument("--nli", type=Path)
    parser.add_argument("--verdicts", type=Path)
    parser.add_argument("--contrast", type=Path)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--smoothing", type=float, default=0.0)
    parser.add_argument("--repeat", type=int, default=3, help="how often each labelled claim is seen in an epoch")
    parser.add_argument("--replay", type=int, default=8000, help="NLI rows in an epoch of claims")
    parser.add_argument("--edited-rows", type=int, default=8000)
    parser.add_argument("--deciding-rows", type=int, default=0, help="claims beside their deciding sentences alone")
    parser.add_argument("--foreign-rows", type=int, default=0, help="claims beside documents about something else")
    parser.add_argument("--contrast-rows", type=int, default=30000)
    parser.add_argument("--trials", type=Path)
    parser.add_argument("--trial-rows", type=int, default=2000)
    parser.add_argument(
        "--hold-back", type=int, default=-1, help="a quarter of the labelled claims, 0 to 3, that isn't learnt from"
    )
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--train-words", action="store_true", help="word embeddings too, half of the weights")
    parser.add_argument("--threads", type=int, default=0, help="of the processor; all where not said")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    tokenizer = read_tokenizer(options.minilm / "tokenizer.json")
    model = from_minilm(options.minilm, dropout=options.dropout)
    if options.start:
        model.load_state_dict(torch.load(options.start))
    model.train()
    chance = random.Random(options.seed)

    def nli() -> Iterator[list[Row]]:
        rows = list(nli_rows(options.nli))
        for _ in range(options.epochs):
            chance.shuffle(rows)
            yield rows

    def claims() -> Iterator[list[Row]]:
        nearest = Nearest(tokenizer)
        kept = {
            name: [
                row
                for row in read(options.verdicts / name / "train.jsonl.gz")
                if fold_of(name, row) != options.hold_back
            ]
            for name in CLAIMS
        }
        labelled = [row for rows in kept.values() for row in rows]
        directed = kept["evidence_inference"]
        own = [
            Row(nearest(row["claim"], row["evidence"]), row["claim"], LABELS[row["label"]], name)
            for name, rows in kept.items()
            for row in rows
        ]
        altered = [*edited_rows(labelled, options.seed), *inference_rows(directed, options.seed)]
        deciding = [made_row(r, nearest) for r in deciding_rows(kept)]
        foreign = [made_row(r, nearest) for r in foreign_rows(kept, options.seed, 4 * options.foreign_rows)]
        edited = [made_row(r, nearest) for r in altered]
        made = [made_row(r, nearest) for r in read(options.contrast)] if options.contrast else []
        trials = [made_row(r, nearest) for r in read(options.trials)] if options.trials else []
        general = list(nli_rows(options.nli)) if options.replay else []
        for _ in range(options.epochs):
            rows = own * options.repeat
            rows += chance.sample(trials, min(len(trials), options.trial_rows))
            rows += chance.sample(deciding, min(len(deciding), options.deciding_rows))
            rows += chance.sample(foreign, min(len(foreign), options.foreign_rows))
            rows += chance.sample(edited, min(len(edited), options.edited_rows))
            rows += chance.sample(made, min(len(made), options.contrast_rows))
            rows += chance.sample(general, min(len(general), options.replay))
            chance.shuffle(rows)
            yield rows

    trained(model, nli() if options.stage == "nli" else claims(), options.epochs, tokenizer, options)


if __name__ == "__main__":
    main()
