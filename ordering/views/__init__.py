"""The pages. A page and its fragments are one template."""
