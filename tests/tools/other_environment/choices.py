"""What the documents leave open, and so differs from one environment to the next."""

import random

QUIRKS = {
    "header_case": ["as", "lower", "UPPER", "oDd"],
    "create": [
        "204",
        "204",
        "201body",
        "204noid",
        "204locationonly",
        "204relative",
        "204upper",
        "200body",
        "204ownerid",
    ],
    "patch": ["204", "200body", "204nothing"],
    "ref": ["204", "200empty", "204"],
    "extra": [False, True],
    "guid": ["lower", "upper"],
    "page": [5000, 1, 2, 3],
    "next": ["absolute", "relative", "path"],
    "expanded": ["whole", "whole", "link", "cut"],
    "transfer": ["length", "chunked", "close"],
    "gzip": [False, "asked", "always"],
    "context": ["full", "none", "relative"],
    "retry_after": ["1", "0", "1.0", "date", None, "0001"],
    "throttle": [0, 0, 5, 3],
    "throttle_code": ["0x80072322", "0x80072321", "0x80072326", "-2147015902", "0X80072322"],
    "nulls": ["null", "absent"],
    "privilege_name": [True, False],
    "challenge": ["plain", "quoted", "reversed", "two", "common", "noslash"],
    "expires": [3599, "3599", None],
    "token_type": ["Bearer", "bearer"],
    "extra_users": [0, 40],
    "extra_units": [0, 60],
    "locale": ["en", "de", "zh"],
    "job_steps": [1, 2, 4],
    "importjob_late": [False, True],
    "result_late": [False, True],
    "no_result": [False, False, True],
    "job_key_case": ["lower", "upper"],
    "bom": [False, False, False, True],
    "lag": [0, 0, 2],
    "organization": ["row", "other", "none"],
    "lock": [0, 0, 2],
    "role_copy": ["root", "child_too"],
    "soft_deleted": [0, 0, 1],
    "preexisting": ["none", "none", "disabled", "active_roles"],
    "date": ["z", "fraction", "offset"],
    "content_type": [
        "application/json; odata.metadata=minimal",
        "application/json",
        "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8",
        "APPLICATION/JSON",
    ],
    "version_text": ["9.2.24031.175", "9.2.24031.00175"],
    "reuse": ["keep", "close"],
}


def quirks(seed):
    """The choices of a seed; those of 0 are the usual ones."""
    r = random.Random(seed)
    q = {k: r.choice(v) for k, v in QUIRKS.items()}
    if seed == 0:
        q = {k: v[0] for k, v in QUIRKS.items()}
    q["seed"] = seed
    return q
