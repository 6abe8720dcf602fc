"""Feature spaces: measures, and later features of data sets, projection and retrieval (pure but for files).

May import `dlcr.core` only. Start with `measures.py`.
"""
