package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"mqttlab/mqttcore/broker"
)

// A file says by application that it is ours and by format how it is to be
// read: the tables below with the records of package broker.
const (
	application = 0x4d51_6c61 // "MQla"
	format      = 100 + broker.RecordFormat
)

const tables = `
CREATE TABLE record (key BLOB PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE forced (times INTEGER NOT NULL);
INSERT INTO forced VALUES (0);
`

func dsn(path string) string {
	q := url.Values{"_pragma": {"locking_mode(EXCLUSIVE)"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// What is wrong with a file.
var (
	errDamaged = errors.New("the file is damaged")
	errForeign = errors.New("the file is an SQLite database, but not one of mqttlab")
	errFormat  = errors.New("the file was written by another version of mqttlab")
)

// migrate makes the tables in a new file and checks those of an old one.
func (s *Store) migrate(ctx context.Context) error {
	number := func(query string) (n int, err error) {
		err = s.conn.QueryRowContext(ctx, query).Scan(&n)
		return n, err
	}
	objects, err := number("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	owner, err := number("PRAGMA application_id")
	if err != nil {
		return err
	}
	if objects == 0 && owner == 0 {
		_, err := s.conn.ExecContext(ctx, fmt.Sprintf("BEGIN IMMEDIATE;%sPRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", tables, application, format))
		return err
	}
	if owner != application {
		return errForeign
	}
	switch found, err := number("PRAGMA user_version"); {
	case err != nil:
		return err
	case found != format:
		return fmt.Errorf("%w: its format is %d, this one reads %d", errFormat, found, format)
	}
	return Sound(ctx, s.conn, tables)
}

// Sound says what is wrong with a file that should have just the tables that
// some statements make: it may be damaged, or made by somebody else, with
// triggers, or with views that never end in the place of tables.
func Sound(ctx context.Context, conn *sql.Conn, statements string) error {
	memory, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return err
	}
	defer memory.Close()
	fresh, err := memory.Conn(ctx)
	if err != nil {
		return err
	}
	defer fresh.Close()
	if _, err := fresh.ExecContext(ctx, statements); err != nil {
		return err
	}
	want, err := objects(ctx, fresh)
	if err != nil {
		return err
	}
	if have, err := objects(ctx, conn); err != nil {
		return err
	} else if !slices.Equal(have, want) {
		return fmt.Errorf("%w: it has other tables", errDamaged)
	}
	var verdict string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	return nil
}

// objects lists what is in a database.
func objects(ctx context.Context, conn *sql.Conn) (all []string, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// explain says what to do about a store that cannot be opened. Nothing of it
// has been changed, and nothing of it is left out silently.
func (s *Store) explain(err error) error {
	away := fmt.Sprintf("to begin with an empty broker, move it away together with %s-wal", s.path)
	var from *sqlite.Error
	code := 0
	if errors.As(err, &from) {
		code = from.Code() & 0xff
	}
	switch {
	case code == lib.SQLITE_BUSY || code == lib.SQLITE_LOCKED:
		return fmt.Errorf("%s is in use by another mqttlab; stop that one or choose another -data directory", s.path)
	case errors.Is(err, errForeign), code == lib.SQLITE_NOTADB:
		return fmt.Errorf("%s is no store of mqttlab, or its beginning is damaged (%w); put a copy of it in its place, or choose another -data directory; %s", s.path, err, away)
	case errors.Is(err, errFormat):
		return fmt.Errorf("%s: %w; run the version that wrote it, or %s", s.path, err, away)
	case errors.Is(err, errDamaged), code == lib.SQLITE_CORRUPT:
		return s.Damaged(err)
	}
	return fmt.Errorf("%s: %w", s.path, err)
}

// Damaged is the error for records that cannot be restored.
func (s *Store) Damaged(why error) error {
	return fmt.Errorf("%s is damaged (%w), and nothing of it was changed; put a copy of it in its place, or rescue what can be read with the program sqlite3 (.recover); to begin with an empty broker, move it away together with %s-wal", s.path, why, s.path)
}
