"""Makers of what lives in assets/: they pack training material and train the embedded models. Never imported by the product."""
