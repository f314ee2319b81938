"""The pages that people read: model card, report, charts."""
