"""Agents who work on the same orders over HTTP, and the verdict whether anything was lost.

`browser` is what an agent sees and sends, `agents` what they do, `verdict` compares what they were
told with the log. `manage.py simulate_agents` brings them together.
"""
