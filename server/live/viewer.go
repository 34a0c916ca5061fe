package live

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/coder/websocket"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/ladder"
	"mqttlab/server/limits"
)

// hello is a viewer's first message.
type hello struct {
	Type     string         `json:"type"`
	Bench    string         `json:"bench"`
	Instance string         `json:"instance"` // another one than before: numbers have begun anew
	First    uint64         `json:"first"`    // number of the oldest event held
	Next     uint64         `json:"next"`     // number of the next event
	Clients  []bench.Client `json:"clients"`
	Now      float64        `json:"now"` // seconds since the bench began
}

// ErrFull reports that as many viewers watch as may, or as many of one owner.
var ErrFull = errors.New("too many viewers watch this bench")

// request is what a viewer may say: send again from a number.
type request struct {
	Type string `json:"type"`
	From uint64 `json:"from"`
}

// Serve streams to one viewer of an owner, from event number from, until it goes.
// Requests from pages of other origins are refused. It returns ErrFull if it
// has not answered because there is no room for another viewer.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, o limits.Owner, l spec.Lang, from uint64) error {
	s := h.join(o, l)
	if s == nil {
		return ErrFull
	}
	defer h.leave(o, l, s)
	conn, err := websocket.Accept(w, r, nil) // which answers with what is wrong
	if err != nil {
		return nil
	}
	defer conn.CloseNow()
	conn.SetReadLimit(limits.ViewerReadBytes)

	// The request's own context ends with the handler's return only.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	again := make(chan uint64, 1)
	h.running.Go(func() {
		defer cancel()
		listen(ctx, conn, again)
	})
	h.running.Go(func() {
		select {
		case <-h.stop:
			conn.Close(websocket.StatusGoingAway, "the server stops")
			cancel()
		case <-ctx.Done():
		}
	})
	h.send(ctx, conn, l, s, from, again)
	return nil
}

// listen reads what the viewer says and keeps the latest wish.
func listen(ctx context.Context, conn *websocket.Conn, again chan uint64) {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var req request
		if json.Unmarshal(data, &req) != nil || req.Type != "from" {
			conn.Close(websocket.StatusUnsupportedData, `say {"type":"from","from":N}`)
			return
		}
		select {
		case <-again: // an older wish that nobody has seen yet
		default:
		}
		again <- req.From
	}
}

func (h *Hub) send(ctx context.Context, conn *websocket.Conn, l spec.Lang, s *stream, from uint64, again chan uint64) {
	clients, first, next := h.bench.Snapshot()
	data, err := json.Marshal(hello{"hello", h.bench.ID(), h.instance, first, next, clients, ladder.Seconds(h.bench.Elapsed())})
	if err != nil || write(ctx, conn, data) != nil {
		return
	}
	from = h.place(from)
	for {
		m, err := h.after(ctx, l, s, from, again)
		switch {
		case errors.Is(err, errQuiet):
			err = ping(ctx, conn)
		case err == nil && len(m.json) > 0:
			err = write(ctx, conn, m.json)
		}
		if err != nil {
			return
		}
		if m.to > 0 {
			from = m.to
		}
	}
}

func write(ctx context.Context, conn *websocket.Conn, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, limits.ViewerWriteWait)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, data)
}

func ping(ctx context.Context, conn *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, limits.ViewerWriteWait)
	defer cancel()
	return conn.Ping(ctx)
}
