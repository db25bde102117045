"""What people would write by hand: the two reference recipes in bare Keras, nothing of the lab.

    FMNIST_DATA_DIR=... python bench/bare_keras.py reference-a SEED [EPOCHS] [IMAGES] [reshuffle]

Prints seconds in `fit` and accuracy on the 10 000 test images. Asked by the rows `reference-…` of
`bench.training`: in docs/performance.md "Reference time" and "The reference recipes beside a bare
Keras script", which says why `reshuffle` gives each epoch an order of its own.
"""

import gzip
import json
import os
import sys
import time
from pathlib import Path

import keras
import numpy as np

recipe, seed = sys.argv[1], int(sys.argv[2])
epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 10
images = next((int(word) for word in sys.argv[4:] if word.isdigit()), 60_000)
folder = Path(os.environ["FMNIST_DATA_DIR"])


def read(name, header):
    return np.frombuffer(gzip.decompress((folder / name).read_bytes()), np.uint8, offset=header)


x_train = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1).astype("float32") / 255
y_train = read("train-labels-idx1-ubyte.gz", 8)
x_test = read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1).astype("float32") / 255
y_test = read("t10k-labels-idx1-ubyte.gz", 8)
x_train, y_train = x_train[:images], y_train[:images]

keras.utils.set_random_seed(seed)
conv, pool, dense = keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.Dense
if recipe == "reference-a":
    layers = [conv(32, 3, activation="relu"), pool(), conv(64, 3, activation="relu"), pool()]
    layers += [conv(64, 3, activation="relu"), keras.layers.Flatten()]
    layers += [dense(64, activation="relu"), dense(10)]
else:
    layers = [conv(32, 3, activation="relu"), pool(), conv(64, 3, activation="relu"), pool()]
    layers += [conv(128, 3, activation="relu"), pool(), keras.layers.Flatten()]
    layers += [dense(128, activation="relu"), keras.layers.Dropout(0.5)]
    layers += [dense(10, activation="softmax")]
model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=recipe == "reference-a")
model.compile("adam", loss, metrics=["accuracy"])
began = time.perf_counter()
held = len(x_train) // 10 if recipe == "reference-b" else 0
if "reshuffle" in sys.argv[4:]:
    last = (x_train[-held:], y_train[-held:]) if held else None
    order = np.arange(len(x_train) - held)
    for _ in range(epochs):
        np.random.shuffle(order)
        x, y = x_train[order], y_train[order]
        model.fit(x, y, batch_size=32, validation_data=last, shuffle=False, verbose=0)
else:
    share = held / len(x_train)
    model.fit(x_train, y_train, batch_size=32, epochs=epochs, validation_split=share, verbose=0)
seconds = time.perf_counter() - began
accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
print(json.dumps({"seconds": seconds, "test_accuracy": accuracy}))
