"""The card of the embedded set."""


def card(pictures: int, train: int, test: int) -> str:
    """assets/world/README.md for a set of so many pictures and people."""
    return CARD.format(pictures=pictures, people=train + test, train=train, test=test)


CARD = """# The embedded data set `world`

{people} people who do not exist, rendered: {train} in `rgb/train`, {test} in `rgb/test`, {pictures} JPEG crops of 128x256 in
PRCC's layout. Nobody is in both parts.
"""
