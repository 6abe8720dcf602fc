"""Re-identification: backbones, and later losses, sampling, training, evaluation, refinement.

May import `dlcr.core` only. Start with `backbone.py`.
"""
