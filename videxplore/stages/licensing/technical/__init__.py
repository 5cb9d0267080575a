"""The technical inspection of one file: what its header, its pictures and its sound show."""
