"""The capture file: one SQLite file that holds what was on the wire and what became of it.

Times are ns since the Unix epoch (UTC). Bodies are zstd-compressed, each by itself, so that any frame is read
without its neighbours. Tokens are never in it: requests are written without their `Authorization` header.
The columns stand in the order of the structs in `rows.py`.
"""

APPLICATION_ID = 0x50535943
"""`PSYC`: tells a capture from a client database before anything else is read."""

VERSION = 5
"""`user_version` of the files that this program writes: 1 and the upgrades below."""

PAGE_SIZE = 8192
"""Bytes; the size of the file's pages."""

TABLES = """
CREATE TABLE connections(
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,      -- when the request was sent
  ended_at INTEGER,                 -- NULL while open
  endpoint TEXT NOT NULL,
  user_id TEXT,                     -- the token's `sub`
  client_id TEXT,
  request TEXT NOT NULL,            -- JSON body of POST /sync/stream, without secrets
  status INTEGER,                   -- HTTP status, NULL when none came
  response_headers TEXT,            -- JSON array of [name, value]
  format TEXT,                      -- 'ndjson' or 'bson': how the bodies of its frames are to be read
  encoding TEXT,                    -- HTTP content encoding, '' when none
  token_expires_at INTEGER,         -- ns, NULL when not known
  end_reason TEXT,                  -- a sentence: why it ended
  first_frame INTEGER,              -- NULL while it has none
  frames INTEGER NOT NULL DEFAULT 0,
  operations INTEGER NOT NULL DEFAULT 0,  -- of its data lines
  bytes INTEGER NOT NULL DEFAULT 0        -- of its frames, after HTTP decoding
) STRICT;
CREATE TABLE frames(
  id INTEGER PRIMARY KEY,           -- 1, 2, 3 … without gaps, in order of arrival
  connection INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  kind TEXT NOT NULL,               -- the line's key; '' when the frame could not be read
  bucket TEXT,                      -- of a data line; of a mismatch: the first bucket that failed
  checkpoint INTEGER,               -- op id of the checkpoint in force
  priority INTEGER,                 -- of a partial_checkpoint_complete
  first_op_id INTEGER,              -- of a data line's operations
  last_op_id INTEGER,
  puts INTEGER NOT NULL DEFAULT 0,
  removes INTEGER NOT NULL DEFAULT 0,
  moves INTEGER NOT NULL DEFAULT 0,
  clears INTEGER NOT NULL DEFAULT 0,
  row_types TEXT NOT NULL DEFAULT '',  -- of a data line: 'lists, todos'
  buckets INTEGER,                  -- of a checkpoint: how many it names; of a diff: how many it changes;
                                    -- of a mismatch: how many failed
  removed_buckets INTEGER,          -- of a diff
  total_operations INTEGER,         -- of a checkpoint: the sum of its buckets' counts, NULL when one has none
  expires_in REAL,                  -- s, of a token_expires_in
  outcome TEXT NOT NULL DEFAULT '', -- what the client did: see Outcome
  pending_writes INTEGER,           -- of a held or skipped checkpoint: local writes that were not uploaded
  error TEXT,                       -- why the frame could not be read
  bytes INTEGER NOT NULL,           -- after HTTP decoding, without the line end
  body BLOB NOT NULL                -- zstd
) STRICT;
CREATE TABLE checkpoints(
  id INTEGER PRIMARY KEY,
  connection INTEGER NOT NULL,
  frame INTEGER NOT NULL,           -- the checkpoint or checkpoint_diff line
  base INTEGER NOT NULL,            -- id of the checkpoint line that this diff builds on; of a checkpoint line: its own
  op_id INTEGER NOT NULL,
  write_checkpoint INTEGER,
  received_at INTEGER NOT NULL,
  data_done_at INTEGER,             -- checkpoint_complete arrived
  validated_at INTEGER,
  published_at INTEGER,
  outcome TEXT NOT NULL DEFAULT 'receiving',  -- see Outcome
  reason TEXT NOT NULL DEFAULT '',  -- a sentence: why it was not applied
  operations INTEGER NOT NULL DEFAULT 0,      -- received while it was the target
  bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE checkpoint_buckets(    -- a checkpoint line names all, a diff only what it changes
  checkpoint INTEGER NOT NULL,      -- id
  bucket TEXT NOT NULL,
  checksum INTEGER,                 -- 0 … 2^32-1; NULL: removed
  count INTEGER,
  priority INTEGER,
  subscriptions TEXT,               -- JSON as sent
  PRIMARY KEY(checkpoint, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE mismatches(
  id INTEGER PRIMARY KEY,
  found_at INTEGER NOT NULL,
  connection INTEGER NOT NULL,
  frame INTEGER,                    -- the line that completed the checkpoint
  checkpoint INTEGER NOT NULL,      -- op id
  bucket TEXT NOT NULL,
  expected INTEGER NOT NULL,        -- 0 … 2^32-1, like the two parts
  add_checksum INTEGER NOT NULL,
  op_checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE uploads(               -- one row an attempt
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  tx_id INTEGER,
  first_entry INTEGER NOT NULL,     -- ids of ps_crud
  last_entry INTEGER NOT NULL,
  outcome TEXT NOT NULL,            -- see UploadOutcome
  status INTEGER,
  answer TEXT
) STRICT;
CREATE TABLE events(
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,              -- 'debug', 'info', 'warning', 'error'
  source TEXT NOT NULL,             -- 'session', 'transport', 'credentials', 'uploads', 'store', 'control', 'faults'
  message TEXT NOT NULL,            -- a sentence
  details TEXT                      -- JSON object
) STRICT;
"""

