package class_test

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mqttlab/server/class"
	"mqttlab/server/limits"
)

// here is this machine, all of whose users may join.
var here = limits.From("127.0.0.1:1")

// clock is a time that the test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t *testing.T, cfg class.Config) *class.School {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = class.Memory
	}
	s, err := class.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newClass(t *testing.T, s *class.School) (*class.Class, class.Token) {
	t.Helper()
	c, token, err := s.New("9b")
	if err != nil {
		t.Fatal(err)
	}
	return c, token
}

func join(t *testing.T, c *class.Class, nickname string) class.Joined {
	t.Helper()
	j, err := c.Join(nickname, here)
	if err != nil {
		t.Fatalf("%q joins: %v", nickname, err)
	}
	return j
}

func TestJoin(t *testing.T) {
	s := open(t, class.Config{})
	c, token := newClass(t, s)
	if !c.IsTeacher(token) || c.IsTeacher(token+"x") || c.IsTeacher("") {
		t.Error("the teacher's token")
	}
	typed := strings.ToLower(c.Code()[:3]) + " - " + c.Code()[3:]
	if found, err := s.ByCode(typed, "here"); found != c || err != nil {
		t.Errorf("%q finds %v, %v", typed, found, err)
	}
	anna := join(t, c, "  Anna \t B ")
	if anna.Student.Nickname() != "Anna B" {
		t.Errorf("nickname %q", anna.Student.Nickname())
	}
	for nickname, want := range map[string]error{
		"anna b": class.ErrTaken, "АNNA В": class.ErrTaken, "ΑΝΝΑ B": class.ErrTaken, "аnna B": class.ErrTaken, "Ａｎｎａ b": class.ErrTaken, "Anna V": nil, "Анна": nil, "": class.ErrNickname, " ": class.ErrNickname, strings.Repeat("x", 25): class.ErrNickname,
		"a\u202eb": class.ErrNickname, "a\xffb": class.ErrNickname, "\x00": class.ErrNickname,
		strings.Repeat("字", 24): nil, "<script>": nil,
	} {
		if _, err := c.Join(nickname, here); !errors.Is(err, want) {
			t.Errorf("%q joins: %v, want %v", nickname, err, want)
		}
	}
	id := anna.Student.ID()
	if _, student := s.ByStudent(id, anna.Token); student != anna.Student {
		t.Error("Anna is not known")
	}
	for _, wrong := range []class.Token{"", anna.Token + "x", anna.Token[1:]} {
		if _, student := s.ByStudent(id, wrong); student != nil {
			t.Errorf("token %q lets in", wrong)
		}
	}
	if err := c.Lock(true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Join("Late", here); !errors.Is(err, class.ErrLocked) {
		t.Errorf("a locked class: %v", err)
	}
	back, err := c.Return(class.Spaced(anna.Personal), "here")
	if err != nil || back.Student != anna.Student {
		t.Fatalf("Anna comes back: %v", err)
	}
	if _, student := s.ByStudent(id, anna.Token); student != nil {
		t.Error("the token of the other device still lets in")
	}
}

// Guessing codes stops an address, and all addresses together, for a while;
// right codes cost nothing.
func TestGuesses(t *testing.T) {
	now := &clock{time.Unix(1e9, 0)}
	s := open(t, class.Config{Now: now.now})
	c, _ := newClass(t, s)
	for range 1000 {
		if _, err := s.ByCode(c.Code(), "school"); err != nil {
			t.Fatal("a right code is refused")
		}
	}
	tries := 0
	for ; tries < 1000; tries++ {
		if _, err := s.ByCode("WRONG1", "guesser"); errors.Is(err, class.ErrGuesses) {
			break
		}
	}
	if tries > 20 {
		t.Errorf("%d guesses from one address", tries)
	}
	if _, err := s.ByCode(c.Code(), "guesser"); !errors.Is(err, class.ErrGuesses) {
		t.Error("the guesser may go on")
	}
	if _, err := s.ByCode(c.Code(), "school"); err != nil {
		t.Error("others are held up")
	}
	if _, err := c.Return("WRONGWRONG", "guesser"); !errors.Is(err, class.ErrGuesses) {
		t.Error("the guesser may try personal codes")
	}
	now.at = now.at.Add(time.Minute)
	if _, err := s.ByCode(c.Code(), "guesser"); err != nil {
		t.Errorf("after a minute: %v", err)
	}
	all := 0
	for address := 0; address < 1000; address++ {
		if _, err := s.ByCode("WRONG1", string(rune(address+1000))); errors.Is(err, class.ErrCode) {
			all++
		}
	}
	if all > 520 {
		t.Errorf("%d guesses from many addresses", all)
	}
}

// However many join from one address, there are places for others.
func TestShareOfPlaces(t *testing.T) {
	c, _ := newClass(t, open(t, class.Config{}))
	names := 0
	joins := func(from limits.Owner) (n int, err error) {
		for ; err == nil; n++ {
			names++
			_, err = c.Join(fmt.Sprint("n", names), from)
		}
		return n - 1, err
	}
	greedy := limits.From("192.0.2.1:5")
	if n, err := joins(greedy); n != class.MaxStudents*7/8 || !errors.Is(err, class.ErrCrowd) {
		t.Errorf("%d join from one address: %v", n, err)
	}
	if n, err := joins(limits.From("192.0.2.2:5")); n != 44 || !errors.Is(err, class.ErrCrowd) {
		t.Errorf("%d join from the next: %v", n, err)
	}
	for _, t := range c.Students()[:120] {
		c.Remove(t.ID())
	}
	if _, err := c.Join("again", greedy); err != nil {
		t.Errorf("when some are removed: %v", err)
	}
	if _, err := joins(here); !errors.Is(err, class.ErrFull) {
		t.Errorf("this machine: %v", err)
	}
}

// What a student is told says nothing of how far others are.
func TestNewsIsNoBoard(t *testing.T) {
	c, _ := newClass(t, open(t, class.Config{}))
	anna, bert := join(t, c, "Anna").Student, join(t, c, "Bert").Student
	before := c.News(anna.ID(), 0)
	c.Here(bert, 1)
	c.Start(bert, "connect")
	c.Try(bert, class.Attempt{})
	c.Pass(bert, "connect", class.Passed{Step: "open"})
	if after := c.News(anna.ID(), 0); after.Rev != before.Rev {
		t.Errorf("Bert's work has led from %d to %d", before.Rev, after.Rev)
	}
	if n := c.Push(class.Push{Kind: "text"}); c.News(anna.ID(), before.Rev).Rev != n || len(c.News(anna.ID(), n).Pushes) > 0 || len(c.News(anna.ID(), before.Rev).Pushes) != 1 {
		t.Error("what the teacher shows is no news, or is news for ever")
	}
}

// Whatever was told is there again after the program was killed.
func TestOutlives(t *testing.T) {
	dir := t.TempDir()
	s := open(t, class.Config{Dir: dir})
	c, token := newClass(t, s)
	anna := join(t, c, "Anna")
	c.Start(anna.Student, "connect")
	for _, step := range []string{"open", "hello"} {
		if err := c.Pass(anna.Student, "connect", class.Passed{Step: step, Packets: 2, Bytes: 30, Attempts: 1}); err != nil {
			t.Fatal(err)
		}
	}
	c.Pause(true)
	seen := c.Board(0).Rev

	copied := t.TempDir() // as kill -9 would leave it
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(copied, filepath.Base(f)), b, 0o600)
	}
	s = open(t, class.Config{Dir: copied})
	again, err := s.ByCode(c.Code(), "here")
	if err != nil || !again.IsTeacher(token) || !again.State().Paused || again.State().Name != "9b" {
		t.Fatalf("%+v, %v", again, err)
	}
	_, student := s.ByStudent(anna.Student.ID(), anna.Token)
	if student == nil {
		t.Fatal("Anna is gone")
	}
	// A board that was open before asks what is newer than what it has seen.
	select {
	case <-again.WaitNews(seen):
	default:
		t.Error("students are told nothing new")
	}
	changed, _ := again.Wait(seen)
	select {
	case <-changed:
	default:
		t.Error("the teacher's board is told nothing new")
	}
	if board := again.Board(seen); len(board.Order) != 1 || len(board.Rows) != 1 || board.Rows[0].Passed["connect"] != 2 {
		t.Errorf("%+v", board)
	}
	passed, err := again.Start(student, "connect")
	if err != nil || len(passed) != 2 || passed[0].Step != "open" || passed[1].Step != "hello" || passed[1].Bytes != 30 || passed[1].At == 0 {
		t.Errorf("%+v, %v", passed, err)
	}
	if _, err := again.Return(anna.Personal, "here"); err != nil {
		t.Errorf("with the personal code: %v", err)
	}
}

