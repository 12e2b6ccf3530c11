"""Make the pictures of docs/cards anew: `python -m tests.pictures`."""

from tests.pictures.drawing import PICTURES, pictures

for name, picture in pictures():
    PICTURES.joinpath(f"{name}.png").write_bytes(picture)
    print(f"{name}.png")  # noqa: T201 - the command's only word
