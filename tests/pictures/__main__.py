"""Make the pictures of docs/cards and of the simulator again: `python -m tests.pictures`."""

from tests.pictures import simulator
from tests.pictures.drawing import PICTURES, pictures

for name, picture in pictures():
    PICTURES.joinpath(f"{name}.png").write_bytes(picture)
    print(f"{name}.png")  # noqa: T201 - the command's only word
for name, picture in simulator.pictures():
    simulator.DOCS.joinpath(f"{name}.png").write_bytes(picture)
    print(f"{name}.png")  # noqa: T201 - as above
