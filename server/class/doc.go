// Package class keeps classes: who is in them, how far they are in which lab,
// and what they tried. There are no accounts: a student is a nickname, a
// cookie and a personal code to come back with from another device; a teacher
// is who holds the class's token.
//
//	school.go   all classes of a server; make, find, delete
//	class.go    one class: join, come back, lock, pause, remove, push
//	teacher.go  who teaches: tokens, and links that open once
//	student.go  one student: steps passed, attempts
//	board.go    what the teacher sees, and what has changed since
//	grades.go   CSV and JSON to take away
//	codes.go    join codes, personal codes, tokens
//	guess.go    bounds on guessing codes
//	store.go    SQLite; schema.go its tables and their versions
//
// What is kept is written before it is told: kill -9 at any moment loses no
// class and no step that a page has shown as passed. Times are Unix
// milliseconds.
package class
