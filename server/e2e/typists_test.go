package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// How many others there are while a page is measured, and what they do.
const (
	others   = 300
	perOther = 200 * time.Millisecond // from one keystroke of theirs to the next, on the average
)

// others300 has others type at the server until the benchmark ends, and returns
// how many of their requests were answered, and failed. People do not keep time
// with each other: each begins at a moment of his own, and from key to key it is
// perOther on the average. Together they press all keys at the same moments, five
// times a second, which no class does, but nothing is worse.
func others300(b *testing.B, w workbench, together bool) (answered, failed *atomic.Int64) {
	answered, failed = new(atomic.Int64), new(atomic.Int64)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	start := time.Now().Add(perOther)
	for i := range others {
		all.Go(func() {
			t := &typist{url: w.url, host: strings.TrimPrefix(w.url, "http://"), who: i}
			defer t.close()
			moments := rand.New(rand.NewPCG(300, uint64(i)))
			due := start
			if !together {
				due = due.Add(time.Duration(moments.Int64N(int64(perOther))))
			}
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Until(due)):
				}
				if err := t.press(); err == nil {
					answered.Add(1)
				} else if ctx.Err() == nil {
					failed.Add(1)
				}
				due = due.Add(perOther)
				if !together {
					due = due.Add(time.Duration(moments.Int64N(int64(perOther))) - perOther/2)
				}
			}
		})
	}
	b.Cleanup(func() {
		cancel()
		all.Wait()
	})
	return answered, failed
}

// word is what each types at the end of a topic of his own, over and over.
const word = "temperature/indoors"

// typist is somebody who types, letter by letter, in a browser of his own, which
// reads each answer to its end. What the answer says that the page now holds he
// unpacks the first time that he types the word, and knows from then on: to
// unpack and to paint is work for other machines than the one that is measured.
type typist struct {
	url, host string
	who, keys int
	conn      net.Conn
	answers   *bufio.Reader
	was       string            // hex of the draft before the key
	held      [len(word)]string // what the page holds when so many letters more than one are typed
}

func (t *typist) close() {
	if t.conn != nil {
		t.conn.Close()
	}
}

// press presses a key and waits for the whole answer.
func (t *typist) press() error {
	n := t.keys % len(word)
	topic := fmt.Sprintf("u%d/%s", t.who, word[:n+1])
	held := t.held[(n+len(word)-1)%len(word)]
	t.keys++
	body := fmt.Sprintf(`{"form":{"type":"PUBLISH","version":"3.1.1","topic":"%s","qos":1,"packet_id":7,"payload":"hello"},"was":"%s","held":"%s"}`, topic, t.was, held)
	t.was = fmt.Sprintf("32%02x00%02x%x000768656c6c6f", 9+len(topic), len(topic), topic)
	if t.conn == nil {
		conn, err := net.Dial("tcp", t.host)
		if err != nil {
			return err
		}
		t.conn, t.answers = conn, bufio.NewReaderSize(conn, 16<<10)
	}
	ask := fmt.Appendf(nil, "POST /ui/draft HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0\r\nContent-Type: application/json\r\n"+
		"Accept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\nOrigin: %s\r\nReferer: %s/\r\n"+
		"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nContent-Length: %d\r\n\r\n%s", t.host, t.url, t.url, len(body), body)
	if _, err := t.conn.Write(ask); err != nil {
		return err
	}
	answer, err := http.ReadResponse(t.answers, nil)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", answer.Status)
	}
	if t.held[n] != "" {
		_, err := io.Copy(io.Discard, answer.Body)
		return err
	}
	view, err := unpacked(answer)
	if err != nil {
		return err
	}
	_, rest, ok := bytes.Cut(view, []byte(` data-held="`))
	if !ok {
		return errors.New("the answer does not say what the page now holds")
	}
	list, _, _ := bytes.Cut(rest, []byte(`"`))
	if n > 0 || t.keys > 1 { // the very first draft has no other before it
		t.held[n] = string(list)
	}
	return nil
}

func unpacked(answer *http.Response) ([]byte, error) {
	var from io.Reader = answer.Body
	if answer.Header.Get("Content-Encoding") == "gzip" {
		unpack, err := gzip.NewReader(answer.Body)
		if err != nil {
			return nil, err
		}
		from = unpack
	}
	view, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, answer.Body) // what stands behind the packed bytes: the end of the chunks
	return view, err
}
