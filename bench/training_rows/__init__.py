"""The rows of `bench.training`, in the order of the table.

row               what a row is, what it measures with, and its figures, kept after each
runs, scripts     the lab's engine; scripts in processes of their own
accuracy          how soon, how accurate
shipped           the best network, from its weights
epochs            seconds an epoch beside PyTorch and Keras' own fit
outside           what an epoch spends outside the compiled step
memory            the most memory of a training's process
two_at_once       two runs at once
growth            how the cost of a step grows
"""

from bench.training_rows import accuracy, epochs, growth, memory, outside, shipped, two_at_once
from bench.training_rows.row import Row

ROWS: tuple[Row, ...] = (
    *accuracy.ROWS,
    *shipped.ROWS,
    *epochs.ROWS,
    *outside.ROWS,
    *memory.ROWS,
    *two_at_once.ROWS,
    *growth.ROWS,
)
