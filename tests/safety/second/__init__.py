"""A second evaluator of the rule files, which shares no line with the product's.

The product walks one person through compiled conditions. This one lays many people side by side: an answer
is a whole number whose bit *n* says whether person *n* gave it, and a condition is worked out with ``&``,
``|`` and ``~`` for everybody at once, three times over: what holds firmly, what holds, what may still hold.
Two programs that differ in every step and agree on every person are unlikely to be wrong in the same way.
"""
