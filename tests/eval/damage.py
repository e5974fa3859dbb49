"""Five hundred ways to damage a submission file, each repeatable from its number."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Members = dict[str, np.ndarray]
Generator = np.random.Generator


def damaged(members: Members, number: int) -> tuple[str, bytes]:
    """The name of a damage and the file after it.

    Args:
        members: ids, landmarks and meta of a good submission.
        number: chooses the damage, its place and its size.
    """
    generator = np.random.default_rng(number)
    if number % 2:
        harm = BYTE_HARMS[int(generator.integers(len(BYTE_HARMS)))]
        content = packed(members, generator)
        return harm.__name__, harm(content, generator)
    change = ARRAY_HARMS[int(generator.integers(len(ARRAY_HARMS)))]
    copy = {name: array.copy() for name, array in members.items()}
    changed = change(copy, generator)
    if isinstance(changed, bytes):
        return change.__name__, changed
    return change.__name__, packed(changed, generator)


def packed(members: Members, generator: Generator) -> bytes:
    """A .npz of the members, stored or deflated."""
    stream = io.BytesIO()
    write: Any = np.savez if generator.random() < 0.5 else np.savez_compressed
    write(stream, allow_pickle=True, **members)
    return stream.getvalue()


def flip_bytes(content: bytes, generator: Generator) -> bytes:
    harmed = bytearray(content)
    for place in generator.integers(len(harmed), size=int(generator.integers(1, 40))).tolist():
        harmed[place] ^= int(generator.integers(1, 256))
    return bytes(harmed)


def flip_one_bit_of_the_directory(content: bytes, generator: Generator) -> bytes:
    harmed = bytearray(content)
    place = len(harmed) - int(generator.integers(1, 260))
    harmed[place] ^= 1 << int(generator.integers(8))
    return bytes(harmed)


def flip_one_bit_of_a_header(content: bytes, generator: Generator) -> bytes:
    harmed = bytearray(content)
    starts = [found.start() for found in re.finditer(rb"PK\x03\x04", content)]
    place = int(generator.choice(starts)) + int(generator.integers(200))
    harmed[min(place, len(harmed) - 1)] ^= 1 << int(generator.integers(8))
    return bytes(harmed)


def cut_the_end(content: bytes, generator: Generator) -> bytes:
    return content[: int(generator.integers(len(content)))]


def cut_the_start(content: bytes, generator: Generator) -> bytes:
    return content[int(generator.integers(1, len(content))) :]


def zero_a_run(content: bytes, generator: Generator) -> bytes:
    start = int(generator.integers(len(content)))
    length = min(int(generator.integers(1, 2_000)), len(content) - start)
    return content[:start] + bytes(length) + content[start + length :]


def insert_noise(content: bytes, generator: Generator) -> bytes:
    start = int(generator.integers(len(content)))
    return content[:start] + generator.bytes(int(generator.integers(1, 300))) + content[start:]


def drop_a_run(content: bytes, generator: Generator) -> bytes:
    start = int(generator.integers(len(content)))
    return content[:start] + content[start + int(generator.integers(1, 300)) :]


def append_noise(content: bytes, generator: Generator) -> bytes:
    return content + generator.bytes(int(generator.integers(1, 70_000)))


def only_noise(content: bytes, generator: Generator) -> bytes:
    return generator.bytes(int(generator.integers(0, 4_000)))


def shuffle_rows(members: Members, generator: Generator) -> Members:
    order = generator.permutation(len(members["ids"]))
    return {**members, "ids": members["ids"][order], "landmarks": members["landmarks"][order]}


def shuffle_ids_alone(members: Members, generator: Generator) -> Members:
    return {**members, "ids": generator.permutation(members["ids"])}


def move_points(members: Members, generator: Generator) -> Members:
    noise = generator.normal(size=members["landmarks"].shape) * generator.uniform(0, 30)
    return {**members, "landmarks": (members["landmarks"] + noise).astype(np.float32)}


def fail_rows(members: Members, generator: Generator) -> Members:
    rows = generator.random(len(members["ids"])) < generator.random()
    members["landmarks"][rows] = np.nan
    return members


def spoil_values(members: Members, generator: Generator) -> Members:
    flat = members["landmarks"].reshape(-1)
    places = generator.integers(flat.size, size=int(generator.integers(1, 30)))
    flat[places] = generator.choice([np.nan, np.inf, -np.inf, 1e30, 1e6, 0.0])
    return members


def drop_rows(members: Members, generator: Generator) -> Members:
    count = int(generator.integers(len(members["ids"])))
    return {**members, "ids": members["ids"][:count], "landmarks": members["landmarks"][:count]}


def drop_rows_of_one_member(members: Members, generator: Generator) -> Members:
    name = str(generator.choice(["ids", "landmarks"]))
    return {**members, name: members[name][: int(generator.integers(len(members[name])))]}


def double_a_row(members: Members, generator: Generator) -> Members:
    rows = [*range(len(members["ids"])), int(generator.integers(len(members["ids"])))]
    return {**members, "ids": members["ids"][rows], "landmarks": members["landmarks"][rows]}


def rename_ids(members: Members, generator: Generator) -> Members:
    ids = members["ids"].astype("U80")
    row = int(generator.integers(len(ids)))
    names = ["../../etc/passwd", "", "\x1b[31mred", ids[0], f"{ids[row]}.jpg", "\ud800", "ー" * 70]
    ids[row] = names[int(generator.integers(len(names)))]
    return {**members, "ids": ids}


def retype(members: Members, generator: Generator) -> Members:
    name = str(generator.choice(["ids", "landmarks", "meta"]))
    kinds = ["i4", "f2", "f8", ">f4", "c8", "O", "S20", "?", "U9", "M8[s]"]
    try:
        members[name] = members[name].astype(str(generator.choice(kinds)))
    except (TypeError, ValueError):
        members[name] = np.array([{"not": "an array"}], dtype=object)
    return members


def reshape(members: Members, generator: Generator) -> Members:
    points = members["landmarks"]
    count = len(points)
    shapes: Sequence[np.ndarray] = (
        points[..., :2],
        points.transpose(0, 2, 1),
        points.reshape(count, -1),
        points[None],
        points[:, :67],
        points[:0],
        np.asfortranarray(points),
        np.float32(3.0),
        np.broadcast_to(points[:1, :1, :1], points.shape),
    )
    return {**members, "landmarks": shapes[int(generator.integers(len(shapes)))]}


def scale_points(members: Members, generator: Generator) -> Members:
    factor = float(generator.choice([1 / 450, 0.05, 0.5, 2.0, 50.0, 0.0, -1.0]))
    return {**members, "landmarks": members["landmarks"] * np.float32(factor)}


def spoil_meta(members: Members, generator: Generator) -> Members:
    texts = [
        "",
        "{",
        "[1]",
        "null",
        "[" * 9_000,
        json.dumps({"method": ["a"]}),
        '{"method": 1e999}',
    ]
    texts += [json.dumps({"method": "$\\frac{" + "x" * 500}), json.dumps({"method": "\x00\x1b["})]
    return {**members, "meta": np.array(texts[int(generator.integers(len(texts)))])}


def lose_or_add_members(members: Members, generator: Generator) -> Members:
    if generator.random() < 0.5:
        del members[str(generator.choice(list(members)))]
        return members
    return members | {f"extra{n}": np.zeros(3) for n in range(int(generator.integers(1, 90)))}


def claim_another_shape(members: Members, generator: Generator) -> bytes:
    """Plain .npy headers that lie, in an otherwise good archive."""
    claims = [
        "(-1, 68, 3)",
        "(10**9, 68, 3)",
        "(99999999999, 68, 3)",
        "(2, 68, 3)",
        "()",
        "x",
        "((",
    ]
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {generator.choice(claims)}}}"
    text = header.ljust(117).encode() + b"\n"
    lie = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
    return _zipped(members, {"landmarks.npy": lie + members["landmarks"].tobytes()})


def be_a_bomb(members: Members, generator: Generator) -> bytes:
    """A member that unpacks to far more than it may."""
    sizes = {"ids.npy": 17 << 20, "landmarks.npy": 65 << 20, "meta.npy": 2 << 20}
    name = str(generator.choice(list(sizes)))
    return _zipped(members, {name: bytes(sizes[name])}, zipfile.ZIP_DEFLATED)


def rename_or_repack_members(members: Members, generator: Generator) -> bytes:
    methods = [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    method = methods[int(generator.integers(len(methods)))]
    names = ["landmarks.npy", "../landmarks.npy", "/landmarks.npy", "landmarks", "LANDMARKS.npy"]
    name = names[int(generator.integers(len(names)))]
    stream = io.BytesIO()
    np.save(stream, members.pop("landmarks"))
    return _zipped(members, {name: stream.getvalue()}, method)


def _zipped(members: Members, raw: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """The members as .npz, those in `raw` as they are."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, array in members.items():
            if f"{name}.npy" not in raw:
                stream = io.BytesIO()
                np.save(stream, array)
                archive.writestr(f"{name}.npy", stream.getvalue())
        for name, body in raw.items():
            archive.writestr(name, body)
    return content.getvalue()


BYTE_HARMS: tuple[Callable[[bytes, Generator], bytes], ...] = (
    flip_bytes,
    flip_one_bit_of_the_directory,
    flip_one_bit_of_a_header,
    cut_the_end,
    cut_the_start,
    zero_a_run,
    insert_noise,
    drop_a_run,
    append_noise,
    only_noise,
)
ARRAY_HARMS: tuple[Callable[[Members, Generator], Members | bytes], ...] = (
    shuffle_rows,
    shuffle_ids_alone,
    move_points,
    fail_rows,
    spoil_values,
    drop_rows,
    drop_rows_of_one_member,
    double_a_row,
    rename_ids,
    retype,
    reshape,
    scale_points,
    spoil_meta,
    lose_or_add_members,
    claim_another_shape,
    be_a_bomb,
    rename_or_repack_members,
)
