"""One question, one script, on top of ``jaxact.lab``. Evidence is under ``results/``."""
