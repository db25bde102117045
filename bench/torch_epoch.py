"""A network of the lab in PyTorch, trained as people train it; needs torch and nothing else.

    FMNIST_DATA_DIR=... python bench/torch_epoch.py < ORDER.json

The other side of `python -m bench.training --only epoch-against-torch` (docs/performance.md, "An
epoch beside others"), which hands over ORDER: `layers` (the network's plan, of the kinds that
reference-a and strong have), `batch_size`, `images`, `epochs`, `seed`, `threads`. Prints the second
at which each epoch ended and the number of parameters. The images lie in memory as float32, already
scaled; batches are cut from a new order each epoch.
"""

import gzip
import json
import os
import sys
import time
from pathlib import Path

import torch
from torch import nn


def conv(layer, read):
    options, width = layer["options"], layer["shape"][-1]
    padding = options["kernel"] // 2 if options["padding"] == "same" else 0
    shape = (read[-1], width, options["kernel"], options["stride"], padding)
    return nn.Conv2d(*shape, bias=options["bias"])


def dense(layer, read):
    units = nn.Linear(read[0], layer["shape"][0])
    # PyTorch's loss takes scores: a softmax at the end is part of it.
    return nn.Sequential(units, nn.ReLU()) if layer["options"]["activation"] == "relu" else units


MAKERS = {
    "scale": lambda layer, read: nn.Identity(),
    "conv": conv,
    "norm": lambda layer, read: nn.BatchNorm2d(read[-1]),
    "activation": lambda layer, read: {"relu": nn.ReLU}[layer["options"]["kind_"]](),
    "pool": lambda layer, read: {"max": nn.MaxPool2d}[layer["options"]["kind_"]](2),
    "flatten": lambda layer, read: nn.Flatten(),
    "global_pool": lambda layer, read: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "dense": dense,
}


class Network(nn.Module):
    """The layers of a plan, in its order."""

    def __init__(self, layers):
        super().__init__()
        self.layers, shapes = layers[1:], {layer["name"]: layer["shape"] for layer in layers}
        self.parts = nn.ModuleDict()
        for one in (layer for layer in self.layers if layer["kind"] != "add"):
            self.parts[one["name"]] = MAKERS[one["kind"]](one, shapes[one["inputs"][0]])

    def forward(self, images):
        outputs = {"pixels": images}
        for layer in self.layers:
            reads = [outputs[name] for name in layer["inputs"]]
            found = sum(reads) if layer["kind"] == "add" else self.parts[layer["name"]](*reads)
            outputs[layer["name"]] = found
        return found


def read(name, header):
    content = (Path(os.environ["FMNIST_DATA_DIR"]) / name).read_bytes()
    return torch.frombuffer(bytearray(gzip.decompress(content)[header:]), dtype=torch.uint8)


def main():
    order = json.load(sys.stdin)
    torch.set_num_threads(order["threads"])
    torch.manual_seed(order["seed"])
    images = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)[: order["images"]]
    images = images.float() / 255
    labels = read("train-labels-idx1-ubyte.gz", 8)[: order["images"]].long()
    model = Network(order["layers"]).train()
    optimizer, loss_of = torch.optim.Adam(model.parameters(), lr=1e-3), nn.CrossEntropyLoss()
    ends = []
    for _ in range(order["epochs"]):
        for chosen in torch.randperm(len(labels)).split(order["batch_size"]):
            optimizer.zero_grad()
            loss_of(model(images[chosen]), labels[chosen]).backward()
            optimizer.step()
        ends.append(time.perf_counter())
    parameters = sum(part.numel() for part in model.parameters())
    print(json.dumps({"ends": ends, "parameters": parameters, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
