"""The Teams bot: Adaptive Cards whose buttons work in place, and MessageCards that a bot may still send."""