INDEXES = """
CREATE INDEX frames_received_at ON frames(received_at);
CREATE INDEX checkpoints_op_id ON checkpoints(op_id);
CREATE INDEX checkpoint_buckets_bucket ON checkpoint_buckets(bucket, checkpoint);
"""

ACTIVITY_STEPS = (10_000_000, 1_000_000_000)
"""The widths of the bins of `activity`, ns: a timeline reads the widest that is narrow enough."""

FILL_ACTIVITY = f"""
INSERT INTO activity
  SELECT step.value, received_at / step.value * step.value, count(*), sum(puts + removes + moves + clears),
    sum(bytes), count(error)
  FROM frames, json_each('{list(ACTIVITY_STEPS)}') AS step GROUP BY 1, 2;
"""
"""Counts all frames anew, into an empty table."""

_ACTIVITY_AND_MISMATCHED_BUCKETS = f"""
CREATE TABLE activity(              -- frames by bins of time, so that a timeline of a million reads few rows
  step INTEGER NOT NULL,            -- width of the bin, ns: see ACTIVITY_STEPS
  at INTEGER NOT NULL,              -- where it begins, a multiple of its width
  frames INTEGER NOT NULL,
  operations INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  errors INTEGER NOT NULL,          -- frames that could not be read
  PRIMARY KEY(step, at)
) STRICT, WITHOUT ROWID;
{FILL_ACTIVITY}CREATE TABLE mismatch_buckets(      -- a bucket that failed validation, as it was before it was deleted
  mismatch INTEGER PRIMARY KEY,     -- id
  last_op INTEGER NOT NULL,
  last_applied_op INTEGER NOT NULL,
  operations INTEGER NOT NULL,      -- rows of its oplog
  kept INTEGER NOT NULL,            -- how many of them are below; the rest was too much to keep
  without_data INTEGER NOT NULL     -- how many of those are kept without their row
) STRICT;
CREATE TABLE mismatch_operations(   -- its oplog, in order of op id
  mismatch INTEGER NOT NULL,
  page INTEGER NOT NULL,            -- 0, 1, 2 …
  body BLOB NOT NULL,               -- zstd of a JSON array of operations: see KeptOperation
  PRIMARY KEY(mismatch, page)
) STRICT, WITHOUT ROWID;
CREATE INDEX checkpoints_received_at ON checkpoints(received_at);
CREATE INDEX checkpoints_published ON checkpoints(id) WHERE published_at IS NOT NULL;
CREATE INDEX frames_partial ON frames(received_at) WHERE kind = 'partial_checkpoint_complete';
CREATE INDEX events_marked ON events(at) WHERE source IN ('faults', 'store', 'control');
"""

_ANNOTATIONS = """
CREATE TABLE annotations(           -- what users say about frames
  frame INTEGER PRIMARY KEY,        -- below zero: the key of an upload, event, request or end, see happenings.py
  marked INTEGER NOT NULL,          -- 0 or 1
  comment TEXT NOT NULL
) STRICT;
"""

LONGEST_REQUEST = 16_384
"""Bytes of an upload's request that are kept."""

_REQUESTS_OF_UPLOADS_AND_FRAMES_OF_BUCKETS = """
ALTER TABLE uploads ADD COLUMN bytes INTEGER;   -- of what was sent; NULL when nothing was
ALTER TABLE uploads ADD COLUMN request TEXT;    -- what was sent, without secrets; cut off when it was long
CREATE INDEX frames_of_bucket ON frames(bucket, id, first_op_id, last_op_id, puts, removes, moves, clears)
  WHERE kind = 'data';
CREATE INDEX connections_started_at ON connections(started_at);
"""

WRITES_TOLD_BY_EVENTS = """
SELECT id, at, json_extract(details, '$.transaction') AS tx_id, NULL AS changed, EXISTS (SELECT 1 FROM connections c
    WHERE c.status = 200 AND c.started_at <= at AND coalesce(c.ended_at, at + 1) > at) AS connected, NULL AS writes
  FROM events WHERE source = 'store' AND details IS NOT NULL AND json_extract(details, '$.transaction') IS NOT NULL
"""
"""Local writes as captures before version 5 hold them."""

_LOCAL_WRITES = f"""
CREATE TABLE local_writes(          -- one row a local transaction
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  tx_id INTEGER,                    -- NULL where nothing of it is to be uploaded
  changed INTEGER,                  -- how many rows it changed; NULL where an older version did not note it
  connected INTEGER NOT NULL,       -- whether a stream was open: 0 or 1
  writes TEXT                       -- JSON array of its local writes; NULL where it is too long, or of an older version
) STRICT;
INSERT INTO local_writes(id, at, tx_id, changed, connected, writes) {WRITES_TOLD_BY_EVENTS};
CREATE INDEX local_writes_at ON local_writes(at);
"""

UPGRADES = (
    (2, _ACTIVITY_AND_MISMATCHED_BUCKETS),
    (3, _ANNOTATIONS),
    (4, _REQUESTS_OF_UPLOADS_AND_FRAMES_OF_BUCKETS),
    (5, _LOCAL_WRITES),
)
"""What makes a file of the version before into one of this version; a new file is of version 1 and gets them all."""
