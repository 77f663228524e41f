"""The type of a frame in the signatures of assets.

Dagster looks at signatures at run time and pandas costs 0.4 s to import, in every process that loads the definitions:
a type checker sees the real class, Dagster sees that anything goes.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame as Frame
else:
    Frame = object

__all__ = ["Frame"]