// Nothing of a student who leaves stays in the files, kill -9 or not.
func TestNothingOfWhoLeaves(t *testing.T) {
	dir := t.TempDir()
	c, _ := newClass(t, open(t, class.Config{Dir: dir}))
	anna := join(t, c, "Annabella-Unmistakable").Student
	if err := c.Remove(anna.ID()); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) == 0 {
		t.Fatal("there are no files")
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err != nil || bytes.Contains(b, []byte("Unmistakable")) {
			t.Errorf("%s still holds a nickname, or %v", filepath.Base(f), err)
		}
	}
}

// What could not be kept is not shown as if it were.
func TestNotKept(t *testing.T) {
	s := open(t, class.Config{})
	c, _ := newClass(t, s)
	anna := join(t, c, "Anna").Student
	s.Close()
	if _, err := c.Start(anna, "connect"); err == nil || c.Progress(anna).Lab != "" {
		t.Errorf("%v, at %q", err, c.Progress(anna).Lab)
	}
	if err := c.Lock(true); err == nil || c.State().Locked {
		t.Errorf("%v, %+v", err, c.State())
	}
}

// Nothing of a deleted class stays, in memory or in the file.
func TestDelete(t *testing.T) {
	dir := t.TempDir()
	var gone []string
	s := open(t, class.Config{Dir: dir, Gone: func(_, student string) { gone = append(gone, student) }})
	c, _ := newClass(t, s)
	anna, bert := join(t, c, "Annabella-Unmistakable"), join(t, c, "Bert")
	c.Pass(anna.Student, "connect", class.Passed{Step: "open"})
	if err := c.Remove(bert.Student.ID()); err != nil {
		t.Fatal(err)
	}
	if news := c.News(bert.Student.ID(), 0); !news.Gone {
		t.Error("Bert is not told")
	}
	if _, student := s.ByStudent(bert.Student.ID(), bert.Token); student != nil {
		t.Error("Bert is still let in")
	}
	if err := s.Delete(c); err != nil {
		t.Fatal(err)
	}
	if len(gone) != 2 || gone[0] != bert.Student.ID() || gone[1] != "" {
		t.Errorf("gone: %q", gone)
	}
	if _, student := s.ByStudent(anna.Student.ID(), anna.Token); student != nil || s.Class(c.ID()) != nil || !c.State().Ended {
		t.Error("the class lives on")
	}
	if err := s.Delete(c); !errors.Is(err, class.ErrClass) {
		t.Errorf("deleted twice: %v", err)
	}
	s.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if b, _ := os.ReadFile(f); bytes.Contains(b, []byte("Unmistakable")) {
			t.Errorf("%s still holds a nickname", filepath.Base(f))
		}
	}
}

