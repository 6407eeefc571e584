"""Systems of the library: each with the smallest experiment that is faithful to it.

A file here named for a system, ``<id in lower case>_<idea>.py``, holds its
``EXPERIMENT`` (see `frame`); other files are named for their idea alone.
"""
