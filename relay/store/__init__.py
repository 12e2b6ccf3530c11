"""Where cases are kept: one contract, a codec, and the stores that pass the contract's tests."""
