"""Cross-encoders: a pair of texts in, the logits of its classes out. ONNX Runtime by default, transformers on request.

Nothing here cuts a text: a pair that is longer than the model reads is an error, and whoever asks makes windows first
(:mod:`halueval.verifiers.nli_windows`). Sessions are made when they are first needed, so an encoder can be copied,
pickled and handed to worker processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halueval.errors import PluginError, located
from halueval.records import Label
from halueval.verifiers.encoding import (
    by_length,
    clean,
    content_of,
    not_too_long,
    of_size,
    positive,
    read_config,
)
from halueval.verifiers.nli_labels import read_labels

__all__ = ["OnnxEncoder", "TransformersEncoder"]

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_MOST_TOKENS = 512  # where a model doesn't say how much it reads
# This operator takes its scale from all that it is given: a pair's logits would depend on the pairs beside it.
_SCALED_BY_BATCH = b"DynamicQuantizeLinear"


class OnnxEncoder:
    """A model folder read with ONNX Runtime and ``tokenizers``.

    Parameters
    ----------
    folder : path
        With ``model.onnx`` (input_ids, attention_mask and, where it asks for them, token_type_ids, all int64 of shape
        (n, t), in; logits of shape (n, classes) out), ``tokenizer.json``, and ``config.json`` with "id2label" and
        "max_length"; "temperature", "calibrated", "name", "version", "licence" and "windows" are optional.
    labels : mapping, optional
        What the model's classes mean, where its names don't say (:func:`~halueval.verifiers.nli_labels.read_labels`).
    batch_size : int
        Pairs of similar length are read together. A model that is quantised while it runs is read one pair at a time,
        since its scale would otherwise depend on the pairs beside it; on a processor that isn't slower.
    threads : int, optional
        Batches read at once, each on one core; as many as there are cores by default.

    Raises
    ------
    PluginError
        A file is missing or unreadable, or a field of the configuration is; named.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        labels: Mapping[str, Label] | None = None,
        batch_size: int = 32,
        threads: int | None = None,
    ) -> None:
        self._made_with = (folder, labels, batch_size, threads)
        self.folder = Path(folder)
        for name in ("model.onnx", "tokenizer.json", "config.json"):
            if not (self.folder / name).is_file():
                wanted = "a model folder with model.onnx, tokenizer.json and config.json"
                raise PluginError(located(f"no file {name}", wanted=wanted, path=str(self.folder)))
        where = str(self.folder / "config.json")
        self.config: Mapping[str, Any] = read_config(Path(where))
        self.labels = read_labels(self.config.get("id2label"), where, labels)
        self.max_length = positive(self.config, "max_length", where)
        self.name = str(self.config.get("name") or self.folder.name)
        self._batch_size, self._threads = batch_size, threads or os.cpu_count() or 1
        self._lock = Lock()
        self._session: Any = None
        self._tokenizer: Any = None

    def __reduce__(self) -> tuple[Callable[..., OnnxEncoder], tuple[Any, ...]]:
        return _remade, self._made_with

    @property
    def content(self) -> str:
        """What the folder's files hold, as a digest."""
        return content_of(self.folder)

    @property
    def special(self) -> int:
        return int(self._tokenize().num_special_tokens_to_add(is_pair=True))

    def count(self, text: str) -> int:
        """How many tokens a text has, without those that the tokenizer adds."""
        return len(self.tokens(text))

    def tokens(self, text: str) -> Sequence[tuple[int, int]]:
        """Where the tokens of a text begin and end in it, in characters."""
        offsets: list[tuple[int, int]] = self._tokenize().encode(clean(text), add_special_tokens=False).offsets
        return offsets

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Logits of shape (n, classes), in the order of the pairs.

        Raises
        ------
        PluginError
            A pair that is longer than the model reads, a model that doesn't load, or logits of another size.
        """
        rows = np.zeros((len(pairs), len(self.labels)), np.float32)
        if not pairs:
            return rows
        run, wants, size = self._run()
        read = self._tokenize().encode_batch([(clean(evidence), clean(claim)) for evidence, claim in pairs])
        not_too_long([len(r) for r in read], self)
        places = list(by_length([len(r) for r in read], min(size, -(-len(pairs) // self._threads))))

        def score(batch: list[int]) -> None:
            width = max(len(read[i]) for i in batch)
            given = {name: np.zeros((len(batch), width), np.int64) for name in _INPUTS}
            for row, i in enumerate(batch):
                length = len(read[i])
                given["input_ids"][row, :length] = read[i].ids
                given["attention_mask"][row, :length] = 1
                given["token_type_ids"][row, :length] = read[i].type_ids
            rows[batch] = of_size(run(None, {name: given[name] for name in wants})[0], len(batch), self)

        if len(places) == 1:
            score(places[0])
        else:
            with ThreadPoolExecutor(min(self._threads, len(places))) as pool:
                list(pool.map(score, places))
        return rows

    def _tokenize(self) -> Any:
        with self._lock:
            if self._tokenizer is None:
                from tokenizers import Tokenizer

                path = self.folder / "tokenizer.json"
                try:
                    self._tokenizer = Tokenizer.from_file(str(path))
                except Exception as error:  # the library raises a bare Exception
                    raise PluginError(located(f"not a tokenizer ({error})", path=str(path))) from error
                self._tokenizer.no_truncation()  # what is too long is cut into windows before, in the open
                self._tokenizer.no_padding()
            return self._tokenizer

    def _run(self) -> tuple[Callable[..., list[Any]], tuple[str, ...], int]:
        """The session, the inputs it asks for, and how many pairs it may be given at once."""
        with self._lock:
            if self._session is None:
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.log_severity_level = 3
                options.intra_op_num_threads = 1  # whole batches side by side: cores that share one wait for each other
                path = self.folder / "model.onnx"
                graph = path.read_bytes()
                try:
                    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
                except Exception as error:  # one of many classes of its own
                    found = " ".join(str(error).split())[:300]
                    raise PluginError(located(f"not a model that loads ({found})", path=str(path))) from error
                wants = tuple(i.name for i in session.get_inputs())
                if unknown := [name for name in wants if name not in _INPUTS]:
                    wanted = f"no other inputs than {', '.join(_INPUTS)}"
                    raise PluginError(located(f"the model asks for {unknown[0]!r}", wanted=wanted, path=str(path)))
                size = 1 if _SCALED_BY_BATCH in graph else self._batch_size
                self._session = session, wants, size
            session, wants, size = self._session
            return session.run, wants, size


def _remade(
    folder: str | Path, labels: Mapping[str, Label] | None, batch_size: int, threads: int | None
) -> OnnxEncoder:
    return OnnxEncoder(folder, labels=labels, batch_size=batch_size, threads=threads)


class TransformersEncoder:
    """A sequence-classification model read with the ``transformers`` library.

    Parameters
    ----------
    name_or_path : str or path
        A folder with the model, or the name of one. A name is looked for on this disk only.
    labels : mapping, optional
        What the model's classes mean, where its names don't say.
    batch_size : int
        Pairs of similar length are read together.
    max_length : int, optional
        Tokens of a pair; the model's own limit by default.
    device : str
        Where the model runs: "cpu", "cuda".
    download : bool
        Whether a model that isn't on this disk may be downloaded. No code that comes with a model is ever run.

    Raises
    ------
    PluginError
        The library isn't installed, the model isn't on this disk, or its configuration has no label map that can be
        read.
    """

    def __init__(
        self,
        name_or_path: str | Path,
        *,
        labels: Mapping[str, Label] | None = None,
        batch_size: int = 32,
        max_length: int | None = None,
        device: str = "cpu",
        download: bool = False,
    ) -> None:
        if missing := [name for name in ("torch", "transformers") if find_spec(name) is None]:
            raise PluginError(
                f"the model {str(name_or_path)!r} is read with {missing[0]}, which isn't installed; "
                "to mend it: pip install 'halueval[transformers]'"
            )
        self.name = str(name_or_path)
        self._batch_size, self._device, self._local = batch_size, device, not download
        self._lock = Lock()
        self._model: Any = None
        from transformers import AutoConfig, AutoTokenizer

        config = self._loaded(AutoConfig)
        self.config: Mapping[str, Any] = {}
        self._commit = str(getattr(config, "_commit_hash", None) or "")
        self.labels = read_labels(getattr(config, "id2label", None), f"{self.name}/config.json", labels)
        self._tokenizer = self._loaded(AutoTokenizer)
        if not self._tokenizer.is_fast:
            raise PluginError(f"the model {self.name!r} has no fast tokenizer (tokenizer.json), which offsets need")
        limits = [self._tokenizer.model_max_length, getattr(config, "max_position_embeddings", None)]
        known = [int(limit) for limit in limits if isinstance(limit, int) and 0 < limit < 1_000_000]
        self.max_length = max_length or min(known, default=_MOST_TOKENS)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_model": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())

    @property
    def content(self) -> str:
        """What a folder's files hold, as a digest; of a model by name, the commit that is here, if that is known."""
        folder = Path(self.name)
        return content_of(folder) if folder.is_dir() else self._commit

    @property
    def special(self) -> int:
        return int(self._tokenizer.num_special_tokens_to_add(pair=True))

    def count(self, text: str) -> int:
        """How many tokens a text has, without those that the tokenizer adds."""
        return len(self.tokens(text))

    def tokens(self, text: str) -> Sequence[tuple[int, int]]:
        """Where the tokens of a text begin and end in it, in characters."""
        read = self._tokenizer(
            clean(text), add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
        )
        return [(int(start), int(end)) for start, end in read["offset_mapping"]]

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Logits of shape (n, classes), in the order of the pairs; see :meth:`OnnxEncoder.logits`."""
        rows = np.zeros((len(pairs), len(self.labels)), np.float32)
        if not pairs:
            return rows
        import torch

        model = self._loaded_model()
        first, second = ([clean(text) for text in texts] for texts in zip(*pairs, strict=True))
        with self._lock:  # a fast tokenizer keeps its settings between calls, and isn't to be shared by threads
            read = self._tokenizer(first, second, truncation=False, padding=False, verbose=False)
        lengths = [len(ids) for ids in read["input_ids"]]
        not_too_long(lengths, self)
        for batch in by_length(lengths, self._batch_size):
            columns = {key: [read[key][i] for i in batch] for key in read}
            with self._lock:
                given = self._tokenizer.pad(columns, padding=True, return_tensors="pt").to(self._device)
            with torch.inference_mode():
                rows[batch] = of_size(model(**given).logits.float().cpu().numpy(), len(batch), self)
        return rows

    def _loaded_model(self) -> Any:
        with self._lock:
            if self._model is None:
                from transformers import AutoModelForSequenceClassification

                self._model = self._loaded(AutoModelForSequenceClassification).to(self._device).eval()
            return self._model

    def _loaded(self, what: Any) -> Any:
        try:
            return what.from_pretrained(self.name, local_files_only=self._local, trust_remote_code=False)
        except Exception as error:  # OSError where it isn't there, ValueError where it is something else, others
            found = " ".join(str(error).split())[:300]
            todo = "pass download=True to fetch it; nothing is downloaded without being asked for"
            raise PluginError(
                f"the model {self.name!r} can't be loaded{' from this disk' if self._local else ''} ({found})"
                + (f". To mend it: name a folder that has it, or {todo}" if self._local else "")
            ) from error
