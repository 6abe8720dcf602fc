"""The changes of the catalog's tables, one file each, applied in order."""
