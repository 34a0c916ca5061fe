package class

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	files "mqttlab/server/store"
)

// application says in the file that it is ours: "MQcl".
const application = 0x4d51_636c

// migrations bring a file from each version to the next; a new file goes
// through all of them. What is released is never changed: to change the
// tables, add one.
var migrations = []string{
	`CREATE TABLE class (
		id TEXT PRIMARY KEY, name TEXT NOT NULL, code TEXT NOT NULL UNIQUE, token BLOB NOT NULL,
		created INTEGER NOT NULL, locked INTEGER NOT NULL DEFAULT 0, paused INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
	CREATE TABLE student (
		id TEXT PRIMARY KEY, class TEXT NOT NULL REFERENCES class ON DELETE CASCADE, nickname TEXT NOT NULL,
		personal BLOB NOT NULL, token BLOB NOT NULL, joined INTEGER NOT NULL, lab TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
	CREATE INDEX student_class ON student (class);
	CREATE TABLE passed (
		student TEXT NOT NULL REFERENCES student ON DELETE CASCADE, lab TEXT NOT NULL, step TEXT NOT NULL, ix INTEGER NOT NULL,
		at INTEGER NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, attempts INTEGER NOT NULL,
		PRIMARY KEY (student, lab, step)) WITHOUT ROWID;`,
	`CREATE TABLE teacher (
		token BLOB PRIMARY KEY, class TEXT NOT NULL REFERENCES class ON DELETE CASCADE, made INTEGER NOT NULL) WITHOUT ROWID;
	CREATE INDEX teacher_class ON teacher (class);`,
}

// migrate makes or renews the tables, each step in a transaction of its own. A
// file that is not sound it leaves as it is.
func migrate(ctx context.Context, conn *sql.Conn) error {
	number := func(query string) (n int, err error) {
		err = conn.QueryRowContext(ctx, query).Scan(&n)
		return n, err
	}
	owner, err := number("PRAGMA application_id")
	if err != nil {
		return err
	}
	objects, err := number("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	if owner != application && (owner != 0 || objects > 0) {
		return errForeign
	}
	version, err := number("PRAGMA user_version")
	if err != nil {
		return err
	}
	switch {
	case version > len(migrations):
		return fmt.Errorf("%w: its version is %d, this one knows %d", errNewer, version, len(migrations))
	case version < 0 || owner == application && version == 0:
		return errForeign
	}
	if err := files.Sound(ctx, conn, strings.Join(migrations[:version], ";")); err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		step := fmt.Sprintf("BEGIN IMMEDIATE;%s;PRAGMA application_id = %d;PRAGMA user_version = %d;COMMIT", migrations[version], application, version+1)
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return errors.Join(err, rollback(ctx, conn))
		}
	}
	return nil
}

func rollback(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "ROLLBACK")
	return err
}

var (
	errForeign = errors.New("the file is an SQLite database, but holds no classes")
	errNewer   = errors.New("the file was written by a newer mqttlab")
)
