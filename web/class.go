package web

import "strconv"

// Member is the student of a class who asked for a page.
type Member struct {
	Class    string
	Nickname string
	Bench    string
	Since    uint64 // what the class has shown by now
	Paused   bool
}

// ClassLink is a class that the reader teaches.
type ClassLink struct{ ID, Name string }

// JoinView is the way into a class.
type JoinView struct {
	Code     string // as people read it; "": not known yet
	Path     string // of the form
	Found    bool   // there is such a class
	Class    string // its name
	Nickname string // as it was typed
	Problem  string // why not; ""
	Left     string // how the reader's class came to its end: "removed", "ended"; ""
	Teaches  []ClassLink
}

// StudentView is a student's own page.
type StudentView struct {
	Class    string
	Nickname string
	Personal string // code to come back with; "": this browser does not know it
	Bench    string
	Shared   string
	Labs     []LabEntry
	Now      *LabEntry // the one at hand; nil: none
}

// QR is a QR code as a path of squares, one for a module.
type QR struct {
	Text string // what it says
	Size int    // modules of a side, with the border
	Path string // "": none
}

func (q QR) box() string { return "0 0 " + strconv.Itoa(q.Size) + " " + strconv.Itoa(q.Size) }

// BoardView is a teacher's page of a class, but for what moves on it.
type BoardView struct {
	ID, Name string
	Code     string   // as people read it
	Joins    []string // addresses of the server, for students
	QR       QR
	Shared   string // id of the class's bench
	Labs     []BoardLab
}

// BoardLab is a lab as the board's module needs it.
type BoardLab struct {
	ID     string      `json:"id"`
	Number int         `json:"number"`
	Title  string      `json:"title"`
	Steps  []BoardStep `json:"steps"`
}

// BoardStep is a step of it.
type BoardStep struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}
