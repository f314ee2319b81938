"""Agreement of the annotators, and the effect of their priority: before any training, without Spark."""

from alabtrain.inspect.agreement.report import AgreementReport, agreement

__all__ = ["AgreementReport", "agreement"]
