"""The doctor: one check a function, a table of all checks, and the report of a run. Nothing is dispatched or posted."""
