"""The worked example of deploy/directory.md as files: ten stations of Quetta and their areas."""

import re
from pathlib import Path

GUIDE = Path(__file__).parent.parent / "deploy" / "directory.md"
HEADERS = {
    "places": "code,level,kind,parent,name_en,name_local,aliases,seat,lat,lon,source",
    "desks": (
        "code,programme,kind,name_en,place,parent,serves,phone,hours,public,verified,source,"
        "source_date"
    ),
    "holidays": "programme,date,name_en,estimated,source",
}


def tables() -> dict[str, str]:
    """The blocks of CSV in the guide, by the file that they are said to be."""
    found = re.findall(r"`(\w+)\.csv`:\n\n```csv\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return dict(found)


def written(folder: Path) -> list[Path]:
    """The desks first, which an import must not mind."""
    paths = [folder / "desks.csv", folder / "places.csv"]
    for path in paths:
        path.write_text(tables()[path.stem], encoding="utf-8")
    return paths


def table(folder: Path, name: str, *lines: str, file: str = "") -> Path:
    """A file of these rows under the first line of its table."""
    path = folder / f"{file or name}.csv"
    path.write_text("\n".join((HEADERS[name], *lines)) + "\n", encoding="utf-8")
    return path
