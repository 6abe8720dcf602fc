"""The words in simplified Chinese; names of models, commands, files and settings, and what models read, stay English."""
