"""Benchmarks of speed, of models on tables, and of the doctor: run from the root of the source."""
