"""The two networks of the paper, as its program builds them, with its initial weights: Glorot's, and biases of zero.

Ferreira et al.: Neural network training fingerprint. Journal of Visualization 25, 2022.
LeCun et al.: Gradient-based learning applied to document recognition. Proceedings of the IEEE 86, 1998.
Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition. ICLR 2015.
"""

from __future__ import annotations

from torch import nn

VGG16_BLOCKS = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]  # maps, convolutions


def lenet5(channels: int, size: int, num_classes: int = 10) -> nn.Sequential:
    """Return LeNet-5: 5 x 5 convolutions with 6, 16 and 120 maps, average pooling after the first two, dense 84."""
    layers: list[nn.Module] = []
    for maps, pooled in ((6, True), (16, True), (120, False)):
        layers += [nn.Conv2d(channels, maps, 5, padding=2), nn.ReLU()]
        if pooled:
            layers.append(nn.AvgPool2d(2))
        channels = maps
    dense = [nn.Linear(120 * (size // 4) ** 2, 84), nn.ReLU(), nn.Linear(84, num_classes)]
    return _initialised(nn.Sequential(*layers, nn.Flatten(), *dense))


def vgg16(channels: int, size: int, num_classes: int = 10) -> nn.Sequential:
    """Return VGG-16: 13 convolutions of 3 x 3 in five blocks, and two dense layers of 4096 with dropout 0.5.

    Images smaller than 32 x 32 are padded to that, so that five poolings leave something.
    """
    padding = max(32 - size + 1, 0) // 2
    layers: list[nn.Module] = [nn.ZeroPad2d(padding)]
    for maps, convolutions in VGG16_BLOCKS:
        for _ in range(convolutions):
            layers += [nn.Conv2d(channels, maps, 3, padding=1), nn.ReLU()]
            channels = maps
        layers.append(nn.MaxPool2d(2))
    inputs = channels * ((size + 2 * padding) // 2 ** len(VGG16_BLOCKS)) ** 2
    for width in (inputs, 4096):
        layers += [nn.Linear(width, 4096), nn.ReLU(), nn.Dropout(0.5)]
    layers.insert(-6, nn.Flatten())
    return _initialised(nn.Sequential(*layers, nn.Linear(4096, num_classes)))


NETWORKS = {"lenet5": lenet5, "vgg16": vgg16}


def _initialised(network: nn.Sequential) -> nn.Sequential:
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
    return network
