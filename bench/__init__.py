"""What a click costs, against what most people would write: `make bench`. Every number compares within one run."""
