"""A trained checkpoint as the folder that halueval ships: int8 ONNX, tokenizer, labels, temperature.

python training/nli/export.py claims.pt --minilm FOLDER --ensemble ensemble.json -o verifiers/models/halueval-mini
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
from encoder import CrossEncoder
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

OPSET = 17


def exported(model: CrossEncoder, path: Path) -> None:
    model.eval()
    ids = torch.ones(2, 8, dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids), torch.zeros_like(ids)),
        str(path),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={name: {0: "pairs", 1: "tokens"} for name in names} | {"logits": {0: "pairs"}},
        opset_version=OPSET,
        dynamo=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--minilm", type=Path, required=True)
    parser.add_argument("--ensemble", type=Path, help="what ensemble.py wrote: temperature and weights")
    parser.add_argument("--fp32", action="store_true", help="leave the weights as they are, for comparison")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    model = CrossEncoder(json.loads((options.minilm / "config.json").read_text()), dropout=0.0)
    model.load_state_dict(torch.load(options.checkpoint))
    options.output.mkdir(parents=True, exist_ok=True)
    target = options.output / "model.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        exported(model, plain)
        if options.fp32:
            shutil.copy(plain, target)
        else:
            ready = Path(scratch) / "ready.onnx"
            quant_pre_process(str(plain), str(ready))
            quantize_dynamic(str(ready), str(target), per_channel=True, weight_type=QuantType.QInt8)
    tokens = json.loads((options.minilm / "tokenizer.json").read_text())
    tokens["truncation"] = tokens["padding"] = None
    (options.output / "tokenizer.json").write_text(json.dumps(tokens, ensure_ascii=False))
    config = {
        "name": "halueval-mini",
        "version": "1",
        "licence": "Apache-2.0",
        "id2label": {"0": "supported", "1": "refuted", "2": "not_enough_info"},
        "max_length": 256,
        "windows": {"words": 110},
        **({"calibrated": True, **json.loads(options.ensemble.read_text())} if options.ensemble else {}),
    }
    (options.output / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
