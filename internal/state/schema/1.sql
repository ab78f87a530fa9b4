-- Version 1. Times are microseconds since 1970, in UTC, so that any year a document
-- may name has room. A version that was released is not changed any more: the next
-- file says how to get from it to the next.

-- One row an alert: of an event, or of a sequence or sample (its shell). seq is the
-- order in which they were made, and so the outbox: a sink has a position in it.
CREATE TABLE alerts (
	seq            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
	id             TEXT    NOT NULL UNIQUE,
	rule           TEXT    NOT NULL, -- uuid
	rule_id        TEXT    NOT NULL,
	name           TEXT    NOT NULL,
	severity       INTEGER NOT NULL, -- 1 low to 4 critical
	risk           REAL    NOT NULL,
	reason         TEXT    NOT NULL,
	host           TEXT    NOT NULL,
	user           TEXT    NOT NULL,
	at             INTEGER NOT NULL, -- its first event; when it was made, if no event has a time
	until          INTEGER NOT NULL, -- its last event
	made           INTEGER NOT NULL,
	last_detected  INTEGER NOT NULL,
	blocks         INTEGER NOT NULL,
	building_block INTEGER NOT NULL, -- of a rule whose alerts are building blocks for others
	run            TEXT    NOT NULL, -- that made it
	superseded     INTEGER,          -- when order of time turned out to be another
	status         INTEGER NOT NULL DEFAULT 0, -- open, acknowledged, closed
	close_reason   TEXT    NOT NULL DEFAULT '',
	status_user    TEXT    NOT NULL DEFAULT '',
	status_at      INTEGER,
	instance       TEXT,             -- of a rule that suppresses
	first_counted  INTEGER,
	last_counted   INTEGER,
	counted        INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alerts_by_time     ON alerts (at, seq);
CREATE INDEX alerts_by_status   ON alerts (status, at, seq);
CREATE INDEX alerts_by_rule     ON alerts (rule, at, seq);
CREATE INDEX alerts_by_host     ON alerts (host COLLATE NOCASE, at, seq);
CREATE INDEX alerts_by_instance ON alerts (instance, made, seq) WHERE instance IS NOT NULL;

-- The alert's documents as they were made: lines of JSON, the alert's first and then
-- its building blocks, compressed by zstd. They never change; what changes of an
-- alert stands in the tables and is laid over them.
CREATE TABLE bodies (
	seq  INTEGER PRIMARY KEY REFERENCES alerts ON DELETE CASCADE,
	body BLOB NOT NULL
);

CREATE TABLE blocks (
	id       TEXT    PRIMARY KEY,
	alert    INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
	position INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX blocks_by_alert ON blocks (alert);

-- The ids of what was counted in an alert, so that nothing is counted twice.
CREATE TABLE suppressed (
	id    TEXT    PRIMARY KEY,
	alert INTEGER NOT NULL, -- it may be gone
	at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX suppressed_by_time ON suppressed (at);

-- The ids of alerts that were deleted: the same match is not told again.
CREATE TABLE tombstones (
	id   TEXT    PRIMARY KEY,
	rule TEXT    NOT NULL,
	user TEXT    NOT NULL, -- '': it was its time
	at   INTEGER NOT NULL,
	made INTEGER NOT NULL  -- when the alert was
) WITHOUT ROWID;
CREATE INDEX tombstones_by_time ON tombstones (made);

-- What a rule found beyond its cap and is still to tell, oldest first.
CREATE TABLE carried (
	n      INTEGER PRIMARY KEY AUTOINCREMENT,
	id     TEXT    NOT NULL UNIQUE,
	rule   TEXT    NOT NULL,
	found  INTEGER NOT NULL,
	fields TEXT    NOT NULL, -- JSON
	body   BLOB    NOT NULL  -- as in bodies
);
CREATE INDEX carried_by_rule ON carried (rule, n);

-- What a rule found beyond its cap, and beyond what is carried.
CREATE TABLE lost (
	rule  TEXT    PRIMARY KEY,
	count INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE caps (
	rule     TEXT    NOT NULL,
	interval INTEGER NOT NULL, -- when it began
	used     INTEGER NOT NULL,
	PRIMARY KEY (rule, interval)
) WITHOUT ROWID;

-- What people made of alerts.
CREATE TABLE tags (
	alert INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
	tag   TEXT    NOT NULL,
	PRIMARY KEY (alert, tag)
) WITHOUT ROWID;
CREATE TABLE assignees (
	alert INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
	user  TEXT    NOT NULL,
	PRIMARY KEY (alert, user)
) WITHOUT ROWID;
CREATE TABLE notes (
	n     INTEGER PRIMARY KEY,
	alert INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
	at    INTEGER NOT NULL,
	user  TEXT    NOT NULL,
	text  TEXT    NOT NULL
);
CREATE INDEX notes_by_alert ON notes (alert, n);
CREATE TABLE history (
	n      INTEGER PRIMARY KEY,
	alert  INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE,
	at     INTEGER NOT NULL,
	user   TEXT    NOT NULL,
	action TEXT    NOT NULL,
	detail TEXT    NOT NULL
);
CREATE INDEX history_by_alert ON history (alert, n);

-- The schedule.
CREATE TABLE runs (
	n       INTEGER PRIMARY KEY,
	id      TEXT    NOT NULL UNIQUE,
	rule    TEXT    NOT NULL,
	started INTEGER NOT NULL,
	body    TEXT    NOT NULL -- JSON
);
CREATE INDEX runs_by_rule ON runs (rule, started, n);
CREATE INDEX runs_by_time ON runs (started);

CREATE TABLE ledgers (
	rule TEXT PRIMARY KEY,
	body TEXT NOT NULL -- JSON
) WITHOUT ROWID;

-- When something was not seen, and why.
CREATE TABLE blind (
	n      INTEGER PRIMARY KEY,
	cause  TEXT    NOT NULL,
	host   TEXT    NOT NULL, -- '': any
	source TEXT    NOT NULL,
	rule   TEXT    NOT NULL, -- uuid; '': all
	since  INTEGER NOT NULL,
	until  INTEGER,          -- null: it lasts
	count  INTEGER NOT NULL,
	text   TEXT    NOT NULL,
	UNIQUE (cause, host, source, rule, since)
);
CREATE INDEX blind_by_time ON blind (since);

-- Where readers of the event store are: the arrival up to which all is done.
CREATE TABLE positions (
	name    TEXT    PRIMARY KEY,
	arrival INTEGER NOT NULL
) WITHOUT ROWID;

-- How far each sink is: with all up to seq it is done.
CREATE TABLE sinks (
	name TEXT    PRIMARY KEY,
	seq  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE dead_letters (
	n      INTEGER PRIMARY KEY,
	sink   TEXT    NOT NULL,
	seq    INTEGER NOT NULL,
	id     TEXT    NOT NULL,
	place  TEXT    NOT NULL, -- index of an event
	body   BLOB    NOT NULL, -- as in bodies
	at     INTEGER NOT NULL,
	reason TEXT    NOT NULL,
	UNIQUE (sink, seq)
);

CREATE TABLE keys (
	id      TEXT    PRIMARY KEY,
	name    TEXT    NOT NULL,
	scopes  TEXT    NOT NULL, -- JSON
	salt    BLOB    NOT NULL,
	hash    BLOB    NOT NULL,
	created INTEGER NOT NULL,
	used    INTEGER,
	revoked INTEGER
) WITHOUT ROWID;

CREATE TABLE settings (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;
