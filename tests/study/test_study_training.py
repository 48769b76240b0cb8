"""The networks, the optimizer, a short training, and a sweep that two processes share."""

from __future__ import annotations

import subprocess
import sys

import optuna
import pytest
import torch
from data import load
from networks import lenet5, vgg16
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from torch import nn
from training import Setting, optimizer_of, train, train_epoch

import nntf_widget as nntf


def kinds(network):
    return [type(module).__name__ for module in network if not isinstance(module, nn.ReLU)]


def test_lenet5_is_the_papers():
    network = lenet5(3, 32)
    assert kinds(network) == ["Conv2d", "AvgPool2d", "Conv2d", "AvgPool2d", "Conv2d", "Flatten", "Linear", "Linear"]
    convolutions = 3 * 6 * 25 + 6 + 6 * 16 * 25 + 16 + 16 * 120 * 25 + 120
    dense = 120 * 8 * 8 * 84 + 84 + 84 * 10 + 10
    assert sum(parameter.numel() for parameter in network.parameters()) == convolutions + dense
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize(("channels", "size"), [(3, 32), (1, 28)])
def test_vgg16_is_the_papers(channels, size):
    network = vgg16(channels, size)
    assert kinds(network).count("Conv2d") == 13
    assert kinds(network)[-6:] == ["Flatten", "Linear", "Dropout", "Linear", "Dropout", "Linear"]
    assert network[-1].in_features == network[-4].in_features == 4096
    assert network[-2].p == 0.5
    assert network(torch.zeros(2, channels, size, size)).shape == (2, 10)


def test_a_batch_trains_vgg16():
    torch.manual_seed(0)
    data = load("digits")._replace(x_train=torch.rand(4, 3, 32, 32), y_train=torch.tensor([0, 1, 2, 3]))
    network = vgg16(3, 32)
    before = network[-1].weight.clone()
    loss = train_epoch(network, optimizer_of(network, Setting("vgg16", "cifar10")), data)
    assert 0 < loss < 10
    assert not torch.equal(network[-1].weight, before)


def test_the_penalty_is_on_the_weights_alone():
    network = nn.Linear(2, 2)
    nn.init.ones_(network.weight)
    nn.init.ones_(network.bias)
    optimizer = optimizer_of(network, Setting("lenet5", "digits", lr=0.5, momentum=0.9, weight_decay=0.1))
    network.weight.grad, network.bias.grad = torch.zeros(2, 2), torch.zeros(2)
    optimizer.step()
    gradient = 2 * 0.1  # of 0.1 Σw²
    assert torch.allclose(network.weight, torch.full((2, 2), 1 - 0.5 * (1 + 0.9) * gradient))  # Nesterov's first step
    assert torch.equal(network.bias, torch.ones(2))


def test_a_training_learns_and_is_there_the_next_time(tmp_path):
    setting = Setting("lenet5", "digits", lr=0.01, epochs=8)
    data = load("digits")
    run = train(setting, data, tmp_path)
    assert len(run) == 9
    assert run.metrics["val_accuracy"][-1] > run.metrics["val_accuracy"][0]
    written = (tmp_path / f"{setting}.nntf").stat().st_mtime_ns
    again = train(setting, data, tmp_path)
    assert (again.transitions == run.transitions).all()
    assert (tmp_path / f"{setting}.nntf").stat().st_mtime_ns == written


def test_two_processes_share_a_sweep(tmp_path, study):
    command = [sys.executable, str(study / "sweep.py"), "--epochs", "2", "--runs", str(tmp_path)]
    workers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [worker.communicate(timeout=300)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    storage = JournalStorage(JournalFileBackend(str(tmp_path / "study.journal")))
    trials = optuna.load_study(study_name="lenet5-digits-lr", storage=storage).trials
    complete = [trial for trial in trials if trial.state == optuna.trial.TrialState.COMPLETE]
    assert {trial.params["lr"] for trial in complete} == {0.01, 0.005, 0.001, 0.0005}
    for trial in complete:
        assert nntf.load(tmp_path / trial.user_attrs["log"]).metrics["val_accuracy"][-1] == trial.value
