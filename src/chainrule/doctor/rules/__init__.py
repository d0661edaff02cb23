"""The rules of the backward pass, one module a step, each with the mistakes that are made in it."""
