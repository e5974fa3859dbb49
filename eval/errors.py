"""Errors of the scorer. Each message says what it got, what it wanted and what to do next."""


class EvalError(Exception):
    """Any failure that a user of the scorer can act on."""


class ArrayError(EvalError, ValueError):
    """Arrays have the wrong shape, or do not fit together."""


class BenchmarkError(EvalError, ValueError):
    """The benchmark folder is missing, partial, or not what the protocol expects."""


class MatError(BenchmarkError):
    """A MATLAB file is missing, damaged, or does not hold what was wanted."""


class SubmissionError(EvalError, ValueError):
    """A submission cannot be read, or does not match the benchmark."""


class MissingImages(SubmissionError):
    """Predictions lack images of the benchmark, and the caller did not mark them as failed."""


class RecordError(EvalError, ValueError):
    """A stored result cannot be read or written."""


class ComparisonError(EvalError, ValueError):
    """Results were computed under different protocols or options and cannot be compared."""


class PictureError(EvalError, ValueError):
    """A plot or picture has nothing to show, or cannot be written."""


class MapError(EvalError, ValueError):
    """A map between sets of landmarks cannot be fitted, read or written."""


class AboveLimit(EvalError):
    """A result is worse than the limit set for it."""


class ChoiceError(EvalError, ValueError):
    """A benchmark or a choice of its protocol is unknown, or a value is out of range."""
