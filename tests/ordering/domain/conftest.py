"""The scenarios' asserts then tell what differs, as those of a test do."""

import pytest

pytest.register_assert_rewrite("tests.ordering.domain.scenario")
