package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"mqttlab/server/bench"
	"mqttlab/server/class"
	"mqttlab/server/classroom"
	"mqttlab/server/limits"
)

// boardLive streams what a teacher's board shows: each message is a
// class.Board with what has changed, at most four a second.
func (a *API) boardLive(w http.ResponseWriter, r *http.Request, c *class.Class) error {
	since, err := number(r, "since", 0)
	if err != nil {
		return err
	}
	return a.stream(w, r, func() <-chan struct{} {
		changed, _ := c.Wait(since)
		return changed
	}, func() (any, bool) {
		board := c.Board(since)
		since = board.Rev
		return board, board.State.Ended
	})
}

// awayAfter is how long a student counts as here when the page has gone: the
// next one comes soon.
const awayAfter = 3 * time.Second

// studentLive streams what a student's page learns of the class: each message
// is a class.News.
func (a *API) studentLive(w http.ResponseWriter, r *http.Request, who classroom.Who) error {
	since, err := number(r, "since", 0)
	if err != nil {
		return err
	}
	first, lang := true, Lang(r)
	return a.stream(w, r, func() <-chan struct{} {
		if first { // says at once how things stand
			first = false
			who.Class.Here(who.Student, 1)
			ready := make(chan struct{})
			close(ready)
			return ready
		}
		return who.Class.WaitNews(since)
	}, func() (any, bool) {
		news := who.Class.News(who.Student.ID(), since)
		for i, p := range news.Pushes {
			if p.Kind == "lab" {
				news.Pushes[i].Text = a.Classes.Room.LabTitle(p.Lab, lang)
			}
		}
		since = news.Rev
		return news, news.Gone || news.State.Ended
	}, func() {
		if !first {
			time.AfterFunc(awayAfter, func() { who.Class.Here(who.Student, -1) })
		}
	})
}

// stream sends what next says over a WebSocket, whenever the channel of wait is
// closed, until next says that it was the last, or somebody goes. ended are
// called then.
func (a *API) stream(w http.ResponseWriter, r *http.Request, wait func() <-chan struct{}, next func() (any, bool), ended ...func()) error {
	if err := upgrades(w, r); err != nil {
		return err
	}
	stop, done, ok := a.Classes.Room.Stream()
	if !ok {
		return bench.ErrStopped
	}
	defer done()
	conn, err := websocket.Accept(w, r, nil) // which answers with what is wrong
	if err != nil {
		return nil
	}
	defer conn.CloseNow()
	ctx := conn.CloseRead(context.WithoutCancel(r.Context()))
	for _, f := range ended {
		defer f()
	}
	quiet := time.NewTicker(limits.ViewerPing)
	defer quiet.Stop()
	pace := time.NewTimer(0)
	defer pace.Stop()
	for {
		select {
		case <-wait():
		case <-quiet.C:
			if inTime(ctx, conn.Ping) != nil {
				return nil
			}
			continue
		case <-ctx.Done():
			return nil
		case <-stop:
			conn.Close(websocket.StatusGoingAway, "the server stops")
			return nil
		}
		message, last := next()
		data, err := json.Marshal(message)
		if err != nil {
			return nil
		}
		if inTime(ctx, func(ctx context.Context) error { return conn.Write(ctx, websocket.MessageText, data) }) != nil {
			return nil
		}
		if last {
			conn.Close(websocket.StatusNormalClosure, "")
			return nil
		}
		pace.Reset(limits.BoardTick)
		select {
		case <-pace.C:
		case <-ctx.Done():
			return nil
		case <-stop:
			conn.Close(websocket.StatusGoingAway, "the server stops")
			return nil
		}
	}
}

// inTime does something on a connection that must not take long.
func inTime(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limits.ViewerWriteWait)
	defer cancel()
	return do(ctx)
}
