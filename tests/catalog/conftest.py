import pytest

from tests import real_catalog

CATEGORIES = "slug,name,icon\nflour,Flour & grain,wheat\ndairy,Dairy,milk\n"
HEADER = "sku,name,category,description,unit,price,search_words,icon\n"
FLOUR = "FLR-25,Plain flour,flour,White and soft.,25 kg sack,19.80,white,wheat\n"
MILK = "MLK-1,Whole milk,dairy,Fresh.,1 l carton,1.15,cow,milk\n"


@pytest.fixture
def catalog(loaded_catalog, db):
    """The real catalog."""
    real_catalog.fill()


@pytest.fixture
def files(tmp_path):
    """Writes a pair of files (text, or bytes as they are) and returns their paths."""

    def write(products=HEADER + FLOUR + MILK, categories=CATEGORIES):
        paths = tmp_path / "products.csv", tmp_path / "categories.csv"
        for path, content in zip(paths, (products, categories), strict=True):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return paths

    return write
