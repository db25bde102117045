"""A network of the lab in PyTorch, trained as people train it; needs torch and nothing else.

    FMNIST_DATA_DIR=... python bench/torch_epoch.py < ORDER.json

ORDER holds `layers` (the network's plan, see `fmnist_core/models/plan.py`), `batch_size`, `images`,
`epochs`, `seed` and `threads`. Prints one JSON line: `ends`, the second at which each epoch ended;
`parameters`; `torch`, its version.

The images lie in memory as float32, already scaled; batches are cut from a new order each epoch.
"""

import gzip
import json
import os
import sys
import time
from pathlib import Path

import torch
from torch import nn

BENDS = {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "elu": nn.ELU, "gelu": nn.GELU}
BENDS |= {"silu": nn.SiLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "linear": nn.Identity}
POOLS = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}
GLOBAL_POOLS = {"global_average": nn.AdaptiveAvgPool2d, "global_max": nn.AdaptiveMaxPool2d}


class Network(nn.Module):
    """The layers of a plan, in its order."""

    def __init__(self, layers):
        super().__init__()
        self.layers, shapes = layers, {}
        self.parts = nn.ModuleDict()
        for layer in layers:
            reads = [shapes[name] for name in layer["inputs"]]
            if layer["kind"] not in ("input", "add"):
                self.parts[layer["name"]] = MAKERS[layer["kind"]](layer, reads[0])
            shapes[layer["name"]] = layer["shape"]

    def forward(self, images):
        outputs = {self.layers[0]["name"]: images}
        for layer in self.layers[1:]:
            reads = [outputs[name] for name in layer["inputs"]]
            found = sum(reads) if layer["kind"] == "add" else self.parts[layer["name"]](*reads)
            outputs[layer["name"]] = found
        return outputs[self.layers[-1]["name"]]


def convolution(layer, read, groups=1):
    options = layer["options"]
    kernel, stride = options["kernel"], options["stride"]
    padding = kernel // 2 if options["padding"] == "same" and kernel > 1 else 0
    if options["padding"] == "same" and kernel % 2 == 0:
        # What Keras pads: nothing where the windows tile the map.
        padding = "same" if stride == 1 else max(kernel - stride, 0) // 2
    return nn.Conv2d(
        read[-1], layer["shape"][-1], kernel, stride, padding, groups=groups,
        bias=options.get("bias", True),
    )  # fmt: skip


def dense(layer, read):
    units = nn.Linear(read[0], layer["shape"][0])
    bend = layer["options"]["activation"]
    # PyTorch's loss takes scores: a softmax at the end is part of it.
    return units if bend in ("linear", "softmax") else nn.Sequential(units, BENDS[bend]())


def global_pool(layer, read):
    return nn.Sequential(GLOBAL_POOLS[layer["options"]["kind_"]](1), nn.Flatten())


MAKERS = {
    "scale": lambda layer, read: nn.Identity(),
    "conv": convolution,
    "depthwise": lambda layer, read: convolution(layer, read, groups=read[-1]),
    "norm": lambda layer, read: nn.BatchNorm2d(read[-1]),
    "activation": lambda layer, read: BENDS[layer["options"]["kind_"]](),
    "pool": lambda layer, read: POOLS[layer["options"]["kind_"]](2),
    "dropout": lambda layer, read: nn.Dropout(layer["options"]["rate"]),
    "flatten": lambda layer, read: nn.Flatten(),
    "global_pool": global_pool,
    "dense": dense,
}


def training_images(count):
    folder = Path(os.environ["FMNIST_DATA_DIR"])

    def read(name, header):
        data = bytearray(gzip.decompress((folder / name).read_bytes())[header:])
        return torch.frombuffer(data, dtype=torch.uint8)

    images = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)[:count].float() / 255
    return images, read("train-labels-idx1-ubyte.gz", 8)[:count].long()


def epoch_ends(model, images, labels, batch_size, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = nn.CrossEntropyLoss()
    ends = []
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(labels))
        for start in range(0, len(labels), batch_size):
            chosen = order[start : start + batch_size]
            optimizer.zero_grad()
            loss = loss_of(model(images[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
        ends.append(time.perf_counter())
    return ends


def main():
    order = json.load(sys.stdin)
    torch.set_num_threads(order["threads"])
    torch.manual_seed(order["seed"])
    model = Network(order["layers"])
    images, labels = training_images(order["images"])
    found = {
        "ends": epoch_ends(model, images, labels, order["batch_size"], order["epochs"]),
        "parameters": sum(part.numel() for part in model.parameters()),
        "torch": torch.__version__,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
