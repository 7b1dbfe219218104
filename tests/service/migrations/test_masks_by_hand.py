"""Migration 0002 keeps what was there: block maps move to the crop, label versions stay."""

from sqlalchemy import Engine, text

from app.db import make_engine
from app.migrating import migrate

MOMENT = "2026-01-01 00:00:00+00:00"
ROWS = (
    f"INSERT INTO person VALUES (1, 'Lin', '{MOMENT}')",
    f"INSERT INTO source VALUES (1, 'CARS', 0, 0, 0, false, '{MOMENT}')",
    "INSERT INTO photograph (id, source_id, digest, file_name, media_type, width, height, notes, "
    f"created_at) VALUES (1, 1, 'p', 'a.jpg', 'image/jpeg', 9, 9, '[]', '{MOMENT}')",
    "INSERT INTO specimen (id, source_id, photograph_id, key, searched, unusable, candidates, "
    "open_candidates, skips, priority, state, created_at) "
    f"VALUES (1, 1, 1, 'a', true, false, 2, 2, 0, 0, 'labelled', '{MOMENT}')",
    'INSERT INTO crop (id, specimen_id, number, "left", top, "right", bottom, origin, digest, '
    f"preview_digest, created_at) VALUES (1, 1, 1, 0, 0, 9, 9, 'x', 'c', 'c', '{MOMENT}')",
    *(
        "INSERT INTO candidate (id, specimen_id, crop_id, origin, agreeing, digest, score, "
        f"blocks_digest, rejected, created_at) VALUES ({number}, 1, 1, '{origin}', '[]', 'm', 1, "
        f"{blocks}, false, '{MOMENT}')"
        for number, origin, blocks in ((1, "border", "NULL"), (2, "kanezaki", "'map'"))
    ),
    "INSERT INTO label_version (id, specimen_id, number, crop_id, digest, person_id, origin, "
    f"created_at) VALUES (1, 1, 1, 1, 'm', 1, 'hand', '{MOMENT}')",
    "UPDATE specimen SET crop_id = 1, version_id = 1",
)


def all_of(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_what_was_there_is_there_afterwards_and_after_going_back(empty_database_url: str) -> None:
    migrate(empty_database_url, "0001")
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    migrate(empty_database_url)
    maps = "SELECT crop_id, kind, method, digest FROM crop_map"
    assert all_of(engine, maps) == [(1, "blocks", "kanezaki", "map")]
    versions = "SELECT id, number, digest, origin, restores_id FROM label_version"
    assert all_of(engine, versions) == [(1, 1, "m", "hand", None)]
    assert all_of(engine, "SELECT version_id FROM specimen") == [(1,)]
    engine.dispose()
    migrate(empty_database_url, "0001")
    assert all_of(engine, "SELECT id, number, digest FROM label_version") == [(1, 1, "m")]
    kept = "SELECT id, blocks_digest FROM candidate WHERE id = 2"
    assert all_of(engine, kept) == [(2, "map")]
    engine.dispose()
