"""How far annotators agree, and what their order decides: before any training, without Spark."""

from alabtrain.inspect.agreement.report import AgreementReport, agreement

__all__ = ["AgreementReport", "agreement"]
