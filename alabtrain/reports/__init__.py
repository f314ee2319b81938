"""Documents for people: model card, report, charts."""
