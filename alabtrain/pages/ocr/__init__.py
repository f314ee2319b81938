"""Optical character recognition for pages without words."""
