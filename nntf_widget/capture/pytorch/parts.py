"""Which part of a module the training calls, where it does not call the module itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from nntf_widget.capture.pytorch.hooks import Hook
from nntf_widget.capture.pytorch.nesting import tensors_of, version_of

if TYPE_CHECKING:
    from torch.utils.hooks import RemovableHandle

    from nntf_widget.capture.pytorch.capture import Capture


class PartCall(NamedTuple):
    """A call of a module's part.

    Attributes
    ----------
    part : nn.Module
    args, kwargs, output
        What it got and gave.
    trains : bool
        Whether it was made in training mode, with gradients.
    version : int
        Of the tensors that it got and gave.
    """

    part: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    output: Any
    trains: bool
    version: int

    @property
    def is_as_it_was(self) -> bool:
        """Whether what it got and gave was not written into since."""
        return _version(self.args, self.kwargs, self.output) == self.version


class PartSeeker:
    """Finds the part of a module that a training step calls with its batch, and turns the capture of the module to it.

    A step's outermost calls of trainable modules are kept until it is over. Where one module alone gave scores, it is
    the one meant. What is compiled is not looked into.

    Parameters
    ----------
    capture : Capture
        Of `module`.
    module : nn.Module
    """

    def __init__(self, capture: Capture, module: nn.Module) -> None:
        self._capture, self._module = capture, module
        self._calls: list[PartCall] = []
        self._depth = 0
        self._hooks: list[RemovableHandle] = []

    def step_begins(self) -> None:
        """Keep the calls from now on."""
        for part in _parts(self._module):
            self._hooks.append(part.register_forward_pre_hook(Hook(_enter, self)))
            self._hooks.append(part.register_forward_hook(Hook(_leave, self), with_kwargs=True, always_call=True))

    def step_ends(self) -> list[str]:
        """Return the names of the parts that may be the one meant; "" is the module itself.

        With one, it is known what the steps call, and the capture listens to that. With none, the next step may tell.
        """
        self.close()
        calls, self._calls = self._calls, []
        found = [call for call in calls if call.part is self._module or self._capture.gives_scores(call.output)]
        parts = {call.part for call in found}
        if self._module in parts:  # which the capture listens to already
            return [""]
        if len(parts) == 1:
            self._capture.turn_to(found[0].part, found)
        return [name for name, part in self._module.named_modules() if part in parts]

    def close(self) -> None:
        """Keep no more calls; the module is as it was."""
        while self._hooks:
            self._hooks.pop().remove()

    def enter(self) -> None:
        """Learn that a call begins."""
        self._depth += 1

    def leave(self, part: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        """Learn that it has ended."""
        self._depth -= 1
        if self._depth == 0 and any(parameter.requires_grad for parameter in part.parameters()):
            trains = part.training and torch.is_grad_enabled()
            self._calls.append(PartCall(part, args, kwargs, output, trains, _version(args, kwargs, output)))


def _parts(module: nn.Module) -> Iterator[nn.Module]:
    yield module
    is_compiled = hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None) is not None
    if not is_compiled:
        for child in module.children():
            yield from _parts(child)


def _version(*what: Any) -> int:
    return sum(version_of(tensor) for tensor in tensors_of(what))


@torch.compiler.disable  # type: ignore[untyped-decorator]
def _enter(seeker: PartSeeker, _module: nn.Module, _args: tuple[Any, ...]) -> None:
    seeker.enter()


@torch.compiler.disable  # type: ignore[untyped-decorator]
def _leave(seeker: PartSeeker, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
    seeker.leave(module, args, kwargs, output)


# In a step that is compiled as a whole nothing is seen: to break its graph may be an error.


@torch.compiler.substitute_in_graph(_enter)
def _enter_unseen(seeker: PartSeeker, _module: nn.Module, _args: tuple[Any, ...]) -> None:
    pass


@torch.compiler.substitute_in_graph(_leave)
def _leave_unseen(
    seeker: PartSeeker, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> None:
    pass
