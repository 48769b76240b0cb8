"""A training of two ranks by Lightning or Hugging Face's Trainer; `test_ranks` looks at what each rank writes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 3
framework, folder = sys.argv[1], Path(sys.argv[2])
X, Y = (torch.tensor(part) for part in load_digits(return_X_y=True))
X, Y = X[:301].float() / 16, Y[:301]
places = {x.numpy().tobytes(): place for place, x in enumerate(X)}
seen: list[tuple[int, int]] = []


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))


def noted(x, scores):
    """Note what was predicted for which sample; return the scores."""
    seen.extend(zip([places[sample.numpy().tobytes()] for sample in x], scores.argmax(1).tolist(), strict=True))
    return scores


def by_lightning():
    import lightning

    from nntf_widget.capture.lightning import FingerprintCallback

    class Digits(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = net()

        def training_step(self, batch, _index):
            x, y = batch
            return functional.cross_entropy(noted(x, self.net(x)), y)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    run = FingerprintCallback(lambda lit: lit.net, strict=True, log=str(folder / "run.nntf"))
    quiet = dict.fromkeys(["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"], False)
    trainer = lightning.Trainer(
        max_epochs=EPOCHS, accelerator="cpu", devices=2, strategy="ddp", callbacks=[run], **quiet
    )
    trainer.fit(Digits(), DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True))
    return run.fingerprint


def by_trainer():
    import transformers

    from nntf_widget.capture.hugging_face import FingerprintCallback

    class Digits(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net()

        def forward(self, pixels, labels):
            logits = noted(pixels, self.net(pixels))
            return {"loss": functional.cross_entropy(logits, labels), "logits": logits}

    run = FingerprintCallback(strict=True, log=str(folder / "run.nntf"))
    arguments = transformers.TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=32,
        gradient_accumulation_steps=2,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        use_cpu=True,
    )
    samples = [{"pixels": x, "labels": y} for x, y in zip(X, Y, strict=True)]
    transformers.Trainer(Digits(), arguments, train_dataset=samples, callbacks=[run]).train()
    return run.fingerprint


run = {"lightning": by_lightning, "trainer": by_trainer}[framework]()
np.savez(
    folder / f"{framework}-{dist.get_rank()}.npz",
    seen=np.array(seen).reshape(EPOCHS, -1, 2),
    snapshots=np.array([run.predictions(t) for t in range(len(run))]),
)
