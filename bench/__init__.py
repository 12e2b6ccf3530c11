"""The cost of a click, beside the same job done the ordinary way: `make bench`. Compare numbers of one run only."""