func TestExpire(t *testing.T) {
	now := &clock{time.Unix(1e9, 0)}
	s := open(t, class.Config{Now: now.now, Keep: 24 * time.Hour})
	old, _ := newClass(t, s)
	now.at = now.at.Add(23 * time.Hour)
	young, _ := newClass(t, s)
	if next, _ := s.Expire(); s.Class(old.ID()) == nil || !next.Equal(time.Unix(1e9, 0).Add(24*time.Hour)) {
		t.Errorf("expired too early, or next at %v", next)
	}
	now.at = now.at.Add(time.Hour)
	s.Expire()
	if s.Class(old.ID()) != nil || s.Class(young.ID()) == nil {
		t.Error("the wrong class has expired")
	}
}

func TestBoard(t *testing.T) {
	now := &clock{time.Unix(1e9, 0)}
	s := open(t, class.Config{Now: now.now})
	c, _ := newClass(t, s)
	a, b, d := join(t, c, "A").Student, join(t, c, "B").Student, join(t, c, "D").Student
	all := c.Board(0)
	if len(all.Order) != 3 || len(all.Rows) != 3 || all.Students != 3 {
		t.Fatalf("%+v", all)
	}
	for _, x := range []*class.Student{a, b, d} {
		c.Start(x, "connect")
	}
	changed, _ := c.Wait(all.Rev)
	select {
	case <-changed:
	default:
		t.Error("nobody is told of changes")
	}
	rev := c.Board(0).Rev
	wrong := class.NewAttempt([]byte{0x10, 0x0e}, []byte{0x10, 0x0c}, 1)
	wrong.Lab, wrong.Step = "connect", "hello"
	c.Try(a, wrong)
	c.Try(b, wrong)
	c.Try(d, class.Attempt{Lab: "connect", Step: "hello", Check: -1, Given: "7"})
	board := c.Board(rev)
	if len(board.Rows) != 3 || board.Order != nil || len(board.Clusters) != 2 {
		t.Fatalf("%+v", board)
	}
	if k := board.Clusters[0]; len(k.Students) != 2 || k.Byte != 2 || k.Want != "0e" || k.Got != "0c" {
		t.Errorf("%+v", k)
	}
	now.at = now.at.Add(time.Minute)
	c.Pass(a, "connect", class.Passed{Step: "hello"})
	c.Here(a, 1)
	board = c.Board(board.Rev)
	if len(board.Rows) != 1 || board.Rows[0].Tries != 0 || board.Rows[0].Since != now.at.UnixMilli() || !board.Rows[0].Here || board.Rows[0].Passed["connect"] != 1 {
		t.Errorf("%+v", board.Rows)
	}
	n := c.Push(class.Push{Kind: "packet", Hex: "c000", Version: "3.1.1"})
	if news := c.News(a.ID(), n-1); len(news.Pushes) != 1 || news.Pushes[0].Hex != "c000" {
		t.Errorf("%+v", news)
	}
	if news := c.News(a.ID(), n); len(news.Pushes) != 0 {
		t.Errorf("%+v", news)
	}
}

