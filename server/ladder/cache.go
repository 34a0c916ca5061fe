package ladder

import (
	"container/list"
	"sync"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/capture"
)

// Cache holds the JSON of events that were looked at lately, so that it is
// made once however many look. Its memory is bounded, by a quarter of that of
// the capture where this is less, since of a class's many benches each has one
// who looks; what the capture has dropped goes here, too, and the events
// themselves stay in the capture.
type Cache struct {
	log   *capture.Log
	index *Index
	most  int // bytes of all events

	mu     sync.Mutex
	pages  map[pageKey]*list.Element
	order  list.List // of *page, the latest used in front
	bytes  int       // of all events
	oldest uint64    // page, of those of which the capture may hold something
}

const (
	pageEvents = 256
	pagesKept  = 64
	bytesKept  = 32 << 20 // the page in use may exceed it
)

type pageKey struct {
	lang spec.Lang
	page uint64
}

type page struct {
	key    pageKey
	events [pageEvents][]byte
	bytes  int
}

// NewCache returns an empty cache before a log.
func NewCache(log *capture.Log) *Cache {
	return &Cache{log: log, index: NewIndex(log), most: min(bytesKept, log.MaxBytes()/4), pages: make(map[pageKey]*list.Element)}
}

// Index returns what the cache knows of events that belong together.
func (c *Cache) Index() *Index { return c.index }

// Range returns the JSON of the held events from number from up to, not
// with, to, and the number of the first of them, which is later than from
// where older events were dropped.
func (c *Cache) Range(l spec.Lang, from, to uint64) (first uint64, events [][]byte) {
	low, next := c.log.Bounds()
	first = max(from, low)
	to = min(to, next)
	for n := first; n < to; {
		end := min(to, (n/pageEvents+1)*pageEvents)
		part := c.within(l, n, end)
		if len(part) == 0 { // dropped meanwhile
			events = events[:0]
			first, _ = c.log.Bounds()
			n = max(first, end)
			first = n
			continue
		}
		events = append(events, part...)
		n = end
	}
	return first, events
}

// within serves numbers that lie in one page; nothing if some are dropped.
func (c *Cache) within(l spec.Lang, from, to uint64) [][]byte {
	key := pageKey{l, from / pageEvents}
	c.mu.Lock()
	defer c.mu.Unlock()
	element := c.pages[key]
	if element == nil {
		element = c.order.PushFront(&page{key: key})
		c.pages[key] = element
	} else {
		c.order.MoveToFront(element)
	}
	p := element.Value.(*page)
	base := key.page * pageEvents
	for n := from; n < to; n++ {
		if p.events[n-base] != nil {
			continue
		}
		for _, e := range c.log.Range(nil, n, to) {
			if p.events[e.N-base] == nil {
				p.events[e.N-base] = encode(c.index.Render(l, &e))
				p.bytes += len(p.events[e.N-base])
				c.bytes += len(p.events[e.N-base])
			}
		}
		if p.events[n-base] == nil {
			return nil
		}
	}
	c.trim()
	return p.events[from-base : to-base]
}

// trim lets go of what the log has dropped, and of what was not looked at for
// longest where there is too much. It needs mu.
func (c *Cache) trim() {
	if low, _ := c.log.Bounds(); low/pageEvents > c.oldest {
		c.oldest = low / pageEvents
		for key, element := range c.pages {
			if key.page < c.oldest {
				c.remove(element)
			}
		}
	}
	for c.order.Len() > 1 && (c.order.Len() > pagesKept || c.bytes > c.most) {
		c.remove(c.order.Back())
	}
}

func (c *Cache) remove(element *list.Element) {
	gone := c.order.Remove(element).(*page)
	delete(c.pages, gone.key)
	c.bytes -= gone.bytes
}
