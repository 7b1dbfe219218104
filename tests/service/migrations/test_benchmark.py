"""Migration 0005 keeps rounds and members, and locks them against each other."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.db import make_engine
from app.migrating import migrate

MOMENT = "2026-01-01 00:00:00+00:00"
LEARNED, MEMBER, TAGGED, BOTH = 1, 2, 3, 4
NUMBERS = (LEARNED, MEMBER, TAGGED, BOTH)


def specimen(number: int) -> list[str]:
    return [
        "INSERT INTO photograph (id, source_id, digest, file_name, media_type, width, height, "
        f"notes, created_at) VALUES ({number}, 1, 'p{number}', 'a.jpg', 'image/jpeg', 9, 9, '[]', "
        f"'{MOMENT}')",
        "INSERT INTO specimen (id, source_id, photograph_id, key, searched, unusable, candidates, "
        "open_candidates, skips, priority, state, created_at) VALUES "
        f"({number}, 1, {number}, 'a{number}', true, false, 0, 0, 0, 0, 'labelled', '{MOMENT}')",
        'INSERT INTO crop (id, specimen_id, number, "left", top, "right", bottom, origin, digest, '
        f"preview_digest, created_at) VALUES ({number}, {number}, 1, 0, 0, 9, 9, 'x', 'c', 'c', "
        f"'{MOMENT}')",
        "INSERT INTO label_version (id, specimen_id, number, crop_id, digest, person_id, origin, "
        f"created_at) VALUES ({number + 10}, {number}, 1, {number}, 'm', 1, 'hand', '{MOMENT}')",
    ]


ROWS = (
    f"INSERT INTO person (id, name, created_at) VALUES (1, 'Lin', '{MOMENT}')",
    "INSERT INTO source (id, code, scale_w, scale_ht, scale_hb, half_split, created_at) "
    f"VALUES (1, 'CARS', 0, 0, 0, false, '{MOMENT}')",
    *(row for number in NUMBERS for row in specimen(number)),
    f"INSERT INTO job (id, kind, state, growing, message, result, created_at) "
    f"VALUES (1, 'round', 'done', false, '', '{{}}', '{MOMENT}')",
    "INSERT INTO round (id, number, job_id, preset, config, created_at) "
    f"VALUES (1, 1, 1, 'tiny', '{{}}', '{MOMENT}')",
    *(
        "INSERT INTO round_label (round_id, version_id, split, stratum) "
        f"VALUES (1, {number + 10}, 'training', 7)"
        for number in (LEARNED, BOTH)
    ),
    *(
        f"INSERT INTO benchmark_member VALUES ({number}, 1, '{MOMENT}')"
        for number in (MEMBER, BOTH)
    ),
    "INSERT INTO tag (specimen_id, word, person_id, created_at) "
    f"VALUES ({TAGGED}, 'benchmark', 1, '{MOMENT}')",
)


def all_of(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_rounds_keep_their_labels_and_members_stay(empty_database_url: str) -> None:
    migrate(empty_database_url, "0004")
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)
    migrate(empty_database_url, "0005")
    labels = "SELECT round_id, version_id, specimen_id, stratum FROM round_label ORDER BY 2"
    assert all_of(engine, labels) == [(1, 11, LEARNED, 7), (1, 14, BOTH, 7)]
    members = "SELECT id FROM specimen WHERE in_benchmark ORDER BY id"
    assert all_of(engine, members) == [(MEMBER,), (TAGGED,)]
    history = "SELECT specimen_id, person_id FROM benchmark_change WHERE joined ORDER BY 1"
    assert all_of(engine, history) == [(MEMBER, 1), (TAGGED, 1)]
    tags = "SELECT specimen_id FROM tag WHERE word = 'benchmark' ORDER BY 1"
    assert all_of(engine, tags) == [(MEMBER,), (TAGGED,)]
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("UPDATE specimen SET in_benchmark = true WHERE id = 1")
    engine.dispose()

    migrate(empty_database_url, "0004")
    kept = "SELECT round_id, version_id, split, stratum FROM round_label ORDER BY version_id"
    assert all_of(engine, kept) == [(1, 11, "training", 7), (1, 14, "training", 7)]
    back = "SELECT specimen_id, person_id FROM benchmark_member ORDER BY 1"
    assert all_of(engine, back) == [(MEMBER, 1), (TAGGED, 1)]
    engine.dispose()