func TestGrades(t *testing.T) {
	s := open(t, class.Config{})
	c, _ := newClass(t, s)
	j := join(t, c, `=HYPERLINK("x")`)
	c.Pass(j.Student, "connect", class.Passed{Step: "open", At: 1e12, Packets: 1, Bytes: 14, Attempts: 2})
	var out strings.Builder
	if err := class.WriteCSV(&out, c.Grades([]class.Lab{{ID: "connect", Steps: 3}, {ID: "ping", Steps: 2}})); err != nil {
		t.Fatal(err)
	}
	want := "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score,packets,bytes,attempts\n" +
		"connect,,2001-09-09T01:46:40Z," + j.Student.ID() + `,,"'=HYPERLINK(""x"")",,1,0,1,3,1,14,2` + "\n" +
		"ping,,," + j.Student.ID() + `,,"'=HYPERLINK(""x"")",,0,0,0,2,0,0,0` + "\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	c.Forget(j.Student, "connect")
	if r := c.Record(j.Student, []class.Lab{{ID: "connect", Steps: 3}}); r[0].Score != 0 {
		t.Errorf("%+v", r)
	}
}

// A file that is not ours, or from a later version, is refused and left alone.
func TestForeignFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "classes.db"), []byte("no database, though long enough to look at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := class.Open(class.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "classes.db") {
		t.Errorf("%v", err)
	}
}

// A teacher's link lets one browser in, once, and what it got outlives the
// program.
func TestTeachersLink(t *testing.T) {
	now := &clock{time.Unix(1e9, 0)}
	dir := t.TempDir()
	s := open(t, class.Config{Dir: dir, Now: now.now, Prefix: "AB"})
	c, first := newClass(t, s)
	if !strings.HasPrefix(c.Code(), "AB") || len(c.Code()) != 8 || !strings.HasPrefix(c.ID(), "AB") {
		t.Errorf("code %s, id %s", c.Code(), c.ID())
	}
	link, err := c.Link()
	if err != nil || !strings.HasPrefix(link, "AB") {
		t.Fatal(link, err)
	}
	found, token, err := s.Enter(link, "here")
	if err != nil || found != c || !c.IsTeacher(token) || !c.IsTeacher(first) || token == first {
		t.Fatalf("%v, %v", found, err)
	}
	if _, _, err := s.Enter(link, "here"); !errors.Is(err, class.ErrLink) {
		t.Errorf("a link opens twice: %v", err)
	}
	late, _ := c.Link()
	now.at = now.at.Add(class.LinkLives)
	if _, _, err := s.Enter(late, "here"); !errors.Is(err, class.ErrLink) {
		t.Errorf("an old link: %v", err)
	}
	s.Close()
	s = open(t, class.Config{Dir: dir, Now: now.now})
	if c = s.Named("9b"); c == nil || !c.IsTeacher(token) || !c.IsTeacher(first) || c.IsTeacher(class.Token(link)) {
		t.Error("the teacher is not known any more")
	}
	gone, _ := c.Link()
	s.Delete(c)
	if _, _, err := s.Enter(gone, "here"); !errors.Is(err, class.ErrLink) {
		t.Errorf("the link of a class that is gone: %v", err)
	}
}

// No cell of the grades begins as a formula does, whatever students call
// themselves and whatever ids come up.
func TestGradesAreNoFormulas(t *testing.T) {
	c, _ := newClass(t, open(t, class.Config{}))
	for _, nickname := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "＝2+1", "＋2", "－2", "＠x", `=cmd|' /C calc'!A0`, "\"=1", "a,=1"} {
		join(t, c, nickname)
		for range 20 {
			join(t, c, fmt.Sprint("n", rand.Text()[:12]))
		}
	}
	var b strings.Builder
	if err := class.WriteCSV(&b, c.Grades([]class.Lab{{ID: "first-connect", Steps: 3}})); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 11*21+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if first, _ := utf8.DecodeRuneInString(cell); strings.ContainsRune("=+-@＝＋－＠\t\r", first) {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}
}
